"""Looks names up apart from everything else, so that a name server that hangs holds up nobody but its askers.

The event loop looks names up in a small pool that the whole process shares: a few that hang there stop all,
also those of the population database. It opens no connection.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

# A host and the family of its addresses.
_Question = tuple[str, int]

_NUMERIC: Final = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
_NO_LOOKUP: Final = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a name, written in numbers."""

    host: str
    family: int
    protocol: int


class NameLookups:
    """Asks the system for names, each name in a thread of its own and once at a time.

    Others who ask for a name that is being looked up wait for the same answer, so there are no more threads
    than names. They are daemons: a pool's threads are waited for when the process ends, and one that hangs
    would hold that up for half a minute.
    """

    def __init__(self) -> None:
        self._under_way: dict[_Question, asyncio.Future[list[Address]]] = {}

    async def addresses(self, host: str, family: int) -> list[Address]:
        """Return the addresses of a name. Who is cancelled leaves at once, however long the system takes.

        Raises:
            OSError: the name has none, or nobody could tell.
        """
        question = host, family
        answer = self._under_way.get(question)
        if answer is None:
            answer = self._begun(question)
        return await asyncio.shield(answer)

    def _begun(self, question: _Question) -> "asyncio.Future[list[Address]]":
        loop = asyncio.get_running_loop()
        thread = Thread(target=self._ask, args=(loop, question), name="name-lookup", daemon=True)
        try:
            thread.start()
        except RuntimeError as exc:
            raise OSError("no thread to look a name up in") from exc
        # It answers through the loop, so not before this is kept.
        answer = self._under_way[question] = loop.create_future()
        return answer

    def _ask(self, loop: asyncio.AbstractEventLoop, question: _Question) -> None:
        found: list[Address] | OSError
        try:
            found = _addresses(question)
        except OSError as failure:
            found = failure
        except Exception as failure:  # noqa: BLE001 - or whoever asks for this name would wait for ever
            found = OSError(f"no look-up: {type(failure).__name__}")
        # The service may have ended meanwhile.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._tell, question, found)

    def _tell(self, question: _Question, found: list[Address] | OSError) -> None:
        answer = self._under_way.pop(question)
        if isinstance(found, OSError):
            answer.set_exception(found)
            # All who asked may have left; then it is nobody's failure.
            answer.exception()
        else:
            answer.set_result(found)


class NameResolver(AbstractResolver):
    """Resolves the names of an aiohttp session's requests, and gives only the addresses that are allowed."""

    def __init__(self, is_allowed: Callable[[str], bool] = lambda _: True) -> None:
        self._is_allowed = is_allowed
        self._names = NameLookups()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve a name.

        Raises:
            OSError: it has no address that is allowed, or nobody could tell.
        """
        found = await self._names.addresses(host, family)
        allowed = [address for address in found if self._is_allowed(address.host)]
        if not allowed:
            raise OSError("no allowed address")
        return [
            ResolveResult(
                hostname=host,
                host=address.host,
                port=port,
                family=address.family,
                proto=address.protocol,
                flags=_NO_LOOKUP,
            )
            for address in allowed
        ]

    async def close(self) -> None:
        """Release nothing: a look-up that hangs is left to itself."""


def _addresses(question: _Question) -> list[Address]:
    host, wanted = question
    found = socket.getaddrinfo(host, 0, family=wanted, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [
        # It asks nobody: it writes an address with the zone that a link-local one needs.
        Address(socket.getnameinfo(address, _NUMERIC)[0], family, protocol)
        for family, _, protocol, _, address in found
    ]
