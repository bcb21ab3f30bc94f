"""Read the audit log."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Security

from app import problems
from app.deps import AuditReader, current_caller
from app.domain.caller import Caller, Scope
from app.errors import AuditUnavailableError, NotFoundError, ServiceUnavailableError
from app.intake.route import ServiceRoute
from app.schemas.audit import AuditRecordListRead, AuditRecordQuery, AuditRecordRead, SequenceInPath

router = APIRouter(route_class=ServiceRoute, prefix="/audit", tags=["audit"])

_ERRORS = (AuditUnavailableError, ServiceUnavailableError)
_Auditor = Annotated[Caller, Security(current_caller, scopes=[Scope.AUDIT_READ])]


@router.get("/records", summary="Danh sách bản ghi kiểm toán", responses=problems.responses(*_ERRORS))
async def list_audit_records(
    query: Annotated[AuditRecordQuery, Query()], caller: _Auditor, reader: AuditReader
) -> AuditRecordListRead:
    """List the records of the own agency and those below it, newest first.

    A lookup has an INTENT from before the population database was asked and an OUTCOME from before the answer
    left; an ABANDONED record closes one of which nothing more is known. Reading is itself put on record.
    """
    page = await reader.records(caller, query.to_filters(), before=query.cursor, limit=query.limit)
    return AuditRecordListRead.of(page)


@router.get(
    "/records/{sequence}",
    summary="Xem một bản ghi kiểm toán",
    responses=problems.responses(NotFoundError, *_ERRORS),
)
async def get_audit_record(
    sequence: Annotated[SequenceInPath, Path()], caller: _Auditor, reader: AuditReader
) -> AuditRecordRead:
    """Show one record. Reading is itself put on record."""
    return AuditRecordRead.of(await reader.record(caller, sequence))
