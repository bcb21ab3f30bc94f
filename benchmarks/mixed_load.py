"""The day's load of a city in a process of its own: lookups, registrations, steps, lists, searches, reports.

Notes what was sent and what was acknowledged (tests/faults/storms/ledger.py), and the time of each lookup.
"""

import asyncio
import random
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final

import uvloop

from benchmarks.load import in_flight, paced
from tests.faults.storms.ledger import Ledger
from tests.faults.storms.load import MARK_NUMBER, Callers, Heard, calling

CALLERS: Final = 32
_WARM_SECONDS: Final = 3.0
_ROUND_SECONDS: Final = 4.0
_ROUNDS: Final = 3

# Of a hundred requests. Who registers looks people up more than once; reports are for managers.
MIX: Final = {"lookup": 60, "registration": 14, "step": 10, "list": 8, "search": 7, "report": 1}
_SEARCHES: Final[list[dict[str, Any]]] = [
    {"full_name": "nguyen"},
    {"full_name": "tran"},
    {"id_number": MARK_NUMBER},
]
_LOOKUP_PATHS: Final = ("/verify/", "/citizens/")


@dataclass(frozen=True, slots=True)
class Order:
    """What to do: as many callers as there are for the capacity, or so many requests a second for so long."""

    base_url: str
    tokens: dict[str, str] = field(repr=False)
    ledger: Ledger = field(repr=False)
    seed: int
    per_second: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Lookup:
    """A lookup that was answered; times in seconds of `time.monotonic`."""

    request_id: str
    began: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an order."""

    ledger: Ledger = field(repr=False)
    per_second: float
    answered: Counter[str]
    """How many were answered, by kind."""
    lookups: list[Lookup] = field(repr=False)


class Desks:
    """Sends requests of all kinds in their shares; what nobody knows of is sent again before anything new."""

    def __init__(self, receiver: Callers, manager: Callers, dice: random.Random) -> None:
        self.answered: Counter[str] = Counter()
        self.lookups: list[Lookup] = []
        self._receiver, self._manager, self._dice = receiver, manager, dice
        self._unknown: dict[str, deque[str]] = {"registration": deque(), "step": deque()}
        receiver.hear = self._heard

    def _heard(self, heard: Heard) -> None:
        if heard.told == "200" and heard.path.startswith(_LOOKUP_PATHS):
            self.lookups.append(Lookup(heard.request_id, heard.began, heard.seconds))

    async def one(self) -> None:
        """Make one request of any kind."""
        (kind,) = self._dice.choices(list(MIX), weights=list(MIX.values()))
        told = await self._sent(kind)
        if told in {"200", "201"}:
            self.answered[kind] += 1

    async def _sent(self, kind: str) -> str:
        match kind:
            case "lookup":
                return await self._receiver.look_up()
            case "registration" | "step":
                return await self._change(kind)
            case "list":
                query = self._dice.choice(["", "?status=in_progress", "?limit=50", "?overdue=true"])
                return await self._receiver.read("GET", f"/cases{query}")
            case "search":
                return await self._receiver.read("POST", "/cases/search", json=self._dice.choice(_SEARCHES))
            case _:
                group = self._dice.choice(["status", "procedure", "agency", "day", "officer"])
                return await self._manager.read("GET", f"/reports/cases?group_by={group}")

    async def _change(self, kind: str) -> str:
        unknown = self._unknown[kind]
        key = unknown.popleft() if unknown else f"{self._dice.getrandbits(64):016x}"
        send = self._receiver.register if kind == "registration" else self._receiver.move
        told = await send(key)
        if told not in {"200", "201", "nothing to do"}:
            unknown.append(key)
        return told


@asynccontextmanager
async def _desks(order: Order) -> AsyncIterator[Desks]:
    dice = random.Random(order.seed)  # noqa: S311 - chance that can be repeated, no secret
    async with (
        calling(order.base_url, order.tokens["receiver"], order.ledger, dice) as receiver,
        calling(order.base_url, order.tokens["manager0"], order.ledger, dice, username="manager0") as manager,
    ):
        receiver.may_log_in_again = manager.may_log_in_again = True
        yield Desks(receiver, manager, dice)


async def _carried_out(order: Order) -> Done:
    async with _desks(order) as desks:
        if order.per_second is None:
            await in_flight(desks.one, callers=CALLERS, seconds=_WARM_SECONDS)
            loads = [
                await in_flight(desks.one, callers=CALLERS, seconds=_ROUND_SECONDS) for _ in range(_ROUNDS)
            ]
            per_second = max(load.per_second for load in loads)
        else:
            load = await paced(desks.one, per_second=order.per_second, seconds=order.seconds)
            per_second = load.per_second
        return Done(order.ledger, per_second, desks.answered, desks.lookups)


def _serve(orders: Connection) -> None:
    while (order := orders.recv()) is not None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            orders.send(runner.run(_carried_out(order)))


class Generator:
    """The process that makes the load."""

    def __init__(self, orders: Connection) -> None:
        self._orders = orders

    async def carry_out(self, order: Order) -> Done:
        """Have an order carried out.

        Raises:
            EOFError: the process has ended instead.
        """
        self._orders.send(order)
        done: Done = await asyncio.to_thread(self._orders.recv)
        return done


@contextmanager
def running_generator() -> Iterator[Generator]:
    """Run the process; it ends with the block whatever it is at."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Generator(ours)
    finally:
        process.kill()
        process.join()
