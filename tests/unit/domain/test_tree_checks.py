import hashlib

import pytest

from app.domain.audit_findings import Findings
from app.domain.merkle import leaf_hash, root_of
from app.domain.tree_checks import SignedRoot, TreeChecks

LEAVES = [leaf_hash(hashlib.sha256(b"%d" % number).digest()) for number in range(2_100)]

# Where a block ends, where two and four of them do, and on both sides of that.
SIZES = sorted(
    {0, 1, 2, 3, len(LEAVES)}
    | {around + near for around in (256, 512, 768, 1024, 2048) for near in (-1, 0, 1)}
)


def contradictions(batch: int, signed: list[SignedRoot]) -> Findings:
    checks = TreeChecks(Findings(), signed)
    for since in range(0, len(LEAVES), batch):
        checks.grow(LEAVES[since : since + batch])
    checks.finish()
    return checks.contradictions


@pytest.mark.parametrize("batch", [1, 255, 256, 257, 2_100])
def test_the_root_at_every_size_is_that_of_the_records_so_far(batch: int) -> None:
    signed = [SignedRoot(size, root_of(LEAVES[:size]), "here") for size in SIZES for _ in range(2)]
    assert contradictions(batch, signed).count == 0


def test_each_root_that_is_not_that_of_the_records_is_told_with_its_place() -> None:
    signed = [SignedRoot(size, bytes(32), f"line {size}") for size in SIZES]
    found = contradictions(300, signed)
    assert found.count == len(SIZES)
    assert found.first[4].what == (
        "the first 255 records are not those that the checkpoint in line 255 was signed for"
    )


def test_a_root_of_more_records_than_there_are_tells_that_the_tail_was_cut() -> None:
    found = contradictions(300, [SignedRoot(len(LEAVES) + 1, bytes(32), "here")])
    (one,) = found.first
    assert one.sequence == len(LEAVES)
    assert one.what.startswith("the log ends before the checkpoint of size 2101 in here: its tail was cut")
