"""Connects the cases: registration, changes, search, history and figures."""

from contextlib import AsyncExitStack

from starlette.datastructures import State

from app.beside import beside
from app.clock import Clock
from app.db.engine import Database
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from app.services.case_changes import CaseChanges
from app.services.case_history import CaseHistory
from app.services.case_reports import CaseReports
from app.services.case_rows import CaseRows
from app.services.case_search import CaseSearch
from app.services.case_word_filling import CaseWordFilling
from app.services.case_words import CaseWords
from app.services.case_writer import CaseWriter
from app.services.cases import Cases
from app.services.directory import Directory
from app.services.working_calendar import WorkingCalendar


async def add_cases(
    state: State,
    stack: AsyncExitStack,
    *,
    sealer: Sealer,
    database: Database,
    directory: Directory,
    calendar: WorkingCalendar,
    audit: AuditLog,
    clock: Clock,
) -> Cases:
    """Put on the state the cases, with what is done for them beside the requests; give what reads them."""
    rows, words = CaseRows(sealer, calendar), CaseWords(sealer)
    writer = CaseWriter(database=database, audit=audit, sealer=sealer, clock=clock)
    filling = CaseWordFilling(database=database, rows=rows, words=words)
    state.case_word_filling = filling
    for name, work in (("kept-answers", writer.run_forgetting), ("case-words", filling.run)):
        await stack.enter_async_context(beside(name, work))
    cases = Cases(database=database, directory=directory, writer=writer, rows=rows, words=words, clock=clock)
    state.cases = cases
    state.case_changes = CaseChanges(writer=writer, rows=rows, words=words, calendar=calendar, clock=clock)
    state.case_search = CaseSearch(database=database, rows=rows, words=words, clock=clock)
    state.case_history = CaseHistory(database=database, seal=sealer)
    state.case_reports = CaseReports(database=database, clock=clock)
    return cases
