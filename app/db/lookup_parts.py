"""Tells lookups from the parts of them: the records that a household check read, where it asks for each.

Every record read is a lookup of its own in the audit log, of the check's kind, but concerns one person, by
whichever of his numbers. The check itself concerns a head and at least one member.
"""

from typing import Final

from sqlalchemy import ColumnElement, case, distinct, func, or_, select

from app.db.audit_tables import AuditRecord, AuditSubject
from app.db.table_base import Base
from app.domain.audit_event import AuditKind
from app.domain.lookup_kind import LookupKind

_records = Base.metadata.tables[AuditRecord.__tablename__]
_record, _intents = _records.c, _records.alias("intent")
_subject = Base.metadata.tables[AuditSubject.__tablename__].c
_ROLES_OF_CHECK: Final = 2

_roles = func.count(distinct(_subject.role))
_own_roles = select(_roles).where(_subject.sequence == _record.sequence).scalar_subquery()
# An abandonment names nobody; whom the lookup concerned stands in its INTENT.
_roles_of_intent = (
    select(_roles)
    .join_from(_intents, AuditSubject, _intents.c.sequence == _subject.sequence)
    .where(_intents.c.lookup_id == _record.lookup_id, _intents.c.kind == AuditKind.INTENT.value)
    .scalar_subquery()
)

IS_WHOLE: Final[ColumnElement[bool]] = or_(
    _record.lookup_kind.is_distinct_from(LookupKind.HOUSEHOLD_HEAD.value),
    case((_record.kind == AuditKind.ABANDONED.value, _roles_of_intent), else_=_own_roles) == _ROLES_OF_CHECK,
)
"""Whether a record of the audit log belongs to a lookup that somebody asked for, and not to a part of one."""
