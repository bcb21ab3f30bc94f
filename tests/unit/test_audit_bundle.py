"""A bundle proves its record with the public key alone, and nothing once a part of it was altered."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from app.commands.audit_bundle import BundleRefusedError, check_bundle, make_bundle
from app.domain.checkpoint import Checkpoint
from app.domain.merkle import Frontier, leaf_hash, node_hash
from app.keys.log_keys import LogKeys

ORIGIN = "motcua.example/audit"
KEYS = LogKeys.generate()
RECORDS = [json.dumps({"event": number, "tên": "Ngọc"}, ensure_ascii=False).encode() for number in range(4)]
LEAVES = [leaf_hash(record) for record in RECORDS]
HASHES = [LEAVES[3], node_hash(LEAVES[0], LEAVES[1])]
NOTE = KEYS.sign(Checkpoint(ORIGIN, 4, Frontier().extended(LEAVES)[0].root))

Bundle = dict[str, Any]


def bundle() -> Bundle:
    made: Bundle = json.loads(make_bundle(sequence=2, record=RECORDS[2], hashes=HASHES, note=NOTE))
    return made


def check(made: object) -> dict[str, Any]:
    text = made if isinstance(made, str) else json.dumps(made)
    return check_bundle(text, origin=ORIGIN, public_keys=KEYS.public_keys)


def test_a_bundle_proves_its_record() -> None:
    assert check(bundle()) == {"event": 2, "tên": "Ngọc"}


def _changed(name: str, value: object) -> Callable[[Bundle], Bundle]:
    return lambda made: made | {name: value}


@pytest.mark.parametrize(
    "alter",
    [
        _changed("sequence", 3),
        _changed("sequence", -1),
        _changed("sequence", 4),
        _changed("record", RECORDS[3].decode()),
        lambda made: made | {"record": made["record"] + " "},
        lambda made: made | {"hashes": made["hashes"][:1]},
        lambda made: made | {"hashes": made["hashes"][::-1]},
        lambda made: made | {"hashes": [*made["hashes"], b64encode(bytes(32)).decode()]},
        lambda made: made | {"checkpoint": made["checkpoint"].replace("\n4\n", "\n5\n")},
        _changed("checkpoint", LogKeys.generate().sign(Checkpoint(ORIGIN, 4, bytes(32)))),
        _changed("checkpoint", KEYS.sign(Checkpoint("another.example/audit", 4, bytes(32)))),
        _changed("checkpoint", "none"),
    ],
)
def test_an_altered_bundle_proves_nothing(alter: Callable[[Bundle], Bundle]) -> None:
    with pytest.raises(BundleRefusedError):
        check(alter(bundle()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        "[" * 100_000,
        json.dumps({"sequence": True, "record": "{}", "hashes": [], "checkpoint": NOTE}),
        json.dumps({"sequence": 0, "record": "[]", "hashes": [], "checkpoint": NOTE}),
        json.dumps({"sequence": 0, "record": "{}", "hashes": ["AA=="], "checkpoint": NOTE}),
        json.dumps({"sequence": 0, "record": "{}", "hashes": 7, "checkpoint": NOTE}),
        json.dumps({"sequence": 0, "record": "{}", "hashes": [], "checkpoint": 7}),
        "x" * (1 << 21),
    ],
)
def test_what_is_no_bundle_is_refused(text: str) -> None:
    with pytest.raises(BundleRefusedError):
        check(text)
