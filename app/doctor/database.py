"""Looks at the database: reachable, on the newest schema, its log guarded, no sandbox accounts in it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from app.clock import Clock
from app.db.audit_partitions import month_of
from app.db.directory import officers_without_second_factor
from app.db.encoding import WrongEncodingError
from app.db.inspection import DatabaseUnreachableError, Inspection, inspected
from app.db.opening import opened_database
from app.doctor.findings import Finding, State, fail, ok, warn
from app.domain.account_state import PRIVILEGED
from app.errors import ServiceUnavailableError
from app.sandbox.leftovers import open_sandbox_accounts
from app.settings.settings import Settings

_SKEW_SECONDS: Final = 2.0
_WRONG_SECONDS: Final = 30.0
_SHOWN: Final = 6
_MONTH_AND_A_DAY: Final = timedelta(days=32)
_SCHEMA: Final = {
    "newest": ok("database", "it answers, and its schema is the newest"),
    "older": fail("database", "its schema is not the newest: run motcua migrate as the tables' owner"),
    "newer": warn(
        "database", "it answers; its schema is of a newer release: finish the upgrade on this host"
    ),
    "foreign": fail(
        "database", "its schema is of a newer release, and this one cannot work on it: run that release"
    ),
}


async def database_findings(settings: Settings, clock: Clock) -> list[Finding]:
    """Look at everything that the database can tell; changes nothing."""
    try:
        found = inspected(settings.database_url)
    except DatabaseUnreachableError:
        return [
            fail("database", "it cannot be reached, or there is none: is its address right, is it running?")
        ]
    except WrongEncodingError as exc:
        return [fail("database", str(exc))]
    schema = _SCHEMA[found.schema]
    if schema.state is State.FAIL:
        return [schema]
    findings = [schema, *_log_findings(settings, found), *_partition_findings(found, clock())]
    findings += _pooler_findings(settings, found)
    if found.clock is not None:
        findings.append(_clock_finding((clock() - found.clock).total_seconds()))
    return [*findings, *await _account_findings(settings)]


def _log_findings(settings: Settings, found: Inspection) -> Iterator[Finding]:
    unsafe = fail if settings.env == "production" else warn
    if found.unguarded:
        yield fail(
            "audit log", f"without a guard against changes: {_listed(found.unguarded)}; who took it off?"
        )
    if found.missing_rights:
        yield fail("rights", f"the role lacks {_listed(found.missing_rights)}: run the role script again")
    if found.is_owner:
        yield unsafe(
            "rights", "the role owns the tables and could take the log's guards off: see role-script"
        )
    elif found.excess_rights:
        yield unsafe("rights", f"the role may do more than it needs: {_listed(found.excess_rights)}")
    elif found.clock is not None and not found.missing_rights:
        yield ok("rights", "the role may do what the service needs, and only append to the audit log")
    if not found.unguarded:
        yield ok("audit log", "the database refuses to change or empty it")


def _partition_findings(found: Inspection, now: datetime) -> Iterator[Finding]:
    if found.partition is None:
        return
    month = found.partition.replace("_", "-")
    # The night that begins one may be to come, and a month may have passed without a record.
    if found.partition < month_of(now - _MONTH_AND_A_DAY):
        yield warn(
            "partitions",
            f"the audit log's newest is of {month}: have motcua database partitions run each night",
        )
    else:
        yield ok("partitions", f"the audit log's newest is of {month}")


def _pooler_findings(settings: Settings, found: Inspection) -> Iterator[Finding]:
    if settings.database_pooler == "none":
        if found.is_pooled:
            yield fail(
                "pooler",
                "one stands before PostgreSQL: set MOTCUA_DATABASE_POOLER=transaction, see docs/scale.md",
            )
    elif found.unset:
        yield fail("pooler", f"its sessions lack {_listed(found.unset)}: see connect_query in docs/scale.md")
    else:
        yield ok("pooler", "its sessions are set as the service needs them")


def _clock_finding(skew: float) -> Finding:
    message = f"this machine's clock and the database's differ by {abs(skew):.1f} s"
    if abs(skew) > _WRONG_SECONDS:
        return fail("clock", message)
    return warn("clock", message) if abs(skew) > _SKEW_SECONDS else ok("clock", message)


async def _account_findings(settings: Settings) -> list[Finding]:
    if settings.env == "sandbox":
        return []
    # Who administers or audits should have one, whatever the setting says.
    roles = PRIVILEGED | settings.roles_with_second_factor(is_production=True)
    try:
        async with opened_database(settings, pool_size=1) as database:
            names = await open_sandbox_accounts(database)
            async with database.read() as session:
                weak = tuple(await officers_without_second_factor(session, roles))
    except ServiceUnavailableError:
        return [fail("accounts", "they cannot be read")]
    return [
        fail("accounts", f"open with the sandbox's password: {_listed(names)}")
        if names
        else ok("accounts", "none opens with the sandbox's password"),
        warn("accounts", f"who needs a second factor has none: {_listed(weak)}")
        if weak
        else ok("accounts", "all who need a second factor have one"),
    ]


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
