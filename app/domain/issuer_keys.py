"""Where the public keys of another issuer come from: a port, in words of the domain."""

from typing import Any, Protocol


class IssuerUnreachableError(Exception):
    """The issuer gave no set of keys: whether a key is its own, nobody can tell now."""


class IssuerKeySource(Protocol):
    """Gives the keys that the issuer publishes at this moment."""

    async def fetch(self) -> list[Any]:
        """Return the JSON Web Keys of the issuer's set, as they are.

        Raises:
            IssuerUnreachableError: no answer in time, or one that is no set of keys.
        """
        ...
