"""The service as a textbook has it: one ORM session and one commit for each audit record, httpx as it comes.

    MOTCUA_DATABASE_URL=sqlite:////tmp/textbook.db uvicorn benchmarks.textbook:app

Same settings, models, records, numbering and wire as the service; no token, no policy, no limits. What it
shows is what group commit and the choice of transport are worth.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI, Request
from sqlalchemy import select

from app.adapters.population.factory import open_population_database
from app.adapters.population.port import LookupContext
from app.adapters.population.wire.labels import Labels
from app.adapters.population.wire.profiles import wire_for
from app.alerts import Alerts
from app.db.audit_tables import AuditHead, AuditRecord
from app.db.engine import Database
from app.db.migrate import migrate
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.audit_record import canonical_bytes
from app.domain.claim import IdentityClaim
from app.domain.lookup_kind import LookupKind
from app.domain.merkle import leaf_hash
from app.schemas.lookups import VerifyIdCardRead, VerifyIdCardRequest
from app.services.metrics import Metrics
from app.settings.settings import Settings, load_settings


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings = load_settings()
    migrate(settings.database_url)
    app.state.database = Database(settings.database_url)
    async with _verifier(settings) as app.state.verify:
        yield
    await app.state.database.close()


@asynccontextmanager
async def _verifier(settings: Settings) -> AsyncIterator[Any]:
    if settings.npd_profile == "mock":
        async with open_population_database(settings, Metrics(), Alerts()) as population:
            yield population.verify
        return
    wire = wire_for(settings, Labels())
    async with httpx.AsyncClient() as client:

        async def verify(claim: IdentityClaim, context: LookupContext) -> object:
            question = wire.verification(claim, context)
            answer = await client.post(question.url, headers=question.headers, content=question.body)
            return wire.read_verification(answer.raise_for_status().content, claim)

        yield verify


app = FastAPI(openapi_url=None, lifespan=_lifespan)


@app.post("/verify/id-card")
async def verify_id_card(body: VerifyIdCardRequest, request: Request) -> VerifyIdCardRead:
    """Record the intent, ask, record the outcome, answer."""
    context = LookupContext(
        request_id=str(uuid4()),
        service_code="1.004194",
        officer_id_number="100185000901",
        unit_code="H24.15",
        account="receiver",
    )
    intent = AuditEvent(
        kind=AuditKind.INTENT,
        at=datetime.now(UTC),
        officer="receiver",
        agency="H24.15",
        client=None,
        source_address="127.0.0.1",
        lookup_id=uuid4(),
        lookup_kind=LookupKind.ID_CARD,
        procedure_code="1.004194",
        upstream_request_id=context.request_id,
    )
    await _append(request.app.state.database, intent)
    person = await request.app.state.verify(body.to_claim(), context)
    result = "not_found" if person is None else "exists"
    outcome = replace(intent, kind=AuditKind.OUTCOME, event_id=uuid4(), at=datetime.now(UTC), result=result)
    sequence = await _append(request.app.state.database, outcome)
    return VerifyIdCardRead.model_validate(
        {
            "lookup_id": intent.lookup_id,
            "result": result,
            "message": result,
            "warnings": [],
            "source": {
                "profile": "textbook",
                "is_test_data": True,
                "upstream_request_id": context.request_id,
                "answered_at": outcome.at,
            },
            # It keeps no tree; a value of a root's size stands in for one.
            "audit": {"sequence": sequence, "tree_size": sequence + 1, "root": "A" * 43 + "="},
        }
    )


async def _append(database: Database, event: AuditEvent) -> int:
    record = canonical_bytes(event, subjects=[], purpose_sealed=None)
    async with database.write() as session:
        head = (await session.execute(select(AuditHead).with_for_update())).scalar_one()
        sequence = head.size
        head.size += 1
        session.add(
            AuditRecord(
                sequence=sequence,
                event_id=event.event_id,
                leaf_hash=leaf_hash(record),
                record=record,
                kind=event.kind.value,
                at=event.at,
                lookup_id=event.lookup_id,
                lookup_kind=LookupKind.ID_CARD.value,
                officer=event.officer,
                agency=event.agency,
                procedure_code=event.procedure_code,
                result=event.result,
                closes=event.lookup_id if event.kind is AuditKind.OUTCOME else None,
            )
        )
    return sequence
