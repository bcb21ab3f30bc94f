"""`motcua database`: what the database's owner runs beside the migrations."""

import click

from app.clock import utc_now
from app.commands.settings import end, settings_or_exit
from app.db.audit_partitions import PartitionsRefusedError, begin_month
from app.db.roles import DEFAULT_ROLE, RoleRefusedError, role_script


@click.group()
def database() -> None:
    """Prepare the database that the service runs on."""


@database.command("role-script")
@click.option("--role", default=DEFAULT_ROLE, show_default=True, help="Role that the service logs in as.")
def print_role_script(*, role: str) -> None:
    """Print the SQL that makes the service's own PostgreSQL role, which can append to the audit log only.

    Run it as the owner of the tables, after `motcua migrate` (docs/operations.md has the service's file):

        motcua database role-script | psql --set ON_ERROR_STOP=1 service=owner
    """
    settings = settings_or_exit()
    try:
        click.echo(role_script(role, database_url=settings.database_url), nl=False)
    except RoleRefusedError as exc:
        end(str(exc))


@database.command("partitions")
def begin_partition() -> None:
    """Begin the audit log's partition of this month, if there is none yet; PostgreSQL, as the tables' owner.

    For each night: it does nothing but once a month. Where it is forgotten, the month before goes on.
    """
    try:
        cut = begin_month(settings_or_exit().database_url, utc_now())
    except PartitionsRefusedError as exc:
        end(str(exc))
    if cut is None:
        click.echo("nothing to do: the newest partition is of this month, or still empty")
    else:
        click.echo(f"{cut.began} begins with record {cut.since}; {cut.ended} has ended")
