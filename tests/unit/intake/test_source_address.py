"""Where a request came from, in the one form in which networks, records and counts name it."""

import pytest
from starlette.requests import Request

from app.intake.bearer import source_address_of


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("::FFFF:0a00:0007", "10.0.0.7"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::10.0.0.7", "::a00:7"),
        ("10.0.0.7, 10.0.0.8", "unknown"),
        ("nonsense", "unknown"),
        ("", "unknown"),
    ],
)
def test_an_address_has_one_form_and_nonsense_none(host: str, address: str) -> None:
    assert source_address_of(Request({"type": "http", "client": (host, 0)})) == address


def test_who_has_no_address_is_unknown() -> None:
    assert source_address_of(Request({"type": "http", "client": None})) == "unknown"
