"""Who we are to the operator: the headers that each profile sends with a call."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Final, Literal, Protocol

from pydantic import SecretStr

from app.adapters.population.channel.lgsp_token import LgspTokens

_UNITS_PER_SECOND: Final = {"ms": 1000, "s": 1}


class Authentication(Protocol):
    """Gives the headers of calls. Both methods raise CallFailedError if there are none to be had."""

    async def headers(self, url: str) -> Mapping[str, str]:
        """Return the headers of a call to `url`."""
        ...

    async def headers_after_refusal(self, url: str, refused: Mapping[str, str]) -> Mapping[str, str] | None:
        """Return newer headers than those that were refused; None if that would make no difference."""
        ...


class DirectAuthentication:
    """`ndxp-soap`: each call is signed over its address and time."""

    def __init__(
        self,
        *,
        username: str,
        secret: SecretStr,
        timestamp_unit: Literal["ms", "s"],
        fixed_headers: Mapping[str, str],
        wall_clock: Callable[[], float],
    ) -> None:
        self._username = username
        self._secret = secret
        self._units_per_second = _UNITS_PER_SECOND[timestamp_unit]
        self._fixed_headers = fixed_headers
        self._wall_clock = wall_clock

    async def headers(self, url: str) -> Mapping[str, str]:
        """Sign a call to `url` that is made now."""
        timestamp = str(int(self._wall_clock() * self._units_per_second))
        signed = f"{url}{self._username}{timestamp}{self._secret.get_secret_value()}"
        digest = hashlib.sha256(signed.encode()).hexdigest()
        credentials = b64encode(f"{self._username}:{digest}".encode()).decode()
        return {**self._fixed_headers, "Timestamp": timestamp, "Authorization": f"Basic {credentials}"}

    async def headers_after_refusal(self, url: str, refused: Mapping[str, str]) -> None:
        """Return None: a new signature is made from the same secret."""


class LgspAuthentication:
    """`lgsp-soap` and `lgsp-json`: an access token, and the partner's key where the operator asks for one."""

    def __init__(self, tokens: LgspTokens, *, fixed_headers: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._fixed_headers = fixed_headers

    async def headers(self, url: str) -> Mapping[str, str]:  # noqa: ARG002 - the token is good for any address
        """Return the headers with the token kept, or with a new one."""
        return self._with(await self._tokens.current())

    async def headers_after_refusal(self, url: str, refused: Mapping[str, str]) -> Mapping[str, str]:  # noqa: ARG002 - as above
        """Return the headers with another token than the one that was refused."""
        return self._with(await self._tokens.renewed(refused["Authorization"].removeprefix("Bearer ")))

    def _with(self, token: str) -> Mapping[str, str]:
        return {**self._fixed_headers, "Authorization": f"Bearer {token}"}
