"""The simulated Hélios refuses what contradicts what it knows, each time with the rule's name and its source."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path
from typing import Any

import pytest

import contracts
from mock_partners.dgfip import rules
from mock_partners.dgfip.acquit import write_acquit
from mock_partners.dgfip.aller import read_flow
from mock_partners.dgfip.app import create
from mock_partners.dgfip.helios import Budget, Helios
from mock_partners.kit import MockConfig
from semaphore_hub.ports.events import (
    CONCESSION_CORRIGEE,
    CONCESSION_MODIFIEE,
    MARCHE_CORRIGE,
    MARCHE_MODIFIE,
    MARCHE_RECONDUIT,
    MARCHE_SOUS_TRAITANCE_MODIFIEE,
)
from tests.connectors.dgfip.builders import (
    PARTY,
    act,
    act_change,
    buyers,
    concession,
    concession_event,
    concession_modification,
    connector,
    context,
    event,
    marche,
    modification,
    rich,
    supplier,
    translate,
)
from tests.mock_partners.dgfip.flows import verdicts

Change = tuple[str, str]
AMENDED: dict[str, Any] = {"montant": "220000.00", "dureeMois": 30, "modifications": [modification()]}


def changed(body: bytes, *changes: Change) -> bytes:
    """A flow with texts replaced."""
    for old, new in changes:
        assert old.encode("latin-1") in body, old
        body = body.replace(old.encode("latin-1"), new.encode("latin-1"))
    return body


def flow(data: dict[str, Any], type_: str, sequence: int, *changes: Change, **more: Any) -> bytes:
    """A marché's sending, then changed as text."""
    return changed(translate(event(data, type_, numero=1), context(sequence, sequence, **more)).body, *changes)


def say(helios: Helios, body: bytes) -> str:
    """The label of the refusal; empty when the flow is integrated."""
    read = read_flow(body)
    acquit = write_acquit(read, helios.receive(read, body))
    assert contracts.validate("dgfip/pes-acquit/2", acquit).valid
    (verdict, *_) = verdicts(acquit)
    assert bool(verdict[4]) is (verdict[1] == "0")
    return verdict[4]


def after(*bodies: bytes, **config: Any) -> Helios:
    """Hélios once these flows are integrated."""
    helios = Helios(**config)
    for body in bodies:
        assert say(helios, body) == ""
    return helios


FIRST = translate(event()).body
SECOND = flow(marche(**AMENDED), MARCHE_MODIFIE, 2)
WITH_ACT = marche(actesSousTraitance=[act()])
DECLARED = flow(WITH_ACT, "fr.semaphore.marche.sous_traitance_declaree.v1", 2)
CONCESSION = translate(concession_event()).body


def test_every_rule_has_a_name_a_sentence_and_a_source_and_is_tested_below() -> None:
    assert len({rule.id for rule in rules.RULES}) == len(rules.RULES)
    source = Path(__file__).read_text(encoding="utf-8")
    for rule in rules.RULES:
        assert rule.sentence.endswith(".")
        assert rule.source.startswith(("XSD PES", rules.SUPPOSED))
        name = next(name for name, value in vars(rules).items() if value is rule)
        assert f"rules.{name}" in source, rule.id


def test_a_supposed_rule_says_so_in_its_label() -> None:
    assert rules.DELTA.broken(number="01", what="x", new="1", delta="1", known="1")[1].endswith(
        "[HELIOS-ECART, hypothèse]"
    )
    assert rules.ORDER.broken(got="01", last="02")[1].endswith("[HELIOS-ORDRE]")


