"""Procedures (thủ tục hành chính) as any caller may read them."""

from dataclasses import dataclass

from app.domain.directory import Procedure
from app.errors import NotFoundError
from app.services.directory import Directory


@dataclass(frozen=True, slots=True)
class ProcedurePage:
    """One page of the list; `next_code` is the code after which the next begins, None on the last."""

    items: tuple[Procedure, ...]
    next_code: str | None


class Procedures:
    """Reads procedures, active or not."""

    def __init__(self, *, directory: Directory) -> None:
        self._directory = directory

    async def list_procedures(self, *, after: str | None, limit: int) -> ProcedurePage:
        """Return a page of the procedures in the order of their codes."""
        procedures = await self._directory.procedures()
        rest = [procedure for procedure in procedures if after is None or procedure.code > after]
        return ProcedurePage(tuple(rest[:limit]), rest[limit - 1].code if len(rest) > limit else None)

    async def get(self, code: str) -> Procedure:
        """Return one procedure.

        Raises:
            NotFoundError: there is no such procedure.
        """
        procedure = await self._directory.procedure(code)
        if procedure is None:
            raise NotFoundError
        return procedure
