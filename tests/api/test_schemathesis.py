"""The running service against its own OpenAPI document, with requests that Schemathesis makes up from it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.specs.openapi.checks import (
    ensure_resource_availability,
    positive_data_acceptance,
    use_after_free,
)

from tests.processes import Service, running_service

# A shape that is right can still name a case, a procedure or a lookup that does not exist, and texts have
# rules that no pattern tells (a name of blanks only, an impossible date).
UNDECIDABLE: Final = [positive_data_acceptance, ensure_resource_availability, use_after_free]

ACCOUNTS: Final = ("receiver", "auditor")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("schemathesis")
    with running_service(f"sqlite:///{folder / 'service.db'}", folder, budgets="off") as service:
        yield service


@pytest.fixture(scope="module")
def tokens(service: Service) -> dict[str, str]:
    return {account: service.token(account) for account in ACCOUNTS}


@pytest.fixture(scope="module")
def contract(service: Service) -> Any:
    return schemathesis.openapi.from_url(f"{service.base_url}/openapi.json")


DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "openapi.json"
OPERATIONS: Final = [
    (path, method)
    for path, item in json.loads(DOCUMENT.read_text("utf-8"))["paths"].items()
    for method in item
]
# There is no wrong request to make up: no input at all, or a form whose members take any text.
ALWAYS_RIGHT: Final = {
    "/.well-known/jwks.json",
    "/audit/checkpoint",
    "/audit/public-key",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/auth/token",
}
REQUESTS: Final = [
    (path, method, mode)
    for path, method in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or path not in ALWAYS_RIGHT
]


@pytest.mark.parametrize(("path", "method", "mode"), REQUESTS)
def test_every_answer_is_one_that_the_contract_documents(
    contract: Any, tokens: dict[str, str], path: str, method: str, mode: GenerationMode
) -> None:
    # Schemathesis's own parametrisation does not work with this pytest, so the requests are drawn here.
    @given(case=contract[path][method.upper()].as_strategy(mode), account=st.sampled_from(ACCOUNTS))
    @settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any, account: str) -> None:
        case.call_and_validate(
            headers={"Authorization": f"Bearer {tokens[account]}"}, excluded_checks=UNDECIDABLE, timeout=30
        )

    check()


def test_nothing_is_left_out_but_what_no_document_can_decide() -> None:
    assert {check.__name__ for check in UNDECIDABLE} < set(CHECKS.get_all_names())
