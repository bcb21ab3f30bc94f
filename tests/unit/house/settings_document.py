"""The rows of docs/settings.md, made from the settings themselves."""

from enum import StrEnum
from typing import Literal, TypeGuard, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from app.settings.settings import PREFIX, Settings


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


def setting_rows() -> list[str]:
    """Give the row of every setting, in the order of app/settings."""
    return [
        f"| `{PREFIX}{name.upper()}` | {_default(field)} | {_allowed(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]


if __name__ == "__main__":
    print("\n".join(setting_rows()))  # noqa: T201 - this is what the module is run for
