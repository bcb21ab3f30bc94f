"""A script with an officer's account that knows a name, birth date and province, and guesses the number.

The first six digits follow from what it knows; a million numbers are left. It asks as fast as the service
answers, over several connections, by every lookup, with a new token now and then. When the budget of misses
is used up it is cut off, but for what was under way at that moment, however many processes serve it.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.api.conftest import NGOC
from tests.databases import PostgresCopies
from tests.processes import Service, running_service

MISSES: Final = 15
GUESSES: Final = 64
CONNECTIONS: Final = 8
KNOWN: Final = NGOC["id_number"][:6]


@pytest.fixture(params=["one process on sqlite", "two processes on postgres"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    if "sqlite" in request.param:
        with running_service(f"sqlite:///{tmp_path}/service.db", tmp_path) as service:
            yield service
        return
    postgres: PostgresCopies = request.getfixturevalue("postgres")
    name = postgres.create()
    with running_service(postgres.url_of(name), tmp_path, workers="2") as service:
        yield service
    postgres.drop(name)


@dataclass(frozen=True)
class Guesser:
    """The script, on one of its connections."""

    service: Service
    token: str

    def guess(self, number: int) -> httpx.Response:
        claim: dict[str, Any] = NGOC | {"id_number": f"{KNOWN}{700_000 + number}"}
        why = {"procedure_code": "1.004194"}
        path, body = (
            ("/verify/id-card", why | claim),
            ("/citizens/share", why | claim),
            ("/verify/household-head", why | {"head": claim, "members": [{"id_number": "100164000102"}]}),
        )[number % 3]
        headers = {"Authorization": f"Bearer {self.token}"}
        # A connection of its own for each guess, so that every process gets its share.
        return httpx.post(f"{self.service.base_url}{path}", json=body, headers=headers, timeout=30)


def test_a_script_that_guesses_a_number_is_cut_off_after_its_misses(service: Service) -> None:
    guessers = [Guesser(service, service.token("receiver")) for _ in range(2)]
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        answers = list(
            threads.map(lambda number: guessers[number % len(guessers)].guess(number), range(GUESSES))
        )
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {200, 429}
    # A miss counts when it is known: what the other connections had under way is still answered.
    assert MISSES <= statuses[200] < MISSES + CONNECTIONS
    assert all("not_found" in answer.text for answer in answers if answer.status_code == 200)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.json()["code"] for answer in refused} == {"lookup-budget-exceeded"}
    assert all(1 <= int(answer.headers["retry-after"]) <= 660 for answer in refused)
    # Even the right number tells nothing now, and a new token is no new officer.
    again = Guesser(service, service.token("receiver"))
    assert again.guess(0).status_code == 429
    right = httpx.post(
        f"{service.base_url}/verify/id-card",
        json={"procedure_code": "1.004194", **NGOC},
        headers={"Authorization": f"Bearer {again.token}"},
        timeout=30,
    )
    assert (right.status_code, "exists" in right.text) == (429, False)


def test_what_the_script_did_is_on_record_and_told_to_an_auditor(service: Service) -> None:
    guesser = Guesser(service, service.token("receiver"))
    for number in range(MISSES + 3):
        guesser.guess(number)
    headers = {"Authorization": f"Bearer {service.token('auditor')}"}
    with httpx.Client(base_url=service.base_url, headers=headers, timeout=30) as auditor:
        records = auditor.get("/audit/records?officer=receiver&limit=200").raise_for_status().json()["items"]
        kinds = Counter(item["record"]["kind"] for item in records)
        told = auditor.get("/reports/snooping").raise_for_status().text
    assert kinds["INTENT"] == kinds["OUTCOME"] == MISSES
    assert kinds["DENIED"] == 3
    assert "neighbours" in told or "neighbouring" in told
    assert "misses" in told
    assert b'"alert"' in service.log.read_bytes()
