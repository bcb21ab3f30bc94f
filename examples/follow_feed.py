"""Follow the feed of changes, as the back end of a portal does.

    python examples/follow_feed.py http://127.0.0.1:8000 last-sequence.txt

Needs Python only. Prints each change once, keeps the last sequence in the file, and ends when there is
nothing new: run it again, from a timer, to go on.
"""

import json
import sys
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import Any

BASE = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000"
PLACE = Path(sys.argv[2] if len(sys.argv) > 2 else "last-sequence.txt")  # noqa: PLR2004 - the second argument


def ask(path: str, authorization: str, form: bytes | None = None) -> dict[str, Any]:
    """Ask the service; a failure ends the run, and the next one goes on from where this one was."""
    request = urllib.request.Request(BASE + path, form, {"Authorization": authorization})  # noqa: S310 - the user's own URL
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
        found: dict[str, Any] = json.load(answer)
        return found


def main() -> None:
    """Print what is new."""
    basic = "Basic " + b64encode(b"portal:sandbox").decode()
    token = ask("/auth/token", basic, b"grant_type=client_credentials")["access_token"]
    after = int(PLACE.read_text(encoding="ascii")) if PLACE.exists() else 0
    while changes := ask(f"/cases/changes?after={after}&limit=200", f"Bearer {token}")["items"]:
        for change in changes:
            print(json.dumps(change))
        sys.stdout.flush()
        after = changes[-1]["sequence"]
        # Only now, and in one go: who dies before sees these changes again, never too few.
        fresh = PLACE.with_name(PLACE.name + ".new")
        fresh.write_text(f"{after}\n", encoding="ascii")
        fresh.replace(PLACE)


if __name__ == "__main__":
    main()
