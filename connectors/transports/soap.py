"""SOAP 1.1, document/literal, over the HTTP transport: one element out, one element back, faults as outcomes.

=====================================================  =============  ==============================================
what came back                                         outcome        why
=====================================================  =============  ==============================================
fault Client                                           Reject         understood and refused, with the detail's code
fault whose code says authentication                   Misconfigured  credentials
fault VersionMismatch, MustUnderstand                  Misconfigured  another service, or another version of it
fault Server whose code says « not processed »         Retry          the partner says so
any other fault                                        Unknown        the partner may have processed it
no envelope: status 401, 404, 503…                     as for HTTP    a server in front answered
an envelope cut short, malformed or empty of sense     Unknown        the partner may have processed it
=====================================================  =============  ==============================================

What only reads (``safe=True``) raises Retry in the place of Unknown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import httpx
from lxml import etree

from connectors.transports.http import MAX_ANSWER_BYTES, HttpResponse, HttpTransport, classify
from connectors.transports.tls import TlsSettings
from contracts.xml import XmlRefused, declared_encoding, local_name, parse
from semaphore_hub.ports.outcomes import Misconfigured, Outcome, Reject, Retry, Unknown

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
AUTHENTICATION_CODES = frozenset(
    {
        # OASIS Web Services Security 1.1 §12
        "FailedAuthentication",
        "FailedCheck",
        "InvalidSecurity",
        "InvalidSecurityToken",
        "SecurityTokenUnavailable",
        # hypothèse
        "Authentication",
        "AUTHENTIFICATION",
        "NON_AUTHENTIFIE",
        "NON_AUTORISE",
        "ACCES_REFUSE",
    }
)
NOT_PROCESSED_CODES = frozenset({"NON_TRAITE", "INDISPONIBLE", "MAINTENANCE", "SURCHARGE"})
"""Hypothèse: codes with which a partner says that it did nothing and should be asked again."""

_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>)?\s*")
_UNTOUCHED_STATUSES = frozenset({401, 403, 407, 408, 425, 429, 503})


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault, read.

    Attributes:
        kind: ``Client``, ``Server``, ``VersionMismatch``, ``MustUnderstand``, or the partner's own.
        code: the partner's code: that of the detail, else what follows the kind ("Client.Authentication").
        message: ``libelle`` of the detail, else the fault's own text.
    """

    kind: str
    code: str | None
    message: str


