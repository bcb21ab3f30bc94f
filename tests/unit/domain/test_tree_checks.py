import hashlib

import pytest

from app.domain.audit_findings import Findings
from app.domain.merkle import leaf_hash, root_of
from app.domain.tree_checks import TreeChecks

LEAVES = [leaf_hash(hashlib.sha256(b"%d" % number).digest()) for number in range(2_100)]


@pytest.mark.parametrize("batch", [1, 255, 256, 257, 2_100])
def test_the_root_at_every_size_is_that_of_the_records_so_far(batch: int) -> None:
    checks = TreeChecks(Findings(), range(len(LEAVES) + 1))
    for since in range(0, len(LEAVES), batch):
        checks.grow(LEAVES[since : since + batch])
    assert checks.roots.keys() == set(range(len(LEAVES) + 1))
    # Where a block ends, where two and four of them do, and on both sides of that.
    sizes = {around + near for around in (256, 512, 768, 1024, 2048) for near in (-1, 0, 1)}
    for size in {0, 1, 2, 3, len(LEAVES)} | sizes:
        assert checks.roots[size] == root_of(LEAVES[:size]), size
