"""Keep a city's load up for long and break something every minute: `python -m benchmarks.soak --minutes 30`.

Takes the capacity of one worker first, on PostgreSQL and a register over SOAP, and then offers 70 % of it:
lookups, registrations, steps, lists, searches, reports. Faults, ledger and invariants are those of
`make test-faults`. Ends with 1 if anything acknowledged is lost or the worker's memory grows. Half an hour
takes 3 GB of the temporary folder.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

from benchmarks.growth import Sample
from benchmarks.mixed_load import Done, Generator, Order, running_generator
from benchmarks.served import resident_megabytes
from benchmarks.soak_report import Report, Window, told
from tests.faults.storms.clocked import turn_clock
from tests.faults.storms.faults import ENDINGS, FAULTS_OF_ONE_PROCESS
from tests.faults.storms.invariants import verified
from tests.faults.storms.load import calling
from tests.faults.storms.world import World, open_world
from tests.processes import Program, free_port

SHARE: Final = 0.7
_SAMPLE_SECONDS: Final = 5.0
_ALL: Final = ENDINGS | FAULTS_OF_ONE_PROCESS


@dataclass
class Watch:
    """What is seen of the run from outside, in minutes since its begin."""

    began: float
    windows: list[Window] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    """Questions that the register got: their ids and when."""

    @property
    def minute(self) -> float:
        """How far the run is."""
        return (time.monotonic() - self.began) / 60


def planned(times: int, dice: random.Random) -> list[str]:
    """Choose faults: each once before any comes again, and the service's ends first.

    One process is then watched for all the rest of the time.
    """
    plan = list(ENDINGS)
    while len(plan) < times:
        plan += dice.sample(sorted(FAULTS_OF_ONE_PROCESS), len(FAULTS_OF_ONE_PROCESS))
    return plan[:times]


def make_ready(world: World) -> None:
    """Start the service as it is always started, for its database, and then by a clock that can be turned."""
    turn_clock(world.clock_file, 0.0)
    world.workers, world.program = "1", Program(port=free_port())
    world.start()
    world.end()
    clocked = ("tests.faults.storms.clocked", str(world.clock_file))
    world.program = replace(world.program, command=clocked)
    world.start()


async def soaked(world: World, arguments: argparse.Namespace) -> Report:
    """Take the capacity, keep the load up with faults, send again what is unknown, and judge."""
    await asyncio.to_thread(make_ready, world)
    base_url = world.service.base_url
    tokens = {name: world.service.token(name) for name in ("receiver", "manager0")}
    with running_generator() as generator:
        order = Order(base_url, tokens, world.ledger, arguments.seed)
        first = await generator.carry_out(order)
        say(f"capacity: {first.per_second:.0f} requests a second; {SHARE * first.per_second:.0f} from now on")
        order = Order(
            base_url,
            tokens,
            first.ledger,
            arguments.seed + 1,
            per_second=SHARE * first.per_second,
            seconds=60 * arguments.minutes,
        )
        watch, done = await watched(world, generator, order, arguments)
    world.ledger = done.ledger
    async with calling(base_url, world.service.token("receiver"), world.ledger, world.dice) as callers:
        await world.settle(callers)
    await note_received(world, watch)
    world.end()
    return judged(world, first, done, watch)


async def watched(
    world: World, generator: Generator, order: Order, arguments: argparse.Namespace
) -> tuple[Watch, Done]:
    """Inject the faults while the load lasts, and take the memory."""
    watch = Watch(time.monotonic())
    async with sampling(world, watch):
        load = asyncio.create_task(generator.carry_out(order))
        plan = planned(int(60 * arguments.minutes / arguments.every), world.dice)
        for number, name in enumerate(plan):
            due = watch.began + (number + 0.5) * arguments.every
            await asyncio.wait({load}, timeout=max(0.0, due - time.monotonic()))
            if load.done():
                break
            await inject(world, watch, name)
        return watch, await load


async def inject(world: World, watch: Watch, name: str) -> None:
    """Do what a fault does, and note when it was over."""
    await note_received(world, watch)
    minute, began = watch.minute, time.monotonic()
    times = await _ALL[name](world)
    window = Window(minute, name, times, began, time.monotonic())
    watch.windows.append(window)
    say(f"minute {minute:.1f}: {name}, {times} times, {window.healed - began:.1f} s")


async def note_received(world: World, watch: Watch) -> None:
    """Take over what the register received, so that its journal stays short."""
    received = await asyncio.to_thread(world.simulator.received)
    await asyncio.to_thread(world.simulator.reset)
    watch.received += [{name: entry[name] for name in ("request_id", "at")} for entry in received]


@asynccontextmanager
async def sampling(world: World, watch: Watch) -> AsyncIterator[None]:
    """Take the memory of the service's process every few seconds."""

    async def sample() -> None:
        while True:
            with suppress(OSError):
                if (process := world.process_id) is not None:
                    watch.samples.append(Sample(watch.minute, process, resident_megabytes(process)))
            await asyncio.sleep(_SAMPLE_SECONDS)

    task = asyncio.create_task(sample())
    try:
        yield
    finally:
        task.cancel()


def judged(world: World, first: Done, done: Done, watch: Watch) -> Report:
    """Hold what was acknowledged against the database, and have the log verified."""
    ledger, evidence, wrong = world.ledger, world.evidence, []
    evidence.look()
    status, word = verified(world.environment())
    checks = (
        evidence.check_every_lookup_ended_once,
        lambda: evidence.check_nothing_was_asked_unseen(
            watch.received, with_times=not world.clock_was_turned
        ),
    )
    for check in checks:
        try:
            check()
        except AssertionError as failed:
            wrong.append(str(failed))
    return Report(
        capacity=first.per_second,
        done=done,
        windows=watch.windows,
        samples=watch.samples,
        logs=world.logs,
        lost=evidence.lost_lookups(ledger) + evidence.lost_cases(ledger),
        receipts=evidence.wrong_receipts(ledger),
        wrong=[*wrong, *ledger.surprises],
        verifier=(status, word.partition("\n")[0]),
    )


def say(line: str) -> None:
    """Tell how far it is, beside the table."""
    sys.stderr.write(f"{line}\n")


def main() -> None:
    """Soak and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0, help="How long the load lasts.")
    parser.add_argument("--every", type=float, default=60.0, help="Seconds from one fault to the next.")
    parser.add_argument("--seed", type=int, help="Repeats the choices of another run.")
    arguments = parser.parse_args()
    if arguments.seed is None:
        arguments.seed = random.randrange(10**6)  # noqa: S311 - no secret
    say(f"seed: {arguments.seed}")
    with open_world(arguments.seed) as world:
        report = asyncio.run(soaked(world, arguments))
        lines, is_met = told(report)
    sys.stdout.write("\n".join([f"seed: {arguments.seed}", *lines]) + "\n")
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
