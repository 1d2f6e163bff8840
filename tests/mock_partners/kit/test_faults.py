"""The script of faults and the scenarios."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mock_partners.kit import FaultPlan, FaultScript, load_faults, parse_fault, parse_scenario

KNOWN = {"acquit_tardif": "l'acquit attend", "tiers_inconnu": "le tiers n'existe pas"}


@pytest.mark.parametrize(
    ("text", "kind", "status", "seconds"),
    [
        ("ok", "ok", None, None),
        ("503", "status", 503, None),
        ("503:2", "status", 503, 2.0),
        ("slow:200ms", "slow", None, 0.2),
        ("timeout", "timeout", None, 60.0),
        ("timeout:2s", "timeout", None, 2.0),
        ("lost", "lost", None, None),
        ("lost:502", "lost", 502, None),
        ("malformed", "malformed", None, None),
    ],
)
def test_a_fault_is_read(text: str, kind: str, status: int | None, seconds: float | None) -> None:
    fault = parse_fault(text)
    assert (fault.kind, fault.status, fault.seconds) == (kind, status, seconds)


@pytest.mark.parametrize(
    "text", ["", "999", "200", "slow", "slow:soon", "timeout:2", "lost:abc", "503:x", "ok:1", "burn"]
)
def test_an_unknown_fault_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_fault(text)


def test_scenarios_have_a_parameter_and_a_number_of_times() -> None:
    scenario = parse_scenario("acquit_tardif:2s*3", KNOWN)
    assert (scenario.name, scenario.parameter, scenario.times) == ("acquit_tardif", "2s", 3)
    assert str(scenario) == "acquit_tardif:2s*3"
    for wrong in ("autre", "acquit_tardif*0", "Acquit", ""):
        with pytest.raises(ValueError, match="unknown scenario"):
            parse_scenario(wrong, KNOWN)


def test_a_script_is_consumed_in_order_then_all_is_well() -> None:
    script = FaultScript(KNOWN, "POST /depots")
    script.replace(["503", "ok", "lost"], [])
    assert [script.next().text for _ in range(4)] == ["503", "ok", "lost", "ok"]


def test_a_scenario_lasts_until_removed_or_for_the_times_given() -> None:
    script = FaultScript(KNOWN, "POST")
    script.extend([], ["tiers_inconnu", "acquit_tardif*2"])
    assert [script.use("tiers_inconnu") is not None for _ in range(3)] == [True, True, True]
    assert [script.use("acquit_tardif") is not None for _ in range(3)] == [True, True, False]
    script.clear()
    assert script.use("tiers_inconnu") is None


def test_a_wrong_plan_changes_nothing() -> None:
    script = FaultScript(KNOWN, "POST")
    script.replace(["503"], ["tiers_inconnu"])
    for faults, scenarios in ((["burn"], []), (["ok"], ["autre"])):
        with pytest.raises(ValueError, match="unknown"):
            script.replace(faults, scenarios)
        with pytest.raises(ValueError, match="unknown"):
            script.extend(faults, scenarios)
    assert (script.script, script.scenarios) == (["503"], ["tiers_inconnu"])


@pytest.mark.parametrize(
    ("target", "method", "path", "concerned"),
    [
        ("POST /depots", "POST", "/depots", True),
        ("POST /depots", "GET", "/depots", False),
        ("POST /depots", "POST", "/acquits", False),
        ("POST", "POST", "/acquits", True),
        ("* /acquits", "GET", "/acquits/1", True),
        ("*", "GET", "/sante", True),
    ],
)
def test_only_the_targeted_requests_consume_the_script(target: str, method: str, path: str, concerned: bool) -> None:
    assert FaultScript({}, target).concerns(method, path) is concerned


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (["503"], FaultPlan(script=["503"])),
        ({"script": ["503"], "scenarios": ["acquit_perdu"]}, FaultPlan(script=["503"], scenarios=["acquit_perdu"])),
        ({"dgfip": ["503"], "gef": ["lost"]}, FaultPlan(script=["503"])),
        ({"dgfip": {"on": "*"}}, FaultPlan(on="*")),
        ({"gef": ["lost"]}, FaultPlan()),
    ],
)
def test_a_file_of_faults_is_for_one_mock_or_for_several(tmp_path: Path, content: object, expected: FaultPlan) -> None:
    path = tmp_path / "faults.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert load_faults(path, "dgfip") == expected


@pytest.mark.parametrize("content", ['{"script": 3}', "3", "{"])
def test_a_file_that_is_not_a_plan_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "faults.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r".+"):
        load_faults(path, "dgfip")