class SoapTransport:
    """One SOAP endpoint of one partner; a ``Transport``.

    Args:
        endpoint: its whole address.
        headers, auth, tls, timeout_seconds, inner: see :class:`HttpTransport`.
        authentication_codes: fault codes that mean « credentials » for this partner.
        not_processed_codes: codes of Server faults that mean « nothing was done ».
    """

    def __init__(
        self,
        endpoint: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
        tls: TlsSettings | None = None,
        timeout_seconds: float = 30.0,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        authentication_codes: Collection[str] = AUTHENTICATION_CODES,
        not_processed_codes: Collection[str] = NOT_PROCESSED_CODES,
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = HttpTransport(
            endpoint,
            headers=headers,
            auth=auth,
            tls=tls,
            timeout_seconds=timeout_seconds,
            max_answer_bytes=max_answer_bytes,
            inner=inner,
        )
        self._authentication = frozenset(authentication_codes)
        self._not_processed = frozenset(not_processed_codes)

    async def close(self) -> None:
        """Release connections."""
        await self._http.close()

    async def call(
        self, action: str, body_element: bytes, *, headers: Mapping[str, str] | None = None, safe: bool = False
    ) -> bytes:
        """One operation.

        Args:
            action: value of ``SOAPAction``, without quotes.
            body_element: the one child of ``soap:Body``, UTF-8, with or without XML declaration; sent as it is.
            headers: HTTP headers of this message.
            safe: the operation only reads, so that a failure is simply tried again.

        Returns:
            The one child of the answer's ``soap:Body``, UTF-8 without declaration; empty when the body is.

        Raises:
            Reject, Retry, Unknown, Misconfigured: see the table of the module.
            ValueError: ``body_element`` is not announced as UTF-8.
        """
        sent = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"', "Accept": "text/xml"}
        try:
            answer = await self._http.request(
                "POST", "", content=envelope(body_element), headers={**(headers or {}), **sent}
            )
            return self._read(answer)
        except Unknown as unknown:
            if not safe:
                raise
            raise Retry(unknown.reason, status=unknown.status, excerpt=unknown.excerpt) from unknown

    async def fetch(self, query: str = "?wsdl") -> HttpResponse:
        """GET the endpoint with a query: its WSDL, without side effect. Raises as ``HttpTransport.exchange``."""
        return await self._http.exchange("GET", query)

    def _read(self, answer: HttpResponse) -> bytes:
        body = None if answer.status in _UNTOUCHED_STATUSES else _body_of(answer)
        if body is None:
            outcome = classify(answer)
            raise outcome or _unreadable(answer, "it is not a SOAP 1.1 envelope")
        children = [child for child in body if isinstance(child.tag, str)]
        if children and children[0].tag == f"{{{SOAP_11}}}Fault":
            raise self._outcome(read_fault(children[0]), answer)
        outcome = classify(answer)
        if outcome is not None:
            raise outcome
        if len(children) > 1:
            raise _unreadable(answer, f"its body has {len(children)} elements")
        # Without the tail: white space between the element and the end of the body is not part of it.
        return etree.tostring(children[0], encoding="utf-8", with_tail=False) if children else b""

    def _outcome(self, fault: Fault, answer: HttpResponse) -> Outcome:
        said = f"{answer.url}: {fault.message}" + (f" ({fault.code})" if fault.code else "")
        status, excerpt = answer.status, answer.excerpt
        codes = {fault.kind, fault.code}
        if codes & self._authentication or fault.kind in ("VersionMismatch", "MustUnderstand"):
            return Misconfigured(said, status=status, excerpt=excerpt)
        if fault.kind == "Client":
            return Reject(fault.message, code=fault.code, status=status, excerpt=excerpt)
        if codes & self._not_processed:
            return Retry(said, status=status, excerpt=excerpt)
        return Unknown(said, status=status, excerpt=excerpt)


def envelope(body_element: bytes) -> bytes:
    """The SOAP 1.1 envelope around one element.

    Raises:
        ValueError: the element announces another encoding than UTF-8.
    """
    if declared_encoding(body_element).upper() not in ("UTF-8", "US-ASCII"):
        raise ValueError("the element of a SOAP body must be in UTF-8")
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{SOAP_11}"><soap:Body>'
    return start.encode() + _DECLARATION.sub(b"", body_element, count=1) + b"</soap:Body></soap:Envelope>"


def read_fault(element: etree._Element) -> Fault:
    """The kind, code and text of a ``soap:Fault``; its children have no namespace, but one is tolerated."""
    parts = {local_name(child): child for child in element}
    kind, _, suffix = _text(parts.get("faultcode")).rpartition(":")[2].partition(".")
    detail = parts.get("detail")
    found: dict[str, str] = {}
    for node in detail.iter() if detail is not None else ():
        found.setdefault(local_name(node), _text(node))
    message = found.get("libelle") or _text(parts.get("faultstring")) or "the partner gave no reason"
    return Fault(kind, found.get("code") or suffix or None, message)


def _body_of(answer: HttpResponse) -> etree._Element | None:
    """``soap:Body`` of an answer, None when the answer is no SOAP at all.

    Raises:
        Unknown: it begins as an envelope and cannot be read.
    """
    try:
        root = parse(answer.body).getroot()
    except XmlRefused as refused:
        if b"Envelope" in answer.body[:2000] or (answer.media_type.endswith("xml") and 200 <= answer.status < 300):
            raise _unreadable(answer, refused.message) from refused
        return None
    if root.tag != f"{{{SOAP_11}}}Envelope":
        return None
    body = root.find(f"{{{SOAP_11}}}Body")
    if body is None:
        raise _unreadable(answer, "it has no body")
    return body


def _unreadable(answer: HttpResponse, why: str) -> Unknown:
    reason = f"the answer of {answer.url} cannot be read: {why}"
    return Unknown(reason, status=answer.status, excerpt=answer.excerpt)


def _text(element: etree._Element | None) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""