@pytest.mark.parametrize(
    ("integrated", "sent", "rule"),
    [
        ([FIRST], flow(marche(**AMENDED), MARCHE_MODIFIE, 3), rules.SEQUENCE),
        ([FIRST, SECOND], flow(marche(), MARCHE_RECONDUIT, 3), rules.ORDER),
        # A correction cannot replace an update.
        (
            [FIRST, flow(marche(), MARCHE_RECONDUIT, 2)],
            flow(marche(), MARCHE_CORRIGE, 3, follows="fr.semaphore.marche.notifie.v1"),
            rules.CORRECTIVE,
        ),
        # The same number for another amendment.
        (
            [FIRST, SECOND],
            flow(marche(**AMENDED), MARCHE_MODIFIE, 3, ('<DeltaDureeEnMois V="6"/>', '<DeltaDureeEnMois V="5"/>')),
            rules.NUMBER,
        ),
        # New value = value before + difference.
        (
            [FIRST],
            changed(SECOND, ('<DeltaMontantHTNotifie V="20000.00"/>', '<DeltaMontantHTNotifie V="19999.99"/>')),
            rules.DELTA,
        ),
        ([FIRST], changed(SECOND, ('<DeltaDureeEnMois V="6"/>', '<DeltaDureeEnMois V="-6"/>')), rules.DELTA),
        # One act number, two sub-contractors.
        (
            [FIRST, DECLARED],
            flow(
                marche(actesSousTraitance=[act(sousTraitant=supplier(2))]),
                "fr.semaphore.marche.sous_traitance_declaree.v1",
                3,
            ),
            rules.ACT_NUMBER,
        ),
        (
            [FIRST, DECLARED],
            flow(
                {**WITH_ACT, "modificationsActesSousTraitance": [act_change()]},
                MARCHE_SOUS_TRAITANCE_MODIFIEE,
                3,
                ('<DeltaMontantHTNotifie V="5000.00"/>', '<DeltaMontantHTNotifie V="-20000.01"/>'),
            ),
            rules.ACT_NEGATIVE,
        ),
        (
            [FIRST, DECLARED],
            flow(
                {**WITH_ACT, "modificationsActesSousTraitance": [act_change()]},
                MARCHE_SOUS_TRAITANCE_MODIFIEE,
                3,
                (
                    '<NumeroActe V="01"/>\n            <NumeroActeSousTraitance V="01"/>',
                    '<NumeroActe V="01"/>\n            <NumeroActeSousTraitance V="07"/>',
                ),
            ),
            rules.ACT_UNKNOWN,
        ),
        (
            [CONCESSION],
            translate(
                concession_event(concession(dureeMois=61), "fr.semaphore.concession.executee.v1"), context(2, 2)
            ).body,
            rules.CONCESSION_DURATION,
        ),
        # A correction of the first sending with amendments.
        (
            [CONCESSION],
            changed(
                translate(
                    concession_event(
                        concession(dureeMois=72, modifications=[concession_modification()]), CONCESSION_CORRIGEE
                    ),
                    context(2, 2),
                ).body,
                ('<NumeroOrdreModification V="01"/>', '<NumeroOrdreModification V="00"/>'),
            ),
            rules.CONCESSION_FIRST,
        ),
    ],
)
def test_what_contradicts_the_memory_is_refused_and_changes_nothing(
    integrated: list[bytes], sent: bytes, rule: rules.Rule
) -> None:
    helios = after(*integrated)
    before = helios.to_dict()
    assert f"[{rule.id}" in say(helios, sent)
    assert helios.to_dict() == before


def test_a_first_sending_cannot_be_a_correction() -> None:
    # The contract says so too, for it needs no memory: this rule only speaks if the document's own were switched off.
    correction = changed(FIRST, ('Enregistrement V="0"', 'Enregistrement V="1"'))
    assert say(Helios(), correction) != ""
    assert rules.FIRST_CORRECTIVE.broken()[0] == "ERREUR_AUTRE"


def test_a_buyer_must_be_an_active_budget() -> None:
    body = translate(event(marche(acheteurs=buyers("150000.00", "50000.00")))).body
    assert say(Helios(active=frozenset({"26990001500018", PARTY})), body) == ""
    read = read_flow(body)
    (answer,) = Helios(active=frozenset({"26990001500018"})).receive(read, body)
    assert answer.errors == (rules.BUYER.broken(siret=PARTY),)
    assert answer.errors[0][0] == "ERREUR_SIRET"


def test_the_mock_takes_its_active_budgets_from_its_options() -> None:
    mock = create(MockConfig(options={"budgets_actifs": [PARTY]}))
    assert f"[{rules.BUYER.id}]" in say(mock.helios, FIRST)


def test_a_sender_that_is_not_one_of_several_buyers_names_the_authority() -> None:
    both = buyers("150000.00", "50000.00")
    both[0]["etablissement"] = {**both[0]["etablissement"], "siret": "26990003100015"}
    body = translate(event(marche(acheteurs=both))).body
    assert say(Helios(), body) == ""
    head, _, rest = body.decode("latin-1").partition("<PA>")
    without = (head + rest.partition("</PA>")[2]).encode("latin-1")
    assert f"[{rules.AUTHORITY.id}" in say(Helios(), without)


def test_a_budget_annexe_has_no_multi_budget() -> None:
    body = translate(event(marche(complements={"multiBudget": True}))).body
    annexe = Budget("26990001500018", "099001", "010", annexe=True)
    assert f"[{rules.ANNEXE.id}]" in say(Helios(budgets=(annexe,)), body)
    assert say(Helios(budgets=(annexe,)), FIRST) == ""


