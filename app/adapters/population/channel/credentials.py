"""Chooses who we are to the operator by the profile of the settings."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from pydantic import SecretStr

from app.adapters.population.channel.authentication import (
    Authentication,
    DirectAuthentication,
    LgspAuthentication,
)
from app.adapters.population.channel.lgsp_token import LgspTokenEndpoint, LgspTokens
from app.adapters.population.channel.statuses import Statuses
from app.adapters.population.channel.transport import Transport
from app.settings.npd import NpdSettings


@asynccontextmanager
async def open_authentication(
    settings: NpdSettings,
    *,
    transport: Transport,
    statuses: Statuses,
    clock: Callable[[], float],
    wall_clock: Callable[[], float],
) -> AsyncIterator[Authentication]:
    """Give the authentication of the profile: signed calls directly, access tokens through an LGSP."""
    if settings.npd_profile == "ndxp-soap":
        yield DirectAuthentication(
            username=settings.npd_username or "",
            secret=settings.npd_secret or SecretStr(""),
            timestamp_unit=settings.npd_timestamp_unit,
            fixed_headers=_direct_headers(settings),
            wall_clock=wall_clock,
        )
        return
    headers = _partner_headers(settings)
    endpoint = LgspTokenEndpoint(
        transport,
        statuses,
        url=str(settings.npd_token_url),
        client_id=settings.npd_client_id or "",
        client_secret=settings.npd_client_secret or SecretStr(""),
        fixed_headers=headers,
    )
    tokens = LgspTokens(endpoint.fetch, timeout_seconds=settings.npd_timeout_seconds, clock=clock)
    try:
        yield LgspAuthentication(tokens, fixed_headers=headers)
    finally:
        await tokens.close()


def _direct_headers(settings: NpdSettings) -> Mapping[str, str]:
    api_key = settings.npd_api_key
    headers = {
        "X-Road-Client": settings.npd_x_road_client,
        "ApiKey": None if api_key is None else api_key.get_secret_value(),
    }
    return {name: value for name, value in headers.items() if value is not None}


def _partner_headers(settings: NpdSettings) -> Mapping[str, str]:
    """Make the partner's own header, which not every LGSP asks for."""
    if settings.npd_access_key is None:
        return {}
    secret_key = settings.npd_secret_key
    partner = {
        "AccessKey": settings.npd_access_key.get_secret_value(),
        "SecretKey": None if secret_key is None else secret_key.get_secret_value(),
        "AppName": settings.npd_app_name,
        "PartnerCode": settings.npd_partner_code,
        "PartnerCodeCus": settings.npd_partner_code_cus,
    }
    told = {name: value for name, value in partner.items() if value is not None}
    return {"lgspaccesstoken": b64encode(json.dumps(told, ensure_ascii=False).encode()).decode()}
