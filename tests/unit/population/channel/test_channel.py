"""What is sent beside the question, and what becomes of each answer."""

import asyncio
import base64
import hashlib
import json
from io import StringIO

import httpx
import pytest
import respx

from app.adapters.population.upstream import CircuitState, Operation
from app.errors import (
    PopulationDatabaseError,
    PopulationDatabaseMismatchError,
    PopulationDatabaseRefusedError,
    PopulationDatabaseTimeoutError,
    PopulationDatabaseUnavailableError,
)
from tests.unit.population.channel.channels import (
    DIRECT,
    LGSP,
    MARK,
    SECRET,
    TOKEN_URL,
    URL,
    Clock,
    Heard,
    TransportMocker,
    opened,
    question,
    read,
    reply,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def register() -> "respx.MockRouter":
    return respx.MockRouter(using=TransportMocker.name, assert_all_called=False)


@pytest.mark.parametrize(("unit", "timestamp"), [("ms", "1800000000000"), ("s", "1800000000")])
async def test_a_direct_call_is_signed_over_its_address_and_time(
    register: respx.MockRouter, unit: str, timestamp: str
) -> None:
    extra = {"npd_timestamp_unit": unit, "npd_x_road_client": "VN/GOV/H24", "npd_api_key": "k"}
    with register:
        route = register.post(URL).mock(return_value=reply(200, content=b"ok"))
        async with opened(DIRECT | extra) as channel:
            assert await channel.ask(question(), read) == b"ok"
    sent = route.calls.last.request
    digest = hashlib.sha256(f"{URL}motcua{timestamp}{SECRET}".encode()).hexdigest()
    assert sent.headers["Timestamp"] == timestamp
    assert (
        base64.b64decode(sent.headers["Authorization"].removeprefix("Basic ")).decode() == f"motcua:{digest}"
    )
    assert (sent.headers["X-Road-Client"], sent.headers["ApiKey"]) == ("VN/GOV/H24", "k")
    assert sent.headers["Content-Type"] == "application/xml"
    assert sent.content == MARK.encode()


async def test_an_address_is_signed_as_it_is_written_and_found_all_the_same(
    register: respx.MockRouter,
) -> None:
    written = "HTTP://LocalHost:80"
    with register:
        route = register.post("http://localhost/").mock(return_value=reply(200))
        async with opened(DIRECT | {"npd_url": written, "npd_timestamp_unit": "s"}) as channel:
            await channel.ask(question(written), read)
    sent = base64.b64decode(route.calls.last.request.headers["Authorization"][6:]).decode()
    signed = f"{written}motcua1800000000{SECRET}".encode()
    assert sent == f"motcua:{hashlib.sha256(signed).hexdigest()}"


async def test_a_known_signature_is_the_one_that_sha256sum_makes(register: respx.MockRouter) -> None:
    # printf 'http://127.0.0.1:9/dancumotcua1800000000BIMATKETNOI' | sha256sum
    known = hashlib.sha256(b"http://127.0.0.1:9/dancumotcua1800000000BIMATKETNOI").hexdigest()
    with register:
        route = register.post(URL).mock(return_value=reply(200))
        async with opened(DIRECT | {"npd_timestamp_unit": "s"}) as channel:
            await channel.ask(question(), read)
    sent = base64.b64decode(route.calls.last.request.headers["Authorization"][6:]).decode()
    assert sent == f"motcua:{known}"


def token(value: str, lifetime: float | None = 100) -> httpx.Response:
    return reply(200, content=json.dumps({"access_token": value, "expires_in": lifetime}).encode())


@pytest.mark.parametrize(
    ("told", "lifetime"),
    [(None, 300), (0, 300), (-1, 300), (9_223_372_036_854_775_807, 86_400), (1e300, 86_400)],
)
async def test_a_token_of_an_odd_lifetime_serves_all_the_same(
    register: respx.MockRouter, told: float | None, lifetime: float
) -> None:
    clock = Clock()
    with register:
        tokens = register.post(TOKEN_URL).mock(side_effect=[token("one", told), token("two", told)])
        register.post(URL).mock(return_value=reply(200))
        async with opened(LGSP, clock=clock) as channel:
            await channel.ask(question(), read)
            clock.now += lifetime - 31
            await channel.ask(question(), read)
            assert tokens.call_count == 1
            clock.now += 31
            await channel.ask(question(), read)
    assert tokens.call_count == 2


async def test_one_token_serves_all_until_shortly_before_its_end(register: respx.MockRouter) -> None:
    clock = Clock()
    partner = {"npd_access_key": "a", "npd_secret_key": "s", "npd_app_name": "n"}
    with register:
        tokens = register.post(TOKEN_URL).mock(side_effect=[token("one"), token("two")])
        calls = register.post(URL).mock(return_value=reply(200))
        async with opened(LGSP | partner, clock=clock) as channel:
            await asyncio.gather(*(channel.ask(question(), read) for _ in range(20)))
            clock.now += 89
            await channel.ask(question(), read)
            assert tokens.call_count == 1
            clock.now += 2
            await channel.ask(question(), read)
            await asyncio.sleep(0.01)
            await channel.ask(question(), read)
    assert tokens.call_count == 2
    used = [call.request.headers["Authorization"] for call in calls.calls]
    assert used == ["Bearer one"] * 22 + ["Bearer two"]
    told = json.loads(base64.b64decode(calls.calls.last.request.headers["lgspaccesstoken"]))
    assert told == {"AccessKey": "a", "SecretKey": "s", "AppName": "n"}
    asked = tokens.calls.last.request
    assert asked.content == b"grant_type=client_credentials"
    assert base64.b64decode(asked.headers["Authorization"][6:]).decode() == f"motcua:{SECRET}"


async def test_a_refused_token_is_renewed_once_and_then_an_alert(
    register: respx.MockRouter, logs: StringIO
) -> None:
    with register:
        tokens = register.post(TOKEN_URL).mock(side_effect=[token("one"), token("two"), token("three")])
        register.post(URL).mock(side_effect=[reply(401), reply(200, content=b"ok")])
        async with opened(LGSP) as channel:
            assert await channel.ask(question(), read) == b"ok"
            assert tokens.call_count == 2
            register.post(URL).mock(side_effect=[reply(401), reply(401)])
            with pytest.raises(PopulationDatabaseError) as raised:
                await channel.ask(question(), read)
    assert type(raised.value) is PopulationDatabaseError
    assert tokens.call_count == 3
    assert "population-credentials-refused" in logs.getvalue()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(500), PopulationDatabaseError),
        (reply(401), PopulationDatabaseError),
        (reply(200, content=b"<html>"), PopulationDatabaseError),
        (reply(503, headers={"Retry-After": "7"}), PopulationDatabaseUnavailableError),
    ],
)
async def test_no_token_is_no_answer(
    register: respx.MockRouter, answer: httpx.Response, error: type[PopulationDatabaseError]
) -> None:
    with register:
        register.post(TOKEN_URL).mock(return_value=answer)
        calls = register.post(URL).mock(return_value=reply(200))
        async with opened(LGSP) as channel:
            with pytest.raises(PopulationDatabaseError) as raised:
                await channel.ask(question(), read)
    assert (type(raised.value), calls.call_count) == (error, 0)


