"""Verifies the whole audit log from the database alone, and against checkpoints kept elsewhere.

Every hash is computed anew from the records; what is stored beside them is only compared.
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.db.audit_scan import LEVELS, AuditScan, Head, KeptCheckpoint
from app.domain.audit_findings import Finding, Findings
from app.domain.checkpoint import Checkpoint, CheckpointMalformedError
from app.domain.pruned_parts import Made, PrunedParts
from app.domain.record_checks import RecordChecks
from app.domain.tree_checks import TreeChecks
from app.keys.log_keys import CheckpointNotSignedError, verified

_BATCH: Final = 1 << 12
_COLLECT_EVERY: Final = 64 * _BATCH
_INSIDE: Final = "the database"


@dataclass(frozen=True, slots=True)
class KeptNote:
    """A signed checkpoint and where it is kept; `size` and `made_at` are what that place says of it."""

    place: str
    size: int
    note: str
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a verification; `first` are the first of `findings` faults.

    Of `records`, `pruned` have lost their content, as the log itself says. Of the signed `checkpoints`,
    `kept_outside` are from outside the database: without any, a cut tail does not show.
    """

    records: int
    pruned: int
    checkpoints: int
    kept_outside: int
    open_lookups: int
    findings: int
    first: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found and somebody has signed for the log."""
        return not self.findings and not self.is_unsigned

    @property
    def is_unsigned(self) -> bool:
        """Whether there are records, and not one checkpoint to hold them against."""
        return bool(self.records) and not self.checkpoints


def verify_log(
    scan: AuditScan,
    outside: Iterable[KeptNote],
    *,
    origin: str,
    public_keys: Sequence[bytes],
    now: datetime,
) -> Verdict:
    """Verify the log that the scan reads.

    Args:
        scan: A snapshot of the database.
        outside: Checkpoints kept outside it; a cut tail or a restored backup shows only against them.
        origin: The log's name, which its checkpoints bear.
        public_keys: Ed25519 keys, present and retired, that may have signed.
        now: The time; a pruning that would be allowed later is not.

    Raises:
        AuditScanError: the database cannot be read any more.
    """
    findings = Findings()
    kept = scan.checkpoints()
    others = tuple(outside)
    notes = (*(KeptNote(_INSIDE, one.size, one.note) for one in kept), *others)
    signed = list(_signed(notes, findings, origin=origin, public_keys=public_keys))
    head = scan.head()
    made = (Made(one.size, one.made_at) for one in others if one.made_at is not None)
    records = RecordChecks(findings, PrunedParts(scan.prunings(), made, now=now))
    tree = TreeChecks(findings, (told.size for _, told in signed))
    with _collector_paused():
        for since in range(0, head.size, _BATCH):
            _read_batch(scan, records, tree, range(since, min(since + _BATCH, head.size)))
            if not since % _COLLECT_EVERY:
                gc.collect(1)
    records.finish(head.size)
    _compare_rest(scan, findings, head.size)
    if not records.has_gap:
        _compare_tops(findings, tree, head, kept, signed)
    return Verdict(
        records=records.read_until,
        pruned=records.pruned,
        checkpoints=len(signed),
        kept_outside=sum(place != _INSIDE for place, _ in signed),
        open_lookups=records.open_lookups,
        findings=findings.count,
        first=findings.first,
    )


def _signed(
    notes: Iterable[KeptNote], findings: Findings, *, origin: str, public_keys: Sequence[bytes]
) -> Iterator[tuple[str, Checkpoint]]:
    """Yield the checkpoints that are signed by the log's keys, and where each is kept."""
    for kept in notes:
        try:
            told = verified(kept.note, origin=origin, public_keys=public_keys)
        except (CheckpointMalformedError, CheckpointNotSignedError):
            findings.add(
                f"the checkpoint of size {kept.size} in {kept.place} is not signed by the log's keys"
            )
            continue
        if told.size != kept.size:
            findings.add(f"the checkpoint in {kept.place} stands for size {kept.size} and says {told.size}")
        yield kept.place, told


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep Python from looking for cycles after every few records, which took a fifth of the whole time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read_batch(scan: AuditScan, records: RecordChecks, tree: TreeChecks, batch: range) -> None:
    leaves = records.read(scan.records(batch.start, batch.stop))
    records.compare_subjects(scan.subjects(batch.start, batch.stop))
    if records.has_gap:
        # Every hash above would be wrong, which says nothing more.
        return
    before = tree.size
    computed = tree.grow(leaves)
    stored = (node for level in LEVELS for node in scan.nodes(level, before >> level, tree.size >> level))
    tree.compare(computed, stored)


def _compare_rest(scan: AuditScan, findings: Findings, size: int) -> None:
    """Look for what lies beside the records that the head counts."""
    for name, found in scan.beyond(size).items():
        if found:
            findings.add(f"{found} rows of {name} are beyond the log's size", size)


def _compare_tops(
    findings: Findings,
    tree: TreeChecks,
    head: Head,
    kept: Sequence[KeptCheckpoint],
    signed: Sequence[tuple[str, Checkpoint]],
) -> None:
    """Compare the head and all checkpoints with the roots of the records."""
    if b"".join(tree.frontier.hashes) != head.frontier:
        findings.add("the head's hashes are not those of the records")
    for place, told in signed:
        if told.size > tree.size:
            findings.add(
                f"the log ends before the checkpoint of size {told.size} in {place}: its tail was cut or an "
                "old backup restored",
                tree.size,
            )
        elif tree.roots[told.size] != told.root:
            findings.add(
                f"the first {told.size} records are not those that the checkpoint in {place} was signed for"
            )
    signed_roots = {told.size: told.root for place, told in signed if place == _INSIDE}
    for one in kept:
        if signed_roots.get(one.size, one.root) != one.root:
            findings.add(f"the root beside the checkpoint of size {one.size} is not the one signed")
