"""`motcua backup` and `restore`: the SQLite database with its checkpoints, verified on the way back."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from app.clock import utc_now
from app.commands.backup_file import CHECKPOINTS, DATABASE, BackupRefusedError, read_backup, write_backup
from app.commands.settings import end, present_keys_or_exit, settings_or_exit
from app.composition.checkpoints import anchor_of
from app.db.audit_scan import AuditScan, AuditScanError, opened_scan
from app.db.sqlite_copy import CopyFailedError, NotSqliteError, check_whole, copy_database, sqlite_file
from app.durable import copy_durably, sync
from app.services.audit_verification import Verdict, verify_log
from app.services.checkpoint_anchor import CheckpointAnchor
from app.services.kept_notes import KeptNote, KeptNotes, notes_of
from app.settings.settings import Settings

_LOST = 1
"""Exit status of a restoration that would lose records."""


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def backup(target: Path) -> None:
    """Back up the SQLite database and its checkpoints to TARGET, while the service runs.

    The key file is not in it: without the keys nobody can read a backup, and neither can you. Keep it apart
    from the backups.
    """
    settings = settings_or_exit()
    source = _sqlite_file_or_exit(settings)
    if target.exists():
        end(f"{target} exists, and backups are not written over")
    try:
        with TemporaryDirectory(prefix=".motcua-backup-", dir=target.absolute().parent) as made:
            folder = Path(made)
            # Checkpoints first: each of them is then about records that the copy has.
            notes = folder / CHECKPOINTS
            notes.mkdir()
            with opened_scan(settings.database_url) as scan:
                anchor = anchor_of(settings, scan.first_leaf())
            if anchor is not None and anchor.directory.exists():
                for path in anchor.directory.glob("checkpoints-*.jsonl"):
                    shutil.copy(path, notes)
            copy_database(source, folder / DATABASE)
            with opened_scan(f"sqlite:///{folder / DATABASE}") as scan:
                records = scan.head().size
            facts = {
                "made_at": utc_now().isoformat(),
                "version": metadata.version("motcua-dancu"),
                "origin": settings.origin,
                "records": records,
            }
            write_backup(target, folder, facts)
    except (CopyFailedError, AuditScanError, OSError) as exc:
        end(str(exc))
    click.echo(f"backed up {records} audit records and all cases to {target}; keep the key file elsewhere")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--accept-loss", is_flag=True, help="Restore although checkpoints tell of records that it lacks."
)
def restore(source: Path, *, accept_loss: bool) -> None:
    """Restore the SQLite database from the backup SOURCE, where there is none; the key file must be there.

    The whole audit log is verified against the backup's checkpoints and those that were kept outside. Exit
    status 1: the backup is sound, but the log had gone on after it; 2: nothing can be restored.
    """
    settings = settings_or_exit()
    target = _sqlite_file_or_exit(settings)
    if any(Path(f"{target}{ending}").exists() for ending in ("", "-wal", "-shm", "-journal")):
        end(f"{target} exists, and nothing is written over: move it away first")
    public_keys = present_keys_or_exit(settings).log_keys.public_keys
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".motcua-restore-", dir=target.absolute().parent) as made:
            folder = Path(made)
            manifest = read_backup(source, folder)
            check_whole(folder / DATABASE)
            anchor = _verified(settings, folder, public_keys, accept_loss=accept_loss)
            _put_in_place(folder, target, anchor)
    except (BackupRefusedError, CopyFailedError, AuditScanError, OSError) as exc:
        end(str(exc))
    click.echo(f"restored {manifest['records']} audit records of {manifest['made_at']} to {target}")


def _verified(
    settings: Settings, folder: Path, public_keys: Iterable[bytes], *, accept_loss: bool
) -> CheckpointAnchor | None:
    """Verify the log, or end; return the anchor that the service will go on with."""
    keys = list(public_keys)
    with opened_scan(f"sqlite:///{folder / DATABASE}") as scan:
        own = notes_of(CheckpointAnchor(folder / CHECKPOINTS), whose="the backup's ")
        verdict = verify_log(scan, own, origin=settings.origin, public_keys=keys, now=utc_now())
        if verdict.findings or verdict.is_unsigned:
            end(f"the backup's audit log is not sound: {_first_of(verdict)}")
        anchor = anchor_of(settings, scan.first_leaf())
        kept = notes_of(anchor, whose="kept ") if anchor else tuple
        _accept_or_exit(scan, settings, kept, keys, accept_loss=accept_loss)
    return anchor


def _accept_or_exit(
    scan: AuditScan, settings: Settings, kept: KeptNotes, keys: list[bytes], *, accept_loss: bool
) -> None:
    records, newest = scan.head().size, max((note.size for note in kept()), default=0)
    # Those of what came after the backup say nothing of what is in it.
    verdict = verify_log(
        scan, lambda: _up_to(records, kept), origin=settings.origin, public_keys=keys, now=utc_now()
    )
    if verdict.findings:
        end(f"the backup's audit log contradicts kept checkpoints: {_first_of(verdict)}")
    if newest <= records:
        click.echo(f"sound: {records} records, {verdict.checkpoints} signed checkpoints")
        return
    told = f"the log had {newest} records when its last kept checkpoint was signed; the backup has {records}"
    if not accept_loss:
        click.echo(f"motcua: nothing was restored: {told} (--accept-loss restores it all the same)", err=True)
        sys.exit(_LOST)
    click.echo(f"motcua: {told}; keep those checkpoints, they tell what was lost", err=True)


def _put_in_place(folder: Path, target: Path, anchor: CheckpointAnchor | None) -> None:
    # As a link, because a renaming would write over a file that came into being meanwhile.
    os.link(folder / DATABASE, target)
    sync(target.absolute().parent)
    notes = sorted((folder / CHECKPOINTS).glob("*.jsonl"))
    if anchor is None or not notes or anchor.files():
        return
    # Nothing was kept where the service looks: what the backup knows is better than nothing.
    anchor.directory.mkdir(parents=True, exist_ok=True)
    for path in notes:
        copy_durably(path, anchor.directory)
    sync(anchor.directory)


def _up_to(size: int, kept: KeptNotes) -> Iterator[KeptNote]:
    return (note for note in kept() if note.size <= size)


def _first_of(verdict: Verdict) -> str:
    if not verdict.first:
        return "no checkpoint was signed for it"
    first = verdict.first[0]
    return first.what if first.sequence is None else f"record {first.sequence}: {first.what}"


def _sqlite_file_or_exit(settings: Settings) -> Path:
    try:
        return sqlite_file(settings.database_url)
    except NotSqliteError:
        end("this is for SQLite; docs/operations.md tells how to back up PostgreSQL")
