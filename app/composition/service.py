"""Makes and connects the objects of the service; the modules beside it do so for parts of it."""

from contextlib import AsyncExitStack, suppress
from functools import partial
from importlib import metadata
from typing import Final

from starlette.datastructures import State

from app.adapters.population.factory import open_population_database
from app.adapters.population.port import PopulationDatabase
from app.adapters.webhooks.allowed import AllowedTargets
from app.adapters.webhooks.sender import open_webhook_sender
from app.beside import beside
from app.clock import Clock
from app.composition.alerts import lookup_watch, open_alerts
from app.composition.cases import add_cases
from app.composition.checkpoints import make_checkpoints
from app.composition.gates import extra_household_questions
from app.composition.log_in import add_log_in
from app.db.engine import Database
from app.domain.holidays_vn import YEARS, vietnamese_calendar
from app.errors import ServiceUnavailableError
from app.keys.key_file import Keys
from app.keys.sealing import Sealer
from app.services.access_reports import AccessReports
from app.services.agencies import Agencies
from app.services.audit_log import AuditLog
from app.services.audit_proofs import AuditProofs
from app.services.audit_reader import AuditReader
from app.services.checkpoints import Checkpoints
from app.services.clients import Clients
from app.services.directory import Directory
from app.services.exposition import Exposition
from app.services.health import Health
from app.services.household_records import READING_SECONDS
from app.services.lookup_budgets import LookupBudgets
from app.services.lookup_journal import LookupJournal
from app.services.lookup_policy import LookupPolicy
from app.services.lookup_reports import LookupReports
from app.services.lookups import Lookups
from app.services.metrics import Metrics
from app.services.officers import Officers
from app.services.passwords import Passwords
from app.services.procedures import Procedures
from app.services.profiles import Profiles
from app.services.webhook_delivery import WebhookDelivery
from app.services.webhooks import Webhooks
from app.services.working_calendar import WorkingCalendar
from app.settings.settings import Settings

# How far the clocks of two hosts may differ before one takes the other's lookup for abandoned.
_CLOCK_TOLERANCE_SECONDS: Final = 10.0


