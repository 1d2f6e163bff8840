"""What both simulated cooperatives answer, by hand-written requests: no code of the connectors is used here."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

import contracts
from contracts.rules.echange_fichiers import sha256_hex
from mock_partners import MOCKS, MockConfig
from mock_partners.centrale.mock import SCENARIOS, CentraleMock
from mock_partners.kit import MockClock

IDS = ("uniha", "resah")
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
VALMONT, RIVEBELLE = "26999901700016", "26999902500019"
Document = dict[str, Any]


def make(name: str, **config: Any) -> CentraleMock:
    clock = MockClock()
    clock.set(NOW)
    mock = MOCKS[name](MockConfig(clock=clock, **config))
    assert isinstance(mock, CentraleMock)
    return mock


class Front:
    """A hub in front of one simulated cooperative."""

    def __init__(self, mock: CentraleMock) -> None:
        self.mock = mock
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(mock.app), base_url="http://centrale")
        self.headers: dict[str, str] = {}
        self._number = 0

    async def sign_in(self) -> None:
        if self.mock.id == "uniha":
            form = {"grant_type": "client_credentials", "scope": "adhesions"}
            answer = await self.http.post("/oauth/token", data=form, auth=("semaphore", "secret-de-demonstration"))
            self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def message(self, action: str = "demande", **adhesion: Any) -> Document:
        """The example of the contract, with other values; ``None`` removes one."""
        folder = contracts.get(self.mock.contract("adhesion-json")).folder / "examples" / "valid"
        document: Document = json.loads((folder / f"{action}.json").read_text("utf-8"))
        self._number += 1
        document["idMessage"] = f"SEM-{self._number:04d}"
        document["adhesion"] = {**document["adhesion"], "lot": 1, **adhesion}
        document["adhesion"] = {name: value for name, value in document["adhesion"].items() if value is not None}
        return document

    async def post(self, document: Any, **headers: str) -> httpx.Response:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        known = {} if isinstance(document, bytes) else {"X-Id-Message": document["idMessage"]}
        usual = {"Content-Type": "application/json", "Idempotency-Key": sha256_hex(body)} | known | self.headers
        given = usual | {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in given.items() if value}
        return await self.http.post("/v1/adhesions", content=body, headers=sent)

    async def say(self, action: str = "demande", **adhesion: Any) -> Document:
        answer = await self.post(self.message(action, **adhesion))
        assert answer.status_code == 200, answer.text
        assert contracts.validate(self.mock.contract("acquittement-json"), answer.content).findings == ()
        body: Document = answer.json()
        return body

    async def control(self, path: str, content: Document | None = None, *, status: int = 200) -> Document:
        answer = await self.http.post(f"/_mock/{path}", json=content or {})
        assert answer.status_code == status, answer.text
        body: Document = answer.json()
        return body

    async def read(self) -> list[tuple[str, Document]]:
        """What waits, by nature; each document was checked by its contract, and is confirmed."""
        found = []
        listing = (await self.http.get("/v1/echanges", headers=self.headers)).json()["echanges"]
        for one in listing:
            path = f"/v1/echanges/{one['idEchange']}"
            pages = [
                (await self.http.get(path, params={"page": number}, headers=self.headers)).json()
                for number in range(1, one["nombrePages"] + 1)
            ]
            document = pages[0]
            if one["nature"] == "produits":
                document = {self.mock.format_key: "1", "pages": pages}
            interface = {"etat": "etat-adhesion", "marches": "marches", "produits": "produits"}.get(
                one["nature"], "acquittement"
            )
            body = json.dumps(document).encode()
            assert contracts.validate(self.mock.contract(f"{interface}-json"), body).valid
            found.append((one["nature"], document))
            assert (await self.http.put(f"{path}/lecture", headers=self.headers)).status_code == 204
        return found


@pytest.fixture(params=IDS)
async def front(request: pytest.FixtureRequest) -> AsyncIterator[Front]:
    """In front of a cooperative whose members are two hospitals."""
    made = Front(make(request.param, options={"adherents": [VALMONT, RIVEBELLE]}))
    await made.sign_in()
    yield made
    await made.http.aclose()


PLACE = {"siret": RIVEBELLE, "nom": "CH Fictif de Rivebelle"}


@pytest.mark.parametrize(
    ("adhesion", "code"),
    [
        ({"numeroMarche": "M_9999"}, "MARCHE_INCONNU"),
        ({"lot": 7}, "LOT_INCONNU"),
        ({"lot": 2}, "LOT_CLOS"),
        ({"dateEntree": "2031-01-01", "dateFin": None}, "DATES_HORS_MARCHE"),
        ({"besoinTTC": "499.99"}, "BESOIN_INSUFFISANT"),
        ({"etablissement": {"siret": "26999904100016", "nom": "Inconnu"}}, "ETABLISSEMENT_NON_ADHERENT"),
    ],
)
async def test_a_demand_is_refused_with_a_code_and_leaves_nothing(front: Front, adhesion: Document, code: str) -> None:
    said = await front.say(**adhesion)
    assert (said["verdict"], said["code"]) == ("rejete", code)
    assert said["libelle"].endswith(".")
    assert front.mock.state.adhesions == {}


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ({"uid": "autre-adhesion"}, "ADHESION_EN_DOUBLE"),
        ({"uid": "autre-adhesion", "lot": None}, "ADHESION_EN_DOUBLE"),
        ({}, "ADHESION_EN_DOUBLE"),
        ({"uid": "autre-adhesion", "etablissement": PLACE}, None),
        ({"uid": "autre-adhesion", "numeroMarche": "M_2003"}, None),
    ],
)
async def test_an_etablissement_joins_a_lot_once(front: Front, second: Document, code: str | None) -> None:
    assert (await front.say())["verdict"] == "accepte"
    assert (await front.say(**second)).get("code") == code


async def test_after_a_refusal_it_may_ask_again(front: Front) -> None:
    uid = (await front.say())["uid"]
    assert (await front.control("avancer", {"uid": uid, "statut": "refusee"}))["statut"] == "refusee"
    [(_, state)] = await front.read()
    assert (state["statut"], state["motif"]) == ("refusee", "La centrale ne donne pas suite à la demande.")
    assert (await front.say(uid="autre-adhesion"))["verdict"] == "accepte"


async def test_the_workflow_advances_when_told_and_waits_for_the_hub(front: Front) -> None:
    uid = (await front.say())["uid"]
    for action in ("signature", "ventilation"):
        assert (await front.say(action))["code"] == "ETAT_INCOMPATIBLE"
    await front.control("avancer", {"uid": uid})
    early = await front.control("avancer", {"uid": uid}, status=409)
    assert early["code"] == "SIGNATURE_ATTENDUE"
    assert (await front.say("signature"))["verdict"] == "accepte"
    await front.control("avancer", {"uid": uid})
    assert (await front.control("avancer", {"uid": uid}, status=409))["code"] == "VENTILATION_ATTENDUE"
    assert (await front.control("avancer", {"uid": uid, "statut": "active"}, status=409))["code"] == "ETAT_INCOMPATIBLE"
    wrong = await front.say("ventilation", etablissementFacture="26999904100016")
    assert wrong["code"] == "ETABLISSEMENT_FACTURE_INCONNU"
    assert (await front.say("ventilation"))["verdict"] == "accepte"
    for statut in ("validation_ca", "notification_fournisseurs", "active", "echue"):
        assert (await front.control("avancer", {"uid": uid}))["statut"] == statut
    said = await front.read()
    assert [one["statut"] for nature, one in said if nature == "etat"] == [
        "signature", "ventilation", "validation_ca", "notification_fournisseurs", "active", "echue",
    ]  # fmt: skip
    assert {nature for nature, _ in said} == {"etat", "marches", "produits"}
    assert said[1][1]["redevanceTTC"] == "480.00"
    assert (await front.control("avancer", {"uid": uid}, status=409))["code"] == "ETAT_INCOMPATIBLE"
    assert (await front.control("avancer", {"uid": "inconnue"}, status=404))["code"] == "ADHESION_INCONNUE"


async def test_an_unknown_adhesion_cannot_be_signed(front: Front) -> None:
    assert (await front.say("signature"))["code"] == "ADHESION_INCONNUE"


@pytest.mark.parametrize("name", IDS)
async def test_a_contested_fee_ends_the_adhesion_instead_of_notifying(name: str) -> None:
    front = Front(make(name, options={"automatique": True}))
    await front.sign_in()
    front.mock.faults.replace([], ["redevance_contestee*1"])
    for action in ("demande", "signature", "ventilation"):
        assert (await front.say(action))["verdict"] == "accepte"
    said = await front.read()
    assert [one["statut"] for _, one in said] == ["signature", "ventilation", "validation_ca", "refusee"]
    assert "contestée" in said[-1][1]["motif"]
    await front.http.aclose()


@pytest.mark.parametrize("name", IDS)
async def test_a_second_hospital_makes_the_lines_change_hands(name: str) -> None:
    front = Front(make(name, options={"automatique": True}))
    await front.sign_in()
    for more in ({}, {"uid": "autre-adhesion", "etablissement": {**PLACE, "finess": "990780025"}}):
        for action in ("demande", "signature", "ventilation"):
            await front.say(action, **more)
    published = [one for nature, one in await front.read() if nature in ("marches", "produits")]
    assert [lot["beneficiaires"] for lot in published[2]["marches"][0]["lots"]] == [[VALMONT, RIVEBELLE]]
    moves = [[line["codeMouvement"] for line in one["pages"][0]["lignes"]] for one in published[1::2]]
    assert moves == [["C"] * 3, ["M"] * 3]
    assert published[3]["pages"][0]["lignes"][0]["beneficiaires"] == ["990780017", "990780025"]
    await front.http.aclose()


async def test_nobody_orders_so_nothing_is_published_unless_everything_is_asked(front: Front) -> None:
    for path in ("rafraichir", "publier-marches"):
        assert (await front.control(path, status=409))["code"] == "RIEN_A_PUBLIER"
        assert (await front.control(path, {"canal": "fichier", "tout": True}, status=409))["code"] == "RIEN_A_PUBLIER"
    marches = await front.control("publier-marches", {"tout": True})
    assert marches["nombreMarches"] == 3
    whole = await front.control("rafraichir", {"tout": True, "mode": "complet", "creer": 0, "retirer": 0})
    assert (whole["nombreLignes"], whole["mouvements"]) == (12, {"C": 0, "M": 0, "S": 0})
    [(_, said), (_, produits)] = await front.read()
    assert [len(one["lots"]) for one in said["marches"]] == [2, 1, 1]
    assert "codeMouvement" not in produits["pages"][0]["lignes"][0]


async def test_products_are_read_page_by_page(front: Front) -> None:
    front.mock.config = MockConfig(clock=front.mock.clock, options={"lignes_par_page": 5})
    await front.control("rafraichir", {"tout": True})
    [entry] = (await front.http.get("/v1/echanges", headers=front.headers)).json()["echanges"]
    path = f"/v1/echanges/{entry['idEchange']}"
    assert entry["nombrePages"] == 3
    for page, status in (("1", 200), ("3", 200), ("4", 404), ("0", 422), ("x", 422)):
        assert (await front.http.get(path, params={"page": page}, headers=front.headers)).status_code == status
    [(_, document)] = await front.read()
    assert [len(one["lignes"]) for one in document["pages"]] == [5, 5, 2]


async def test_the_edges_of_the_api(front: Front) -> None:
    message = front.message()
    body = json.dumps(message).encode()
    for response, status, code in (
        (await front.post(message, Idempotency_Key=""), 400, "ENTETE_ABSENT"),
        (await front.post(message, X_Id_Message=""), 400, "ENTETE_ABSENT"),
        (await front.post(message, Content_Type="text/plain"), 415, "TYPE_DE_CONTENU"),
        (await front.post(body[:40], X_Id_Message="SEM-0001"), 400, "JSON_ILLISIBLE"),
        (await front.post(front.message(besoinTTC="0")), 422, "CONTRAT_NON_RESPECTE"),
        (await front.post(message, X_Id_Message="SEM-9999"), 422, "CONTRADICTION"),
        (await front.http.get("/v1/echanges", params={"lu": "oui"}, headers=front.headers), 422, "PARAMETRE"),
        (await front.http.get("/v1/echanges/ECH-9", headers=front.headers), 404, "ECHANGE_INCONNU"),
        (await front.http.put("/v1/echanges/ECH-9/lecture", headers=front.headers), 404, "ECHANGE_INCONNU"),
    ):
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response.headers["content-type"] == "application/problem+json"
    assert front.mock.state.adhesions == {}
    assert (await front.post(message, Idempotency_Key="cle")).status_code == 200
    assert (await front.post(message, Idempotency_Key="cle")).headers["idempotent-replay"] == "true"
    assert (await front.post(front.message("signature"), Idempotency_Key="cle")).json()["code"] == "CLE_REUTILISEE"
    health = await front.http.get("/v1/sante", headers=front.headers)
    assert (health.status_code, health.json()["statut"]) == (200, "ok")


@pytest.mark.parametrize("name", IDS)
async def test_without_credentials_nothing_is_answered(name: str) -> None:
    front = Front(make(name, api_key="cle-secrete" if name == "resah" else None))
    paths = [
        ("GET", "/v1/sante"),
        ("GET", "/v1/echanges"),
        ("GET", "/v1/echanges/E-1"),
        ("PUT", "/v1/echanges/E/lecture"),
    ]
    for method, path in [("POST", "/v1/adhesions"), *paths]:
        assert (await front.http.request(method, path)).status_code == 401
        assert (await front.http.request(method, path, headers={"Authorization": "Bearer x"})).status_code == 401
    await front.http.aclose()


@pytest.mark.parametrize(
    ("form", "auth", "status", "error"),
    [
        ({"grant_type": "client_credentials"}, ("semaphore", "faux"), 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, None, 401, "invalid_client"),
        ({"grant_type": "password"}, ("semaphore", "secret-de-demonstration"), 400, "unsupported_grant_type"),
        ({}, ("semaphore", "secret-de-demonstration"), 400, "invalid_request"),
        (
            {"grant_type": "client_credentials", "scope": "tout"},
            ("semaphore", "secret-de-demonstration"),
            400,
            "invalid_scope",
        ),
    ],
)
async def test_a_token_is_refused_by_the_rfc(
    form: dict[str, str], auth: tuple[str, str] | None, status: int, error: str
) -> None:
    front = Front(make("uniha"))
    body = "&".join(f"{name}={value}" for name, value in form.items())
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await front.http.post("/oauth/token", content=body, headers=headers, auth=auth)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    await front.http.aclose()


async def test_a_token_ends_by_the_clock_of_the_mock() -> None:
    front = Front(make("uniha"))
    await front.sign_in()
    assert (await front.http.get("/v1/sante", headers=front.headers)).status_code == 200
    await front.control("clock", {"advance": "301s"})
    expired = await front.http.get("/v1/sante", headers=front.headers)
    assert (expired.status_code, expired.json()["code"]) == (401, "JETON_INVALIDE")
    await front.http.aclose()


async def test_the_state_goes_through_its_file_and_a_reset_starts_afresh(front: Front, tmp_path: Path) -> None:
    await front.say()
    state = front.mock.snapshot()
    other = make(front.mock.id)
    other.restore(copy.deepcopy(state))
    assert other.snapshot() == state
    with pytest.raises(ValueError, match="inconnu"):
        other.restore({"inconnu": 1})
    assert (await front.http.post("/_mock/reset")).status_code == 204
    assert front.mock.state.adhesions == {}
    assert front.mock.state.marches == make(front.mock.id).state.marches
    listed = (await front.http.get("/_mock/adhesions")).json()
    assert listed == {"adhesions": []}


@pytest.mark.parametrize("name", IDS)
async def test_a_file_that_breaks_its_contract_is_refused_with_a_report_and_an_answer(
    name: str, tmp_path: Path
) -> None:
    depot, retour = tmp_path / "depot", tmp_path / "retour"
    depot.mkdir()
    mock = make(name, depot_dir=depot, retour_dir=retour)
    good = contracts.get(f"{name}/adhesions-csv/1").folder / "examples"
    for rank, (path, wanted) in enumerate(
        ((good / "invalid" / "CEN-BESOIN.csv", "FICHIER_INVALIDE"), (good / "valid" / "demande.csv", "LOT_CLOS")),
        start=1,
    ):
        body = path.read_bytes()
        file = f"SEM_ADH_990780017_20261201_{rank:05d}.csv"
        (depot / file).write_bytes(body)
        (depot / f"{file}.ok").write_text(sha256_hex(body))
        await mock.scan()
        answer = retour / f"{name.upper()}_ACQ_990780017_20261201_{rank:05d}.csv"
        said = answer.read_bytes()
        assert contracts.validate(f"{name}/acquittements-csv/1", said).findings == ()
        assert wanted in said.decode()
        assert answer.with_name(f"{answer.name}.ok").read_text() == sha256_hex(said)
    assert (depot / "refuses" / "SEM_ADH_990780017_20261201_00001.csv.rejet.txt").exists()
    assert (depot / "traites" / "SEM_ADH_990780017_20261201_00002.csv").exists()


@pytest.mark.parametrize("name", IDS)
def test_the_catalogue_is_fictitious_in_force_and_follows_the_contracts(name: str) -> None:
    mock = make(name)
    marches = [{**one, "lots": [{**lot, "beneficiaires": []} for lot in one["lots"]]} for one in mock.state.marches]
    document = {
        mock.format_key: "1",
        "idEnvoi": "ESSAI-1",
        "emisLe": mock.instant(),
        "acheteur": {"siret": mock.siret, "nom": mock.name},
        "nombreMarches": len(marches),
        "marches": marches,
    }
    assert contracts.validate(f"{name}/marches-json/1", json.dumps(document).encode()).findings == ()
    assert "FICTI" in mock.name
    assert all(one["dateNotification"] < "2026-12-01" < one["dateFin"] for one in marches)
    assert all(line["operateur"] == mock.siret for line in mock.state.produits)


@pytest.mark.parametrize("name", IDS)
def test_a_given_catalogue_replaces_the_fictitious_one(name: str) -> None:
    given = {"marches": [], "produits": []}
    mock = make(name, options={"catalogue": given})
    assert (mock.state.marches, mock.state.produits) == ([], [])
    assert set(SCENARIOS) <= set(mock.faults.known)
