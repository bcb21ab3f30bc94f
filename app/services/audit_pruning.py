"""Retention: drops the content of audit records whose time is over. The log itself says so first."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from app.clock import Clock
from app.db import audit_pruning
from app.db.engine import Database
from app.domain.retention import PRUNED, beginning, oldest_kept
from app.services.operator_audit import OperatorAuditLog

_BATCH: Final = 5_000


class PruningRefusedError(Exception):
    """It may not be: the day lies within the retention, or this role may not change the log."""


@dataclass(frozen=True, slots=True)
class PruningPlan:
    """What a pruning would drop: the content of `records` records below the sequence `until`."""

    before: date
    until: int
    records: int


class AuditPruning:
    """Plans and carries out a pruning, as the owner of the tables, `batch` sequences in a transaction."""

    def __init__(
        self,
        *,
        database: Database,
        audit: OperatorAuditLog,
        retention_months: int,
        clock: Clock,
        batch: int = _BATCH,
    ) -> None:
        self._database = database
        self._audit = audit
        self._retention_months = retention_months
        self._clock = clock
        self._batch = batch

    async def plan(self, before: date) -> PruningPlan:
        """Tell what would be dropped; nothing is.

        Args:
            before: Records of earlier days, Vietnam time, would lose their content.

        Raises:
            PruningRefusedError: records of an earlier day are still to be kept, or this role may drop none.
        """
        oldest = oldest_kept(self._clock(), self._retention_months)
        if before > oldest:
            raise PruningRefusedError(
                f"records since {oldest} are kept for {self._retention_months} months: "
                f"the day may be {oldest} or earlier"
            )
        async with self._database.search() as session:
            if not await audit_pruning.is_allowed(session):
                raise PruningRefusedError("this role may only append to the log: run it as the tables' owner")
            await audit_pruning.take_time(session)
            until = await audit_pruning.first_since(session, beginning(before))
            return PruningPlan(before, until, await audit_pruning.countable(session, until))

    async def carry_out(self, plan: PruningPlan) -> int:
        """Put the pruning on record, then drop the content; return of how many records.

        One that was cut off is gone on with by the same plan made anew, without a second record.

        Args:
            plan: What `plan` told.

        Raises:
            AuditUnavailableError, ServiceUnavailableError: what was dropped until then stays dropped.
        """
        if not plan.records:
            return 0
        await self._announce(plan)
        dropped = 0
        for since in range(0, plan.until, self._batch):
            below = min(since + self._batch, plan.until)
            async with self._database.write() as session:
                dropped += await audit_pruning.drop(session, since, below, until=plan.until)
        return dropped

    async def _announce(self, plan: PruningPlan) -> None:
        # Apart from what is written: the whole log is looked through, while nothing is locked.
        async with self._database.search() as session:
            await audit_pruning.take_time(session)
            announced = await audit_pruning.prunings(session)
        if any(one.until >= plan.until and one.before >= plan.before for one in announced):
            return
        async with self._database.write() as session:
            await self._audit.append_result(
                session,
                PRUNED,
                at=self._clock(),
                details={
                    "before": plan.before.isoformat(),
                    "until": plan.until,
                    "records": plan.records,
                },
            )
