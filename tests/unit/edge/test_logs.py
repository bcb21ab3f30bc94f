import asyncio
import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from app.logs import PERSONAL_KEYS, configure_logs, redact

NUMBER = "100190000001"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handlers = logging.getLogger().handlers
    configure_logs("info", stream)
    yield stream
    structlog.reset_defaults()
    logging.getLogger().handlers = handlers


def _line(log: io.StringIO) -> dict[str, Any]:
    (line,) = log.getvalue().splitlines()
    content: dict[str, Any] = json.loads(line)
    return content


def test_a_line_is_an_object_with_its_time_and_level(log: io.StringIO) -> None:
    structlog.get_logger().info("started", port=8000)
    line = _line(log)
    assert (line["event"], line["level"], line["port"]) == ("started", "info", 8000)
    assert line["at"].endswith("Z")


def test_below_the_level_nothing_is_written(log: io.StringIO) -> None:
    structlog.get_logger().debug("detail")
    logging.getLogger("uvicorn.error").debug("detail")
    assert not log.getvalue()


@pytest.mark.parametrize(
    "value",
    [
        NUMBER,
        "123456789",
        f"số {NUMBER}.",
        int(NUMBER),
        [NUMBER],
        {"a": {"b": NUMBER}},
        {NUMBER: 1},
        (NUMBER,),
        "１" * 12,
    ],
)
def test_what_looks_like_an_identity_number_is_masked(log: io.StringIO, value: Any) -> None:
    structlog.get_logger().info("found", value=value)
    assert "*" * 9 in log.getvalue()
    assert NUMBER not in log.getvalue()
    assert "123456789" not in log.getvalue()


@pytest.mark.parametrize(
    "value", ["12345678", "1234567890", "1" * 13, 20261123, 1.5, True, None, "H24.15-261123-0001"]
)
def test_other_values_stay(log: io.StringIO, value: Any) -> None:
    structlog.get_logger().info("found", value=value)
    assert _line(log)["value"] == value


def test_random_ids_stay_but_only_in_their_form(log: io.StringIO) -> None:
    lookup_id = "5c1e2f0a-8b7d-4c3e-9a6f-123456789012"
    structlog.get_logger().info("found", lookup_id=lookup_id, other=lookup_id)
    line = _line(log)
    assert line["lookup_id"] == lookup_id
    assert line["other"] == "5c1e2f0a-8b7d-4c3e-9a6f-************"
    assert redact(None, "", {"lookup_id": NUMBER}) == {"lookup_id": "*" * 12}


@pytest.mark.parametrize("key", sorted(PERSONAL_KEYS))
def test_personal_members_are_dropped(log: io.StringIO, key: str) -> None:
    structlog.get_logger().info("found", **{key: "NGỌC"}, inside={key: "NGỌC", "kept": 1})
    assert "NGỌC" not in log.getvalue()
    assert _line(log)["inside"] == {"kept": 1}


def test_an_object_is_named_by_its_class(log: io.StringIO) -> None:
    @dataclass
    class Citizen:
        name: str

    structlog.get_logger().info("found", value=Citizen("NGỌC"))
    assert _line(log)["value"] == "Citizen"


def test_an_exception_shows_its_kind_its_causes_and_its_places_alone(log: io.StringIO) -> None:
    def fail() -> None:
        secret = "NGỌC"
        try:
            dict[str, str]()[secret]
        except KeyError as exc:
            raise ValueError(secret) from exc

    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("failed")
    described = _line(log)["exception"]
    assert [part["type"] for part in described] == ["builtins.ValueError", "builtins.KeyError"]
    assert described[0]["frames"][-1].endswith(" fail")
    assert "NGỌC" not in log.getvalue()


def test_an_exception_that_is_its_own_context_ends(log: io.StringIO) -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    structlog.get_logger().error("failed", exc_info=first)
    assert len(_line(log)["exception"]) == 2


def test_a_suppressed_context_is_not_shown(log: io.StringIO) -> None:
    error = ValueError()
    error.__context__, error.__suppress_context__ = KeyError(), True
    structlog.get_logger().error("failed", exc_info=error)
    assert len(_line(log)["exception"]) == 1


def test_the_servers_own_lines_take_the_same_way(log: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Uvicorn running on %s:%d", "127.0.0.1", 8000)
    line = _line(log)
    assert (line["event"], line["logger"]) == ("Uvicorn running on 127.0.0.1:8000", "uvicorn.error")


def test_migrations_are_named(log: io.StringIO) -> None:
    logging.getLogger("alembic.runtime.migration").info("Running %s %s -> %s", "upgrade", "0001", "0002")
    assert _line(log)["event"] == "Running upgrade 0001 -> 0002"


def test_the_servers_access_log_is_off(log: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info('"GET /cases?full_name=NGỌC" 200')
    assert not log.getvalue()


def test_of_a_librarys_line_only_the_template_is_kept(log: io.StringIO) -> None:
    logging.getLogger("sqlalchemy.engine").error("INSERT %s", "NGỌC")
    assert _line(log)["event"] == "INSERT %s"


async def _lose_a_failure() -> None:
    async def fail() -> None:
        raise ValueError("NGỌC")

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    del task


def test_a_task_that_failed_unseen_says_nothing_of_its_value(log: io.StringIO) -> None:
    asyncio.run(_lose_a_failure())
    line = _line(log)
    assert line["event"] == "Task exception was never retrieved"
    assert line["exception"][0]["type"] == "builtins.ValueError"
    assert "NGỌC" not in log.getvalue()


@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_redaction_leaves_no_run_of_twelve_digits(value: Any) -> None:
    redacted = json.dumps(redact(None, "", {"value": [value, NUMBER]}))
    assert NUMBER not in redacted


def test_without_a_stream_it_is_the_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    handlers = logging.getLogger().handlers
    configure_logs("warning")
    structlog.get_logger().warning("full")
    structlog.reset_defaults()
    logging.getLogger().handlers = handlers
    assert '"event": "full"' in capsys.readouterr().err
