"""Walks through the contract: what one operation answers goes into the next, as Schemathesis links them."""

from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.api.hostile.operations import OPERATIONS
from tests.api.test_schemathesis import UNDECIDABLE, contract, service, tokens
from tests.processes import Service

__all__ = ["contract", "service", "tokens"]  # fixtures

ACCOUNTS: Final = {(item.method, item.path): item.account for item in OPERATIONS}


@pytest.mark.timeout(300)
def test_no_walk_through_the_contract_leads_astray(
    contract: Any,
    service: Service,
) -> None:
    known = {account: service.token(account) for account in set(filter(None, ACCOUNTS.values()))}

    class Walk(contract.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            account = ACCOUNTS[case.method.upper(), case.operation.path]
            headers = {} if account is None else {"Authorization": f"Bearer {known[account]}"}
            return {"headers": headers, "timeout": 30}

        def validate_response(self, response: Any, case: Any, *_: Any, **__: Any) -> None:
            headers = self.get_call_kwargs(case)["headers"]
            case.validate_response(response, excluded_checks=UNDECIDABLE, headers=headers)

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=25,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
