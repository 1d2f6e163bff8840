"""Mutual TLS against a real server: who is trusted both ways, and what a refusal means."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from connectors.transports.http import HttpResponse, HttpTransport, classify
from connectors.transports.tls import TlsSettings
from semaphore_hub.ports.outcomes import Misconfigured


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, in files."""

    certificate: Path
    key: Path
    made: x509.Certificate
    private: ec.EllipticCurvePrivateKey


def make(folder: Path, name: str, issuer: Pair | None = None) -> Pair:
    """An authority when there is no issuer, else a certificate of 127.0.0.1 that it signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.made.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    )
    made = builder.sign(issuer.private if issuer else key, hashes.SHA256())
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key", made, key)
    pair.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pair.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, none))
    return pair


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    folder = tmp_path_factory.mktemp("pki")
    authority, other = make(folder, "autorite"), make(folder, "autre")
    return {
        "autorite": authority,
        "autre": other,
        "serveur": make(folder, "serveur", authority),
        "client": make(folder, "client", authority),
        "intrus": make(folder, "intrus", other),
    }


class Handler(BaseHTTPRequestHandler):
    """Answers with the name in the client's certificate."""

    def do_POST(self) -> None:
        assert isinstance(self.connection, ssl.SSLSocket)
        certificate: Any = self.connection.getpeercert()
        body = certificate["subject"][0][0][1].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(HTTPServer):
    """Blocking, with OpenSSL itself: asyncio's server hangs up without the alert that says why."""

    def handle_error(self, *_: object) -> None:
        """A refused handshake is what the tests are about."""


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def url(request: pytest.FixtureRequest, pki: dict[str, Pair]) -> Iterator[str]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(pki["autorite"].certificate))
    context.load_cert_chain(pki["serveur"].certificate, pki["serveur"].key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = context.maximum_version = request.param
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def settings(pki: dict[str, Pair], authority: str = "autorite", client: str | None = "client") -> TlsSettings:
    pair = pki[client] if client else None
    return TlsSettings(
        autorite=pki[authority].certificate,
        certificat=pair.certificate if pair else None,
        cle=pair.key if pair else None,
    )


async def test_a_client_certificate_is_shown_and_accepted(url: str, pki: dict[str, Pair]) -> None:
    client = HttpTransport(url, tls=settings(pki))
    answer = await client.exchange("POST", "/", content=b"{}")
    assert answer.body == b"client"
    await client.close()


async def test_a_server_signed_by_another_authority_is_not_trusted(url: str, pki: dict[str, Pair]) -> None:
    for tls in (settings(pki, authority="autre"), None):
        client = HttpTransport(url, tls=tls)
        with pytest.raises(Misconfigured, match="is not trusted"):
            await client.request("POST", "/", content=b"{}")
        await client.close()


@pytest.mark.parametrize("shown", [None, "intrus"])
async def test_a_missing_or_foreign_client_certificate_is_a_setting_to_correct(
    url: str, pki: dict[str, Pair], shown: str | None
) -> None:
    client = HttpTransport(url, tls=settings(pki, client=shown))
    with pytest.raises(Misconfigured, match="client certificate"):
        await client.request("POST", "/", content=b"{}")
    await client.close()


@pytest.mark.parametrize("title", ["400 No required SSL certificate was sent", "400 The SSL certificate error"])
def test_the_page_with_which_nginx_refuses_a_certificate_is_understood(title: str) -> None:
    page = f"<html><head><title>{title}</title></head></html>".encode()
    found = classify(HttpResponse("POST", "https://partner.invalid", 400, {"content-type": "text/html"}, page))
    assert type(found) is Misconfigured


def test_certificates_that_cannot_be_used_are_named_at_once(pki: dict[str, Pair], tmp_path: Path) -> None:
    client = pki["client"]
    encrypted = tmp_path / "chiffree.key"
    encrypted.write_bytes(
        client.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"phrase"),
        )
    )
    wrong = [
        TlsSettings(autorite=tmp_path / "absent.pem"),
        TlsSettings(autorite=client.key),
        TlsSettings(certificat=client.certificate, cle=pki["intrus"].key),
        TlsSettings(certificat=client.certificate, cle=encrypted),
    ]
    for tls in wrong:
        with pytest.raises(Misconfigured, match="cannot be used"):
            HttpTransport("https://partner.invalid", tls=tls)


def test_a_key_alone_is_refused_and_nothing_at_all_is_the_public_authorities() -> None:
    with pytest.raises(ValidationError, match="cle goes with certificat"):
        TlsSettings(cle=Path("client.key"))
    context = TlsSettings().context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.cert_store_stats()["x509_ca"] > 50
