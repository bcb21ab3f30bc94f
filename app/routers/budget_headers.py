"""Tells with each lookup what its caller has left, in the fields of the IETF's draft on rate limit headers.

    RateLimit-Policy: "lookups";q=30;w=60, "people";q=300;w=86400, "misses";q=15;w=600
    RateLimit: "lookups";r=29;t=60, "people";r=299;t=43200, "misses";r=15;t=0

Of each measure the tightest of the officer's, the agency's and the front end's budget is told.
"""

from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import Response

from app.domain.lookup_budget import Standing

DOCUMENTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "headers": {
            "RateLimit-Policy": {
                "description": "Budgets on lookups: quota `q` in `w` seconds; absent where they are off."
                " (vi: hạn mức tra cứu)",
                "schema": {"type": "string"},
            },
            "RateLimit": {
                "description": "What is left: `r` now, more in `t` seconds. (vi: hạn mức còn lại)",
                "schema": {"type": "string"},
            },
        }
    }
}


def tell_budgets(response: Response, budgets: Sequence[Standing]) -> None:
    """Put what is left on an answer."""
    if not budgets:
        return
    response.headers["RateLimit-Policy"] = ", ".join(
        f'"{budget.measure}";q={budget.limit};w={budget.window_seconds}' for budget in budgets
    )
    response.headers["RateLimit"] = ", ".join(
        f'"{budget.measure}";r={budget.left};t={budget.frees_in_seconds}' for budget in budgets
    )