async def test_a_token_that_fails_to_come_counts_once_however_many_wait_for_it(
    register: respx.MockRouter,
) -> None:
    async def slow_failure(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.01)
        return reply(500)

    heard = Heard()
    with register:
        tokens = register.post(TOKEN_URL).mock(side_effect=slow_failure)
        async with opened(LGSP, heard=heard) as channel:
            for fetches in range(1, 6):
                assert channel.status().state == "available"
                ended = await asyncio.gather(
                    *(channel.ask(question(), read) for _ in range(10)), return_exceptions=True
                )
                assert {type(error) for error in ended} == {PopulationDatabaseError}
                assert tokens.call_count == fetches
            assert channel.status().state == "unavailable"
    assert heard.states == [CircuitState.OPEN]


@pytest.mark.parametrize(
    ("answer", "error", "retry_after"),
    [
        (reply(500, content=b"<html>"), PopulationDatabaseError, None),
        (reply(302, headers={"Location": URL}), PopulationDatabaseError, None),
        (reply(404), PopulationDatabaseError, None),
        (reply(200, headers={"Content-Encoding": "br"}), PopulationDatabaseError, None),
        (reply(503, headers={"Content-Encoding": "br"}), PopulationDatabaseUnavailableError, 5),
        (reply(401), PopulationDatabaseError, None),
        (reply(200, content=b"garbage"), PopulationDatabaseError, None),
        (reply(429, headers={"Retry-After": "7"}), PopulationDatabaseUnavailableError, 7),
        (reply(503, headers={"Retry-After": "99999"}), PopulationDatabaseUnavailableError, 86_400),
        (reply(503, headers={"Retry-After": "soon"}), PopulationDatabaseUnavailableError, 5),
        (reply(503), PopulationDatabaseUnavailableError, 5),
        (
            reply(503, headers={"Retry-After": "Fri, 15 Jan 2027 08:00:09 GMT"}),
            PopulationDatabaseUnavailableError,
            9,
        ),
        *(
            (reply(503, headers={"Retry-After": date}), PopulationDatabaseUnavailableError, 5)
            for date in (
                "Fri, 15 Jan 10000 08:00:09 GMT",
                "Fri, 15 Jan 99999999999999999999 08:00:09 GMT",
                "Fri, 15 Jan 2027 08:00:09 +99999999999999",
            )
        ),
        (reply(500, content=b"refused"), PopulationDatabaseRefusedError, None),
        (reply(403, content=b"refused"), PopulationDatabaseRefusedError, None),
        (reply(401, content=b"refused"), PopulationDatabaseRefusedError, None),
        (httpx.ConnectTimeout("x"), PopulationDatabaseTimeoutError, None),
        (httpx.ReadTimeout("x"), PopulationDatabaseTimeoutError, None),
        (httpx.RemoteProtocolError(MARK), PopulationDatabaseError, None),
    ],
)
async def test_each_failure_is_its_own_error_and_tells_nothing(
    register: respx.MockRouter,
    logs: StringIO,
    answer: httpx.Response | Exception,
    error: type[PopulationDatabaseError],
    retry_after: int | None,
) -> None:
    heard = Heard()
    with register:
        route = register.post(URL).mock(side_effect=[answer])
        async with opened(DIRECT, heard=heard) as channel:
            with pytest.raises(PopulationDatabaseError) as raised:
                await channel.ask(question(), read)
    assert (type(raised.value), raised.value.retry_after_seconds) == (error, retry_after)
    assert route.call_count == 1
    assert heard.ended == [(Operation.VERIFY, error.code)]
    for secret in (MARK, SECRET, "127.0.0.1", "Basic"):
        assert secret not in logs.getvalue() + str(raised.value)


