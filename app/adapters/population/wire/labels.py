"""Names of relationships, wards and districts by their codes, which the register itself does not send."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from app.domain.citizen import Coded
from app.domain.code_lists import as_number


class LabelsFileError(Exception):
    """The file of labels cannot be used; the text tells why."""


class Labels(BaseModel):
    """Labels by code.

    Wards of before 1/7/2025 are keyed `<district>/<ward>`, as their codes went to other wards since. Codes of
    units compare as numbers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    relationships: dict[str, str] = {}
    districts: dict[str, str] = {}
    wards_before: dict[str, str] = {}
    wards_since: dict[str, str] = {}

    @field_validator("districts", "wards_before", "wards_since")
    @classmethod
    def _keyed_by_numbers(cls, labels: dict[str, str]) -> dict[str, str]:
        keyed: dict[str, str] = {}
        for code, label in labels.items():
            if keyed.setdefault(_key(*code.split("/")), label) != label:
                raise ValueError("two labels of one code")
        return keyed

    def district(self, code: str | None) -> Coded | None:
        """Name a district (quận, huyện) of before 1/7/2025."""
        return None if code is None else Coded(code, self.districts.get(_key(code)))

    def ward(self, code: str | None, *, district: str | None) -> Coded | None:
        """Name a ward (phường, xã) of before 1/7/2025 by its district, or of since without one."""
        if code is None:
            return None
        if district is None:
            return Coded(code, self.wards_since.get(_key(code)))
        return Coded(code, self.wards_before.get(_key(district, code)))


def _key(*codes: str) -> str:
    return "/".join(map(as_number, codes))


def read_labels(path: Path | None) -> Labels:
    """Read the file; without one, codes stay without labels.

    Raises:
        LabelsFileError: the file cannot be read, or is not of this form.
    """
    if path is None:
        return Labels()
    try:
        return Labels.model_validate_json(path.read_bytes())
    except OSError as exc:
        raise LabelsFileError(f"{path.name}: cannot be read: {exc.strerror}") from exc
    except ValidationError as exc:
        places = sorted({".".join(map(str, error["loc"])) or "top" for error in exc.errors()})
        raise LabelsFileError(f"{path.name}: wrong at {', '.join(places)}") from exc
