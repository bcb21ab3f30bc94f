"""A process of its own that makes an INTENT durable and then lives no longer: its caller kills it."""

import asyncio
import sys
from pathlib import Path

from app.db.engine import Database
from app.keys.key_file import Keys
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from tests.conftest import NOON
from tests.unit.audit.events import make_intent


async def main(database_url: str, key_file: str) -> None:
    sealer = Sealer(Keys.read(Path(key_file)))
    log = AuditLog(Database(database_url), sealer, lambda: NOON, queue_limit=10, timeout_seconds=10)
    log.start()
    intent = make_intent()
    await log.append(intent)
    sys.stdout.write(f"{intent.lookup_id}\n")
    sys.stdout.flush()
    await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