@pytest.mark.parametrize("recovers", [True, False])
async def test_a_connection_that_did_not_come_about_is_tried_once_more(
    register: respx.MockRouter, *, recovers: bool
) -> None:
    second = reply(200, content=b"ok") if recovers else httpx.ConnectError("x")
    with register:
        route = register.post(URL).mock(side_effect=[httpx.ConnectError("x"), second])
        async with opened(DIRECT) as channel:
            if recovers:
                assert await channel.ask(question(), read) == b"ok"
            else:
                with pytest.raises(PopulationDatabaseError):
                    await channel.ask(question(), read)
    assert route.call_count == 2


async def test_retries_are_few_beside_the_calls(register: respx.MockRouter) -> None:
    with register:
        route = register.post(URL).mock(side_effect=httpx.ConnectError("x"))
        async with opened(DIRECT | {"npd_circuit_failures": 1000}) as channel:
            for _ in range(100):
                with pytest.raises(PopulationDatabaseError):
                    await channel.ask(question(), read)
    assert 110 <= route.call_count <= 125


async def test_failures_in_a_row_open_the_circuit_of_their_operation_alone(
    register: respx.MockRouter,
) -> None:
    clock, heard = Clock(), Heard()
    with register:
        route = register.post(URL).mock(return_value=reply(500))
        async with opened(DIRECT, clock=clock, heard=heard) as channel:
            for _ in range(5):
                channel.refuse_if_unavailable(Operation.VERIFY)
                with pytest.raises(PopulationDatabaseError):
                    await channel.ask(question(), read)
            assert (channel.status().state, channel.status().retry_after_seconds) == ("unavailable", 5)
            clock.now += 1.5
            with pytest.raises(PopulationDatabaseUnavailableError) as refused:
                await channel.ask(question(), read)
            assert refused.value.retry_after_seconds == 4
            with pytest.raises(PopulationDatabaseUnavailableError):
                channel.refuse_if_unavailable(Operation.VERIFY)
            assert route.call_count == 5
            register.post(URL).mock(return_value=reply(200))
            await channel.ask(question(operation=Operation.SHARE), read)
            assert channel.status().state == "degraded"
            clock.now += 3.5
            await channel.ask(question(), read)
            assert channel.status().state == "available"
    assert heard.states == [CircuitState.OPEN, CircuitState.HALF_OPEN, CircuitState.CLOSED]


