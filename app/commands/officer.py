"""`motcua officer`: shows officers' accounts and changes them, on record as the API's changes are.

Passwords and numbers are read from the standard input: what stands on a command line, others can see.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import click

from app.commands.accounts import (
    AccountName,
    Accounts,
    checked,
    generated_password,
    read_secret,
    whole_list,
    with_accounts,
)
from app.commands.settings import IN_FORCE, end
from app.domain.accounts import OfficerAccount, OfficerPut
from app.domain.caller import Role
from app.errors import NotFoundError
from app.schemas.accounts import OfficerPutRequest

_ROLES: Final = click.Choice([role.value for role in Role])
_USERNAME: Final = click.argument("username", type=AccountName())
_PASSWORD_STDIN: Final = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the standard input; else one is made."
)


@click.group()
def officer() -> None:
    """Show and change officers' accounts; one is never removed, because cases and the log name it."""


@officer.command("list")
def list_officers() -> None:
    """List all accounts: user name, agency, state, roles, name."""
    for account in with_accounts(_all):
        state = "active" if account.is_active else "disabled"
        roles = ",".join(account.roles)
        click.echo(f"{account.username:20} {account.agency_code:16} {state:9} {roles:24} {account.full_name}")


@officer.command("show")
@_USERNAME
def show(username: str) -> None:
    """Show one account; its number is masked, and nothing shows a password."""
    account = with_accounts(lambda accounts: accounts.officers.get(accounts.operator, username))
    click.echo(f"username       {account.username}")
    click.echo(f"full name      {account.full_name}")
    click.echo(f"agency         {account.agency_code}")
    click.echo(f"roles          {', '.join(account.roles)}")
    click.echo(f"id number      {account.id_number or '-'}")
    click.echo(f"active         {'yes' if account.is_active else 'no'}")
    click.echo(f"second factor  {'yes' if account.has_second_factor else 'no'}")
    click.echo(f"locked until   {account.locked_until or '-'}")
    click.echo(f"last log-in    {account.last_login_at or '-'}")


@officer.command("add")
@_USERNAME
@click.option("--full-name", required=True, help="Name of the officer.")
@click.option("--agency", required=True, help="Code of the agency.")
@click.option("--role", "roles", multiple=True, required=True, type=_ROLES, help="May be given repeatedly.")
@_PASSWORD_STDIN
@click.option("--id-number-stdin", is_flag=True, help="Read the 12-digit number from the next line of it.")
def add(
    *,
    username: str,
    full_name: str,
    agency: str,
    roles: Sequence[str],
    password_stdin: bool,
    id_number_stdin: bool,
) -> None:
    """Add an account, as the first administrator's."""
    password = read_secret() if password_stdin else generated_password()
    members: dict[str, Any] = {
        "full_name": full_name,
        "agency": agency,
        "roles": list(roles),
        "password": password,
    }
    if id_number_stdin:
        members["id_number"] = read_secret()
    wanted = checked(OfficerPutRequest, members).to_put(username)
    if not with_accounts(lambda accounts: _added(accounts, wanted)):
        end(f"officer {username} is there already: use set; nothing was changed")
    click.echo(f"officer {username} added")
    _tell_password(None if password_stdin else password)


@officer.command("set")
@_USERNAME
@click.option("--full-name", help="Name of the officer.")
@click.option("--agency", help="Code of the agency.")
@click.option("--role", "roles", multiple=True, type=_ROLES, help="All roles; may be given repeatedly.")
@click.option("--id-number-stdin", is_flag=True, help="Read the 12-digit number from the standard input.")
def set_officer(
    *, username: str, full_name: str | None, agency: str | None, roles: Sequence[str], id_number_stdin: bool
) -> None:
    """Change what is named; the rest stays as it is."""
    number = read_secret() if id_number_stdin else None

    def changed(account: OfficerAccount) -> OfficerPut:
        members: dict[str, Any] = {
            "full_name": full_name or account.full_name,
            "agency": agency or account.agency_code,
            "roles": list(roles or account.roles),
            "is_active": account.is_active,
        }
        if number is not None:
            members["id_number"] = number
        return checked(OfficerPutRequest, members).to_put(username)

    with_accounts(lambda accounts: _changed(accounts, username, changed))
    click.echo(f"officer {username} changed; {IN_FORCE}")


@officer.command("disable")
@_USERNAME
def disable(username: str) -> None:
    """Shut an account; tokens that are out already end with it."""
    with_accounts(lambda all_: _changed(all_, username, lambda old: replace(_kept(old), is_active=False)))
    click.echo(f"officer {username} disabled; {IN_FORCE}")


@officer.command("enable")
@_USERNAME
def enable(username: str) -> None:
    """Open an account again."""
    with_accounts(lambda all_: _changed(all_, username, lambda old: replace(_kept(old), is_active=True)))
    click.echo(f"officer {username} enabled; {IN_FORCE}")


@officer.command("reset-password")
@_USERNAME
@_PASSWORD_STDIN
def reset_password(*, username: str, password_stdin: bool) -> None:
    """Set another password and lift the lock after bad log-ins."""
    password = read_secret() if password_stdin else generated_password()

    def changed(account: OfficerAccount) -> OfficerPut:
        return replace(_kept(account), password=password)

    with_accounts(lambda accounts: _changed(accounts, username, changed))
    click.echo(f"officer {username} has a new password")
    _tell_password(None if password_stdin else password)


@officer.command("reset-second-factor")
@_USERNAME
def reset_second_factor(username: str) -> None:
    """Take the second factor away, as when the phone is lost."""
    with_accounts(lambda accounts: accounts.officers.remove_second_factor(accounts.operator, username))
    click.echo(f"officer {username} has no second factor")


async def _all(accounts: Accounts) -> list[OfficerAccount]:
    return await whole_list(accounts.officers.list_officers, accounts.operator)


async def _added(accounts: Accounts, wanted: OfficerPut) -> bool:
    try:
        await accounts.officers.get(accounts.operator, wanted.username)
    except NotFoundError:
        await accounts.officers.put(accounts.operator, wanted)
        return True
    return False


async def _changed(accounts: Accounts, username: str, change: Callable[[OfficerAccount], OfficerPut]) -> None:
    old = await accounts.officers.get(accounts.operator, username)
    await accounts.officers.put(accounts.operator, change(old))


def _kept(account: OfficerAccount) -> OfficerPut:
    return OfficerPut(
        username=account.username,
        full_name=account.full_name,
        agency_code=account.agency_code,
        roles=account.roles,
        is_active=account.is_active,
        id_number=None,
        drops_id_number=False,
        password=None,
    )


def _tell_password(password: str | None) -> None:
    if password is not None:
        click.echo(f"password: {password}")
