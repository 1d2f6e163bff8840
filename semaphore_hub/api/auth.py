"""Who calls: bearer tokens issued by the hub (OAuth2 client credentials) or by an OpenID Connect issuer.

A token of an issuer must carry the claims ``semaphore_role`` (a role) and, unless it sees everything,
``semaphore_ghts`` (list of GHT codes).
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as BinasciiError
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, unquote_plus

import httpx
from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.security import OAuth2
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from semaphore_hub.api.clients import Client, load_clients, verify_secret
from semaphore_hub.api.oidc import IssuerKeys
from semaphore_hub.api.problems import responses
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.errors import ConfigurationError
from semaphore_hub.kernel.settings import Settings

TOKEN_SECONDS = 3600
_ISSUER = "semaphore-hub"
_KID = "hub"
_BEARER: Literal["Bearer"] = "Bearer"
_OIDC_ALGORITHMS = ["RS256", "PS256", "ES256"]


class Authenticator:
    """Issues and checks tokens.

    Args:
        clients: clients that may ask for a token, by id.
        key: the key that signs the hub's tokens, when there are clients.
        issuer: keys of the OpenID Connect issuer, when one is configured.
        audience: audience its tokens must name.
        clock: the machine's clock; never a simulated one, tokens expire in real time.
    """

    def __init__(
        self,
        *,
        clients: dict[str, Client],
        key: OctKey | None,
        issuer: IssuerKeys | None,
        audience: str,
        clock: Clock,
    ) -> None:
        self._clients = clients
        self._key = key
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self.protected = bool(clients) or issuer is not None

    @classmethod
    def from_settings(cls, settings: Settings, clock: Clock) -> Authenticator:
        """What the settings say.

        Raises:
            ConfigurationError: clients without a signing key, a key shorter than 32 bytes, an issuer without https.
        """
        clients = load_clients(settings.clients_file) if settings.clients_file else {}
        key = None
        if clients:
            if settings.token_key_file is None:
                raise ConfigurationError("SEMAPHORE_TOKEN_KEY_FILE is required with SEMAPHORE_CLIENTS_FILE")
            try:
                secret = settings.token_key_file.read_bytes().strip()
            except OSError as error:
                raise ConfigurationError(f"{settings.token_key_file}: {error}") from error
            if len(secret) < 32:
                raise ConfigurationError(f"{settings.token_key_file}: the signing key must have 32 bytes or more")
            key = OctKey.import_key(secret)
        issuer = None
        if settings.oidc_issuer:
            issuer = IssuerKeys(settings.oidc_issuer, httpx.Client(timeout=5.0))
        return cls(clients=clients, key=key, issuer=issuer, audience=settings.oidc_audience, clock=clock)

    def issue(self, client_id: str, secret: str) -> str | None:
        """A token for a client, or ``None`` when the id or the secret is wrong."""
        client = self._clients.get(client_id)
        if not verify_secret(secret, client.secret if client else None) or client is None or self._key is None:
            return None
        now = int(self._clock.now().timestamp())
        claims = {"iss": _ISSUER, "sub": client.id, "iat": now, "exp": now + TOKEN_SECONDS}
        return jwt.encode({"alg": "HS256", "kid": _KID}, claims, self._key)

    async def identify(self, authorization: str | None) -> Caller:
        """The caller a request's ``Authorization`` header stands for.

        Raises:
            HTTPException: 401, no token or not a valid one.
        """
        if not self.protected:
            return LOCAL
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthenticated("Présentez un jeton : Authorization: Bearer ….")
        kid = _kid(token)
        # The hub's own tokens need no I/O; an issuer's keys may have to be fetched, so not in the event loop.
        caller = self._own(token) if kid == _KID else await run_in_threadpool(self._foreign, token, kid)
        if caller is None:
            raise _unauthenticated("Le jeton est invalide ou a expiré.", error="invalid_token")
        return caller

    def _own(self, token: str) -> Caller | None:
        if self._key is None:
            return None
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"]).claims
            self._registry(iss={"essential": True, "value": _ISSUER}).validate(claims)
        except (JoseError, ValueError):
            return None
        # Role and perimeter are read from the file, so that a client taken out of it is out at the next start.
        client = self._clients.get(str(claims.get("sub")))
        return client.caller() if client else None

    def _foreign(self, token: str, kid: str | None) -> Caller | None:
        if self._issuer is None:
            return None
        keys = self._issuer.keys(kid)
        if keys is None:
            return None
        try:
            claims = jwt.decode(token, keys, algorithms=_OIDC_ALGORITHMS).claims
            self._registry(
                iss={"essential": True, "value": self._issuer.issuer}, aud={"essential": True, "value": self._audience}
            ).validate(claims)
            return _caller_of(claims)
        except (JoseError, ValueError, KeyError):
            return None

    def _registry(self, **claims: Any) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock.now().timestamp()), exp={"essential": True}, sub={"essential": True}, **claims
        )


def _caller_of(claims: dict[str, Any]) -> Caller:
    """The caller named by an issuer's token; ValueError or KeyError when the claims do not say."""
    ghts = claims.get("semaphore_ghts")
    if ghts is not None and not (isinstance(ghts, list) and all(isinstance(code, str) for code in ghts)):
        raise ValueError("semaphore_ghts must be a list of codes")
    return Caller(
        name=str(claims["sub"]),
        role=Role(claims["semaphore_role"]),
        ghts=None if ghts is None else frozenset(ghts),
    )


