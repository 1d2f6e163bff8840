"""Duplicates, as the ministry removes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mock_partners.daj.consolidation import Consolidation, score
from mock_partners.daj.reading import CONCESSION, MARCHE
from tests.mock_partners.daj.files import BUYER, concession, daj, file, holders, judged, marche, published


def consolidated(*values: dict[str, Any], kind: str = MARCHE) -> list[dict[str, Any]]:
    data = Consolidation()
    for value in values:
        data.add(kind, value, [], "", replaces=False)
    return [record.value for record in data.published(kind)]


OLD, NEW = "2026-03-20", "2026-03-21"


def test_the_most_recent_publication_is_kept_whatever_the_order() -> None:
    old, new = (
        marche(datePublicationDonnees=OLD),
        marche(datePublicationDonnees=NEW, objet="Plus récent", tauxAvance=None),
    )
    assert consolidated(old, new) == [new]
    assert consolidated(new, old) == [new]


def test_then_the_most_complete_whatever_the_order() -> None:
    full, bare = marche(), marche(idAccordCadre=None, origineUE=None, origineFrance=None)
    assert score(full) > score(bare)
    assert consolidated(full, bare) == [full]
    assert consolidated(bare, full) == [full]


def test_then_the_last_one() -> None:
    first, last = marche(objet="Première version"), marche(objet="Dernière version")
    assert consolidated(first, last) == [last]
    assert consolidated(last, first) == [first]


def test_a_longer_history_is_never_less_complete() -> None:
    change = {"id": 1, "dateNotificationModification": NEW, "datePublicationDonneesModification": NEW}
    once = marche(modifications=[{"modification": change}])
    twice = marche(modifications=[{"modification": change}, {"modification": {**change, "id": 2}}])
    assert score(marche()) < score(once) == score(twice)
    assert consolidated(marche(), once, twice) == [twice]


def test_another_number_buyer_holder_amount_or_day_is_another_contract() -> None:
    others = (
        marche(id="AUTRE"),
        marche(acheteur={"id": "26990001500018"}),
        marche(titulaires=holders(("SIRET", "99988802700011"))),
        marche(montant=1),
        marche(dateNotification="2026-01-02"),
    )
    assert len(consolidated(marche(), *others)) == 6


def test_the_same_amount_written_otherwise_and_other_second_holders_are_the_same_contract() -> None:
    first = marche()["titulaires"][0]
    second = marche(montant=Decimal("400000.00"), titulaires=[first, *holders(("TVA", "FR1"))])
    assert len(consolidated(marche(montant=400000), second)) == 1


def test_a_concession_is_known_by_the_start_of_its_execution_and_its_value() -> None:
    same = concession(dateSignature="2026-01-13", objet="Autre objet")
    assert consolidated(concession(), same, kind=CONCESSION) == [same]
    others = (concession(dateDebutExecution="2026-03-01"), concession(valeurGlobale=3))
    assert len(consolidated(concession(), *others, kind=CONCESSION)) == 3


async def test_duplicates_are_removed_before_the_checks_so_a_bad_version_hides_the_good_one() -> None:
    async with daj() as (_, client):
        await judged(client, file(marche()))
        (row,) = await judged(client, file(marche(dureeMois=200)), 2)
        assert row["erreurs"] == ["Champ dureeMois trop grand"]
        assert await published(client) == []
        await judged(client, file(marche(dureeMois=48)), 3)
        assert [one["dureeMois"] for one in await published(client)] == [48]


async def test_a_version_that_its_schema_refuses_changes_nothing() -> None:
    async with daj() as (_, client):
        await judged(client, file(marche()))
        (row,) = await judged(client, file(marche(offresRecues=0)), 2)
        assert row["statut"] == "ecarte"
        assert len(await published(client)) == 1


async def test_a_poorer_version_is_told_that_it_is_a_duplicate() -> None:
    async with daj() as (_, client):
        await judged(client, file(marche()))
        (row,) = await judged(client, file(marche(origineUE=None, origineFrance=None)), 2)
        assert row["statut"] == "doublon"
        assert row["erreurs"][0].startswith("Doublon : ")


async def test_the_same_contract_twice_in_a_file_is_published_once() -> None:
    async with daj() as (_, client):
        first, second = await judged(
            client, file(marche(objet="Premier du fichier"), marche(objet="Second du fichier"))
        )
        assert (first["statut"], second["statut"]) == ("doublon", "publie")
        assert [one["objet"] for one in await published(client)] == ["Second du fichier"]


async def test_another_source_more_recent_wins_and_both_versions_are_known() -> None:
    async with daj() as (mock, client):
        mock.faults.extend([], ["doublon_autre_source*1"])
        (row,) = await judged(client, file(marche()))
        assert row["statut"] == "doublon"
        assert [record.source for record in mock.data.published(MARCHE)] == ["PES"]
        assert mock.faults.scenarios == []


async def test_a_changed_amount_is_a_second_contract_unless_the_deposit_replaces() -> None:
    uid = f"{BUYER}{marche()['id']}"
    async with daj() as (mock, client):
        await judged(client, file(marche(montant=1000)))
        await judged(client, file(marche(montant=2000)), 2)
        assert sorted(one["montant"] for one in await published(client)) == [1000, 2000]
        versions = mock.snapshot()["contrats"][uid]
        assert (versions["versions"], versions["publies"]) == (2, 2)
        assert (versions["initiale"]["montant"], versions["derniere"]["montant"]) == (1000, 2000)
        (row,) = await judged(client, file(marche(montant=3000, dureeMois=200)), 3, headers={"X-Remplace": uid})
        assert row["statut"] == "ecarte"
        assert len(await published(client)) == 2
        await judged(client, file(marche(montant=3000)), 4, headers={"X-Remplace": uid})
        # Set aside above under the same key, replaced in its turn.
        assert [one["montant"] for one in await published(client)] == [3000]


async def test_a_deposit_replaces_only_the_contract_it_names() -> None:
    async with daj() as (_, client):
        await judged(client, file(marche(montant=1000), marche(id="AUTRE")))
        await judged(client, file(marche(montant=2000)), 2, headers={"X-Remplace": f"{BUYER}AUTRE"})
        assert len(await published(client)) == 3


def test_an_amount_without_end_is_kept_as_it_was_written() -> None:
    data = Consolidation()
    stored = data.add(MARCHE, marche(montant=Decimal("1e999")), ["trop élevée"], "", replaces=False)
    assert stored.value["montant"] == "1E+999"