def test_a_modification_may_be_told_again_and_a_new_one_starts_from_the_last_value() -> None:
    second = modification(2, montant="230000.00", deltaMontant="10000.00", dureeMois=None, deltaDureeMois=None)
    both = marche(montant="230000.00", dureeMois=30, modifications=[modification(), second])
    helios = after(FIRST, SECOND, flow(both, MARCHE_MODIFIE, 3))
    third = {**second, "id": 3, "montant": "240000.00"}
    assert (
        say(
            helios,
            flow({**both, "montant": "240000.00", "modifications": [modification(), second, third]}, MARCHE_MODIFIE, 4),
        )
        == ""
    )


def test_a_correction_is_compared_with_what_was_known_before_what_it_replaces() -> None:
    right = modification(montant="221000.00", deltaMontant="21000.00")
    data = marche(montant="221000.00", dureeMois=30, modifications=[right])
    helios = after(FIRST, SECOND, flow(data, MARCHE_CORRIGE, 3, follows=MARCHE_MODIFIE))
    again = marche(**AMENDED)
    assert say(helios, flow(again, MARCHE_CORRIGE, 4, follows=MARCHE_MODIFIE)) == ""
    assert [one.replaced for one in helios.marches["26990001500018/2026DM001"]] == [False, True, True, False]


@pytest.mark.parametrize("version", ["5.17", "5.30"])
def test_a_rich_life_is_integrated_and_survives_a_round_trip(version: str) -> None:
    first, second = (message.body for message in translate_all(rich(), MARCHE_MODIFIE, version))
    helios = after(first, second)
    other = Helios()
    other.load(helios.to_dict())
    assert other.to_dict() == helios.to_dict()
    assert other.marches["26990001500018/2026DM001"][1].state.amounts == {"01": "25000.00", "02": "20000.00"}
    assert say(other, flow(rich(), MARCHE_RECONDUIT, 3, versionPES=version)) == ""


def translate_all(data: dict[str, Any], type_: str, version: str) -> list[Any]:
    """Every message of a first sequence."""
    return connector().translate(event(data, type_), "api", context(1, versionPES=version))


def test_marches_and_concessions_of_one_flow_are_answered_one_by_one() -> None:
    text, other = FIRST.decode("latin-1"), CONCESSION.decode("latin-1")
    start, end = other.index("<Concessions>"), other.index("</Concessions>") + len("</Concessions>")
    wrong = other[start:end].replace("99988801900018", "99988801900019")
    body = text.replace("</Marches>", "</Marches>" + wrong).encode("latin-1")
    read = read_flow(body)
    said = verdicts(write_acquit(read, Helios().receive(read, body)))
    assert [(one[2], one[1], one[3]) for one in said] == [
        ("2026DM001-001", "1", ""),
        ("2026CC001-001", "0", "ERREUR_SIRET"),
    ]


def test_a_concession_and_its_amendment_are_integrated() -> None:
    data = concession(dureeMois=72, valeurGlobale="600000.00", modifications=[concession_modification()])
    body = translate(concession_event(data, CONCESSION_MODIFIEE), context(2, 2)).body
    helios = after(CONCESSION, body)
    assert [one.kind for one in helios.marches["concession/26990001500018/2026CC001"]] == ["initial", "modification"]


def test_an_attached_document_is_integrated_once() -> None:
    content = base64.b64encode(gzip.compress(b"acte")).decode("ascii")
    piece = (
        '<PES_PJ><EnTetePES_PJ><IdVer V="1"/></EnTetePES_PJ><PJ><Contenu>'
        f'<Fichier MIMEType="application/pdf">{content}</Fichier></Contenu><IdUnique V="AE001"/>'
        '<NomPJ V="acte.pdf"/><TypePJ V="009"/><Description V="Acte"/></PJ></PES_PJ>'
    )
    bodies = [changed(one, ("</n:PES_Aller>", piece + "</n:PES_Aller>")) for one in (FIRST, SECOND)]
    helios = Helios()
    answers = [helios.receive(read_flow(body), body) for body in bodies]
    assert [[one.accepted for one in each] for each in answers] == [[True], [True, False]], answers
    assert answers[1][1].errors == (rules.PIECE.broken(piece="AE001"),)
    assert answers[1][1].attachment == "AE001"


async def test_the_memory_of_attached_documents_is_in_the_state_of_the_mock() -> None:
    mock = create(MockConfig())
    mock.helios.pieces.add("AE001")
    other = create(MockConfig())
    other.restore(mock.snapshot())
    assert other.helios.pieces == {"AE001"}
    with pytest.raises(ValueError, match="not a state"):
        other.restore({"pieces": 3})