def _kid(token: str) -> str | None:
    """Key id the token's header names; an unreadable header names none and fails later, at the signature."""
    try:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError):
        return None
    return kid if isinstance(kid, str) else None


def _unauthenticated(detail: str, error: str | None = None) -> HTTPException:
    challenge = 'Bearer realm="semaphore-hub"' + (f', error="{error}"' if error else "")
    return HTTPException(401, detail, headers={"WWW-Authenticate": challenge})


_scheme = OAuth2(
    scheme_name="jeton",
    description="Jeton OAuth2 (client credentials) du hub, ou jeton de l'émetteur OpenID Connect configuré.",
    flows={"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}}},
    auto_error=False,
)


async def caller(request: Request, authorization: Annotated[str | None, Depends(_scheme)]) -> Caller:
    """The caller of the request; dependency of every protected operation."""
    authenticator: Authenticator = request.app.state.services.authenticator
    return await authenticator.identify(authorization)


# --- POST /oauth/token ------------------------------------------------------------------------------------------------


class Jeton(BaseModel):
    """A token (RFC 6749, 5.1)."""

    model_config = ConfigDict(extra="forbid")

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="secondes")


class ErreurOAuth(BaseModel):
    """A refusal in the words of OAuth2 (RFC 6749, 5.2), which client libraries expect."""

    model_config = ConfigDict(extra="forbid")

    error: Literal["invalid_request", "invalid_client", "unsupported_grant_type"]
    error_description: str


_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "client_id": {"type": "string", "description": "ou en-tête Authorization: Basic"},
                        "client_secret": {"type": "string", "format": "password"},
                    },
                }
            }
        },
    }
}

router = APIRouter(tags=["accès"])


async def _form(request: Request) -> dict[str, str]:
    """The form's fields; a repeated or undecodable one makes the request invalid (RFC 6749, 3.2)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise HTTPException(415, "Le jeton se demande en application/x-www-form-urlencoded.")
    try:
        fields = parse_qsl((await request.body()).decode(), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        return {}
    return dict(fields) if len({name for name, _ in fields}) == len(fields) else {}


@router.post(
    "/oauth/token",
    operation_id="demanderJeton",
    summary="Demander un jeton d'accès (client credentials)",
    response_model=Jeton,
    responses={
        **responses(413, 415),
        400: {"model": ErreurOAuth, "description": "Demande invalide"},
        401: {"model": ErreurOAuth, "description": "Client inconnu ou secret faux"},
    },
    openapi_extra=_FORM,
)
def token(request: Request, form: Annotated[dict[str, str], Depends(_form)]) -> Response:
    """A bearer token, valid one hour, for a client given by HTTP Basic or in the form."""
    if "grant_type" not in form:
        return _oauth_error(
            400, "invalid_request", "grant_type est obligatoire, et chaque champ n'est donné qu'une fois"
        )
    if form["grant_type"] != "client_credentials":
        return _oauth_error(400, "unsupported_grant_type", "seul client_credentials est permis")
    credentials = _basic(request.headers.get("authorization")) or (
        form.get("client_id", ""),
        form.get("client_secret", ""),
    )
    authenticator: Authenticator = request.app.state.services.authenticator
    issued = authenticator.issue(*credentials)
    if issued is None:
        return _oauth_error(401, "invalid_client", "client inconnu ou secret faux")
    answer = Jeton(access_token=issued, token_type=_BEARER, expires_in=TOKEN_SECONDS)
    return Response(answer.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})


def _basic(header: str | None) -> tuple[str, str] | None:
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        identity, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except (BinasciiError, ValueError):
        return "", ""
    return unquote_plus(identity), unquote_plus(secret)


def _oauth_error(
    status: int, error: Literal["invalid_request", "invalid_client", "unsupported_grant_type"], description: str
) -> Response:
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="semaphore-hub"'
    body = ErreurOAuth(error=error, error_description=description).model_dump_json()
    return Response(body, status_code=status, media_type="application/json", headers=headers)