class Composition:
    """Opens what the service needs, in order; the stack closes it in reverse."""

    def __init__(self, settings: Settings, clock: Clock, stack: AsyncExitStack) -> None:
        self._settings = settings
        self._clock = clock
        self._stack = stack
        self._keys = Keys.read(settings.key_file)
        self._sealer = Sealer(self._keys)
        self._database = Database(
            settings.database_url, pool_size=settings.database_pool_size, pooler=settings.database_pooler
        )
        stack.push_async_callback(self._database.close)
        self._figures = Metrics()
        stack.callback(self._figures.close)
        self._calendar = WorkingCalendar(
            self._database,
            vietnamese_calendar(YEARS, periods=settings.working_periods, weekdays=settings.working_weekdays),
        )
        self._directory = Directory(self._database, self._sealer, clock)

    async def open(self, state: State) -> None:
        """Open everything, and put on the application's state what routes ask for."""
        self._alerts = await self._stack.enter_async_context(
            open_alerts(self._settings, self._figures, self._clock)
        )
        self._open_traces()
        await self._open_calendar()
        state.metrics = self._figures
        state.requests = self._figures.requests
        state.exposition = Exposition(self._figures, self._database, self._clock)
        state.profiles = Profiles(directory=self._directory, budgets=await self._opened_budgets())
        population = await self._stack.enter_async_context(
            open_population_database(self._settings, self._figures, self._alerts)
        )
        checkpoints, patience = make_checkpoints(
            self._settings, self._keys, self._database, self._figures, alerts=self._alerts, clock=self._clock
        )
        # Opened before the audit log and closed after it: the last checkpoint holds all of its records.
        await self._stack.enter_async_context(beside("checkpoints", checkpoints.run))
        await self._stack.enter_async_context(beside("checkpoint-lag", patience.watch))
        audit = await self._opened_audit_log(population)
        state.health = Health(database=self._database, audit=audit, patience=patience, population=population)
        state.procedures = Procedures(
            database=self._database,
            directory=self._directory,
            audit=audit,
            calendar=self._calendar,
            clock=self._clock,
        )
        await self._add_identity(state, audit)
        cases = await add_cases(
            state,
            self._stack,
            sealer=self._sealer,
            database=self._database,
            directory=self._directory,
            calendar=self._calendar,
            audit=audit,
            clock=self._clock,
        )
        state.lookups = Lookups(
            policy=LookupPolicy(directory=self._directory, cases=cases),
            journal=LookupJournal(
                audit,
                self._clock,
                alerts=self._alerts,
                watch=lookup_watch(self._settings, self._alerts),
                meter=self._figures.lookups,
            ),
            population=population,
            patience=patience,
            clock=self._clock,
            unit_code=self._settings.npd_unit_code,
            extra_household_questions=extra_household_questions(self._settings),
        )
        await self._add_webhooks(state, audit)
        self._add_oversight(state, audit, checkpoints)

    def _open_traces(self) -> None:
        """Take spans, if there is a collector for them."""
        if self._settings.otlp_endpoint is None:
            return
        # Exporter and protobuf cost memory that most have no use for.
        from app.trace_export import open_traces  # noqa: PLC0415

        self._stack.enter_context(
            open_traces(
                str(self._settings.otlp_endpoint),
                version=metadata.version("motcua-dancu"),
                sample_ratio=self._settings.otlp_sample_ratio,
            )
        )

    async def _open_calendar(self) -> None:
        """Read the calendar before the first request, if the database answers, and keep it as it is there."""
        with suppress(ServiceUnavailableError):
            await self._calendar.refresh()
        await self._stack.enter_async_context(beside("calendar", self._calendar.run))

    async def _opened_budgets(self) -> LookupBudgets:
        budgets = LookupBudgets(self._database, self._settings.budget_limits, self._clock)
        await self._stack.enter_async_context(beside("lookup-budgets", budgets.run_forgetting))
        return budgets

    async def _opened_audit_log(self, population: PopulationDatabase) -> AuditLog:
        audit = AuditLog(
            self._database,
            self._sealer,
            self._clock,
            queue_limit=self._settings.audit_queue_limit,
            timeout_seconds=self._settings.audit_timeout_seconds,
            limits=self._settings.budget_limits,
            alerts=self._alerts,
        )
        audit.start()
        self._stack.push_async_callback(audit.stop)
        watching = partial(
            self._figures.process.run,
            requests_in_flight=lambda: self._figures.requests.in_flight,
            audit_queue=lambda: audit.queue_length,
        )
        await self._stack.enter_async_context(beside("process-gauges", watching))
        longest = longest_lookup_seconds(
            audit_timeout_seconds=self._settings.audit_timeout_seconds,
            deadline_seconds=population.deadline_seconds,
            is_household_by_records=population.household_strategy == "records",
        )
        await self._stack.enter_async_context(
            beside("audit-sweeps", partial(audit.run_sweeps, older_than_seconds=longest))
        )
        return audit

    async def _add_identity(self, state: State, audit: AuditLog) -> None:
        """Add who may enter, and what administrators keep of accounts."""
        passwords = Passwords()
        self._stack.callback(passwords.close)
        await add_log_in(
            state,
            self._stack,
            settings=self._settings,
            keys=self._keys,
            sealer=self._sealer,
            database=self._database,
            directory=self._directory,
            passwords=passwords,
            audit=audit,
            alerts=self._alerts,
            clock=self._clock,
        )
        database, directory, clock = self._database, self._directory, self._clock
        state.agencies = Agencies(database=database, directory=directory, audit=audit, clock=clock)
        state.officers = Officers(
            database=database,
            directory=directory,
            audit=audit,
            sealer=self._sealer,
            passwords=passwords,
            clock=clock,
        )
        state.clients = Clients(
            database=database, directory=directory, audit=audit, passwords=passwords, clock=clock
        )

    async def _add_webhooks(self, state: State, audit: AuditLog) -> None:
        """Add who is told of changes, and what tells them."""
        hosts, networks = self._settings.webhook_targets
        sender = await self._stack.enter_async_context(
            open_webhook_sender(
                AllowedTargets(hosts, networks, takes_plain_http=self._settings.env == "sandbox")
            )
        )
        database, clock = self._database, self._clock
        state.webhooks = Webhooks(
            database=database,
            directory=self._directory,
            audit=audit,
            sender=sender,
            seal=self._sealer,
            clock=clock,
        )
        delivery = WebhookDelivery(database=database, sender=sender, seal=self._sealer, clock=clock)
        state.webhook_delivery = delivery
        await self._stack.enter_async_context(beside("webhooks", delivery.run))

    def _add_oversight(self, state: State, audit: AuditLog, checkpoints: Checkpoints) -> None:
        """Add what auditors need, and the public proofs."""
        database, clock = self._database, self._clock
        state.checkpoints = checkpoints
        state.access_reports = AccessReports(database=database, audit=audit, sealer=self._sealer, clock=clock)
        state.audit_proofs = AuditProofs(
            database=database, audit_log=audit, checkpoints=checkpoints, alerts=self._alerts, clock=clock
        )
        state.audit_reader = AuditReader(database=database, audit=audit, clock=clock)
        state.lookup_reports = LookupReports(
            database=database,
            audit=audit,
            sealer=self._sealer,
            calendar=self._calendar,
            thresholds=self._settings.snooping_thresholds,
            clock=clock,
        )


def longest_lookup_seconds(
    *, audit_timeout_seconds: float, deadline_seconds: float, is_household_by_records: bool
) -> float:
    """Tell how long a living lookup's INTENT stays open: itself, the register's answer and the OUTCOME."""
    # The first lookup of an agency in a month waits for its key as well.
    seconds = 3 * audit_timeout_seconds + deadline_seconds
    if is_household_by_records:
        # Each record that a household takes is a lookup of its own, within the one that asked: the head's,
        # and members' until their time is over, the last of them begun at its end.
        seconds = 2 * seconds + READING_SECONDS
    return seconds + _CLOCK_TOLERANCE_SECONDS
