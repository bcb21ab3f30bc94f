"""`motcua migrate`: bring the database to the schema of this release."""

import click

from app.commands.settings import UNREADY, end, settings_or_exit
from app.db.encoding import WrongEncodingError
from app.db.migrate import DatabaseUnreadyError, SchemaTooNewError, SchemaTooOldError
from app.db.migrate import migrate as migrate_database
from app.settings.settings import Settings


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    if migrate_or_exit(settings_or_exit()):
        click.echo("the schema is of a newer release, and has all that this one uses: nothing was changed")


def migrate_or_exit(settings: Settings) -> bool:
    """Migrate, and tell whether the schema is a newer release's."""
    try:
        return migrate_database(settings.database_url)
    except (SchemaTooOldError, SchemaTooNewError, WrongEncodingError) as exc:
        end(str(exc))
    except DatabaseUnreadyError as exc:
        end(str(exc), status=UNREADY)
