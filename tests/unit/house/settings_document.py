"""The tables of docs/settings.md, made from the settings themselves."""

import inspect
from enum import StrEnum
from typing import Final, Literal, TypeGuard, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from app.settings.account import AccountSettings
from app.settings.alert import AlertSettings
from app.settings.audit import AuditSettings
from app.settings.budget import BudgetSettings
from app.settings.cross_origin import CrossOriginSettings
from app.settings.load import LoadSettings
from app.settings.npd import NpdSettings
from app.settings.settings import PREFIX, Settings
from app.settings.snooping import SnoopingSettings
from app.settings.token import TokenSettings
from app.settings.trace import TraceSettings
from app.settings.webhook import WebhookSettings
from app.settings.working_time import WorkingTimeSettings


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    return "" if field.default in (None, "") else f"`{field.default}`"


def _is_choice(annotation: object) -> TypeGuard[type[StrEnum]]:
    return isinstance(annotation, type) and issubclass(annotation, StrEnum)


def _allowed(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    if _is_choice(field.annotation):
        return ", ".join(f"`{value}`" for value in field.annotation)
    words = []
    for bound in field.metadata:
        match bound:
            case Ge(ge=value):
                words.append(f"from {value}")
            case Gt(gt=value):
                words.append(f"above {value}")
            case Le(le=value):
                words.append(f"to {value}")
            case Lt(lt=value):
                words.append(f"below {value}")
            case _:
                pass
    return " ".join(words)


_TITLES: Final[dict[type[BaseSettings], str]] = {
    Settings: "The service",
    NpdSettings: "The population database",
    AuditSettings: "The audit log",
    TokenSettings: "Tokens and log-ins",
    AccountSettings: "Accounts",
    BudgetSettings: "Budgets",
    SnoopingSettings: "Signs of snooping",
    AlertSettings: "Alerts",
    WorkingTimeSettings: "Working time",
    WebhookSettings: "Webhooks",
    CrossOriginSettings: "Foreign front ends",
    LoadSettings: "Bounds of one process",
    TraceSettings: "Traces",
}


def settings_tables() -> str:
    """Give a table for each class of settings, under a heading of its own."""
    return "\n\n".join(_table(part, title) for part, title in _TITLES.items())


def _table(part: type[BaseSettings], title: str) -> str:
    lines = [f"## {title}", "", inspect.cleandoc(part.__doc__ or ""), ""]
    lines += ["| variable | default | allowed | meaning |", "|---|---|---|---|"]
    for name, field in part.model_fields.items():
        if name in part.__annotations__:
            variable = f"`{PREFIX}{name.upper()}`"
            lines.append(f"| {variable} | {_default(field)} | {_allowed(field)} | {field.description} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(settings_tables())  # noqa: T201 - this is what the module is run for
