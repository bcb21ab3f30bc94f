"""Second factors, idle accounts and old passwords; a part of the service's settings."""

from datetime import timedelta

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from app.domain.account_state import PRIVILEGED
from app.domain.caller import Role
from app.settings.comma_list import comma_separated


class AccountSettings(BaseSettings):
    """What is asked of officers' accounts, after TCVN 14423:2026, level 3."""

    second_factor_roles: str | None = Field(
        None,
        description="Roles that need a second factor, separated by commas. Default `admin,auditor` in "
        "production, none in the sandbox.",
    )
    idle_days: int = Field(
        45, ge=1, le=3650, description="Days without a log-in, after which an account is no longer let in."
    )
    admin_password_days: int = Field(
        60, ge=1, le=3650, description="Age of an administrator's password, at which it has to be changed."
    )

    @field_validator("second_factor_roles")
    @classmethod
    def _check_roles(cls, written: str | None) -> str | None:
        _roles(written or "")
        return written

    def roles_with_second_factor(self, *, is_production: bool) -> frozenset[Role]:
        """Give the roles that need a second factor."""
        if self.second_factor_roles is not None:
            return _roles(self.second_factor_roles)
        return PRIVILEGED if is_production else frozenset()

    @property
    def idle_time(self) -> timedelta:
        """Time without a log-in, after which an account is no longer let in."""
        return timedelta(days=self.idle_days)

    @property
    def admin_password_age(self) -> timedelta:
        """Age at which an administrator's password has to be changed."""
        return timedelta(days=self.admin_password_days)


def _roles(written: str) -> frozenset[Role]:
    return frozenset(map(Role, comma_separated(written)))
