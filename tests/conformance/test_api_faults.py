"""What an answer of a partner's API means for the delivery: the table of ``transports/http.py``, for any connector."""

from __future__ import annotations

import pytest

from semaphore_hub.ports.connector import Health, Outgoing
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Outcome, Reject, Retry, Unknown
from tests.conformance.cases import API, any_message, connector, known_secret, reached
from tests.conformance.partner_server import Partner, Request, running

RETRY_AFTER = {"Retry-After": "7"}
STATUSES: dict[int, tuple[type[Outcome], ...]] = {
    400: (Reject,),
    401: (Misconfigured,),
    403: (Misconfigured,),
    404: (Misconfigured, Reject),
    408: (Retry,),
    409: (Reject,),
    422: (Reject,),
    429: (Retry,),
    500: (Unknown,),
    501: (NotOffered, Reject),
    502: (Unknown,),
    503: (Retry,),
    504: (Unknown,),
}
GARBAGE = [b"", b"<html>bienvenue</html>", b'{"verdict": ', b"[]", b"null", b"\x00\xff"]


async def outcome_of(name: str, base_url: str) -> Outcome:
    """How a delivery ends that must not succeed."""
    transport = connector(name).open("api", reached(name, base_url), known_secret)
    try:
        with pytest.raises(Outcome) as raised:
            await connector(name).deliver(Outgoing(any_message(name, "api"), "cle-1"), transport)
    finally:
        await transport.close()
    assert raised.value.reason
    return raised.value


async def health_of(name: str, base_url: str) -> Health:
    """What the check says."""
    transport = connector(name).open("api", reached(name, base_url), known_secret)
    try:
        return await connector(name).check(transport)
    finally:
        await transport.close()


@pytest.mark.parametrize("name", API)
@pytest.mark.parametrize("status", STATUSES)
async def test_each_status_says_what_the_engine_does_next(name: str, status: int) -> None:
    async with running(Partner(status, headers=RETRY_AFTER)) as partner:
        outcome = await outcome_of(name, partner.url)
        assert isinstance(outcome, STATUSES[status] if not partner.only_read else (*STATUSES[status], Retry))
        assert partner.operations, "nothing was sent"
        if isinstance(outcome, Retry) and status in {408, 429, 503}:
            assert outcome.after_seconds == 7


@pytest.mark.parametrize("name", API)
async def test_a_partner_that_cannot_be_reached_is_tried_again(name: str, unused_port: int) -> None:
    assert isinstance(await outcome_of(name, f"http://127.0.0.1:{unused_port}"), Retry)


@pytest.mark.parametrize("name", API)
async def test_silence_may_hide_an_effect(name: str) -> None:
    async with running(Partner(silent=True)) as partner:
        outcome = await outcome_of(name, partner.url)
        assert isinstance(outcome, Retry if partner.only_read else Unknown)


@pytest.mark.parametrize("name", API)
@pytest.mark.parametrize("body", GARBAGE, ids=repr)
async def test_an_answer_that_says_nothing_may_hide_an_effect(name: str, body: bytes) -> None:
    async with running(Partner(body=body)) as partner:
        outcome = await outcome_of(name, partner.url)
        assert isinstance(outcome, Retry if partner.only_read else Unknown)


@pytest.mark.parametrize("name", API)
async def test_a_check_asks_for_nothing_that_a_delivery_does(name: str) -> None:
    """A check that succeeds or fails has asked only to read: other operations than those of a delivery, or GET."""
    async with running(Partner()) as partner:
        await health_of(name, partner.url)
        checked = set(partner.operations)
        assert checked, "the check asked for nothing"
    async with running(Partner(500)) as partner:
        await outcome_of(name, partner.url)
        delivered = set(partner.operations)
    assert all(one.method == "GET" or one.action for one in checked), "only SOAP reads by POST"
    assert checked & {one for one in delivered if one.method != "GET"} == set[Request]()


@pytest.mark.parametrize("name", API)
@pytest.mark.parametrize("status", [401, 404, 500, 503])
async def test_a_check_says_that_something_is_wrong_and_raises_nothing(name: str, status: int) -> None:
    async with running(Partner(status)) as partner:
        health = await health_of(name, partner.url)
    assert (health.ok, bool(health.detail)) == (False, True)


@pytest.mark.parametrize("name", API)
async def test_a_check_says_that_nobody_answers(name: str, unused_port: int) -> None:
    assert not (await health_of(name, f"http://127.0.0.1:{unused_port}")).ok
