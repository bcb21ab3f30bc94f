"""What the commands for agencies, officers and connected systems have in common."""

import asyncio
import re
import secrets
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import click
from pydantic import ValidationError

from app.clock import utc_now
from app.commands.settings import end, operator_name, present_keys_or_exit, settings_or_exit
from app.db.directory import agency_tree
from app.db.engine import Database
from app.db.opening import opened_database
from app.domain.accounts import ACCOUNT_NAME_PATTERN, is_strong_password
from app.domain.caller import Caller, Role, Scope
from app.domain.keyed_page import KeyedPage
from app.errors import DomainError, FieldFaultError, LastAdminError, NotFoundError
from app.keys.sealing import Sealer
from app.logs import configure_logs
from app.problems.faults import FAULTS
from app.schemas.base import RequestSchema
from app.services.agencies import Agencies
from app.services.clients import Clients
from app.services.directory import Directory
from app.services.officers import Officers
from app.services.operator_audit import OperatorAuditLog
from app.services.passwords import Passwords
from app.settings.settings import Settings

Item_co = TypeVar("Item_co", covariant=True)
Item = TypeVar("Item")
Result = TypeVar("Result")
Schema = TypeVar("Schema", bound=RequestSchema)

_PAGE: Final = 200

# No letters and digits that are taken for each other when they are read aloud or copied by hand.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS: Final = 4
_GROUP_LENGTH: Final = 5


# Members that are lists, and the options that are given once for each item.
_GIVEN_REPEATEDLY: Final = {"roles": "role", "grants": "grant", "scopes": "scope", "networks": "network"}


class AccountName(click.ParamType[str]):
    """A user name or the id of a system."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the name."""
        if not re.fullmatch(ACCOUNT_NAME_PATTERN, value, re.ASCII):
            self.fail("letters, digits, . _ - only, at most 64, a letter or digit at both ends", param, ctx)
        return value


@dataclass(frozen=True, slots=True)
class Accounts:
    """The administrators' use cases, for an operator who reaches every agency."""

    operator: Caller
    agencies: Agencies
    officers: Officers
    clients: Clients


class ListPage(Protocol[Item_co]):
    """A use case that gives one page of a list."""

    def __call__(
        self, caller: Caller, *, after: str | None, limit: int
    ) -> Coroutine[Any, Any, KeyedPage[Item_co]]:
        """Give the page after this key."""
        ...


async def whole_list(list_page: ListPage[Item], operator: Caller) -> list[Item]:
    """Gather all pages of a list."""
    found: list[Item] = []
    after: str | None = None
    while True:
        page = await list_page(operator, after=after, limit=_PAGE)
        found += page.items
        if page.next_key is None:
            return found
        after = page.next_key


def with_accounts(use: Callable[[Accounts], Awaitable[Result]]) -> Result:
    """Run one use of the accounts, or end with the reason why nothing was changed."""
    settings = settings_or_exit()
    configure_logs(settings.log_level)
    sealer = Sealer(present_keys_or_exit(settings))
    try:
        return asyncio.run(_used(settings, sealer, use))
    except FieldFaultError as exc:
        end(f"{_option(exc.pointer or '')}: {FAULTS[exc.fault].en} Nothing was changed.")
    except LastAdminError:
        end("that is the last active administrator; nothing was changed")
    except NotFoundError:
        end("there is no such entry; nothing was changed")
    except DomainError as exc:
        end(f"nothing was changed: {exc}; has the database been migrated?")


def checked(schema: type[Schema], members: dict[str, Any]) -> Schema:
    """Check what was given on the command line as the API checks a body, or end with what is wrong."""
    try:
        return schema.model_validate(members)
    except ValidationError as exc:
        errors = exc.errors(include_input=False, include_url=False, include_context=False)
        end(*(f"{_option('/'.join(map(str, error['loc'])))}: {error['msg']}" for error in errors))


def read_secret() -> str:
    """Read a line of the standard input."""
    return sys.stdin.readline().rstrip("\r\n")


def generated_password() -> str:
    """Make a password that satisfies every rule and can be told over the telephone."""
    while True:
        made = "-".join(
            "".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
        )
        if is_strong_password(made, has_second_factor=False):
            return made


async def _used(settings: Settings, sealer: Sealer, use: Callable[[Accounts], Awaitable[Result]]) -> Result:
    async with opened_database(settings) as database:
        with closing(Passwords()) as passwords:
            audit = OperatorAuditLog(database, sealer, utc_now, made_by=operator_name())
            directory = Directory(database, sealer, utc_now)
            return await use(
                Accounts(
                    operator=await _operator(database),
                    agencies=Agencies(database=database, directory=directory, audit=audit, clock=utc_now),
                    officers=Officers(
                        database=database,
                        directory=directory,
                        audit=audit,
                        sealer=sealer,
                        passwords=passwords,
                        clock=utc_now,
                    ),
                    clients=Clients(
                        database=database,
                        directory=directory,
                        audit=audit,
                        passwords=passwords,
                        clock=utc_now,
                    ),
                )
            )


async def _operator(database: Database) -> Caller:
    async with database.read() as session:
        tree = await agency_tree(session)
    return Caller(
        username=None,
        client_id=None,
        # What an operator changes concerns everybody; an empty database has no agency yet.
        agency_code=tree.root_code or "",
        roles=frozenset({Role.ADMIN}),
        scopes=frozenset({Scope.ADMIN}),
        reach=frozenset(tree.agencies),
        source_address="",
    )


def _option(pointer: str) -> str:
    name = pointer.strip("/").partition("/")[0].replace("_", "-")
    return f"--{_GIVEN_REPEATEDLY.get(name, name)}"
