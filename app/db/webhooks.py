"""Webhooks and the changes that they did not take. No business rule, no transaction of its own."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, true, update

from app.db.case_changes import WITHOUT_DETAILS, newest_sequence
from app.db.conflicts import insert_for
from app.db.directory import agencies_below
from app.db.engine import BlockingSession, Session
from app.db.tables import CaseChange, CaseChangeHead, Webhook, WebhookDeadLetter

WebhookRow = Webhook
DeadLetterRow = WebhookDeadLetter


async def list_webhooks(
    session: Session, *, agency_codes: Collection[str], after: UUID | None, limit: int
) -> Sequence[tuple[WebhookRow, int]]:
    """Return webhooks of these agencies, the oldest first, each with its number of dead letters."""
    dead = select(func.count()).where(WebhookDeadLetter.webhook_id == Webhook.id).scalar_subquery()
    found = await session.execute(
        select(Webhook, dead)
        .where(Webhook.agency_code.in_(sorted(agency_codes)))
        .where(true() if after is None else Webhook.id > after)
        .order_by(Webhook.id)
        .limit(limit)
    )
    return [(row, count) for row, count in found]


def lock_making(session: BlockingSession) -> None:
    """Keep others from making a webhook until the transaction ends, so that what is counted here holds."""
    session.execute(select(CaseChangeHead.size).where(CaseChangeHead.id == 1).with_for_update())


def count_webhooks(session: BlockingSession) -> int:
    """Return how many there are."""
    count: int = session.execute(select(func.count()).select_from(Webhook)).scalar_one()
    return count


def is_subscribed(session: BlockingSession, url: str, *, agency_code: str) -> bool:
    """Tell whether an address gets the changes of this agency already."""
    same = exists().where(Webhook.url == url, Webhook.agency_code == agency_code)
    return bool(session.execute(select(same)).scalar_one())


def add_webhook(session: BlockingSession, row: WebhookRow) -> None:
    """Insert a webhook."""
    session.add(row)
    session.flush()


def find_webhook(
    session: BlockingSession, webhook_id: UUID, *, agency_codes: Collection[str]
) -> WebhookRow | None:
    """Return a webhook of one of these agencies."""
    statement = select(Webhook).where(Webhook.id == webhook_id, Webhook.agency_code.in_(agency_codes))
    return session.scalars(statement).one_or_none()


def remove_webhook(session: BlockingSession, webhook_id: UUID) -> None:
    """Delete a webhook with its dead letters."""
    session.execute(delete(WebhookDeadLetter).where(WebhookDeadLetter.webhook_id == webhook_id))
    session.execute(delete(Webhook).where(Webhook.id == webhook_id))


async def due_webhooks(session: Session, *, now: datetime) -> list[tuple[UUID, str]]:
    """Return the webhooks, with their agencies, that are due with something and that nobody is serving."""
    head = select(CaseChangeHead.size).where(CaseChangeHead.id == 1).scalar_subquery()
    statement = select(Webhook.id, Webhook.agency_code).where(
        _is_free(now), or_(_has_letters(), and_(Webhook.next_at <= now, Webhook.delivered_to < head))
    )
    return [(row.id, row.agency_code) for row in await session.execute(statement)]


def lease(session: BlockingSession, webhook_id: UUID, *, now: datetime, until: datetime) -> WebhookRow | None:
    """Take a webhook for oneself until a moment; None if somebody else has it.

    None, too, if it is to wait: whoever had it since it was due may have failed. One with letters to be sent
    again waits with its changes, not with them.
    """
    taken = session.execute(
        update(Webhook)
        .where(Webhook.id == webhook_id, _is_free(now), or_(Webhook.next_at <= now, _has_letters()))
        .values(leased_until=until)
        .returning(Webhook.id)
    ).one_or_none()
    return None if taken is None else session.get_one(Webhook, webhook_id, populate_existing=True)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(Webhook.leased_until.is_(None), Webhook.leased_until < now)


def _has_letters() -> ColumnElement[bool]:
    return exists().where(
        WebhookDeadLetter.webhook_id == Webhook.id, WebhookDeadLetter.is_to_resend.is_(True)
    )


def changes_to_deliver(
    session: BlockingSession, after: int, *, agency_code: str, limit: int
) -> tuple[Sequence[CaseChange], int]:
    """Return the next changes of an agency's cases and of those below, and up to where they are complete.

    As everywhere here, without what the changes say: to read a row's details is an error.
    """
    # The agencies after the head: no change up to it is of one that is not among them yet.
    head = newest_sequence(session)
    agency_codes = sorted(agencies_below(session, agency_code))
    found = session.scalars(
        select(CaseChange)
        .where(CaseChange.sequence > after, CaseChange.sequence <= head)
        .where(CaseChange.agency_code.in_(agency_codes))
        .order_by(CaseChange.sequence)
        .limit(limit)
        .options(WITHOUT_DETAILS)
    ).all()
    return found, found[-1].sequence if len(found) == limit else head


def change_of(session: BlockingSession, sequence: int) -> CaseChange:
    """Return one change."""
    return session.get_one(CaseChange, sequence, options=[WITHOUT_DETAILS])


def note_progress(
    session: BlockingSession, webhook_id: UUID, *, leased_until: datetime, values: Mapping[str, object]
) -> bool:
    """Note how far a webhook has come, and how it stands; False if one's lease of it has passed on."""
    statement = update(Webhook).where(Webhook.id == webhook_id, Webhook.leased_until == leased_until)
    noted = session.execute(statement.values(**values).returning(Webhook.id)).one_or_none()
    return noted is not None


