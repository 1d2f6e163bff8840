"""The GEF of the other establishments of the GHT, and the two partners that the source does not name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from semaphore_hub.demo.declaration import DemoPartner, Effect, Journal, Place, Settings
from semaphore_hub.demo.ght import (
    FINESS,
    HAUTECLAIRE,
    LANDEVAL,
    MORVAL,
    OREE,
    RIVEBELLE,
    VALMONT,
)

SFTP_USER, SFTP_PASSWORD = "semaphore", "demo-seulement"  # of a server that lives as long as the demo
_SECRET_OF_0904, _KEY_OF_0904 = "DEMO_GEF_0904_SFTP", "DEMO_GEF_0904_CLE"  # names
_SECRET_OF_EAI, _SECRET_OF_SAAS = "DEMO_GEF_EAI_SFTP", "DEMO_GEF_SAAS_CLIENT"  # names
_CLIENT_ID, _CLIENT_SECRET, _API_KEY = "semaphore", "secret-de-demonstration", "cle-de-demonstration"


def lines_in_force(state: Mapping[str, Any], _journal: Journal) -> Iterable[Effect]:
    """Lines in force by message, and the answers of the hub to the flows."""
    for message, lines in state["effets"].items():
        for line in lines:
            yield message, str(line)
    for flow in state.get("flux", {}).values():
        for answer in flow["comptesRendus"]:
            yield answer["idCompteRendu"], ""


def _common(siret: str) -> Settings:
    return {
        "etablissement": FINESS[siret],
        "ufParDefaut": "1000",
        "compteParDefaut": "611",
        "comptesParCPV": {"336": "6021", "331": "6022", "09": "60612", "45": "231", "50": "61558", "72": "61558"},
    }


def _rest(siret: str) -> Any:
    def settings(place: Place) -> Settings:
        return {
            **_common(siret),
            "baseUrl": place.base_url,
            "delaiSecondes": 10.0,
            "depot": {"adresse": str(place.depot)},
            "retour": {"adresse": str(place.retour)},
        }

    return settings


def _saas(place: Place) -> Settings:
    return {**_rest(HAUTECLAIRE)(place), "clientId": _CLIENT_ID, "clientSecretSecret": _SECRET_OF_SAAS}


def _0904(place: Place) -> Settings:
    return {
        **_rest(OREE)(place),
        "apiKeySecret": _KEY_OF_0904,
        "depot": _by_sftp(place, "depot", _SECRET_OF_0904),
        "retour": _by_sftp(place, "retour", _SECRET_OF_0904),
    }


def _eai(place: Place) -> Settings:
    return {
        **_common(RIVEBELLE),
        "depot": _by_sftp(place, "depot", _SECRET_OF_EAI),
        "retour": _by_sftp(place, "retour", _SECRET_OF_EAI),
    }


def _by_sftp(place: Place, folder: str, secret: str) -> Settings:
    return {"adresse": place.sftp[folder], "cleHote": place.sftp["hostKey"], "motDePasseSecret": secret}


def _mock_of(siret: str, **more: Any) -> dict[str, Any]:
    return {"etablissement": FINESS[siret], **more}


_SFTP = {"port": 0, "user": SFTP_USER, "password": SFTP_PASSWORD}

GEF_PARTNERS: tuple[DemoPartner, ...] = (
    DemoPartner(
        id="gef_0904",
        label="GEF 09.04 de l'Hôpital Fictif de Sainte-Orée",
        settings=_0904,
        effects=lines_in_force,
        siret=OREE,
        of_ght=True,
        secrets={_SECRET_OF_0904: SFTP_PASSWORD, _KEY_OF_0904: _API_KEY},
        api_key=_API_KEY,
        options=_mock_of(OREE, sftp=_SFTP),
        product_version="09.04.00226",
    ),
    DemoPartner(
        id="gef_2k22",
        label="GEF 2K22 du CH Fictif de Morval",
        settings=_rest(MORVAL),
        effects=lines_in_force,
        siret=MORVAL,
        of_ght=True,
        options=_mock_of(MORVAL),
        product_version="2K22.00",
    ),
    DemoPartner(
        id="gef_eai_prodige",
        label="GEF par l'EAI PRODIGE du CH Fictif de Rivebelle",
        settings=_eai,
        effects=lines_in_force,
        siret=RIVEBELLE,
        of_ght=True,
        channel="eai",
        secrets={_SECRET_OF_EAI: SFTP_PASSWORD},
        options=_mock_of(RIVEBELLE, sftp=_SFTP),
        known_suppliers=frozenset(),
        product_version="V 22",
        opened={"controleTiers": False},
    ),
    DemoPartner(
        id="gef_nc",
        label="GEF non communiquée de l'EHPAD Fictif de Landeval",
        settings=_rest(LANDEVAL),
        effects=lines_in_force,
        siret=LANDEVAL,
        of_ght=True,
        options=_mock_of(LANDEVAL),
        product_version="NC",
    ),
    DemoPartner(
        id="gef_saas",
        label="GEF en service de l'EHPAD Fictif de Hauteclaire",
        settings=_saas,
        effects=lines_in_force,
        siret=HAUTECLAIRE,
        of_ght=True,
        secrets={_SECRET_OF_SAAS: _CLIENT_SECRET},
        options=_mock_of(HAUTECLAIRE, client_id=_CLIENT_ID, client_secret=_CLIENT_SECRET),
    ),
    DemoPartner(
        id="partenaire_p1_5",
        label="Partenaire P1 n° 5, non identifié dans la source",
        settings=_rest(VALMONT),
        effects=lines_in_force,
        options=_mock_of(VALMONT),
    ),
    DemoPartner(
        id="partenaire_p1_6",
        label="Partenaire P1 n° 6, non identifié dans la source",
        settings=_rest(VALMONT),
        effects=lines_in_force,
        channel="file",
        options=_mock_of(VALMONT),
    ),
)
