"""`motcua doctor`: says what is unsafe or missing before the service goes live, and changes nothing."""

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Final

import click

from app.clock import utc_now
from app.commands.settings import faults_of
from app.doctor.configuration import setting_findings
from app.doctor.database import database_findings
from app.doctor.findings import Finding, State, fail
from app.doctor.places import place_findings
from app.doctor.register import register_findings
from app.settings.settings import load_settings

HEALTHY: Final = 0
UNSAFE: Final = 1


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(*, as_json: bool) -> None:
    """Look at settings, keys, database, anchor and the way to the register; exit status 1 if one is a FAIL.

    Nothing is changed and nobody is looked up. Run it as the account that serves, with its settings.
    """
    findings = _findings()
    worst = max((finding.state for finding in findings), key=list(State).index)
    if as_json:
        click.echo(json.dumps({"state": worst, "findings": [asdict(one) for one in findings]}, indent=1))
    else:
        for finding in findings:
            click.echo(f"{finding.state:<5} {finding.check:<10} {finding.message}")
    sys.exit(UNSAFE if worst is State.FAIL else HEALTHY)


def _findings() -> list[Finding]:
    try:
        settings = load_settings()
    except ValueError as exc:
        return [fail("settings", fault) for fault in faults_of(exc)]
    return [
        *setting_findings(settings),
        *place_findings(settings),
        *asyncio.run(database_findings(settings, utc_now)),
        *register_findings(settings, utc_now),
    ]
