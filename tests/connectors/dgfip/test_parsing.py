"""Acknowledgements, exact and sloppy."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contracts
from connectors.dgfip.parsing import interpret
from semaphore_hub.ports.connector import Acknowledgement, Inbound, Interpretation, Verdict
from semaphore_hub.ports.outcomes import Unreadable
from tests.shared import shared_path

NAMESPACE = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/retour/v2"
NOMFIC = "PESALR2_26990001500018_260302_001.xml"
ENVELOPE = f'<Enveloppe><Parametres><Version V="2"/><TypFic V="PESALR2"/><NomFic V="{NOMFIC}"/></Parametres>'
SENDER = '<Emetteur><Sigle V="S"/><Adresse V="A"/></Emetteur>'
HEADER = (
    '<EnTetePES><DteStr V="2026-03-02"/><IdPost V="099001"/><IdColl V="26990001500018"/><CodCol V="010"/>'
    '<CodBud V="00"/></EnTetePES>'
)


def element(domain: str | None = "11", state: str | None = "1", inside: str = '<IdMarche V="2026DM001-001"/>') -> str:
    """One ElementACQUIT."""
    tags = "".join(
        f'<{tag} V="{value}"/>' for tag, value in (("DomaineAck", domain), ("EtatAck", state)) if value is not None
    )
    return f"<ElementACQUIT>{tags}{inside}</ElementACQUIT>"


def error(code: str | None = "ERREUR_AUTRE", label: str | None = "Rupture de séquence") -> str:
    """One Erreur."""
    tags = (("NumAnoAck", code), ("LibelleAnoAck", label))
    return "<Erreur>" + "".join(f'<{tag} V="{value}"/>' for tag, value in tags if value) + "</Erreur>"


def acquit(*elements: str, sender: str = SENDER, header: str = HEADER, namespace: str = NAMESPACE) -> str:
    """A whole acknowledgement."""
    inside = '<ACQUIT><EnTeteAcquit><IdVer V="2"/></EnTeteAcquit>' + "".join(elements) + "</ACQUIT>"
    return f'<n:PES_ACQUIT xmlns:n="{namespace}">{ENVELOPE}{sender}</Enveloppe>{header}{inside}</n:PES_ACQUIT>'


def read(text: str | bytes) -> Interpretation:
    """Interpret a document given as text (Latin-1) or bytes."""
    body = text if isinstance(text, bytes) else f'<?xml version="1.0" encoding="ISO-8859-1"?>{text}'.encode("latin-1")
    return interpret(Inbound(f"ACQUIT_{NOMFIC}", body, "application/xml", "api"))


def only(interpretation: Interpretation) -> Acknowledgement:
    """The one acknowledgement."""
    (found,) = interpretation.acknowledgements
    return found


def test_an_exact_acceptance_is_read_without_a_warning() -> None:
    found = read(acquit(element()))
    assert found.warnings == ()
    assert only(found).reference == NOMFIC
    assert only(found).business_ref == "2026DM001-001"
    assert only(found).verdict is Verdict.ACCEPTED
    assert [(line.line, line.accepted) for line in only(found).lines] == [("2026DM001-001", True)]


def test_a_refusal_gives_the_code_and_the_label() -> None:
    refusal = element(state="0", inside='<IdMarche V="2026DM001-003"/>' + error())
    found = only(read(acquit(refusal)))
    assert found.verdict is Verdict.REJECTED
    assert (found.code, found.message) == ("ERREUR_AUTRE", "Rupture de séquence")
    assert found.business_ref == "2026DM001-003"


def test_the_verdict_is_not_the_first_state() -> None:
    attachment = element("4", "1", '<IdUnique V="PJ1"/>')
    marche = element("11", "0", '<IdMarche V="2026DM001-001"/>' + error())
    found = only(read(acquit(attachment, marche)))
    assert found.verdict is Verdict.PARTIAL
    assert found.code == "ERREUR_AUTRE"
    assert [(line.line, line.accepted) for line in found.lines] == [("PJ1", True), ("2026DM001-001", False)]


def test_a_refused_attachment_makes_an_accepted_marche_partial() -> None:
    refused = element("4", "0", '<IdUnique V="PJ1"/>' + error("ERREUR_PJ", "Illisible"))
    assert only(read(acquit(element(), refused))).verdict is Verdict.PARTIAL


@pytest.mark.parametrize("domain", ["0", "1", "2", "99"])
def test_a_technical_refusal_refuses_everything_even_beside_an_accepted_marche(domain: str) -> None:
    technical = element(domain, "0", error("ERREUR_CODIQUE", "Poste inconnu"))
    alone, beside = only(read(acquit(technical))), only(read(acquit(element(), technical)))
    assert (alone.verdict, alone.code, alone.business_ref) == (Verdict.REJECTED, "ERREUR_CODIQUE", None)
    assert beside.verdict is Verdict.REJECTED


def test_a_technical_acceptance_does_not_count_as_a_verdict_on_the_marche() -> None:
    with pytest.raises(Unreadable, match="technique"):
        read(acquit(element("0", "1", "")))
    refused = element("11", "0", '<IdMarche V="2026DM001-001"/>' + error())
    assert only(read(acquit(element("0", "1", ""), refused))).verdict is Verdict.REJECTED


def test_a_missing_sender_is_a_warning() -> None:
    found = read(acquit(element(), sender=""))
    assert only(found).verdict is Verdict.ACCEPTED
    assert any("Emetteur" in warning for warning in found.warnings)


def test_a_missing_header_is_a_warning() -> None:
    found = read(acquit(element(), header=""))
    assert only(found).verdict is Verdict.ACCEPTED
    assert [any(tag in warning for warning in found.warnings) for tag in ("CodCol", "EnTetePES")] == [True, True]


def test_another_order_is_a_warning() -> None:
    swapped = '<ElementACQUIT><IdMarche V="2026DM001-001"/><EtatAck V="1"/><DomaineAck V="11"/></ElementACQUIT>'
    found = read(acquit(swapped))
    assert only(found).business_ref == "2026DM001-001"
    assert any("ordre" in warning for warning in found.warnings)


def test_the_old_flat_form_is_understood() -> None:
    old = (
        '<n:PES_ACQUIT xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/retour">'
        f"{ENVELOPE}{SENDER}</Enveloppe>{HEADER}<ACQUIT>"
        '<DomaineAck V="0"/><EtatAck V="0"/><NumAnoAck V="ERREUR_SIRET"/><LibelleAnoAck V="SIRET faux"/></ACQUIT>'
        "</n:PES_ACQUIT>"
    )
    found = read(old)
    assert (only(found).verdict, only(found).code, only(found).message) == (
        Verdict.REJECTED,
        "ERREUR_SIRET",
        "SIRET faux",
    )
    assert any("espace de noms" in warning for warning in found.warnings)
    assert any("à plat" in warning for warning in found.warnings)


def test_a_non_acquit_is_a_refusal_even_without_a_state() -> None:
    text = (
        '<n:PES_NonAcquit xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/retour">'
        f'{ENVELOPE}{SENDER}</Enveloppe>{HEADER}<NumAnoAck V="ERREUR_ENCODING"/></n:PES_NonAcquit>'
    )
    assert (only(read(text)).verdict, only(read(text)).code) == (Verdict.REJECTED, "ERREUR_ENCODING")


def test_an_anomaly_outside_erreur_is_found() -> None:
    flat = element("11", "0", '<IdMarche V="2026DM001-001"/><NumAnoAck V="ERREUR_AUTRE"/>')
    assert only(read(acquit(flat))).code == "ERREUR_AUTRE"


def test_prefixed_children_and_plain_texts_are_understood() -> None:
    text = (
        f'<n:PES_ACQUIT xmlns:n="{NAMESPACE}"><n:NomFic>{NOMFIC}</n:NomFic><n:Emetteur/><n:EnTetePES>'
        '<n:CodCol v="010"/></n:EnTetePES><n:ElementACQUIT><n:DomaineAck v="11"/><n:EtatAck>true</n:EtatAck>'
        "<n:IdMarche>2026DM001-1</n:IdMarche></n:ElementACQUIT></n:PES_ACQUIT>"
    )
    found = read(text)
    assert only(found).verdict is Verdict.ACCEPTED
    assert only(found).business_ref == "2026DM001-001"
    assert any("trois chiffres" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ACQ-ENCODAGE.xml", "encodage UTF-8"),
        ("ACQ-IDVER.xml", "EnTeteAcquit/IdVer"),
        ("ACQ-VERSION.xml", "version de l'enveloppe"),
        ("ACQ-SCHEMA__anomalie-inconnue.xml", "ERREUR_MARCHE_INCONNU"),
        ("ACQ-SCHEMA__domaine-inconnu.xml", "« 13 »"),
    ],
)
def test_what_breaks_the_contract_is_understood_with_a_warning_that_says_what(name: str, words: str) -> None:
    examples = contracts.get("dgfip/pes-acquit/2").examples
    found = read(next(one for one in examples if one.path.name == name).path.read_bytes())
    (warning,) = found.warnings
    assert words in warning
    assert only(found).reference


def test_a_number_that_names_no_sequence_is_said_once() -> None:
    examples = contracts.get("dgfip/pes-acquit/2").examples
    found = read(next(one for one in examples if one.path.name == "ACQ-MARCHE__sans-sequence.xml").path.read_bytes())
    assert sum("séquence" in warning for warning in found.warnings) == 1


def test_without_a_marche_number_the_file_name_alone_attaches_it() -> None:
    for inside in ("", '<IdMarche V="2026DM001"/>'):
        found = read(acquit(element("11", "1", inside)))
        assert only(found).business_ref is None
        assert any("IdMarche" in warning for warning in found.warnings)


def test_several_marches_are_answered_together_with_a_warning() -> None:
    found = read(acquit(element(), element("11", "0", '<IdMarche V="2026DM002-001"/>' + error())))
    assert (only(found).verdict, only(found).business_ref) == (Verdict.PARTIAL, None)
    assert any("plusieurs marchés" in warning for warning in found.warnings)


def test_a_missing_domain_is_deduced() -> None:
    found = read(acquit(element(None)))
    assert only(found).verdict is Verdict.ACCEPTED
    assert any("DomaineAck" in warning for warning in found.warnings)


def test_contradictions_of_state_and_anomaly_are_warned_about() -> None:
    contradictory = read(acquit(element(inside='<IdMarche V="2026DM001-001"/>' + error())))
    assert only(contradictory).verdict is Verdict.ACCEPTED
    assert any("l'emporte" in warning for warning in contradictory.warnings)
    mute = read(acquit(element(state="0")))
    assert only(mute).verdict is Verdict.REJECTED
    assert any("motif" in warning for warning in mute.warnings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (acquit(element()).replace(f'<NomFic V="{NOMFIC}"/>', ""), "NomFic"),
        (acquit(element()).replace(NOMFIC, " "), "NomFic"),
        (acquit(), "aucun verdict"),
        (acquit(element(state="peut-être")), "aucun verdict"),
        (acquit(element(state=None)), "aucun verdict"),
        ('<n:PES_Retour xmlns:n="urn:x"/>', "PES_Retour"),
        ("<a>", "bien formé"),
        ("<!DOCTYPE a><a/>", "DOCTYPE"),
        (b"", "vide"),
        (b"%PDF-1.7", "XML"),
    ],
)
def test_what_cannot_be_understood_is_unreadable_with_a_french_reason(text: str | bytes, words: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert words in caught.value.reason


@pytest.mark.parametrize(
    ("name", "verdict", "business_ref"),
    [
        ("11_PES_ACQUIT_marche_OK.xml", Verdict.ACCEPTED, "2026DM001-001"),
        ("12_PES_ACQUIT_marche_KO_rupture_sequence.xml", Verdict.REJECTED, "2026DM001-003"),
    ],
)
def test_the_reference_examples_are_read_without_a_warning(name: str, verdict: Verdict, business_ref: str) -> None:
    found = read(shared_path("standards", "pes", "exemples-synthetiques", name).read_bytes())
    assert (only(found).verdict, only(found).business_ref, found.warnings) == (verdict, business_ref, ())


def test_public_acknowledgements_of_expenditure_are_read() -> None:
    for name in ("ACQUIT_PESALR2_49101169800000_171227_2045.xml", "PES_ACQUIT_v2_depense_ok.xml"):
        found = only(read(shared_path("standards", "pes", "fixtures-pastell", name).read_bytes()))
        assert found.verdict is Verdict.ACCEPTED
        assert found.reference.startswith("HELIOS_SIMU_ALR2_")
        assert len(found.lines) == 5


@pytest.mark.parametrize("name", ["HELIOS_SIMU_RETOUR_1565181244_184723364.xml", "PES_Aller_depense.xml"])
def test_other_public_flows_are_not_taken_for_acknowledgements(name: str) -> None:
    with pytest.raises(Unreadable):
        read(shared_path("standards", "pes", "fixtures-pastell", name).read_bytes())


_EXACT = acquit(element()).encode("latin-1")


@given(st.binary(max_size=200), st.integers(0, len(_EXACT)), st.integers(0, 40))
def test_no_document_however_damaged_is_more_than_unreadable(noise: bytes, at: int, removed: int) -> None:
    for body in (noise, _EXACT[:at] + noise + _EXACT[at + removed :]):
        with suppress(Unreadable):
            assert only(read(body)).reference
