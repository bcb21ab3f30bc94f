"""An officer receives a case: log in, three lookups, register it without ever doing so twice, begin the work.

    python examples/desk.py http://127.0.0.1:8000

Needs Python only. Prints the receipt number last.
"""

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any
from uuid import uuid4

BASE = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000"
APPLICANT = {"full_name": "NGUYỄN THỊ MINH NGỌC", "id_number": "100190000001", "birth_date": "1990-07-30"}
TRIES = 5


class ProblemError(Exception):
    """The service refused or failed. Branch on `code`; show the officer `detail`, which is Vietnamese."""

    def __init__(self, status: int, problem: dict[str, Any], retry_after: str | None) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.code = problem.get("code")
        self.retry_after = float(retry_after) if retry_after else None


def post(path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """Send a request once."""
    request = urllib.request.Request(BASE + path, body, headers)  # noqa: S310 - the user's own URL
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as refusal:
        try:
            problem = json.load(refusal)
        except ValueError:  # something between us and the service answered
            problem = {}
        raise ProblemError(refusal.code, problem, refusal.headers.get("Retry-After")) from None


def log_in(username: str, password: str) -> dict[str, str]:
    """Return the headers of this officer's requests."""
    form = urllib.parse.urlencode({"grant_type": "password", "username": username, "password": password})
    token = post("/auth/token", form.encode(), {"Content-Type": "application/x-www-form-urlencoded"})
    return {"Authorization": f"Bearer {token['access_token']}", "Content-Type": "application/json"}


def change(path: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    """Change something exactly once, however often it has to be sent: each try has the same key."""
    keyed = headers | {"Idempotency-Key": str(uuid4())}
    for attempt in range(1, TRIES + 1):
        try:
            return post(path, json.dumps(body).encode(), keyed)
        except ProblemError as problem:
            passes = problem.status in {429, 500, 502, 503, 504} or problem.code == "idempotency-key-in-use"
            if not passes or attempt == TRIES:
                raise
            pause = problem.retry_after or attempt
        except OSError:  # no answer: it may have been done or not, and the key makes asking again safe
            if attempt == TRIES:
                raise
            pause = attempt
        time.sleep(pause)
    raise AssertionError


def main() -> None:
    """Carry one case from the applicant to its first step."""
    headers = log_in("receiver", "sandbox")

    def look_up(path: str, question: dict[str, Any]) -> dict[str, Any]:
        body = {"procedure_code": "1.004194"} | question
        return post(path, json.dumps(body).encode(), headers)

    card = look_up("/verify/id-card", APPLICANT)
    print("identity card:", card["result"])

    head = {"full_name": "LƯƠNG VĂN CẢ", "id_number": "100062000101", "birth_date": "1962-08-19"}
    relatives = [{"id_number": "100164000102"}, {"id_number": APPLICANT["id_number"]}]
    household = look_up("/verify/household-head", {"head": head, "members": relatives})
    results = [member["result"] for member in household["members"]]
    print("household:", household["head"]["result"], *results)

    record = look_up("/citizens/share", APPLICANT | {"fields": ["citizen.permanent_address", "father"]})
    print("record:", record["result"])

    case = change(
        "/cases",
        {
            "procedure_code": "1.004194",
            "channel": "in_person",
            "applicant": APPLICANT,
            "documents": [{"name": "Tờ khai", "copies": 1, "form": "original"}],
            "lookup_ids": [card["lookup_id"]],
        },
        headers,
    )
    change(f"/cases/{case['receipt_number']}/status", {"to": "in_progress"}, headers)
    print("registered:", case["receipt_number"])


if __name__ == "__main__":
    main()