def letters_to_resend(session: BlockingSession, webhook_id: UUID, *, limit: int) -> Sequence[int]:
    """Return the first dead letters that somebody wants to be sent again."""
    return session.scalars(
        select(WebhookDeadLetter.sequence)
        .where(WebhookDeadLetter.webhook_id == webhook_id, WebhookDeadLetter.is_to_resend.is_(True))
        .order_by(WebhookDeadLetter.sequence)
        .limit(limit)
    ).all()


def add_dead_letter(
    session: BlockingSession, webhook_id: UUID, sequence: int, *, failure: str, at: datetime
) -> None:
    """Keep a change that was given up, or note that it was given up again."""
    values = {"failure": failure, "given_up_at": at, "is_to_resend": False}
    statement = insert_for(session, WebhookDeadLetter).values(
        webhook_id=webhook_id, sequence=sequence, **values
    )
    session.execute(statement.on_conflict_do_update(index_elements=["webhook_id", "sequence"], set_=values))


def remove_dead_letter(session: BlockingSession, webhook_id: UUID, sequence: int) -> None:
    """Forget a dead letter that was taken after all."""
    session.execute(
        delete(WebhookDeadLetter).where(
            WebhookDeadLetter.webhook_id == webhook_id, WebhookDeadLetter.sequence == sequence
        )
    )


def ask_to_resend(session: BlockingSession, webhook_id: UUID, sequence: int) -> bool:
    """Note that a dead letter is to be sent again, whenever its webhook is free; False if there is none."""
    found = session.execute(
        update(WebhookDeadLetter)
        .where(WebhookDeadLetter.webhook_id == webhook_id, WebhookDeadLetter.sequence == sequence)
        .values(is_to_resend=True)
        .returning(WebhookDeadLetter.sequence)
    )
    return found.one_or_none() is not None


def dead_letters(
    session: BlockingSession, webhook_id: UUID, *, after: int, limit: int
) -> Sequence[tuple[DeadLetterRow, CaseChange]]:
    """Return dead letters with their changes, in the order of the feed."""
    found = session.execute(
        select(WebhookDeadLetter, CaseChange)
        .join(CaseChange, CaseChange.sequence == WebhookDeadLetter.sequence)
        .where(WebhookDeadLetter.webhook_id == webhook_id, WebhookDeadLetter.sequence > after)
        .order_by(WebhookDeadLetter.sequence)
        .limit(limit)
        .options(WITHOUT_DETAILS)
    )
    return [(letter, change) for letter, change in found]
