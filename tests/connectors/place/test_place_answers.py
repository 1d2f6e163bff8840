"""Answers that no platform should give: each is classed by what the engine may do next, and nothing crashes."""

from __future__ import annotations

import httpx
import pytest

from connectors.place.mpe_v1 import MpeV1
from connectors.place.mpe_v2 import MpeV2
from connectors.place.platform import Listed
from connectors.transports.http import HttpTransport
from semaphore_hub.ports.connector import Outgoing
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Outcome, Reject, Retry, Unknown
from tests.connectors.place.place_events import event, translate

TOKEN = b'{"token": "x.y.z"}'
PROBLEM = {"content-type": "application/problem+json"}


def http(answer: httpx.Response, token: httpx.Response | None = None) -> HttpTransport:
    """A platform that always answers this."""

    def handle(request: httpx.Request) -> httpx.Response:
        chosen = (token or httpx.Response(200, content=TOKEN)) if request.url.path.endswith("/token") else answer
        return httpx.Response(chosen.status_code, headers=chosen.headers, content=chosen.content)

    return HttpTransport("http://place.invalid", inner=httpx.MockTransport(handle))


def v2(answer: httpx.Response, token: httpx.Response | None = None) -> MpeV2:
    return MpeV2(http(answer, token), "hub", "secret", "x7y")


@pytest.mark.parametrize(
    ("status", "content", "headers", "outcome"),
    [
        (404, b"<html>", {}, Misconfigured),
        (405, b"{}", {}, Misconfigured),
        (404, b'{"detail": "inconnue", "code": "CONSULTATION_INCONNUE"}', PROBLEM, Reject),
        (422, b'{"detail": "non"}', PROBLEM, Reject),
        (401, b"{}", {}, Misconfigured),
        (501, b"", {}, NotOffered),
        (503, b"", {}, Retry),
        (200, b"<html>", {}, Unknown),
        (200, b"[]", {}, Unknown),
        (200, b'{"@id": 7}', {}, Unknown),
        (302, b"", {"location": "http://elsewhere.invalid"}, Misconfigured),
    ],
)
async def test_each_answer_to_a_message_is_classed(
    status: int, content: bytes, headers: dict[str, str], outcome: type[Outcome]
) -> None:
    message = translate(event("consulte_lot"), "api")
    with pytest.raises(Outcome) as caught:
        await v2(httpx.Response(status, content=content, headers=headers)).write(Outgoing(message, "key"))
    assert type(caught.value) is outcome


@pytest.mark.parametrize(
    ("status", "content", "outcome"),
    [
        (200, b"{}", Retry),
        (200, b"[]", Retry),
        (200, b'{"token": ""}', Misconfigured),
        (200, b"<html>", Retry),
        (404, b"", Misconfigured),
        (422, b"{}", Misconfigured),
        (401, b"", Misconfigured),
        (500, b"", Retry),
        (501, b"", NotOffered),
    ],
)
async def test_without_a_token_no_message_is_refused_nor_doubtful(
    status: int, content: bytes, outcome: type[Outcome]
) -> None:
    message = translate(event("consulte_lot"), "api")
    with pytest.raises(Outcome) as caught:
        await v2(httpx.Response(200), httpx.Response(status, content=content)).write(Outgoing(message, "key"))
    assert type(caught.value) is outcome
    assert "secret" not in caught.value.reason


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b'{"hydra:member": 3}',
        b'{"hydra:member": [3]}',
        b'{"hydra:member": [{"@id": "/api/v2/consultations/1"}]}',
        b'{"hydra:member": [{"@id": "http://elsewhere.invalid/1", "reference": "A", "dateModification": "B"}]}',
    ],
)
async def test_a_list_in_another_form_is_tried_again(content: bytes) -> None:
    with pytest.raises(Retry, match="form"):
        assert [one async for one in v2(httpx.Response(200, content=content)).listed()]


async def test_a_list_without_total_is_one_page_and_an_endless_one_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    member = b'{"@id": "/api/v2/consultations/1", "reference": "A", "dateModification": "B"}'
    one_page = httpx.Response(200, content=b'{"hydra:member": [' + member + b"]}")
    assert [one async for one in v2(one_page).listed()] == [Listed("/api/v2/consultations/1", "A", "B")]
    monkeypatch.setattr("connectors.place.mpe_v2.MAX_PAGES", 3)
    endless = httpx.Response(200, content=b'{"hydra:totalItems": 9, "hydra:member": [' + member + b"]}")
    with pytest.raises(Retry, match="more than"):
        assert [one async for one in v2(endless).listed()]


@pytest.mark.parametrize("status", [404, 410])
async def test_a_consultation_that_is_gone_is_nothing(status: int) -> None:
    listed = Listed("/api/v2/consultations/1", "A", "B")
    assert await v2(httpx.Response(status)).read(listed) is None


@pytest.mark.parametrize(
    ("status", "content", "outcome"),
    [
        (200, b"<!DOCTYPE html><html></html>", Retry),
        (200, b"<ticket/>", Misconfigured),
        (200, b"<ticket> </ticket>", Misconfigured),
        (200, b"", Misconfigured),
        (404, b"", Misconfigured),
        (401, b"", Misconfigured),
        (503, b"", Retry),
        (501, b"", NotOffered),
    ],
)
async def test_each_answer_to_a_ticket_asked_for_is_classed(
    status: int, content: bytes, outcome: type[Outcome]
) -> None:
    service = MpeV1(http(httpx.Response(status, content=content)), "hub", "secret", "x7y")
    with pytest.raises(Outcome) as caught:
        await service.sign_in()
    assert type(caught.value) is outcome
    assert "secret" not in f"{caught.value.reason}{caught.value.excerpt}"
