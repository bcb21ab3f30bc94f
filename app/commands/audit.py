"""`motcua audit`: verify the log, prove a record, check such a proof, drop what is past its retention."""

import asyncio
import json
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn

import click

from app.clock import utc_now
from app.commands.audit_bundle import BundleRefusedError, check_bundle, make_bundle
from app.commands.settings import REFUSED, end, operator_name, settings_or_exit
from app.composition.checkpoints import anchor_of
from app.db import audit_search, audit_tree, checkpoints
from app.db.audit_scan import AuditScanError, opened_scan
from app.db.audit_tree import AuditTreeBrokenError
from app.db.opening import opened_database, reason_of
from app.domain.checkpoint import CheckpointMalformedError, parsed_verifier_key
from app.errors import DomainError, ServiceUnavailableError
from app.keys.key_file import KeyFileError, Keys
from app.keys.sealing import Sealer
from app.services.audit_pruning import AuditPruning, PruningRefusedError
from app.services.audit_verification import Verdict, verify_log
from app.services.checkpoint_anchor import CheckpointAnchor
from app.services.kept_notes import KeptNotes, notes_of
from app.services.operator_audit import OperatorAuditLog
from app.settings.settings import Settings

SOUND, TAMPERED = 0, 1

_KEY = click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the log's verifier keys, as GET /audit/public-key gives them.",
)


@click.group()
def audit() -> None:
    """Verify the audit log, and prove what is in it."""


@audit.command("verify")
@click.option(
    "--checkpoints",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory of checkpoints kept outside the database. [default: the service's own anchor]",
)
@_KEY
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def verify(*, directory: Path | None, key_file: Path | None, as_json: bool) -> None:
    """Verify the whole log: exit status 0 if it is sound, 1 if it was tampered with, 2 if nobody can tell.

    Every record, hash, checkpoint and signature is looked at; nothing is changed. A cut tail or a restored
    backup shows only against checkpoints kept outside the database.
    """
    settings = settings_or_exit()
    origin, public_keys = _keys(settings, key_file)
    try:
        notes = _kept_outside(settings, directory)
        with opened_scan(settings.database_url) as scan:
            verdict = verify_log(scan, notes, origin=origin, public_keys=public_keys, now=utc_now())
        if directory and not verdict.kept_outside and not verdict.findings:
            _cannot_tell(f"{directory}: no checkpoint in any checkpoints-*.jsonl there")
    except (AuditScanError, OSError) as exc:
        _cannot_tell(str(exc))
    except Exception as exc:  # noqa: BLE001 - Python would end with 1, which says that somebody tampered
        traceback.print_exc()
        _cannot_tell(f"a mistake of the verifier's own, {type(exc).__name__}")
    click.echo(json.dumps(asdict(verdict), indent=1) if as_json else "\n".join(_lines(verdict)))
    if verdict.findings:
        sys.exit(TAMPERED)
    sys.exit(REFUSED if verdict.is_unsigned else SOUND)


@audit.command("prove")
@click.argument("sequence", type=click.IntRange(0, 2**53))
def prove(sequence: int) -> None:
    """Write a record with its proof and the newest checkpoint, for `check-bundle`, to standard output."""
    settings = settings_or_exit()
    try:
        bundle = asyncio.run(_bundle(settings, sequence))
    except (ServiceUnavailableError, AuditTreeBrokenError) as exc:
        _cannot_tell(str(exc))
    if bundle is None:
        _cannot_tell("no checkpoint holds such a record (yet), or its content was dropped")
    click.echo(bundle, nl=False)


@audit.command("check-bundle")
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    "key_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the log's verifier keys, as GET /audit/public-key gives them.",
)
def check(bundle: Path, key_file: Path) -> None:
    """Check a bundle without any database; print the record that it proves."""
    origin, public_keys = _keys_of_file(key_file)
    try:
        record = check_bundle(bundle.read_text(encoding="utf-8"), origin=origin, public_keys=public_keys)
    except (BundleRefusedError, UnicodeDecodeError) as exc:
        click.echo(
            f"motcua: {bundle}: {exc if isinstance(exc, BundleRefusedError) else 'not UTF-8'}", err=True
        )
        sys.exit(TAMPERED)
    click.echo(json.dumps(record, ensure_ascii=False, indent=1))


