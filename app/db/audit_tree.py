"""The audit log's Merkle tree as it is stored: roots and proofs of any size from a few range scans.

Only every eighth level has hashes of its own: level 0 are the records' leaf hashes, the others `audit_node`.
What lies between is computed from at most 256 neighbours. Nothing here changes or deletes a hash.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, bindparam, select

from app.db.audit_tables import AuditHead, AuditNode, AuditRecord
from app.db.engine import Session
from app.db.tables import Base
from app.domain.merkle import (
    Frontier,
    Node,
    Subtree,
    consistency_path,
    folded,
    inclusion_path,
    root_of,
    subtrees,
)

_HASH_BYTES: Final = 32
_LEVELS_APART: Final = 8

_head = Base.metadata.tables[AuditHead.__tablename__].c
_record = Base.metadata.tables[AuditRecord.__tablename__].c
_node = Base.metadata.tables[AuditNode.__tablename__].c


class AuditTreeBrokenError(Exception):
    """Hashes that every append stores are missing: somebody else has changed the tables."""


def stored_rows(completed: Iterable[Node]) -> list[dict[str, Any]]:
    """Choose the nodes to store, as rows of `audit_node`."""
    return [node._asdict() for node in completed if node.level % _LEVELS_APART == 0]


def packed(frontier: Frontier) -> bytes:
    """Write a frontier's hashes as the head keeps them."""
    return b"".join(frontier.hashes)


def unpacked(size: int, hashes: bytes) -> Frontier:
    """Read a frontier as the head keeps it.

    Raises:
        AuditTreeBrokenError: the hashes are not those of a tree of this size.
    """
    if len(hashes) != size.bit_count() * _HASH_BYTES:
        raise AuditTreeBrokenError("the head's hashes do not fit its size")
    starts = range(0, len(hashes), _HASH_BYTES)
    return Frontier(size, tuple(hashes[start : start + _HASH_BYTES] for start in starts))


async def frontier(session: Session) -> Frontier:
    """Return the tree's size and complete subtrees as they are now.

    Raises:
        AuditTreeBrokenError: the head was changed by somebody else.
    """
    found = await session.execute(select(_head.size, _head.frontier).where(_head.id == 1))
    return unpacked(*found.one())


async def root_at(session: Session, size: int) -> bytes:
    """Return the root that the log had when it had `size` records.

    Raises:
        AuditTreeBrokenError: it never had as many, or hashes are missing.
    """
    return (await _hashes(session, [range(size)]))[0]


async def inclusion_proof(session: Session, index: int, size: int) -> list[bytes]:
    """Prove that the log of `size` records holds the one at `index`.

    Raises:
        ValueError: a log of this size holds no such record.
        AuditTreeBrokenError: as for `root_at`.
    """
    return await _hashes(session, inclusion_path(index, size))


async def consistency_proof(session: Session, first: int, second: int) -> list[bytes]:
    """Prove that the log of `second` records begins with the one of `first`.

    Raises:
        ValueError: the first is empty or larger than the second.
        AuditTreeBrokenError: as for `root_at`.
    """
    return await _hashes(session, consistency_path(first, second))


async def _hashes(session: Session, path: Sequence[range]) -> list[bytes]:
    """Return the hash of the leaves of each range."""
    cut = [subtrees(leaves) for leaves in path]
    stored = await _stored(session, [_below(subtree) for parts in cut for subtree in parts])
    return [
        folded([root_of([stored[below.level, position] for position in below.positions]) for below in spans])
        for spans in ([_below(subtree) for subtree in parts] for parts in cut)
    ]


class _Span(NamedTuple):
    """The stored hashes below a subtree: neighbours on a stored level, all in one aligned run of 256."""

    level: int
    positions: range


def _below(subtree: Subtree) -> _Span:
    up = subtree.level % _LEVELS_APART
    return _Span(subtree.level - up, range(subtree.position << up, (subtree.position + 1) << up))


async def _stored(session: Session, spans: Sequence[_Span]) -> dict[tuple[int, int], bytes]:
    """Read the hashes of all spans, with one scan for each run of 256 that some of them lie in."""
    runs: dict[tuple[int, int], range] = {}
    for span in spans:
        run = (span.level, span.positions.start >> _LEVELS_APART)
        known = runs.get(run, span.positions)
        runs[run] = range(min(known.start, span.positions.start), max(known.stop, span.positions.stop))
    found: dict[tuple[int, int], bytes] = {}
    for (level, _), positions in runs.items():
        statement = _NODES if level else _LEAVES
        rows = await session.execute(
            statement, {"level": level, "since": positions.start, "until": positions.stop}
        )
        hashes = {(level, position): hash_ for position, hash_ in rows}
        if len(hashes) != len(positions):
            raise AuditTreeBrokenError("hashes of the audit log's tree are missing")
        found |= hashes
    return found


def _between(column: ColumnElement[int]) -> ColumnElement[bool]:
    return (column >= bindparam("since")) & (column < bindparam("until"))


_LEAVES: Final = select(_record.sequence, _record.leaf_hash).where(_between(_record.sequence))
_NODES: Final = select(_node.position, _node.hash).where(
    _node.level == bindparam("level"), _between(_node.position)
)
