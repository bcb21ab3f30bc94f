"""Walks through the contract: what one operation answers goes into the next, as Schemathesis links them."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.api.test_schemathesis import ACCOUNTS, UNDECIDABLE, contract, service, tokens

__all__ = ["contract", "service", "tokens"]  # fixtures


@pytest.mark.timeout(300)
def test_no_walk_through_the_contract_leads_astray(
    contract: Any,
    tokens: dict[str, str],
) -> None:
    class Walk(contract.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            token = tokens[ACCOUNTS[case.method.upper(), case.operation.path]]
            return {"headers": {"Authorization": f"Bearer {token}"}, "timeout": 30}

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
