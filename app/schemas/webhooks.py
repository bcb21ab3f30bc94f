"""Shapes of webhooks on the wire."""

import re
from collections.abc import Sequence
from typing import Annotated, Final, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import ConfigDict
from pydantic.config import JsonDict

from app.domain.keyed_page import KeyedPage
from app.schemas.accounts import next_of
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.case_history import CaseFeedItemRead, FeedQuery
from app.schemas.checked import Checked, refuse
from app.schemas.cursors import CURSOR_FORM, NextCursor
from app.schemas.keyed_lists import position
from app.schemas.terms import term
from app.schemas.texts import MAX_URL_LENGTH, AgencyCode, VietnamTime
from app.schemas.times import DEFAULT_LIMIT, Limit
from app.services.webhooks import DeadLetter, NewWebhook, WebhookView

_EXAMPLE: Final[JsonDict] = {"url": "https://portal.example.vn/hooks/motcua", "agency_code": "H24"}
# No user's name, which makes one host look like another, and no query, in which secrets are put: the path
# is of printing ASCII without #, ? and @.
_URL: Final = re.compile(r"https?://[A-Za-z0-9.\[\]:-]{1,255}(?:/[!-\"$->A-~]*)?")


def _has_host(raw: str) -> bool:
    try:
        parts = urlsplit(raw)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _url(raw: str) -> str:
    if len(raw) > MAX_URL_LENGTH:
        refuse("too-long")
    if not _URL.fullmatch(raw) or not _has_host(raw):
        refuse("invalid-url")
    return raw


class WebhookRequest(RequestSchema):
    """Where changes of cases are to be sent, and of which agency and those below it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    url: Annotated[
        str,
        Checked(_url, {"pattern": f"^{_URL.pattern}$", "maxLength": MAX_URL_LENGTH}),
        term(
            "Address of the receiver, https (in the sandbox also http); its host must be one that the "
            "settings allow.",
            "địa chỉ nhận thông báo",
            examples=["https://portal.example.vn/hooks/motcua"],
        ),
    ]
    agency_code: AgencyCode | None = None


class WebhookRead(ResponseSchema):
    """A webhook and how it stands (đăng ký nhận thông báo)."""

    id: Annotated[UUID, term("Id of the webhook.", "mã đăng ký nhận thông báo")]
    url: Annotated[str, term("Address of the receiver.", "địa chỉ nhận thông báo")]
    agency_code: AgencyCode
    created_at: Annotated[VietnamTime, term("When it was made.", "thời điểm")]
    delivered_to: Annotated[int, term("Sequence of the last change that was delivered.", "số thứ tự")]
    failures: Annotated[int, term("Failed tries of the next one.", "số lần gửi lỗi")]
    failing: Annotated[str | None, term("Code of the last failure while one is retried.", "mã lỗi gửi")]
    next_try_at: Annotated[VietnamTime | None, term("When it is tried again.", "thời điểm gửi lại")]
    dead_letters: Annotated[int, term("Changes that were given up.", "số thông báo không gửi được")]

    @classmethod
    def of(cls, view: WebhookView) -> Self:
        """Show a webhook."""
        return cls.model_validate(view)


class NewWebhookRead(WebhookRead):
    """A webhook that was just made, with its secret, which is told this once."""

    secret: Annotated[
        str, term("Key of the signatures, as Standard Webhooks writes it.", "khóa ký thông báo")
    ]

    @classmethod
    def of_new(cls, new: NewWebhook) -> Self:
        """Show a new webhook."""
        return cls(**WebhookRead.of(new.view).model_dump(), secret=new.secret)


def _position(raw: str) -> UUID:
    try:
        return UUID(position(raw))
    except ValueError:
        refuse("invalid-cursor")


class WebhookListQuery(RequestSchema):
    """Which page of the webhooks is wanted."""

    limit: Limit = DEFAULT_LIMIT
    cursor: (
        Annotated[
            UUID,
            Checked(_position, CURSOR_FORM),
            term("Where the next page begins, as the page before gave it.", "con trỏ trang"),
        ]
        | None
    ) = None


class WebhookListRead(ResponseSchema):
    """A page of webhooks, the oldest first."""

    items: Annotated[list[WebhookRead], term("The webhooks.", "danh sách đăng ký nhận thông báo")]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: KeyedPage[WebhookView]) -> Self:
        """Show a page."""
        return cls(items=[WebhookRead.of(view) for view in page.items], next_cursor=next_of(page))


class DeadLetterQuery(FeedQuery):
    """Which page of the changes that were given up is wanted."""


class DeadLetterRead(CaseFeedItemRead):
    """A change that a webhook did not take (thông báo không gửi được)."""

    failure: Annotated[str, term("Code of the last failure.", "mã lỗi gửi")]
    given_up_at: Annotated[VietnamTime, term("When it was given up.", "thời điểm")]
    is_to_resend: Annotated[bool, term("Whether it is about to be sent again.", "chờ gửi lại")]


class DeadLetterListRead(ResponseSchema):
    """Changes that a webhook did not take, in the order of the feed."""

    items: Annotated[list[DeadLetterRead], term("The changes.", "các thông báo không gửi được")]
    next_cursor: Annotated[
        str | None,
        term(
            "What to send as `after` for those that follow; null on the last page.", "con trỏ trang tiếp theo"
        ),
    ]

    @classmethod
    def of(cls, letters: Sequence[DeadLetter], *, limit: int) -> Self:
        """Show a page of `limit`, from one letter more if there is one."""
        items = [
            DeadLetterRead(
                **CaseFeedItemRead.of(letter.item).model_dump(),
                failure=letter.failure,
                given_up_at=letter.given_up_at,
                is_to_resend=letter.is_to_resend,
            )
            for letter in letters[:limit]
        ]
        return cls(items=items, next_cursor=str(items[-1].sequence) if len(letters) > limit else None)
