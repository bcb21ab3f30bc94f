"""Names of relationships, wards and districts by their codes, which the register itself does not send."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from app.domain.citizen import Coded


class LabelsFileError(Exception):
    """The file of labels cannot be used; the text tells why."""


class Labels(BaseModel):
    """Labels by code.

    Wards of before 1/7/2025 are keyed `<district>/<ward>`, as their codes went to other wards since.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    relationships: dict[str, str] = {}
    districts: dict[str, str] = {}
    wards_before: dict[str, str] = {}
    wards_since: dict[str, str] = {}

    def district(self, code: str | None) -> Coded | None:
        """Name a district (quận, huyện) of before 1/7/2025."""
        return None if code is None else Coded(code, self.districts.get(code))

    def ward(self, code: str | None, *, district: str | None) -> Coded | None:
        """Name a ward (phường, xã) of before 1/7/2025 by its district, or of since without one."""
        if code is None:
            return None
        if district is None:
            return Coded(code, self.wards_since.get(code))
        return Coded(code, self.wards_before.get(f"{district}/{code}"))


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
