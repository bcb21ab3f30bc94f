"""What all tables have in common: types, and names for their constraints."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Date, LargeBinary, MetaData, Uuid
from sqlalchemy.orm import DeclarativeBase

from app.db.types import UtcDateTime


class Base(DeclarativeBase):
    """Base of all tables, with names for every constraint so that migrations can address them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's declared way
        datetime: UtcDateTime,
        date: Date,
        UUID: Uuid,
        bytes: LargeBinary,
        bool: Boolean,
        list[Any]: JSON,
    }
