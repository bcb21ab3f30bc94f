"""The shipped dashboard and alert rules name figures that the service has, and every alert has its page."""

import json
import re
from typing import Any

from app.services.metrics import Metrics
from tests.unit.house.source_files import ROOT

FOLDER = ROOT / "deploy" / "observability"
RULES = (FOLDER / "alerts.yml").read_text(encoding="utf-8")
RULE_TESTS = (FOLDER / "alerts_test.yml").read_text(encoding="utf-8")
ALERTS = re.findall(r"- alert: (\w+)", RULES)


def figures() -> dict[str, str]:
    """Read names and kinds of all figures as Prometheus gets them."""
    told = Metrics().exposition().decode()
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", told, flags=re.MULTILINE))


def known_series() -> set[str]:
    series = set()
    for name, kind in figures().items():
        if kind == "histogram":
            series |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
        else:
            series.add(name)
    return series


def expressions_of_the_dashboard() -> list[str]:
    dashboard: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]


def names_in(text: str) -> set[str]:
    return set(re.findall(r"\bmotcua_\w+", text))


def test_the_dashboard_shows_figures_that_exist_and_each_of_them() -> None:
    shown = names_in(" ".join(expressions_of_the_dashboard()))
    assert shown <= known_series()
    unshown = {
        name
        for name in figures()
        if not name.endswith("_created") and not any(series.startswith(name) for series in shown)
    }
    assert unshown == set()


def test_alert_rules_and_their_tests_are_about_figures_that_exist() -> None:
    assert names_in(RULES) <= known_series()
    assert names_in(RULE_TESTS) <= known_series()


def test_every_alert_is_tested_and_says_what_to_do() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    headings = {line.removeprefix("### ") for line in operations.splitlines() if line.startswith("### ")}
    assert set(ALERTS) <= headings
    assert [name for name in ALERTS if name not in RULE_TESTS] == []
    assert re.findall(r"runbook: docs/operations.md#(\S+)", RULES) == [name.lower() for name in ALERTS]
