"""`motcua agency`: shows the tree of agencies and changes it, on record as the API's changes are."""

import re

import click

from app.commands.accounts import Accounts, checked, whole_list, with_accounts
from app.commands.settings import IN_FORCE, end
from app.domain.directory import Agency
from app.domain.receipt_number import AGENCY_CODE_PATTERN
from app.schemas.accounts import AgencyPut


@click.group()
def agency() -> None:
    """Show and change the agencies; one is never removed, because cases and the log name it."""


@agency.command("list")
def list_agencies() -> None:
    """List all agencies: code, the agency above, name."""
    for found in with_accounts(_all):
        click.echo(_line(found))


@agency.command("show")
@click.argument("code")
def show(code: str) -> None:
    """Show one agency."""
    click.echo(_line(with_accounts(lambda accounts: accounts.agencies.get(accounts.operator, code))))


@agency.command("set")
@click.argument("code")
@click.option("--name", required=True, help="Name of the agency.")
@click.option("--parent", help="Code of the agency above; left out only for the root.")
def set_agency(code: str, name: str, parent: str | None) -> None:
    """Add an agency or replace it; the first one of an empty database is the root."""
    if not re.fullmatch(AGENCY_CODE_PATTERN, code, re.ASCII):
        end("CODE: the form is wrong (as H24.15); nothing was changed")
    wanted = checked(AgencyPut, {"name": name, "parent": parent}).to_agency(code)
    is_new = with_accounts(lambda accounts: accounts.agencies.put(accounts.operator, wanted))
    click.echo(f"agency {code} {'added' if is_new else 'replaced'}; {IN_FORCE}")


async def _all(accounts: Accounts) -> list[Agency]:
    return await whole_list(accounts.agencies.list_agencies, accounts.operator)


def _line(found: Agency) -> str:
    return f"{found.code:16} {found.parent_code or '-':16} {found.name}"
