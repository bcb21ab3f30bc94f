"""The floor under `POST /verify/id-card`: a bare FastAPI route with its models, and nothing behind it.

uvicorn benchmarks.floor:app
"""

from typing import Any, Final

from fastapi import FastAPI

from app.schemas.lookups import VerifyIdCardRead, VerifyIdCardRequest

app = FastAPI(openapi_url=None)

_ANSWER: Final[dict[str, Any]] = {
    "lookup_id": "0191f1de-0000-7000-8000-000000000001",
    "result": "exists",
    "message": "Công dân tồn tại",
    "warnings": [],
    "source": {
        "profile": "floor",
        "is_test_data": True,
        "upstream_request_id": "0191f1de-0000-7000-8000-000000000002",
        "answered_at": "2026-11-24T08:00:00+07:00",
    },
    "audit": {"sequence": 1, "tree_size": 2, "root": "A" * 43 + "="},
}


@app.post("/verify/id-card")
async def verify_id_card(_body: VerifyIdCardRequest) -> VerifyIdCardRead:
    """Say yes to whatever is asked."""
    return VerifyIdCardRead.model_validate(_ANSWER)
