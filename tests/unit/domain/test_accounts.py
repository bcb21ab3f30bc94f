import pytest

from app.domain.accounts import is_within


@pytest.mark.parametrize(
    ("address", "networks", "expected"),
    [
        ("10.1.2.3", (), True),
        ("", (), True),
        ("10.1.2.3", ("10.1.0.0/16",), True),
        ("10.2.2.3", ("10.1.0.0/16", "10.2.2.3"), True),
        ("10.2.2.4", ("10.1.0.0/16", "10.2.2.3"), False),
        ("2001:db8::1", ("10.1.0.0/16", "2001:db8::/32"), True),
        ("2001:db8::1", ("10.1.0.0/16",), False),
        ("", ("0.0.0.0/0",), False),
        ("somewhere", ("0.0.0.0/0", "::/0"), False),
    ],
)
def test_where_networks_are_named_an_address_lies_in_one_of_them(
    address: str, networks: tuple[str, ...], *, expected: bool
) -> None:
    assert is_within(address, networks) is expected
