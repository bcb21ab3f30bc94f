"""`motcua client`: shows connected systems and changes them, on record as the API's changes are."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from app.commands.accounts import (
    AccountName,
    Accounts,
    checked,
    read_secret,
    whole_list,
    with_accounts,
)
from app.commands.settings import IN_FORCE, end
from app.domain.accounts import ClientAccount, ClientPut
from app.errors import NotFoundError
from app.schemas.clients import ClientPutRequest

_CLIENT_ID: Final = click.argument("client_id", type=AccountName())
_SECRET_STDIN: Final = click.option(
    "--secret-stdin", is_flag=True, help="Read the secret from the standard input; else one is made."
)
_SECRET_BYTES: Final = 32


@click.group()
def client() -> None:
    """Show and change connected systems; one is never removed, because cases and the log name it."""


@client.command("list")
def list_clients() -> None:
    """List all systems: id, agency, state, grants, name."""
    for account in with_accounts(_all):
        state = "active" if account.is_active else "disabled"
        grants = ",".join(account.grants)
        click.echo(f"{account.client_id:20} {account.agency_code:16} {state:9} {grants:30} {account.name}")


@client.command("show")
@_CLIENT_ID
def show(client_id: str) -> None:
    """Show one system without its secret."""
    account = with_accounts(lambda accounts: accounts.clients.get(accounts.operator, client_id))
    click.echo(f"client id  {account.client_id}")
    click.echo(f"name       {account.name}")
    click.echo(f"agency     {account.agency_code}")
    click.echo(f"grants     {', '.join(account.grants) or '-'}")
    click.echo(f"scopes     {', '.join(account.scopes) or '-'}")
    click.echo(f"networks   {', '.join(account.networks) or 'everywhere'}")
    click.echo(f"keys       {', '.join(str(key.get('kid')) for key in account.jwks) or '-'}")
    click.echo(f"secret     {'yes' if account.has_secret else 'no'}")
    click.echo(f"active     {'yes' if account.is_active else 'no'}")


@client.command("set")
@_CLIENT_ID
@click.option("--name", help="Name of the system; needed for a new one.")
@click.option("--agency", help="Code of the agency; needed for a new one.")
@click.option("--grant", "grants", multiple=True, help="All grants; may be given repeatedly.")
@click.option("--scope", "scopes", multiple=True, help="All scopes; may be given repeatedly.")
@click.option("--network", "networks", multiple=True, help="All networks it may call from, as 10.1.0.0/16.")
@click.option(
    "--jwks",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with its public keys (RFC 7517).",
)
def set_client(client_id: str, jwks: Path | None, **given: str | Sequence[str] | None) -> None:
    """Add a system without a secret, or change what is named of one that is there."""
    members: dict[str, Any] = {
        name: value if isinstance(value, str) else list(value) for name, value in given.items() if value
    }
    if jwks is not None:
        members["jwks"] = _keys(jwks)
    is_new = with_accounts(lambda accounts: _set(accounts, client_id, members))
    click.echo(f"client {client_id} {'added' if is_new else 'changed'}; {IN_FORCE}")


@client.command("disable")
@_CLIENT_ID
def disable(client_id: str) -> None:
    """Shut a system out; tokens that are out already end with it."""
    _change(client_id, lambda old: replace(_kept(old), is_active=False))
    click.echo(f"client {client_id} disabled; {IN_FORCE}")


@client.command("enable")
@_CLIENT_ID
def enable(client_id: str) -> None:
    """Let a system in again."""
    _change(client_id, lambda old: replace(_kept(old), is_active=True))
    click.echo(f"client {client_id} enabled; {IN_FORCE}")


@client.command("reset-secret")
@_CLIENT_ID
@_SECRET_STDIN
def reset_secret(*, client_id: str, secret_stdin: bool) -> None:
    """Set another secret; the old one ends at once, and tokens that are out already with it."""
    secret = read_secret() if secret_stdin else secrets.token_urlsafe(_SECRET_BYTES)

    def changed(old: ClientAccount) -> ClientPut:
        return checked(ClientPutRequest, _members(old) | {"secret": secret}).to_put(client_id)

    _change(client_id, changed)
    click.echo(f"client {client_id} has a new secret")
    if not secret_stdin:
        click.echo(f"secret: {secret}")


def _keys(file: Path) -> Any:  # noqa: ANN401 - the schema checks what it is
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        end(f"{file}: this is no JSON; nothing was changed")
    return content.get("keys") if isinstance(content, dict) and "keys" in content else content


def _change(client_id: str, change: Callable[[ClientAccount], ClientPut]) -> None:
    async def changed(accounts: Accounts) -> None:
        old = await accounts.clients.get(accounts.operator, client_id)
        await accounts.clients.put(accounts.operator, change(old))

    with_accounts(changed)


async def _set(accounts: Accounts, client_id: str, members: dict[str, Any]) -> bool:
    try:
        known = _members(await accounts.clients.get(accounts.operator, client_id))
    except NotFoundError:
        known = {"grants": [], "scopes": []}
    wanted = checked(ClientPutRequest, known | members).to_put(client_id)
    _, is_new = await accounts.clients.put(accounts.operator, wanted)
    return is_new


async def _all(accounts: Accounts) -> list[ClientAccount]:
    return await whole_list(accounts.clients.list_clients, accounts.operator)


def _members(account: ClientAccount) -> dict[str, Any]:
    return {
        "name": account.name,
        "agency": account.agency_code,
        "grants": list(account.grants),
        "scopes": [scope.value for scope in account.scopes],
        "networks": list(account.networks),
        "jwks": [dict(key) for key in account.jwks],
        "is_active": account.is_active,
    }


def _kept(account: ClientAccount) -> ClientPut:
    return checked(ClientPutRequest, _members(account)).to_put(account.client_id)
