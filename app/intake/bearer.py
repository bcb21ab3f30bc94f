"""Takes the bearer token from a request's one Authorization header (RFC 6750 §2.1) and asks who calls."""

import re
from ipaddress import IPv6Address, ip_address
from typing import Final

from starlette.requests import Request

from app.domain.caller import Caller
from app.errors import UnauthenticatedError
from app.services.access import Access

_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.ASCII | re.IGNORECASE)
_UNKNOWN_ADDRESS: Final = "unknown"


class BearerAuthenticator:
    """The `app.state.authenticate` of the service; a token in the query or the body is not looked for."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def __call__(self, request: Request, scopes: frozenset[str]) -> Caller:
        """Tell who calls.

        Raises:
            UnauthenticatedError: no token, more than one, or one that we do not accept.
            InsufficientScopeError: the token lacks one of `scopes`.
            AuditUnavailableError: a refused lookup cannot be put on record.
        """
        headers = request.headers.getlist("authorization")
        found = _BEARER.fullmatch(headers[0]) if len(headers) == 1 else None
        if found is None:
            raise UnauthenticatedError
        return await self._access.admit(
            found.group(1), scopes=scopes, source_address=source_address_of(request)
        )


def source_address_of(request: Request) -> str:
    """Tell where the request came from; a proxy that is believed may still have sent nonsense.

    Who listens on IPv6 sees addresses of IPv4 as a part of it; networks and records name them as they are.
    """
    if request.client is None:
        return _UNKNOWN_ADDRESS
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return _UNKNOWN_ADDRESS
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
