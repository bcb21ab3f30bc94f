"""Verifies the whole audit log from the database alone, and against checkpoints kept elsewhere.

Every hash is computed anew from the records; what is stored beside them is only compared.
"""

import gc
import heapq
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Final

from app.db.audit_scan import LEVELS, AuditScan
from app.domain.audit_findings import Finding, Findings
from app.domain.pruned_parts import Made, PrunedParts
from app.domain.record_checks import RecordChecks
from app.domain.tree_checks import TreeChecks
from app.services.kept_notes import KeptNote, KeptNotes, SignedNotes

_BATCH: Final = 1 << 12
_COLLECT_EVERY: Final = 64 * _BATCH


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
    outside: KeptNotes,
    *,
    origin: str,
    public_keys: Sequence[bytes],
    now: datetime,
) -> Verdict:
    """Verify the log that the scan reads.

    Args:
        scan: A snapshot of the database.
        outside: Checkpoints kept outside it, of before the snapshot or its log is shorter; a cut tail or a
            restored backup shows only against them.
        origin: The log's name, which its checkpoints bear.
        public_keys: Ed25519 keys, present and retired, that may have signed.
        now: The time; a pruning that would be allowed later is not.

    Raises:
        AuditScanError: the database cannot be read any more.
        OSError: what is kept outside cannot be.
    """
    findings = Findings()
    inside, beside = (SignedNotes(findings, origin=origin, public_keys=public_keys) for _ in range(2))
    signed = heapq.merge(
        inside.in_order(partial(_kept_inside, scan)), beside.in_order(outside), key=attrgetter("size")
    )
    head = scan.head()
    records = RecordChecks(findings, PrunedParts(scan.prunings(), partial(_made, outside), now=now))
    tree = TreeChecks(findings, signed)
    with _collector_paused():
        for since in range(0, head.size, _BATCH):
            _read_batch(scan, records, tree, range(since, min(since + _BATCH, head.size)))
            if not since % _COLLECT_EVERY:
                gc.collect(1)
    records.finish(head.size)
    tree.finish()
    _compare_rest(scan, findings, head.size)
    if not records.has_gap:
        if b"".join(tree.frontier.hashes) != head.frontier:
            findings.add("the head's hashes are not those of the records")
        findings.take(tree.contradictions)
        findings.take(inside.contradictions)
    return Verdict(
        records=records.read_until,
        pruned=records.pruned,
        checkpoints=inside.count + beside.count,
        kept_outside=beside.count,
        open_lookups=records.open_lookups,
        findings=findings.count,
        first=findings.first,
    )


def _kept_inside(scan: AuditScan) -> Iterator[KeptNote]:
    return (KeptNote("the database", one.size, one.note, root=one.root) for one in scan.checkpoints())


def _made(outside: KeptNotes) -> Iterator[Made]:
    return (Made(one.size, one.made_at) for one in outside() if one.made_at is not None)


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
