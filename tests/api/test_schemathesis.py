"""The running service against its own OpenAPI document, with requests that Schemathesis makes up from it."""

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

from tests.api.hostile.operations import OPERATIONS
from tests.processes import Service, running_service

# A shape that is right can still name a case, a procedure or a lookup that does not exist, and texts have
# rules that no pattern tells (a name of blanks only, an impossible date).
UNDECIDABLE: Final = [positive_data_acceptance, ensure_resource_availability, use_after_free]

# Who may call an operation, by its method and path: most requests should get past the door.
ACCOUNTS: Final = {(item.method, item.path): item.account or "receiver" for item in OPERATIONS}
STRANGER: Final = "auditor"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("schemathesis")
    with running_service(f"sqlite:///{folder / 'service.db'}", folder) as service:
        yield service


@pytest.fixture(scope="module")
def tokens(service: Service) -> dict[str, str]:
    return {account: service.token(account) for account in {STRANGER, *ACCOUNTS.values()}}


@pytest.fixture(scope="module")
def contract(service: Service) -> Any:
    return schemathesis.openapi.from_url(f"{service.base_url}/openapi.json")


# There is no wrong request to make up: no input at all, or a form whose members take any text.
ALWAYS_RIGHT: Final = {
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/audit/checkpoint",
    "/audit/public-key",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/auth/token",
}
REQUESTS: Final = [
    (path, method.lower(), mode)
    for method, path in ACCOUNTS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or path not in ALWAYS_RIGHT
]


@pytest.mark.parametrize(("path", "method", "mode"), REQUESTS)
def test_every_answer_is_one_that_the_contract_documents(
    contract: Any, tokens: dict[str, str], path: str, method: str, mode: GenerationMode
) -> None:
    # Schemathesis's own parametrisation does not work with this pytest, so the requests are drawn here.
    entitled = ACCOUNTS[method.upper(), path]
    accounts = st.sampled_from((entitled, entitled, STRANGER))

    @given(case=contract[path][method.upper()].as_strategy(mode), account=accounts)
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
