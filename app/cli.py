"""The `motcua` command: runs the service and prepares what it needs."""

from importlib import import_module, metadata
from typing import Final

import click

from app.serving.memory import collector_at_rest

COMMANDS: Final = {
    "agency": "app.commands.agency",
    "audit": "app.commands.audit",
    "backup": "app.commands.backup",
    "calendar": "app.commands.calendar",
    "client": "app.commands.client",
    "database": "app.commands.database",
    "doctor": "app.commands.doctor",
    "keys": "app.commands.keys",
    "migrate": "app.commands.migrate",
    "npd-simulator": "app.commands.npd_simulator",
    "officer": "app.commands.officer",
    "portal-export": "app.commands.portal_export",
    "restore": "app.commands.backup",
    "sandbox": "app.commands.sandbox",
    "serve": "app.commands.serve",
}
"""Where each command is; its function bears its name."""


class _Commands(click.Group):
    """Imports a command when it is asked for: all of them at once take a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        with collector_at_rest():
            module = import_module(COMMANDS[cmd_name])
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command


@click.group(cls=_Commands)
@click.version_option(metadata.version("motcua-dancu"), message="%(version)s")
def main() -> None:
    """Look into the National Population Database from one-stop desks (motcua-dancu)."""


if __name__ == "__main__":
    main()