@audit.command("prune")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day to keep.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be dropped.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def prune(*, before: datetime, dry_run: bool, yes: bool) -> None:
    """Drop the content of records from before a day, as the tables' owner; what was dropped is gone for good.

    Only what is older than MOTCUA_AUDIT_RETENTION_MONTHS may go. The log says what is dropped before it is;
    hashes stay, so all proofs and the verification hold as before.
    """
    settings = settings_or_exit()
    try:
        sealer = Sealer(Keys.read(settings.key_file))
        asyncio.run(_prune(settings, sealer, before.date(), is_sure=yes, only_tells=dry_run))
    except KeyFileError as exc:
        _refuse(f"{settings.key_file}: {exc}")
    except PruningRefusedError as exc:
        _refuse(str(exc))
    except DomainError as exc:
        _refuse(reason_of(exc))


async def _prune(
    settings: Settings, sealer: Sealer, before: date, *, is_sure: bool, only_tells: bool
) -> None:
    async with opened_database(settings) as database:
        pruning = AuditPruning(
            database=database,
            audit=OperatorAuditLog(database, sealer, utc_now, made_by=operator_name()),
            retention_months=settings.audit_retention_months,
            clock=utc_now,
        )
        plan = await pruning.plan(before)
        click.echo(f"{plan.records} records before {before} have content to drop")
        if only_tells or not plan.records:
            return
        if not is_sure:
            click.confirm("Drop it for good?", abort=True)
        try:
            dropped = await pruning.carry_out(plan)
        except DomainError as exc:
            end(f"the pruning was broken off, and the same command goes on with it: {reason_of(exc)}")
        click.echo(f"dropped the content of {dropped} records")


async def _bundle(settings: Settings, sequence: int) -> str | None:
    async with opened_database(settings) as database, database.search() as session:
        newest = await checkpoints.newest(session)
        record = await audit_search.content(session, sequence)
        if newest is None or newest.size <= sequence or record is None:
            return None
        hashes = await audit_tree.inclusion_proof(session, sequence, newest.size)
    return make_bundle(sequence=sequence, record=record, hashes=hashes, note=newest.note)


def _keys(settings: Settings, key_file: Path | None) -> tuple[str, Sequence[bytes]]:
    """Tell the log's name and its public keys: those of a file, or the service's own."""
    if key_file is not None:
        return _keys_of_file(key_file)
    try:
        return settings.origin, Keys.read(settings.key_file).log_keys.public_keys
    except KeyFileError as exc:
        _cannot_tell(f"{settings.key_file}: {exc}")


def _keys_of_file(path: Path) -> tuple[str, Sequence[bytes]]:
    try:
        lines = path.read_text(encoding="utf-8").split()
        parsed = [parsed_verifier_key(line) for line in lines]
    except (OSError, UnicodeDecodeError, CheckpointMalformedError):
        _cannot_tell(f"{path}: not a file of verifier keys")
    if len({name for name, _ in parsed}) != 1:
        _cannot_tell(f"{path}: not the keys of one log")
    return parsed[0][0], [key for _, key in parsed]


def _kept_outside(settings: Settings, directory: Path | None) -> KeptNotes:
    """Give what is kept outside now, before the log is read: a running service goes on with both."""
    if directory is not None:
        return notes_of(CheckpointAnchor(directory))
    with opened_scan(settings.database_url) as scan:
        anchor = anchor_of(settings, scan.first_leaf())
    return tuple if anchor is None else notes_of(anchor)


def _lines(verdict: Verdict) -> Iterator[str]:
    word = "tampered" if verdict.findings else "cannot tell" if verdict.is_unsigned else "sound"
    yield (
        f"{word}: {verdict.records} records ({verdict.pruned} pruned), "
        f"{verdict.checkpoints} signed checkpoints ({verdict.kept_outside} kept outside), "
        f"{verdict.open_lookups} open lookups, {verdict.findings} findings"
    )
    if verdict.is_unsigned and not verdict.findings:
        yield "no checkpoint was signed, so nobody vouches for these records"
    elif verdict.records and not verdict.kept_outside and not verdict.findings:
        yield "no checkpoint was kept outside the database: a tail that was cut off would not show"
    for finding in verdict.first:
        place = "" if finding.sequence is None else f"record {finding.sequence}: "
        yield f"  {place}{finding.what}"
    if verdict.findings > len(verdict.first):
        yield f"  and {verdict.findings - len(verdict.first)} more"


def _refuse(reason: str) -> NoReturn:
    end(f"nothing was dropped: {reason}")


def _cannot_tell(reason: str) -> NoReturn:
    end(f"cannot tell: {reason}")
