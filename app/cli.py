"""The `motcua` command: runs the service and prepares what it needs."""

from importlib import import_module, metadata
from typing import Final

import click

COMMANDS: Final = {
    "agency": "app.cli_agency",
    "audit": "app.cli_audit",
    "backup": "app.cli_backup",
    "calendar": "app.cli_calendar",
    "client": "app.cli_client",
    "database": "app.cli_database",
    "doctor": "app.cli_doctor",
    "keys": "app.cli_keys",
    "migrate": "app.cli_migrate",
    "npd-simulator": "app.simulator.command",
    "officer": "app.cli_officer",
    "portal-export": "app.cli_portal",
    "restore": "app.cli_backup",
    "sandbox": "app.cli_sandbox",
    "serve": "app.cli_serve",
}
"""Where each command is; its function bears its name."""


class _Commands(click.Group):
    """Imports a command when it is asked for: all of them at once take a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return command


@click.group(cls=_Commands)
@click.version_option(metadata.version("motcua-dancu"), message="%(version)s")
def main() -> None:
    """Look into the National Population Database from one-stop desks (motcua-dancu)."""


if __name__ == "__main__":
    main()
