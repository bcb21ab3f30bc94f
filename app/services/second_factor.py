"""One-time codes of officers (RFC 6238): six digits, every thirty seconds, each good once."""

import hmac
from datetime import datetime
from typing import Final

import pyotp
import segno

from app.keys.sealing import Seal

STEP_SECONDS: Final = 30
# A phone's clock may be one step ahead or behind.
_DRIFT: Final = (0, -1, 1)
_ISSUER: Final = "motcua-dancu"


class SecondFactor:
    """Makes secrets, seals them for their account, and compares codes."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def new_secret(self) -> str:
        """Draw a secret, in base32 as phones take it."""
        return pyotp.random_base32()

    def address(self, secret: str, username: str) -> str:
        """Write the otpauth address that phones read from a QR code."""
        return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=_ISSUER)

    def qr_rows(self, address: str) -> tuple[str, ...]:
        """Draw the QR code of an address: its rows from the top, 1 for dark, without the quiet margin."""
        modules = segno.make(address, error="m", micro=False).matrix
        return tuple("".join(map(str, row)) for row in modules)

    def sealed(self, secret: str, username: str) -> bytes:
        """Seal a secret for its account."""
        return self._seal.seal(secret.encode(), place=second_factor_place(username))

    def matching_step(
        self, sealed: bytes, code: str | None, *, username: str, now: datetime, after: int | None
    ) -> int | None:
        """Give the step of time whose code this is, later than the last one used; None if it is none's."""
        codes = pyotp.TOTP(self._seal.unseal(sealed, place=second_factor_place(username)).decode())
        present = int(now.timestamp()) // STEP_SECONDS
        found = None
        for step in (present + drift for drift in _DRIFT):
            # Each is compared, so that time does not tell which.
            is_same = hmac.compare_digest(codes.generate_otp(step).encode(), (code or "").encode())
            if is_same and (after is None or step > after):
                found = step
        return found


def second_factor_place(username: str) -> str:
    """Name the place for which the secret of an officer's second factor is sealed."""
    return f"officer.second_factor:{username}"
