"""Which foreign front ends may call the service from a browser; a part of the service's settings."""

import re
from typing import Final

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from app.settings.comma_list import comma_separated

# An origin as browsers write it: lower case, no path, no user. Names beyond ASCII come as xn--.
_ORIGIN: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:]{2,39}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
_LAST_PORT: Final = 65535


class CrossOriginSettings(BaseSettings):
    """Origins beside our own whose pages may call the service; none unless they are named here."""

    cors_origins: str = Field(
        "",
        description="Origins whose pages may call the service from a browser and load its elements, "
        "as `https://motcua.example.vn`, separated by commas. Exact origins only.",
    )

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, written: str) -> str:
        for origin in comma_separated(written):
            _check(origin)
        return written

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins, as browsers send them."""
        return tuple(comma_separated(self.cors_origins))


def _check(origin: str) -> None:
    """Refuse what is no exact origin.

    Raises:
        ValueError: it is a pattern, has a path, could never be what a browser sends, or is `http` elsewhere
            than on the machine itself, where everybody on the way could read the officers' tokens.
    """
    form = _ORIGIN.fullmatch(origin)
    if form is None:
        raise ValueError("CORS_ORIGINS must be origins as https://host or https://host:port, without a path")
    if form["port"] == _DEFAULT_PORTS[form["scheme"]] or int(form["port"] or 1) > _LAST_PORT:
        raise ValueError("CORS_ORIGINS: a browser never sends this port with this scheme")
    if form["scheme"] == "http" and form["host"] not in _LOOPBACK:
        raise ValueError("CORS_ORIGINS must be https, but for pages on the machine itself")