async def test_a_probe_that_fails_opens_the_circuit_for_another_pause(register: respx.MockRouter) -> None:
    clock = Clock()
    with register:
        register.post(URL).mock(return_value=reply(500))
        async with opened(DIRECT | {"npd_circuit_failures": 1}, clock=clock) as channel:
            for _ in range(2):
                with pytest.raises(PopulationDatabaseError) as failed:
                    await channel.ask(question(), read)
                assert type(failed.value) is PopulationDatabaseError
                assert channel.status().state == "unavailable"
                clock.now += 5
                assert channel.status().state == "degraded"


async def test_refusals_and_mismatches_are_signs_of_life(register: respx.MockRouter) -> None:
    def mismatch(_body: bytes) -> bytes:
        raise PopulationDatabaseMismatchError

    bad, good = reply(500), reply(200)
    with register:
        register.post(URL).mock(side_effect=[*[bad] * 4, good, *[bad] * 4, reply(403, content=b"refused")])
        async with opened(DIRECT) as channel:
            for turn in range(10):
                with pytest.raises(PopulationDatabaseError):
                    await channel.ask(question(), mismatch if turn == 4 else read)
            assert channel.status().state == "available"


async def test_too_many_at_once_wait_and_too_many_waiting_are_refused(register: respx.MockRouter) -> None:
    gate, begun = asyncio.Event(), asyncio.Event()

    async def held(_request: httpx.Request) -> httpx.Response:
        begun.set()
        await gate.wait()
        return reply(200)

    with register:
        register.post(URL).mock(side_effect=held)
        async with opened(DIRECT | {"npd_max_in_flight": 1, "npd_max_waiting": 1}) as channel:
            first = asyncio.create_task(channel.ask(question(), read))
            second = asyncio.create_task(channel.ask(question(), read))
            await begun.wait()
            await asyncio.sleep(0)
            with pytest.raises(PopulationDatabaseUnavailableError):
                await channel.ask(question(), read)
            with pytest.raises(PopulationDatabaseUnavailableError):
                channel.refuse_if_unavailable(Operation.VERIFY)
            second.cancel()
            await asyncio.sleep(0)
            third = asyncio.create_task(channel.ask(question(), read))
            await asyncio.sleep(0)
            gate.set()
            assert (await first, await third) == (b"", b"")
            assert channel.status().state == "available"
