"""The business rules of the PES contracts: each has an example it refuses, and standard tools agree with us."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree, isoschematron

import contracts
from contracts import schematron
from contracts.rules import pes
from tests.contracts.pes.mutations import VALUES, set_everywhere
from tests.contracts.pes.official import ACQUIT, CONTRACTS, MARCHE, complete
from tests.shared import shared_path

_UNREADABLE = ("XML", "DOCTYPE", "ENCODAGE", "TAILLE")
# The place to fix is one, but the format makes two sentences true of it.
_COMPANIONS = {
    "PES-OPERATEURS": {"PES-VENTILATION-TITULAIRE"},
    "PES-MODIFICATION-SOUS-TRAITANT": {"PES-MODIFICATION-VENTILATION"},
}
# What the format says in its newer version only.
_NEWER = {"PES-TRANCHES", "PES-RECONDUCTIONS"}


def _schematron(contract_id: str) -> Path:
    path = contracts.get(contract_id).schematron
    assert path is not None
    return path


def _rules_broken(contract_id: str, body: bytes) -> set[str]:
    return {finding.rule for finding in contracts.validate(contract_id, body).findings}


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_valid_examples_have_no_finding_at_all(contract_id: str) -> None:
    valid = [example for example in contracts.get(contract_id).examples if example.rule is None]
    assert len(valid) >= 5
    for example in valid:
        assert contracts.validate(contract_id, example.path.read_bytes()).findings == (), example.path.name


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_each_invalid_example_breaks_the_rule_of_its_name_and_no_other(contract_id: str) -> None:
    for example in contracts.get(contract_id).examples:
        if example.rule is not None:
            expected = {example.rule} | _COMPANIONS.get(example.rule, set())
            assert _rules_broken(contract_id, example.path.read_bytes()) == expected, example.path.name


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_every_rule_but_the_size_limit_has_an_invalid_example(contract_id: str) -> None:
    contract = contracts.get(contract_id)
    shown = {example.rule for example in contract.examples}
    assert {rule.id for rule in contract.rules} - shown == {f"{contract.prefix}-TAILLE"}


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_findings_name_a_place_a_line_and_a_french_sentence(contract_id: str) -> None:
    for example in contracts.get(contract_id).examples:
        for finding in contracts.validate(contract_id, example.path.read_bytes()).findings:
            assert finding.path.startswith("/")
            assert finding.line is not None
            assert finding.line > 0
            assert finding.message.endswith(".")
            assert "{" not in finding.message


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_rules_of_warning_severity_leave_the_document_valid(contract_id: str) -> None:
    contract = contracts.get(contract_id)
    warned = [
        example for example in contract.examples if example.rule and contract.rule(example.rule).severity == "warning"
    ]
    assert len(warned) >= 6
    assert all(contracts.validate(contract_id, example.path.read_bytes()).valid for example in warned)


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_the_schematron_file_marks_as_warnings_the_rules_the_contract_calls_warnings(contract_id: str) -> None:
    contract = contracts.get(contract_id)
    asserts = etree.parse(_schematron(contract_id)).iter("{http://purl.oclc.org/dsdl/schematron}assert")
    roles = {str(node.get("id")): node.get("role", "error") for node in asserts}
    assert roles == {rule.id: rule.severity for rule in contract.rules if rule.kind == "schematron"}


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_a_standard_schematron_processor_gives_our_verdict_on_every_example(contract_id: str) -> None:
    path = _schematron(contract_id)
    standard = isoschematron.Schematron(etree.parse(path), store_report=True)
    compared = 0
    for example in contracts.get(contract_id).examples:
        if example.rule and example.rule.rpartition("-")[2].startswith(_UNREADABLE):
            continue
        tree = etree.parse(example.path)
        assert _fired(path, tree) == _fired_by(standard, tree), example.path.name
        compared += 1
    assert compared >= 15


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_a_standard_schematron_processor_gives_our_verdict_on_damaged_documents(contract_id: str) -> None:
    path = _schematron(contract_id)
    standard = isoschematron.Schematron(etree.parse(path), store_report=True)
    tree = complete(contract_id)
    fired: Counter[str] = Counter()
    for value in VALUES[::6]:
        set_everywhere(tree, value)
        ours = _fired(path, tree)
        assert ours == _fired_by(standard, tree), repr(value)
        fired += ours
    assert len(fired) >= 2


def test_the_two_versions_of_the_marche_have_the_same_rules_but_for_what_is_new() -> None:
    old, new = (contracts.get(contract_id) for contract_id in MARCHE)
    assert old.rules == tuple(rule for rule in new.rules if rule.id not in _NEWER)
    assert _schematron(MARCHE[0]).read_text("utf-8") == _schematron(MARCHE[1]).read_text("utf-8")
    assert len(old.rules) > 50


def test_what_only_the_newer_version_knows_is_refused_by_the_older() -> None:
    body = (contracts.get(MARCHE[1]).folder / "examples" / "valid" / "complet.xml").read_bytes()
    assert contracts.validate(MARCHE[1], body).valid
    assert _rules_broken(MARCHE[0], body) == {"PES-SCHEMA"}
    assert contracts.recognise(body) == MARCHE[1]


def test_a_synthetic_flow_and_its_acknowledgements_have_no_finding() -> None:
    folder = shared_path("standards", "pes", "exemples-synthetiques")
    for name in ("01_PES_Marche_initial_v5.17.xml", "02_PES_Marche_initial_v5.30.xml"):
        assert contracts.validate(MARCHE[1], (folder / name).read_bytes()).findings == ()
    for path in folder.glob("1?_PES_ACQUIT_*.xml"):
        assert contracts.recognise(path.read_bytes()) == ACQUIT
        assert contracts.validate(ACQUIT, path.read_bytes()).findings == ()


@pytest.mark.parametrize("contract_id", CONTRACTS)
def test_rules_never_raise_on_a_document_whose_values_are_all_wrong(contract_id: str) -> None:
    tree = complete(contract_id)
    for value in VALUES[::10]:
        set_everywhere(tree, value)
        body = etree.tostring(tree, xml_declaration=True, encoding="ISO-8859-1")
        assert not contracts.validate(contract_id, body).valid


def _mono(**values: str) -> bytes:
    """The plain marché, with other values in the elements of these names."""
    path = contracts.get(MARCHE[0]).folder / "examples" / "valid" / "marche-mono.xml"
    tree = etree.parse(path)
    for name, value in values.items():
        for node in tree.iter(name):
            node.set("V", value)
    return etree.tostring(tree, xml_declaration=True, encoding="ISO-8859-1")


def test_la_poste_has_its_own_siret_key() -> None:
    assert _rules_broken(MARCHE[0], _mono(IdTitulaire="35600000049837")) == set()
    assert _rules_broken(MARCHE[0], _mono(IdTitulaire="35600000049838")) == {"PES-SIRET-OPERATEUR"}


def test_amounts_are_compared_exactly_whatever_their_writing() -> None:
    # 0.1 + 0.2 is not 0.3 in binary: the sums are decimal, and 90000.0 is 90000.00.
    assert _rules_broken(MARCHE[0], _mono(MontantHTNotifie="+90000.0", MontantHTEstime="90000")) == set()
    assert _rules_broken(MARCHE[0], _mono(MontantTVANotifie="0.3")) == set()


def test_a_boolean_written_in_letters_counts_as_one_written_in_digits() -> None:
    assert _rules_broken(MARCHE[0], _mono(CaractereCorrectifEnregistrement="true")) == {"PES-SEQUENCE-CORRECTIF"}
    assert _rules_broken(MARCHE[0], _mono(CodRes="false")) == set()
    assert _rules_broken(MARCHE[0], _mono(CodRes="true")) == {"PES-ADRESSE-PAYS"}


def test_a_sequence_written_with_a_plus_sign_is_still_the_first() -> None:
    body = _mono(SequenceEnvoi="+1", CaractereCorrectifEnregistrement="1")
    assert _rules_broken(MARCHE[0], body) == {"PES-SEQUENCE-CORRECTIF"}


@pytest.mark.parametrize(
    ("nature", "identifier", "accepted"),
    [
        ("05", "DE999999999", True),
        ("06", "BRDASILVAMOTORES", True),
        ("06", "BR" + "A" * 17, False),
        ("07", "123456789", True),
        ("07", "1234567890", False),
        ("08", "123456789", True),
        ("08", "1234567890", True),
        ("09", "EN_COURS_IMMATRICULATION", True),
        ("10", "FRWFDURANDCHAUFFAG", True),
        ("10", "FRWF" + "A" * 15, False),
        ("11", "18102VANNES", True),
        ("11", "1810VANNES", False),
    ],
)
def test_an_identifier_has_the_form_of_its_nature(nature: str, identifier: str, accepted: bool) -> None:
    broken = _rules_broken(MARCHE[1], _mono(NatIdTitulaire=nature, IdTitulaire=identifier))
    assert broken == (set() if accepted else {"PES-IDENTIFIANT"})


def test_an_attached_file_that_expands_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contracts.rules.pes._MAX_PIECE", 8)
    body = (contracts.get(MARCHE[0]).folder / "examples" / "valid" / "complet.xml").read_bytes()
    assert _rules_broken(MARCHE[0], body) == {"PES-PJ-CONTENU"}


def _fired(path: Path, tree: etree._ElementTree) -> Counter[str]:
    return Counter(failure.rule for failure in schematron.compiled(path).failures(tree))


def _fired_by(standard: isoschematron.Schematron, tree: etree._ElementTree) -> Counter[str]:
    standard.validate(tree)
    return Counter(str(node.get("id")) for node in standard.validation_report.iter("{*}failed-assert"))


def test_a_rule_written_for_elements_one_by_one_also_takes_a_whole_document() -> None:
    tree = etree.parse(contracts.get(MARCHE[0]).folder / "examples" / "invalid" / "PES-IBAN.xml")
    assert [violation.detail for violation in pes.iban_key(tree)] != []
    assert list(pes.rib_key(tree)) == []


def test_a_name_is_looked_for_where_the_rule_says_and_nowhere_else() -> None:
    wrong = '<r><Enveloppe><Parametres><NomFic V="x"/></Parametres></Enveloppe><NomFic V="x"/></r>'
    assert [one.path for one in pes.file_name(etree.ElementTree(etree.fromstring(wrong)))] == [
        "/r/Enveloppe/Parametres/NomFic"
    ]
