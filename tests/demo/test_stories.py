"""The demo notices when something is wrong: other stories, told in this process."""

from __future__ import annotations

from datetime import date

from semaphore_hub.demo.partners import CODE_COLLECTIVITE
from semaphore_hub.demo.scenario import DGFIP, GEF
from semaphore_hub.demo.steps import AtPartner, Break, Configure, Notify, Step, refused
from tests.demo.conftest import Told

DAY = date(2026, 1, 6)
READY = Configure(DGFIP, {"codCol": CODE_COLLECTIVITE})


def test_an_unplanned_refusal_is_a_problem(tell: Told) -> None:
    code, document = tell([Step(DAY, "Réactifs", (READY, Notify("réactifs")))])
    assert (code, document["ok"]) == (1, False)
    assert document["partners"][GEF]["rejected"] == 1
    assert any("06/01/2026" in text and "ACKNOWLEDGED attendu" in text for text in document["problems"])
    assert any(text.startswith("refus imprévu de gef_ideo_gelf : TIERS_INCONNU") for text in document["problems"])
    assert any(text.startswith("non livré") and "REJECTED" in text for text in document["problems"])


def test_a_planned_refusal_that_does_not_happen_is_a_problem(tell: Told) -> None:
    story = [Step(DAY, "Énergie", (READY, Notify("énergie")), {GEF: refused("TIERS_INCONNU")})]
    code, document = tell(story)
    assert (code, document["ok"]) == (1, False)
    assert document["problems"] == [
        "06/01/2026, « Énergie » : énergie vers gef_ideo_gelf : ACKNOWLEDGED, REJECTED attendu"
    ]


def test_an_answer_that_never_comes_is_a_problem(tell: Told) -> None:
    story = [Step(DAY, "Énergie", (READY, Break(DGFIP, scenarios=("acquit_perdu*1",)), Notify("énergie")))]
    code, document = tell(story, patience=5.0)
    assert (code, document["ok"]) == (1, False)
    assert document["partners"][DGFIP]["pending"] == 1
    assert any("SENT après 5 s" in text for text in document["problems"])
    assert any(text.startswith("non livré") for text in document["problems"])
    assert any(text.startswith("effet chez dgfip que le hub ne croit pas accepté") for text in document["problems"])


def test_an_incident_that_does_not_happen_is_a_problem(tell: Told) -> None:
    code, document = tell([Step(DAY, "Énergie", (READY, Break(GEF, script=("ok", "503")), Notify("énergie")))])
    assert (code, document["ok"]) == (1, False)
    assert "l'incident prévu chez gef_ideo_gelf n'a pas eu lieu" in document["problems"][0]


def test_an_effect_produced_twice_is_a_problem(tell: Told) -> None:
    twice = {"effets": {"SEM-019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f": [1, 1]}}
    code, document = tell([Step(DAY, "Énergie", (READY, Notify("énergie"), AtPartner(GEF, twice)))])
    assert (code, document["ok"]) == (1, False)
    assert (
        "effet produit 2 fois chez gef_ideo_gelf : SEM-019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f 1" in document["problems"]
    )
    assert any(text.startswith("accepté mais sans effet chez gef_ideo_gelf") for text in document["problems"])


def test_a_request_the_hub_refuses_is_a_problem_with_its_reason(tell: Told) -> None:
    code, document = tell([Step(DAY, "Deux fois", (Notify("énergie"), Notify("énergie")))])
    assert (code, document["ok"]) == (1, False)
    assert "409" in document["problems"][0]
    assert "a déjà un marché 2026EN05" in document["problems"][0]
