"""One-stop front ends, registered with their public keys, that vouch for their officers."""

from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import httpx
from sqlalchemy import insert

from app.db.tables import Client
from tests.databases import sync_engine
from tests.foreign_tokens import ForeignKey

GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ENDPOINT: Final = "http://127.0.0.1:8000/auth/token"
"""The token endpoint below the default PUBLIC_URL, which tests keep."""

RECEIVERS_SCOPES: Final = (
    "cases:read cases:write cases:status verify:id-card verify:household-head citizens:share"
)


def register(database_url: str, *keys: ForeignKey, client_id: str = "frontend", **changed: Any) -> None:
    """Put a front end into the database, as an administrator has registered it."""
    values = {
        "client_id": client_id,
        "name": "Hệ thống một cửa",
        "agency_code": "H24.15",
        "grants": [GRANT],
        "scopes": RECEIVERS_SCOPES.split(),
        "secret_hash": None,
        "is_active": True,
        "jwks": [key.jwk for key in keys],
    }
    engine = sync_engine(database_url)
    with engine.begin() as connection:
        connection.execute(insert(Client).values(values | changed))
    engine.dispose()


def claims_at(now: datetime, **changed: Any) -> dict[str, Any]:
    """Give the claims of a good assertion for `receiver`; one that is None is left out."""
    seconds = int(now.timestamp())
    claims = {
        "iss": "frontend",
        "sub": "receiver",
        "aud": ENDPOINT,
        "iat": seconds,
        "exp": seconds + 60,
        "jti": str(uuid4()),
    }
    return {name: value for name, value in (claims | changed).items() if value is not None}


async def ask(client: httpx.AsyncClient, assertion: str, **form: str) -> httpx.Response:
    return await client.post("/auth/token", data={"grant_type": GRANT, "assertion": assertion} | form)
