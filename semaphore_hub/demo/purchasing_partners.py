"""PLACE and the buying cooperatives of the demo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from semaphore_hub.demo.declaration import DemoPartner, Effect, Journal, Place, Settings
from semaphore_hub.demo.ght import FINESS_VALMONT

_UNIHA, _RESAH, _KEY = "DEMO_UNIHA", "DEMO_RESAH", "secret-de-demonstration"
_LOGIN, _SECRET, _PASSWORD = "ws-demo", "DEMO_PLACE_MOT_DE_PASSE", "demo-seulement"


def _place(place: Place) -> Settings:
    return {
        "organisme": "x7y",
        "baseUrl": place.base_url,
        "login": _LOGIN,
        "motDePasseSecret": _SECRET,
        "delaiSecondes": 10.0,
        "releveContratsMinutes": 0,
        "dossierSortant": str(place.depot),
        "dossierEntrant": str(place.retour),
    }


def _centrale(place: Place) -> Settings:
    return {
        "etablissement": FINESS_VALMONT,
        "baseUrl": place.base_url,
        "delaiSecondes": 10.0,
        "depot": str(place.depot),
        "retour": str(place.retour),
    }


def _uniha(place: Place) -> Settings:
    return {**_centrale(place), "clientId": "semaphore", "clientSecretSecret": _UNIHA}


def _resah(place: Place) -> Settings:
    return {**_centrale(place), "apiKeySecret": _RESAH}


def _accepted(state: Mapping[str, Any], _journal: Journal) -> Iterable[Effect]:
    """Messages the cooperative accepted."""
    return [(message, "") for message, answer in state["acquittements"].items() if answer["verdict"] == "accepte"]


def _taken(_state: Mapping[str, Any], journal: Journal) -> Iterable[Effect]:
    """What the platform took, or the buyer imported by hand, by the hash of its bytes."""
    return [(entry["sha256"], "") for entry in journal if entry["verdict"] == "accepted"]


PURCHASING_PARTNERS: tuple[DemoPartner, ...] = (
    DemoPartner(
        id="place",
        label="PLACE (simulée), organisme fictif x7y",
        settings=_place,
        effects=_taken,
        named_by="sha256",
        secrets={_SECRET: _PASSWORD},
        api_key=_PASSWORD,
        options={"login": _LOGIN},
    ),
    DemoPartner(
        id="resah",
        label="RESAH (simulé), par fichiers",
        settings=_resah,
        effects=_accepted,
        of_ght=True,
        channel="file",
        secrets={_RESAH: _KEY},
        api_key=_KEY,
        options={"automatique": True, "etablissement": FINESS_VALMONT, "emission": "fichier"},
    ),
    DemoPartner(
        id="uniha",
        label="UniHA (simulée)",
        settings=_uniha,
        effects=_accepted,
        of_ght=True,
        secrets={_UNIHA: _KEY},
        options={"automatique": True, "etablissement": FINESS_VALMONT, "client_id": "semaphore", "client_secret": _KEY},
    ),
)
