"""Checks who calls: a signature over address and time, or an access token and the partner's key."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from app.simulator.asked import WrongCredentialsError
from app.simulator.options import Options

_MOST_DIGITS: Final = 20
_UNITS_PER_SECOND: Final = {"ms": 1000, "s": 1}

Headers = Mapping[str, str]
"""By their names in lower case."""


def check_signature(headers: Headers, url: str, options: Options, now: float) -> None:
    """Check a direct call's Timestamp, its digest, and the fixed headers that are set.

    Raises:
        WrongCredentialsError: one of them is missing or wrong.
    """
    expected, timestamp = options.credentials, headers.get("timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _MOST_DIGITS):
        raise WrongCredentialsError("Timestamp is no number")
    age = now - int(timestamp) / _UNITS_PER_SECOND[options.timestamp_unit]
    if abs(age) > options.timestamp_seconds:
        raise WrongCredentialsError("Timestamp is not of now")
    digest = hashlib.sha256(f"{url}{expected.username}{timestamp}{expected.secret}".encode()).hexdigest()
    _same("Authorization", _basic(headers), f"{expected.username}:{digest}")
    for name, value in (("x-road-client", expected.x_road_client), ("apikey", expected.api_key)):
        if value is not None:
            _same(name, headers.get(name, ""), value)


class Tokens:
    """Access tokens that were given out, each with the time of its end."""

    def __init__(self, options: Options, clock: Callable[[], float]) -> None:
        self._credentials = options.credentials
        self._clock = clock
        self._ends: dict[str, float] = {}

    def issue(self, headers: Headers, body: bytes, *, lifetime_seconds: float) -> str:
        """Give a token for the client's id and secret, by HTTP Basic or in the form.

        Raises:
            WrongCredentialsError: they are missing or wrong, or it is no client-credentials form.
        """
        form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") != "client_credentials":
            raise WrongCredentialsError("grant_type is not client_credentials")
        told = (
            _basic(headers)
            if "authorization" in headers
            else f"{form.get('client_id', '')}:{form.get('client_secret', '')}"
        )
        _same("client", told, f"{self._credentials.client_id}:{self._credentials.client_secret}")
        self._check_partner(headers)
        now = self._clock()
        self._ends = {token: end for token, end in self._ends.items() if end > now}
        token = secrets.token_urlsafe(24)
        self._ends[token] = now + lifetime_seconds
        return token

    def check(self, headers: Headers) -> None:
        """Check a call's token and the partner's key.

        Raises:
            WrongCredentialsError: one of them is missing, wrong or past its end.
        """
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or self._ends.get(token, 0.0) <= self._clock():
            raise WrongCredentialsError("the token is missing, unknown or past its end")
        self._check_partner(headers)

    def expire_all(self) -> None:
        """End every token now."""
        self._ends.clear()

    def _check_partner(self, headers: Headers) -> None:
        expected = self._credentials
        told = _json_object(headers.get("lgspaccesstoken", ""))
        wanted = {
            "AccessKey": expected.access_key,
            "SecretKey": expected.secret_key,
            "AppName": expected.app_name,
            "PartnerCode": expected.partner_code,
            "PartnerCodeCus": expected.partner_code_cus,
        }
        if told != wanted:
            raise WrongCredentialsError("lgspaccesstoken is missing or wrong")


def _basic(headers: Headers) -> str:
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme != "Basic":
        raise WrongCredentialsError("Authorization is not Basic")
    return _decoded(encoded)


def _decoded(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise WrongCredentialsError("not base64") from None


def _json_object(encoded: str) -> Any:  # noqa: ANN401 - whatever was sent
    try:
        return json.loads(_decoded(encoded))
    except ValueError:
        raise WrongCredentialsError("not JSON in base64") from None


def _same(name: str, told: str, expected: str) -> None:
    if not hmac.compare_digest(told.encode(), expected.encode()):
        raise WrongCredentialsError(f"{name} is wrong")
