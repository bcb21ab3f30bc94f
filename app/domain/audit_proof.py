"""What proves a record's place in the audit log, and the log's growth; see `app/domain/merkle.py`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That the log of `tree_size` records has one with `leaf_hash` at `leaf_index`."""

    leaf_index: int
    tree_size: int
    leaf_hash: bytes
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the log of `second` records begins with the log of `first`."""

    first: int
    second: int
    hashes: tuple[bytes, ...]
