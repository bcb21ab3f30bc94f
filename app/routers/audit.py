"""Read the audit log, and what proves that it is whole."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Security
from starlette.responses import PlainTextResponse

from app.deps import AccessReports, AuditProofs, AuditReader, Checkpoints, current_caller
from app.domain.caller import Caller, Scope
from app.errors import AuditUnavailableError, NotFoundError, ServiceUnavailableError
from app.intake.route import ServiceRoute
from app.problems import problems
from app.schemas.access_reports import AccessReportRead, AccessReportRequest
from app.schemas.audit import (
    AuditRecordListRead,
    AuditRecordQuery,
    AuditRecordRead,
    SequenceInPath,
)
from app.schemas.audit_proofs import (
    ConsistencyProofQuery,
    ConsistencyProofRead,
    InclusionProofQuery,
    InclusionProofRead,
)

router = APIRouter(route_class=ServiceRoute, prefix="/audit", tags=["audit"])

_ERRORS = (AuditUnavailableError, ServiceUnavailableError)
_Auditor = Annotated[Caller, Security(current_caller, scopes=[Scope.AUDIT_READ])]

_KEY_EXAMPLE: Final = "motcua.example.vn/audit+bb639d09+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\n"
_CHECKPOINT_EXAMPLE: Final = (
    "motcua.example.vn/audit\n1234\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n"
    "— motcua.example.vn/audit u2OdCUwm9p/srm9pC5MeYDnq3yX0rxenbi"
    "WdGbTQTxzCpqNxdS1kAw6DqZnxaeuZLCDm/s54HFjbcFe3Dt11jNhzVQA=\n"
)


def _text(example: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": example}}}}


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


@router.get(
    "/records/{sequence}/proof",
    summary="Chứng minh bản ghi có trong nhật ký",
    responses=problems.responses(NotFoundError, *_ERRORS),
)
async def prove_audit_record(
    sequence: Annotated[SequenceInPath, Path()],
    query: Annotated[InclusionProofQuery, Query()],
    caller: _Auditor,
    proofs: AuditProofs,
) -> InclusionProofRead:
    """Prove that the log of `tree_size` records holds this one.

    With the record and a signed checkpoint of that size, anybody can check it without trusting this service.
    Without a `tree_size`, a record of the last moment waits for the checkpoint that will hold it, up to three
    seconds. Reading is itself put on record.
    """
    return InclusionProofRead.of(await proofs.inclusion(caller, sequence, query.tree_size))


@router.get(
    "/consistency", summary="Chứng minh nhật ký chỉ được thêm", responses=problems.responses(*_ERRORS)
)
async def prove_audit_consistency(
    query: Annotated[ConsistencyProofQuery, Query()], caller: _Auditor, proofs: AuditProofs
) -> ConsistencyProofRead:
    """Prove that the log of `to` records begins with that of `from`: nothing was altered or taken away.

    Whoever kept an old checkpoint, or the root that came with a lookup, can check a new one against it.
    Reading is itself put on record.
    """
    return ConsistencyProofRead.of(await proofs.consistency(caller, query.first, query.second))


@router.get(
    "/checkpoint",
    summary="Điểm xác nhận mới nhất của nhật ký",
    response_class=PlainTextResponse,
    responses=problems.responses(ServiceUnavailableError) | _text(_CHECKPOINT_EXAMPLE),
)
async def get_audit_checkpoint(checkpoints: Checkpoints) -> PlainTextResponse:
    """Give the newest checkpoint: name, size and root of the log, signed, as C2SP's tlog-checkpoint has it.

    Anybody may have it and should keep it: a log that no longer contains it has been altered.
    """
    return PlainTextResponse((await checkpoints.newest()).note)


@router.get(
    "/public-key",
    summary="Khóa công khai của nhật ký",
    response_class=PlainTextResponse,
    responses=problems.responses() | _text(_KEY_EXAMPLE),
)
async def get_audit_public_key(checkpoints: Checkpoints) -> PlainTextResponse:
    """Give the key that verifies checkpoints, as C2SP's signed-note has it: `name+hash+base64`.

    After a change of keys, a line for each, the present one first; older checkpoints need the older keys.
    """
    return PlainTextResponse("".join(f"{key}\n" for key in checkpoints.verifier_keys))


@router.post(
    "/access-report", summary="Ai đã tra cứu thông tin của công dân", responses=problems.responses(*_ERRORS)
)
async def report_access(
    body: AccessReportRequest, caller: _Auditor, reports: AccessReports
) -> AccessReportRead:
    """Tell who looked at a person, when, for which procedure and case, as what, and which fields were given.

    Lookups by the own agency and those below it, the latest first: those of the number given, and where an
    answer carried the person's other number, under that too. Households list each member. Refused lookups
    and readings of this report are in it. Whom somebody else's shared record merely names, as father, mother,
    spouse or household head, is not concerned by that. Reading is itself put on record.
    """
    page = await reports.report(
        caller, body.to_number(), since=body.since, until=body.until, before=body.cursor, limit=body.limit
    )
    return AccessReportRead.of(page)
