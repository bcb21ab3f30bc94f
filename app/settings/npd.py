"""Settings of the way to the population database (NPD); part of the service's settings.

The names on the wire that no public source shows are settings here, each with the best guess as its default.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, HttpUrl, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings

from app.domain.person_name import NameForm

NpdProfile = Literal["mock", "ndxp-soap", "lgsp-soap", "lgsp-json"]

_ELEMENT = r"^[A-Za-z][A-Za-z0-9_]{0,63}$"
_PATH = r"^/[A-Za-z0-9._~/-]{1,200}$"
_HEADER = r"^[!-~]([ -~]{0,498}[!-~])?$"
# Of other characters it is open how they are sent.
_ADDRESS = re.compile(r"(?i)https?://[!-\[\]-~]+")


def _as_written(address: str) -> str:
    """Take an address letter for letter: `HttpUrl` writes it anew, and direct calls are signed over it."""
    try:
        HttpUrl(address)
    except ValidationError:
        # Its text quotes the address, which may hold credentials.
        raise ValueError("a whole address, http:// or https://") from None
    if not _ADDRESS.fullmatch(address):
        raise ValueError("an address of ASCII characters, without blanks and backslashes")
    return address


class NpdSettings(BaseSettings):
    """How the population database is reached; durations in seconds."""

    npd_profile: NpdProfile = Field(
        "mock",
        description="Way to the population database: the embedded `mock`, `ndxp-soap` (direct), "
        "`lgsp-soap` or `lgsp-json` (through the city's LGSP).",
    )
    npd_url: Annotated[str, AfterValidator(_as_written)] | None = Field(
        None,
        description="Address of the service; for `lgsp-json` the address above its three paths. Direct calls "
        "are signed over it letter for letter.",
    )
    npd_timeout_seconds: float = Field(
        5.0, gt=0, le=60, description="Total time for one call, connection to last byte."
    )
    npd_connect_timeout_seconds: float = Field(
        2.0, gt=0, le=60, description="Time for a connection, TLS included; within the total."
    )
    npd_read_timeout_seconds: float | None = Field(
        None, gt=0, le=60, description="Longest silence while an answer is awaited; default the whole total."
    )
    npd_max_in_flight: int = Field(
        64,
        ge=1,
        le=1000,
        description="Calls, and so lookups, of one process under way at the same time. Where households are "
        "checked by records, a quarter of them is kept for the members' records.",
    )
    npd_max_waiting: int = Field(
        512, ge=0, le=10_000, description="Lookups of one process that may wait for a place; beyond it 503."
    )
    npd_wait_seconds: float = Field(
        2.0, gt=0, le=10, description="Longest wait for a place; beyond it 503. Not part of the total."
    )
    npd_circuit_failures: int = Field(
        5, ge=1, le=1000, description="Failures in a row that open an operation's circuit."
    )
    npd_circuit_pause_seconds: float = Field(
        5.0, gt=0, le=600, description="How long an open circuit refuses before it lets one call probe."
    )
    npd_max_answer_bytes: int = Field(
        1_048_576, ge=1024, le=67_108_864, description="Largest answer, unpacked, in bytes."
    )
    npd_name_form: NameForm = Field(NameForm.UPPER, description="Form in which names are sent.")
    npd_unit_code: str | None = Field(
        None, max_length=60, description="MaDonVi sent with each call; default the agency's code."
    )
    npd_phone: str = Field("0", max_length=30, description="SoDienThoai sent with each call.")
    npd_code_verify: str = Field("003", max_length=10, description="MaTichHop of the verification.")
    npd_code_share: str = Field("037", max_length=10, description="MaTichHop of the shared record.")
    npd_code_household: str = Field("038", max_length=10, description="MaTichHop of the household check.")
    npd_verify_service_element: Literal["MaDVC", "MaDichVu"] = Field(
        "MaDVC",
        description="SOAP: name of the service code's element in a verification; in JSON it is `maDVC`.",
    )
    npd_codes_deceased: str = Field(
        "", max_length=100, description="TrangThaiCongDan codes of the deceased, separated by commas."
    )
    npd_codes_missing: str = Field(
        "", max_length=100, description="TrangThaiCongDan codes of the missing, separated by commas."
    )
    npd_labels_file: Path | None = Field(
        None,
        description="JSON file that names relationships, wards and districts by their codes; "
        "the sandbox has its own.",
    )
    npd_household_strategy: Literal["operation", "records"] = Field(
        "operation",
        description="Check households by the one `operation`, or by reading the full `records` of each "
        "person; the latter only with the operator's written approval.",
    )
    npd_household_operation: str = Field(
        "XacMinhThongTinChuHo", pattern=_ELEMENT, description="Name of the household operation."
    )
    npd_household_response: str = Field(
        "XacMinhThongTinChuHoResponse", pattern=_ELEMENT, description="Name of its answer."
    )
    npd_household_exists_element: str = Field(
        "TonTai", pattern=_ELEMENT, description="In it: whether the claimed head is a person."
    )
    npd_household_head_element: str = Field(
        "LaChuHo", pattern=_ELEMENT, description="In it: whether that person heads a household."
    )
    npd_household_members_element: str = Field(
        "DanhSachThanhVien", pattern=_ELEMENT, description="In question and answer: the list of members."
    )
    npd_household_member_element: str = Field(
        "ThanhVien", pattern=_ELEMENT, description="In that list: one member."
    )
    npd_household_is_member_element: str = Field(
        "LaThanhVien", pattern=_ELEMENT, description="In a member of the answer: whether he belongs to it."
    )
    npd_json_verify_path: str = Field(
        "/xac-thuc-cong-dan", pattern=_PATH, description="`lgsp-json`: path of the verification."
    )
    npd_json_share_path: str = Field(
        "/tra-cuu-cong-dan", pattern=_PATH, description="`lgsp-json`: path of the shared record."
    )
    npd_json_household_path: str = Field(
        "/xac-minh-chu-ho", pattern=_PATH, description="`lgsp-json`: path of the household check."
    )
    npd_username: str | None = Field(
        None, pattern=r"^[!-9;-~]{1,200}$", description="`ndxp-soap`: user name of the connection."
    )
    npd_secret: SecretStr | None = Field(None, description="`ndxp-soap`: secret of the connection.")
    npd_timestamp_unit: Literal["ms", "s"] = Field(
        "ms", description="`ndxp-soap`: unit of the Timestamp header, milliseconds or seconds."
    )
    npd_x_road_client: str | None = Field(
        None, pattern=_HEADER, description="`ndxp-soap`: X-Road-Client header, if the operator asks for it."
    )
    npd_api_key: SecretStr | None = Field(
        None, description="`ndxp-soap`: ApiKey header, if the operator asks for it."
    )
    npd_token_url: HttpUrl | None = Field(None, description="LGSP: address that gives access tokens.")
    npd_client_id: str | None = Field(None, max_length=200, description="LGSP: client id (consumer key).")
    npd_client_secret: SecretStr | None = Field(None, description="LGSP: client secret (consumer secret).")
    npd_access_key: SecretStr | None = Field(None, description="LGSP: AccessKey of `lgspaccesstoken`.")
    npd_secret_key: SecretStr | None = Field(None, description="LGSP: SecretKey of `lgspaccesstoken`.")
    npd_app_name: str | None = Field(None, max_length=200, description="LGSP: AppName of `lgspaccesstoken`.")
    npd_partner_code: str | None = Field(
        None, max_length=200, description="LGSP: PartnerCode of `lgspaccesstoken`."
    )
    npd_partner_code_cus: str | None = Field(
        None, max_length=200, description="LGSP: PartnerCodeCus of `lgspaccesstoken`."
    )
    npd_client_cert: Path | None = Field(
        None, description="Our certificate for TLS with the operator, a PEM file."
    )
    npd_client_key: Path | None = Field(None, description="Its private key, a PEM file.")
    npd_ca_file: Path | None = Field(
        None, description="The operator's certificate authorities, a PEM file; default the system's."
    )

    @model_validator(mode="after")
    def _refuse_incomplete_ways(self) -> Self:
        for name in self._needed():
            value = getattr(self, name)
            # As of a variable that a file of compose or systemd names and nobody has set.
            if value is None or (value.get_secret_value() if isinstance(value, SecretStr) else value) == "":
                raise ValueError(f"{name.upper()} is needed for NPD_PROFILE={self.npd_profile}")
        key = self.npd_api_key
        if key is not None and not re.fullmatch(_HEADER, key.get_secret_value()):
            raise ValueError(
                "NPD_API_KEY cannot stand in a header: ASCII characters without line breaks only"
            )
        if (self.npd_client_cert is None) != (self.npd_client_key is None):
            raise ValueError("NPD_CLIENT_CERT and NPD_CLIENT_KEY go together")
        for name in ("npd_url", "npd_token_url"):
            url = urlsplit(str(getattr(self, name) or ""))
            if url.username or url.password or url.query or url.fragment:
                raise ValueError(f"{name.upper()} is a plain address: no credentials, query or fragment")
        return self

    def _needed(self) -> tuple[str, ...]:
        match self.npd_profile:
            case "mock":
                return ()
            case "ndxp-soap":
                return ("npd_url", "npd_username", "npd_secret")
            case "lgsp-soap" | "lgsp-json":
                return ("npd_url", "npd_token_url", "npd_client_id", "npd_client_secret")
