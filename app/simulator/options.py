"""What the simulator is set to: fixed at its start, or changed while it runs through its control."""

from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.person_name import NameForm

Profile = Literal["ndxp-soap", "lgsp-soap", "lgsp-json"]

BASE_PATH: Final = "/motcua-npd-simulator"
"""Every path of the wire begins with it; the service takes an address with it for invented people."""

TOKEN_PATH: Final = f"{BASE_PATH}/token"
CONTROL_PATH: Final = "/_control"

_LONGEST_DELAY_SECONDS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a client must show. All values are invented, and worth nothing outside the sandbox."""

    username: str = "motcua-sandbox"
    secret: str = field(default="npd-sandbox-secret", repr=False)
    client_id: str = "motcua-sandbox-client"
    client_secret: str = field(default="npd-sandbox-client-secret", repr=False)
    access_key: str = field(default="npd-sandbox-access-key", repr=False)
    secret_key: str = field(default="npd-sandbox-secret-key", repr=False)
    app_name: str = "motcua-dancu"
    partner_code: str = "H24"
    partner_code_cus: str = "H24.15"
    x_road_client: str | None = None
    api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is fixed at the start; `service_url` None means the address that a request itself names."""

    profile: Profile
    credentials: Credentials = Credentials()
    service_url: str | None = None
    timestamp_unit: Literal["ms", "s"] = "ms"
    timestamp_seconds: float = 300.0
    name_form: NameForm = NameForm.UPPER
    verify_service_element: Literal["MaDVC", "MaDichVu"] = "MaDVC"
    code_verify: str = "003"
    code_share: str = "037"
    code_household: str = "038"


class Delay(BaseModel):
    """How long each answer is held: the fixed part and a random one of up to `random_seconds`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(0.0, ge=0, le=_LONGEST_DELAY_SECONDS)
    random_seconds: float = Field(0.0, ge=0, le=_LONGEST_DELAY_SECONDS)


class Behaviour(BaseModel):
    """How questions are answered. The control replaces it, whole or in part.

    `shape`: form of the shared record, flat codes (A) or nested (B).
    `verify`: a verification answers with a boolean, a count, or the count and the person's reduced record;
        in JSON count is a boolean too.
    `name`: the whole name in `Ten`, or split.
    `not_found`: an empty record, none at all, or one with an empty name.
    `misfit`: what a right number with another name or date gets: nobody, or the number's record all the same.
    `life_status`: whether answers with a record carry `TrangThaiCongDan`: 1 alive, 2 deceased, 3 missing.
    `household_record`: whether the answer about a household carries the claimed person's reduced record.
    `refusal`: 004 and 005 come as a fault with an HTTP error, or as `MaLoi` in an answer with status 200.
    `unique_request_ids`: whether a MaYeuCau that was there before is refused.
    `number_alone`: whether a record may be asked for without name and date.
    `token_seconds`: how long access tokens live; `token_seconds_told`: what their `expires_in` says
        (None: the truth).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    shape: Literal["A", "B"] = "A"
    verify: Literal["exists", "count", "record"] = "record"
    name: Literal["whole", "split"] = "whole"
    not_found: Literal["empty", "absent", "nameless"] = "empty"
    misfit: Literal["not_found", "record"] = "not_found"
    life_status: bool = True
    household_record: bool = True
    refusal: Literal["fault", "body"] = "fault"
    unique_request_ids: bool = True
    number_alone: bool = False
    token_seconds: float = Field(3600.0, gt=0, le=86_400)
    token_seconds_told: Annotated[int, Field(ge=0, le=86_400)] | None = None
    delay: Delay = Delay()
