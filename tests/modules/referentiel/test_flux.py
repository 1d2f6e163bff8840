"""Structures, accounts and third parties as the GEF says them, line by line, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.errors import NotFound, RuleBroken
from semaphore_hub.modules.referentiel.gef.service import FluxReferentielService
from semaphore_hub.modules.referentiel.gef.vues import lister_structures
from semaphore_hub.modules.referentiel.schemas import NouveauFournisseur
from tests.modules.flux import COMPTE, PARTENAIRE, TIERS, UF, flux, lines, said, send
from tests.modules.samples import FOURNISSEUR, PARTIE, SUPPORT, changed, siret

UNKNOWN = siret("99988899")


async def listed(client: AsyncClient, what: str, query: str = "") -> list[dict[str, Any]]:
    """Items of a list of the support establishment."""
    answer = await client.get(f"/v1/etablissements/{SUPPORT}/{what}{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_structures_are_kept_with_their_days(known: Services, client: AsyncClient) -> None:
    answer = send(known, "structures", lines(UF, {}, {"codeUF": "4513", "actif": False}))
    assert (answer.verdict, answer.destinataire, answer.idFlux) == ("accepte", PARTENAIRE, "GEF-0001")
    assert said(answer) == [(1, "accepte", None), (2, "accepte", None)]
    first, second = await listed(client, "structures")
    assert {name: first[name] for name in ("codeUF", "pole", "actif", "actifDepuis", "inactifDepuis")} == {
        "codeUF": "4512",
        "pole": "Chirurgie",
        "actif": True,
        "actifDepuis": "2026-05-01",
        "inactifDepuis": None,
    }
    assert (second["actif"], second["actifDepuis"], second["inactifDepuis"]) == (False, None, "2026-05-01")
    send(known, "structures", [{**UF, "libelle": "Bloc B"}], emisLe="2026-05-02T10:00:00Z")
    (active,) = await listed(client, "structures", "?actives=true")
    assert (active["libelle"], active["actifDepuis"]) == ("Bloc B", "2026-05-01")
    send(known, "structures", [{**UF, "actif": False}], emisLe="2026-05-03T10:00:00Z")
    assert await listed(client, "structures", "?actives=true") == []
    send(known, "structures", [UF], emisLe="2026-06-01T10:00:00Z")
    (again,) = await listed(client, "structures", "?actives=true")
    assert (again["uid"], again["actifDepuis"]) == (first["uid"], "2026-06-01")


async def test_a_complete_flow_deactivates_what_it_leaves_out(known: Services, client: AsyncClient) -> None:
    send(known, "structures", lines(UF, {}, {"codeUF": "4513"}, {"codeUF": "4514"}))
    later: dict[str, Any] = {"mode": "complet", "emisLe": "2026-05-08T10:00:00Z"}
    answer = send(known, "structures", lines(UF, {}, {"codeUF": "4513", "finessJuridique": "990780017"}), **later)
    assert said(answer) == [(1, "accepte", None), (2, "rejete", "FLU-ENTITE")]
    codes = {one["codeUF"]: one["inactifDepuis"] for one in await listed(client, "structures")}
    assert codes == {"4512": None, "4513": None, "4514": "2026-05-08"}


async def test_nothing_is_left_out_of_a_complete_flow_with_lines_that_cannot_be_read(
    known: Services, client: AsyncClient
) -> None:
    send(known, "structures", lines(UF, {}, {"codeUF": "4513"}))
    later: dict[str, Any] = {"mode": "complet", "emisLe": "2026-05-08T10:00:00Z"}
    assert send(known, "structures", lines(UF, {}, {"codeUF": None}), **later).verdict == "partiel"
    assert len(await listed(client, "structures", "?actives=true")) == 2


async def test_a_flow_that_comes_late_undoes_nothing(known: Services, client: AsyncClient) -> None:
    send(known, "structures", [{**UF, "libelle": "Nouveau"}], emisLe="2026-05-08T10:00:00Z")
    late = send(known, "structures", [{**UF, "libelle": "Ancien"}], emisLe="2026-05-07T10:00:00Z")
    assert said(late) == [(1, "accepte", "FLU-ANTERIEUR")]
    empty = send(known, "structures", [], mode="complet", emisLe="2026-05-07T10:00:00Z")
    assert (empty.verdict, empty.lignes) == ("accepte", ())
    (one,) = await listed(client, "structures", "?actives=true")
    assert one["libelle"] == "Nouveau"


async def test_accounts_by_year_and_budget(known: Services, client: AsyncClient) -> None:
    send(known, "comptes", lines(COMPTE, {}, {"exercice": 2025}, {"compte": "60222"}, {"budget": "E"}))
    later: dict[str, Any] = {"mode": "complet", "emisLe": "2026-05-08T10:00:00Z"}
    assert send(known, "comptes", lines(COMPTE, {}, {"budget": "E", "ouvert": False}), **later).verdict == "accepte"
    state = {(one["exercice"], one["compte"], one["budget"]): one["ouvert"] for one in await listed(client, "comptes")}
    assert state == {
        (2026, "60221", "H"): True,
        (2025, "60221", "H"): True,  # a complete flow of 2026 says nothing of 2025
        (2026, "60222", "H"): False,
        (2026, "60221", "E"): False,
    }
    assert len(await listed(client, "comptes", "?exercice=2026&ouverts=true")) == 1


async def test_third_parties_wait_for_their_supplier(known: Services, client: AsyncClient) -> None:
    answer = send(known, "fournisseurs", lines(TIERS, {}, {"codeTiers": "F00043", "id": UNKNOWN}))
    assert said(answer) == [(1, "accepte", None), (2, "accepte", "FLU-TIERS-EN-ATTENTE")]
    (waiting,) = await listed(client, "tiers", "?etat=en_attente")
    assert (waiting["codeTiers"], waiting["fournisseur"]) == ("F00043", None)
    with known.database.write() as unit:
        created = known.referentiel.fournisseurs.creer(
            unit, LOCAL, NouveauFournisseur.model_validate(changed(FOURNISSEUR, id=UNKNOWN))
        )
    assert await listed(client, "tiers", "?etat=en_attente") == []
    assert {one["fournisseur"] for one in await listed(client, "tiers", "?etat=lie")} >= {created.uid}


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    ("structures", UF, {"codeUF": None}, "FLU-FORME", "« codeUF » : obligatoire"),
    ("structures", UF, {"actif": "true"}, "FLU-FORME", "« actif » : valeur mal écrite"),
    ("structures", UF, {"finessGeographique": "990780010"}, "REF-FINESS", "990780010"),
    ("comptes", COMPTE, {"budget": "Z"}, "FLU-FORME", "« budget »"),
    ("comptes", COMPTE, {"exercice": "2026"}, "FLU-FORME", "« exercice »"),
    ("fournisseurs", TIERS, {"iban": "FR7630006000011234567890189"}, "FLU-FORME", "« iban » : n'est pas prévu"),
    ("fournisseurs", TIERS, {"id": "99988801900019"}, "REF-IDENTIFIANT", "clé de contrôle"),
]


def test_a_bad_line_is_refused_and_the_others_are_kept(embedded: Services) -> None:
    for kind, base, changes, code, words in REFUSED:
        good = {"structures": {"codeUF": "1"}, "comptes": {"compte": "1"}, "fournisseurs": {"codeTiers": "1"}}[kind]
        answer = send(embedded, kind, lines(base, changes, good))
        assert (answer.verdict, said(answer)[0][1:], said(answer)[1][1]) == (
            "partiel",
            ("rejete", code),
            "accepte",
        ), changes
        assert words in (answer.lignes[0].libelle or ""), changes


def test_two_lines_of_one_key(embedded: Services) -> None:
    answer = send(embedded, "structures", lines(UF, {}, {}, {"libelle": "Autre"}, {"codeUF": "2", "ligne": 1}))
    assert said(answer) == [
        (1, "rejete", "FLU-FORME"),
        (1, "accepte", None),
        (2, "accepte", None),
        (3, "rejete", "FLU-DOUBLON"),
    ]
    assert "contredit la ligne 1" in (answer.lignes[3].libelle or "")


def test_a_flow_is_refused_as_a_whole_when_it_is_cut_or_of_nobody(embedded: Services) -> None:
    cut = send(embedded, "structures", lines(UF, {}, {"codeUF": "2"}), nombreLignes=3)
    assert (cut.verdict, said(cut)) == ("rejete", [(1, "rejete", "FLU-NOMBRE"), (2, "rejete", "FLU-NOMBRE")])
    stranger = send(embedded, "structures", [UF], etablissement="990780025")
    assert (stranger.verdict, said(stranger)) == ("rejete", [(1, "rejete", "FLU-ETABLISSEMENT")])
    service = FluxReferentielService(embedded.clock)
    with embedded.database.write() as unit:
        # Two establishments of the tests share this FINESS: only a partner that serves one of them says which.
        either = service.structures(unit, flux("structures", [UF]), PARTENAIRE)
        assert said(either) == [(1, "rejete", "FLU-ETABLISSEMENT")]
        for changes in ({"emisLe": "hier"}, {"emisLe": "2026-05-01T10:00:00"}, {"version": "2"}, {"lignes": None}):
            with pytest.raises(RuleBroken) as refusal:
                service.structures(unit, flux("structures", [UF], **changes), PARTENAIRE, SUPPORT)
            assert refusal.value.problems[0].rule == "FLU-FORME"
    with embedded.database.read() as connection:
        assert lister_structures(connection, LOCAL, SUPPORT, actives=False, limit=5, after=None) == ([], None)


async def test_lists_are_read_by_pages_inside_the_perimeter(known: Services, client: AsyncClient) -> None:
    send(known, "structures", lines(UF, *({"codeUF": str(rank)} for rank in range(3))))
    path = f"/v1/etablissements/{SUPPORT}/structures"
    first = (await client.get(f"{path}?limit=2")).json()
    rest = (await client.get(f"{path}?limit=2&cursor={first['next']}")).json()
    assert [one["codeUF"] for one in first["items"] + rest["items"]] == ["0", "1", "2"]
    assert rest["next"] is None
    assert (await client.get(f"/v1/etablissements/{PARTIE}/structures")).json()["items"] == []
    unknown = await client.get(f"/v1/etablissements/{UNKNOWN}/comptes")
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")
    stranger = Caller("autre", Role.ACHETEUR, frozenset({"FIC-02"}))
    with known.database.read() as connection, pytest.raises(NotFound):
        lister_structures(connection, stranger, SUPPORT, actives=False, limit=5, after=None)
