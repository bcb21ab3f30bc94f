"""What belongs to the service reaches it through nginx, from where it came, and leaves no trace of people."""

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.problems.catalogue import BY_CODE
from app.schemas.problem import Problem
from tests.processes import Service
from tests.proxy.nginx import Nginx

NUMBER = "100190000001"
LOOKUP = {
    "procedure_code": "1.004194",
    "full_name": "NGUYỄN THỊ MINH NGỌC",
    "id_number": NUMBER,
    "birth_date": "1990-07-30",
}


def bearer(client: httpx.Client, username: str) -> dict[str, str]:
    form = {"grant_type": "password", "username": username, "password": "sandbox"}
    answer = client.post("/auth/token", data=form).raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def check_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = Problem.model_validate(answer.json() | {"errors": answer.json().get("errors")})
    assert (problem.status, problem.code) == (status, code)
    assert answer.json()["title"] == BY_CODE[code].title.in_language("vi")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_lookup_is_recorded_with_the_address_that_nginx_saw(far_client: httpx.Client) -> None:
    headers = bearer(far_client, "receiver") | {
        "X-Forwarded-For": "203.0.113.7, 127.0.0.1",
        "X-Real-IP": "203.0.113.8",
        "Forwarded": "for=203.0.113.9",
    }
    answer = far_client.post("/verify/id-card", json=LOOKUP, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["result"] == "exists"
    record = _record(far_client, answer.json()["audit"]["sequence"])
    assert record["source_address"] == "127.0.0.2"


def _record(client: httpx.Client, sequence: int) -> dict[str, Any]:
    answer = client.get(f"/audit/records/{sequence}", headers=bearer(client, "auditor"))
    record: dict[str, Any] = answer.raise_for_status().json()["record"]
    return record


def test_a_request_id_and_hsts_come_back(client: httpx.Client) -> None:
    answer = client.get("/audit/public-key", headers={"X-Request-Id": "desk-2.0815"})
    assert answer.headers["x-request-id"] == "desk-2.0815"
    assert answer.headers.get_list("strict-transport-security") == ["max-age=31536000"]


def test_a_large_answer_comes_whole(client: httpx.Client, served: Service) -> None:
    assert client.get("/openapi.json").content == httpx.get(f"{served.base_url}/openapi.json").content


ADMINISTRATION = (
    "/metrics",
    "/health/ready",
    "/officers",
    "/officers/receiver",
    "/agencies",
    "/clients",
    "/webhooks",
    "/webhooks/1/dead-letters",
    "//metrics",
    "/./metrics",
    "/x/../metrics",
    "/x/%2e%2e/metrics",
    "/%6Detrics",
    "/metrics%0A",
    "/metrics/",
    "http://127.0.0.1/metrics",
)


@pytest.mark.parametrize("target", ADMINISTRATION)
def test_administration_does_not_exist_for_desks_however_it_is_written(nginx: Nginx, target: str) -> None:
    with nginx.connected() as peer:
        peer.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        heard = b"".join(_all_of(peer))
    assert heard.startswith(b"HTTP/1.1 404 ")
    assert b'"code":"not-found"' in heard


def _all_of(peer: socket.socket) -> Iterator[bytes]:
    while heard := peer.recv(65_536):
        yield heard


def test_procedures_can_be_read_by_desks_and_not_replaced(client: httpx.Client) -> None:
    headers = bearer(client, "receiver")
    assert client.get("/procedures/1.004194", headers=headers).status_code == 200
    check_problem(client.put("/procedures/1.004194", json={}, headers=headers), 404, "not-found")


def test_a_refusal_of_the_services_own_passes_as_it_is(client: httpx.Client) -> None:
    headers = bearer(client, "receiver")
    check_problem(client.get("/audit/records", headers=headers), 403, "insufficient-scope")


def test_operations_have_figures_and_health(operations: httpx.Client) -> None:
    assert operations.get("/health/ready").status_code == 200
    assert "motcua_" in operations.get("/metrics").text


def test_others_find_nothing_at_the_operations_listener(stranger_to_operations: httpx.Client) -> None:
    check_problem(stranger_to_operations.get("/metrics"), 404, "not-found")
    check_problem(stranger_to_operations.get("/audit/public-key"), 404, "not-found")


def test_only_tls_from_1_2_on_is_spoken(nginx: Nginx) -> None:
    with nginx.connected() as peer:
        assert peer.version() == "TLSv1.3"
    plain = httpx.get(f"http://127.0.0.1:{nginx.port}/audit/public-key")
    check_problem(plain, 400, "malformed-request")


def test_nginx_logs_no_path_no_query_no_header_and_no_body(client: httpx.Client, nginx: Nginx) -> None:
    marks = ["Zzmarkpathzz", "Zzmarkqueryzz", "Zzmarkagentzz", "Zzmarkbodyzz", NUMBER]
    headers = {"User-Agent": marks[2], "Referer": f"https://desk.example/{NUMBER}"}
    client.get(f"/cases/{marks[0]}?name={marks[1]}&number={NUMBER}", headers=headers)
    client.post("/verify/id-card", json=LOOKUP | {"full_name": marks[3]}, headers=headers)
    client.get(f"/{marks[0]}/" + NUMBER * 2000, headers=headers)
    client.post("/verify/id-card", content=(marks[3] + NUMBER).encode() * 40_000, headers=headers)
    for method in ("TRACE", f"ZZMARK{NUMBER}"):
        client.request(method, f"/{marks[0]}/{NUMBER}", headers=headers)
    logged = nginx.logged()
    assert '"area":"verify"' in logged
    assert [mark for mark in marks if mark.lower() in logged.lower()] == []
    assert f"ZZMARK{NUMBER}" not in logged


def test_no_body_reaches_a_file(client: httpx.Client, nginx: Nginx) -> None:
    # As large as the limit lets it be.
    answer = client.post("/verify/id-card", content=b"x" * 262_144)
    assert answer.status_code == 401
    assert "temporary file" not in nginx.logged()
    assert [path for path in nginx.folder.glob("temp-*/**/*") if path.is_file()] == []
