"""Takes token keys into use that were put into the key file while the service runs."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from app.keys.key_file import KeyFileError
from app.keys.token_keys import TokenKeys
from app.pauses import pause
from app.services.tokens import Tokens

log = structlog.get_logger(__name__)

_LOOK_SECONDS: Final = 5.0


class TokenKeyWatch:
    """Looks every few seconds; `changed_keys` gives the file's keys if it was changed since the last look."""

    def __init__(self, tokens: Tokens, changed_keys: Callable[[], TokenKeys | None]) -> None:
        self._tokens = tokens
        self._changed_keys = changed_keys

    async def run(self, *, stopping: asyncio.Event) -> None:
        """Look until `stopping`."""
        while not stopping.is_set():
            await pause(_LOOK_SECONDS, stopping=stopping)
            await self.look()

    async def look(self) -> None:
        """Take the file's keys if it was changed; a file that cannot be used leaves those that are in use."""
        try:
            keys = await asyncio.to_thread(self._changed_keys)
        except KeyFileError as failure:
            log.error("token-keys-not-read", reason=str(failure))  # noqa: TRY400 - the reason says it all
            return
        if keys is not None:
            self._tokens.use_keys(keys)
            log.info("token-keys-read", keys=[key.jwk["kid"] for key in keys.keys])
