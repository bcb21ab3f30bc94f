"""How much there is of hostile input: fewer inputs would be easier to pass."""

from typing import Final

import pytest

from tests.api.hostile import body_values, request_values
from tests.api.hostile.operations import OPERATIONS, WITH_JSON
from tests.faults import raw_heads

_LEAST: Final = 300

OVER_SOCKETS: Final = (raw_heads.NOT_HTTP, raw_heads.TOO_LARGE, raw_heads.AT_THE_EDGES)
OVER_HTTP: Final = (
    body_values.FORBIDDEN_TEXTS,
    body_values.ODD_TEXTS,
    body_values.TYPED_VALUES,
    body_values.UNKNOWN_NAMES,
    body_values.BROKEN_BODIES,
    body_values.CONTENT_HEADERS,
    body_values.BAD_FORMS,
    request_values.BAD_AUTHORIZATIONS,
    request_values.ODD_HEADERS,
    request_values.ODD_SEGMENTS,
    request_values.ODD_QUERIES,
    request_values.ODD_VALUES,
    request_values.ODD_METHODS,
    request_values.UNKNOWN_PATHS,
    request_values.CONTENT_LENGTHS,
)


def test_there_are_hundreds_of_distinct_hostile_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    over_sockets = sum(map(_distinct, OVER_SOCKETS))
    over_http = sum(map(_distinct, OVER_HTTP))
    with capsys.disabled():
        print(  # noqa: T201 - the figure is what the test is read for
            f"\n{over_sockets} hostile inputs over sockets and {over_http} over HTTP, "
            f"for {len(OPERATIONS)} operations, {len(WITH_JSON)} of them with bodies"
        )
    assert over_sockets + over_http >= _LEAST


def _distinct(inputs: object) -> int:
    values = inputs.values() if isinstance(inputs, dict) else inputs
    assert hasattr(values, "__iter__")
    return len({repr(value) if not callable(value) else id(value) for value in values})
