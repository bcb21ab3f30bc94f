from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import Field, ValidationError

from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.checked import refuse
from app.schemas.terms import term
from app.schemas.texts import VietnamTime, unrepeated
from app.schemas.times import BodyLimit, Day, Time


class Channel(StrEnum):
    ONLINE = "online"


class Inner(RequestSchema):
    copies: int = 1


class Body(RequestSchema):
    channel: Channel = Channel.ONLINE
    ids: Annotated[tuple[UUID, ...], term("Ids.", "mã", max_length=2), unrepeated()] = ()
    inner: Inner | None = None
    inners: Annotated[list[Inner], unrepeated(lambda item: item.copies)] = Field(default_factory=list)
    is_paid: bool = False
    hours: float = 0.0
    limit: BodyLimit = 50
    on: Day | None = None
    at: Time | None = None
    raw: datetime | date | None = None


class Answer(ResponseSchema):
    at: Annotated[VietnamTime, term("When.", "thời điểm")]
    name: str


UUID_TEXT = "5c1e2f0a-8b7d-4c3e-9a6f-1d2b3c4e5f60"


@pytest.mark.parametrize(
    "member",
    [
        {"channel": "online"},
        {"ids": [UUID_TEXT]},
        {"inner": {"copies": 2}},
        {"hours": 1},
        {"on": "2026-11-23"},
        {"at": "2026-11-23T08:00:00+07:00"},
        {"limit": 200},
    ],
)
def test_what_json_has_one_way_to_write_is_taken(member: dict[str, Any]) -> None:
    assert Body.model_validate(member).model_fields_set == set(member)


@pytest.mark.parametrize(
    ("member", "kind"),
    [
        ({"nope": 1}, "extra_forbidden"),
        ({"inner": {"nope": 1}}, "extra_forbidden"),
        ({"channel": "fax"}, "enum"),
        ({"channel": 1}, "enum"),
        ({"inner": {"copies": "1"}}, "int_type"),
        ({"inner": {"copies": 1.0}}, "int_type"),
        ({"inner": {"copies": True}}, "int_type"),
        ({"inner": []}, "model_type"),
        ({"is_paid": "true"}, "bool_type"),
        ({"is_paid": 1}, "bool_type"),
        ({"hours": "1"}, "float_type"),
        ({"limit": "50"}, "int_type"),
        ({"limit": 0}, "greater_than_equal"),
        ({"limit": 201}, "less_than_equal"),
        ({"ids": [1]}, "uuid_type"),
        ({"ids": ["x"]}, "uuid_parsing"),
        ({"ids": [UUID_TEXT] * 2}, "repeated"),
        ({"ids": [UUID_TEXT] * 3}, "too_long"),
        ({"inners": [{"copies": 1}, {"copies": 1}]}, "repeated"),
        ({"on": 1}, "string_type"),
        ({"at": 1}, "string_type"),
    ],
)
def test_nothing_is_converted(member: dict[str, Any], kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Body.model_validate(member)
    assert [error["type"] for error in caught.value.errors()] == [kind]


def test_a_timestamp_is_no_date() -> None:
    with pytest.raises(ValidationError):
        Body.model_validate({"raw": 1_700_000_000})


def test_a_body_prints_no_value() -> None:
    body = Body(limit=7)
    assert "7" not in repr(body)
    assert "limit" in repr(body)
    with pytest.raises(ValidationError, match="frozen"):
        body.limit = 8  # type: ignore[misc]


def test_an_error_prints_no_value() -> None:
    with pytest.raises(ValidationError) as caught:
        Body.model_validate({"channel": "NGỌC"})
    assert "NGỌC" not in str(caught.value)


def test_an_answer_is_complete_and_in_vietnam_time() -> None:
    class Row:
        at = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
        name = "Tờ khai"

    answer = Answer.model_validate(Row())
    assert answer.model_dump_json() == '{"at":"2026-11-23T08:30:00+07:00","name":"Tờ khai"}'
    assert Answer.model_json_schema(mode="serialization")["properties"]["at"]["format"] == "date-time"
    with pytest.raises(ValidationError):
        Answer.model_validate({"name": "Tờ khai"})


def test_a_term_stands_in_the_description_and_beside_it() -> None:
    shown = Body.model_json_schema()["properties"]["ids"]
    assert shown["description"] == "Ids. (vi: mã)"
    assert shown["x-vi-term"] == "mã"


def test_a_misspelt_field_code_is_found_out() -> None:
    with pytest.raises(LookupError):
        refuse("to-long")
