"""Gathers what the policy must know of a lookup, and says its refusals. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain import policy
from app.domain.caller import Caller
from app.domain.lookup import Purpose
from app.domain.lookup_kind import LookupKind
from app.domain.share_fields import FieldNotGranted
from app.errors import (
    FieldNotPermittedError,
    InsufficientScopeError,
    LookupNotPermittedError,
    OfficerIdMissingError,
    ProcedureNotFoundError,
    PurposeMismatchError,
    PurposeMissingError,
)
from app.services.cases import Cases
from app.services.directory import Directory


@dataclass(frozen=True, slots=True)
class Permission:
    """A lookup that may be made: for which procedure, as which officer, for which fields."""

    procedure_code: str
    national_code: str
    username: str
    officer_id_number: str = field(repr=False)
    fields: tuple[str, ...]


class LookupPolicy:
    """The rules of purpose, procedure and fields; the token's scope was checked before the body was read."""

    def __init__(self, *, directory: Directory, cases: Cases) -> None:
        self._directory = directory
        self._cases = cases

    async def decide(
        self, caller: Caller, kind: LookupKind, purpose: Purpose, fields_asked: Sequence[str] | None
    ) -> Permission:
        """Permit the lookup or raise the reason why not.

        Raises:
            PurposeMissingError, PurposeMismatchError, ProcedureNotFoundError, CaseNotFoundError,
            CaseClosedError: the purpose does not hold.
            InsufficientScopeError, OfficerIdMissingError: this caller may not ask the register.
            LookupNotPermittedError, FieldNotPermittedError: the procedure may not ask that.
        """
        if caller.username is None:
            raise InsufficientScopeError
        procedure = await self._directory.procedure(await self._procedure_code(caller, purpose))
        if procedure is None or not procedure.is_active:
            raise ProcedureNotFoundError
        try:
            fields = policy.fields_of_lookup(
                kind,
                lookups=procedure.lookups,
                share_fields=procedure.share_fields,
                asked=fields_asked,
            )
        except policy.LookupNotAllowed:
            raise LookupNotPermittedError(kind) from None
        except FieldNotGranted as refused:
            raise FieldNotPermittedError(refused.field) from None
        officer_id_number = await self._directory.officer_id_number(caller.username)
        if officer_id_number is None:
            raise OfficerIdMissingError
        return Permission(
            procedure_code=procedure.code,
            national_code=procedure.national_code,
            username=caller.username,
            officer_id_number=officer_id_number,
            fields=fields,
        )

    async def known_procedure_code(self, purpose: Purpose) -> str | None:
        """Return the code that the purpose names, if a procedure has it.

        Only that may go into the log: what is no code may be somebody's number in the wrong field.
        """
        if purpose.procedure_code is None:
            return None
        procedure = await self._directory.procedure(purpose.procedure_code)
        return None if procedure is None else procedure.code

    async def _procedure_code(self, caller: Caller, purpose: Purpose) -> str:
        if purpose.receipt_number is None:
            if purpose.procedure_code is None:
                raise PurposeMissingError
            return purpose.procedure_code
        case = await self._cases.open_case_for_lookup(caller, purpose.receipt_number)
        if purpose.procedure_code not in (None, case.procedure_code):
            raise PurposeMismatchError
        return case.procedure_code
