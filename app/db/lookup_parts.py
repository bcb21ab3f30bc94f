"""Tells lookups from the parts of them: the records that a household check read, where it asks for each.

Every record read is a lookup of its own in the audit log, of the check's kind; its id says that it is a part.
"""

from typing import Final

from sqlalchemy import ColumnElement, Text, cast, func, or_

from app.db.audit_tables import AuditRecord
from app.db.table_base import Base

_lookup_id = Base.metadata.tables[AuditRecord.__tablename__].c.lookup_id
# The digit that tells a UUID's version; PostgreSQL writes hyphens, and SQLite keeps the digits alone.
_version = func.substr(func.replace(cast(_lookup_id, Text), "-", ""), 13, 1)

IS_WHOLE: Final[ColumnElement[bool]] = or_(_lookup_id.is_(None), _version != "8")
"""Whether a record of the audit log belongs to a lookup that somebody asked for, and not to a part of one.

By the id of the lookup alone (app/domain/time_ordered_id.py): lists of cases and counts over millions of
records ask it of each row.
"""
