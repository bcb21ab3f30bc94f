"""Services that are not the world's own one: how they are called and judged."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.faults.storms.invariants import Evidence, verified
from tests.faults.storms.ledger import Ledger
from tests.faults.storms.load import Callers, calling
from tests.faults.storms.world import World
from tests.processes import Service


def calling_service(
    world: World, service: Service, ledger: Ledger | None = None
) -> AbstractAsyncContextManager[Callers]:
    return calling(
        service.base_url, service.token("receiver"), world.ledger if ledger is None else ledger, world.dice
    )


def judge_apart(world: World, fault: str, url: str, ledger: Ledger, folder: Path, *, times: int = 1) -> None:
    """Judge a service that is not the world's own one."""
    evidence = Evidence(url)
    evidence.look()
    lost = evidence.lost_lookups(ledger) + evidence.lost_cases(ledger)
    settings = {"database_url": url, "key_file": f"{folder}/keys.json"} | {
        name: value
        for name, value in world.settings_apart(folder).items()
        if name in {"audit_origin", "audit_anchor_directory"}
    }
    status, word = verified(
        world.environment() | {f"MOTCUA_{name.upper()}": value for name, value in settings.items()}
    )
    world.note(fault, times, ledger.acknowledged, len(lost), status, word)
    assert not lost, f"lost: {lost[:5]}"
    assert not ledger.surprises, f"unexplained: {ledger.surprises[:5]}"
    assert status == 0, word
    evidence.check_every_lookup_ended_once()
    evidence.check_receipts(ledger)
