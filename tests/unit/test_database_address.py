import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from app.db.address import driver_address, parsed_address


def _told_to_driver(url: str) -> dict[str, object]:
    address = driver_address(url)
    _, told = create_engine(address).dialect.create_connect_args(address)
    # The driver's own, beside what the address says.
    return {name: value for name, value in told.items() if name != "context"}


def test_one_server_is_asked_as_before() -> None:
    told = _told_to_driver("postgresql://desk:p%40ss@10.1.0.21:5433/motcua?sslmode=verify-full")
    assert told == {
        "host": "10.1.0.21",
        "port": 5433,
        "user": "desk",
        "password": "p@ss",
        "dbname": "motcua",
        "sslmode": "verify-full",
    }


@pytest.mark.parametrize(
    ("servers", "hosts", "ports"),
    [
        ("10.1.0.21:5432,10.1.0.22:5433", "10.1.0.21,10.1.0.22", "5432,5433"),
        ("one.example:5432,two.example", "one.example,two.example", "5432,"),
        ("%2Frun%2Fone,%2Frun%2Ftwo", "/run/one,/run/two", ","),
    ],
)
def test_several_servers_are_told_to_the_driver_in_their_order(servers: str, hosts: str, ports: str) -> None:
    told = _told_to_driver(f"postgresql://desk:a,b/c?d@{servers}/motcua?target_session_attrs=read-write")
    assert told == {
        "host": hosts,
        "port": ports,
        "user": "desk",
        "password": "a,b/c?d",
        "dbname": "motcua",
        "target_session_attrs": "read-write",
    }


@pytest.mark.parametrize(
    "url", ["sqlite:///var/a,b.db", "postgresql://desk@/motcua?host=/run/a,b", "postgresql://h/motcua"]
)
def test_a_comma_elsewhere_names_no_servers(url: str) -> None:
    assert parsed_address(url) == make_url(url)
