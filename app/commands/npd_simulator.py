"""The command `motcua npd-simulator`, and the settings of a service that is to ask the simulator."""

import shlex
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, Final

import click

from app.adapters.population.sandbox.population_file import PopulationFileError
from app.commands.settings import end
from app.domain.person_name import NameForm
from app.settings.settings import PREFIX
from app.simulator.options import BASE_PATH, CONTROL_PATH, TOKEN_PATH, Credentials, Options
from app.simulator.running import CannotRunError, listening, opened_population, run
from app.simulator.server import Simulator

_CREDENTIALS: Final = tuple(fields(Credentials))


def service_settings(options: Options, *, host: str, port: int) -> dict[str, str]:
    """Name the settings, without their prefix, of a service that asks this simulator."""
    credentials, base = options.credentials, f"http://{host}:{port}"
    settings: dict[str, str | None] = {
        "npd_profile": options.profile,
        "npd_url": options.service_url or f"{base}{BASE_PATH}/{options.profile}",
        "npd_name_form": options.name_form.value,
        "npd_verify_service_element": options.verify_service_element,
        "npd_codes_deceased": "2",
        "npd_codes_missing": "3",
    }
    if options.profile == "ndxp-soap":
        settings |= {
            "npd_username": credentials.username,
            "npd_secret": credentials.secret,
            "npd_timestamp_unit": options.timestamp_unit,
            "npd_x_road_client": credentials.x_road_client,
            "npd_api_key": credentials.api_key,
        }
    else:
        settings |= {
            "npd_token_url": f"{base}{TOKEN_PATH}",
            "npd_client_id": credentials.client_id,
            "npd_client_secret": credentials.client_secret,
            "npd_access_key": credentials.access_key,
            "npd_secret_key": credentials.secret_key,
            "npd_app_name": credentials.app_name,
            "npd_partner_code": credentials.partner_code,
            "npd_partner_code_cus": credentials.partner_code_cus,
        }
    return {name: value for name, value in settings.items() if value is not None}


def _with_credentials(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each credential; without it the sandbox's own invented value counts."""
    for credential in reversed(_CREDENTIALS):
        default = "not asked for" if credential.default is None else credential.default
        option = f"--{credential.name.replace('_', '-')}"
        command = click.option(option, metavar="TEXT", help=f"Credential. [default: {default}]")(command)
    return command


@click.command("npd-simulator")
@click.option(
    "--profile",
    type=click.Choice(["ndxp-soap", "lgsp-soap", "lgsp-json"]),
    required=True,
    help="Which wire to speak.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=9001, show_default=True, help="Port to listen on."
)
@click.option("--people", type=click.IntRange(1, 5_000_000), help="Invent so many more; default none.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the people, and of random delays.")
@click.option(
    "--name-form",
    type=click.Choice([form.value for form in NameForm]),
    default=NameForm.UPPER.value,
    show_default=True,
    help="Form in which names must come.",
)
@click.option(
    "--timestamp-unit",
    type=click.Choice(["ms", "s"]),
    default="ms",
    show_default=True,
    help="ndxp-soap: unit of the Timestamp header.",
)
@click.option(
    "--verify-service-element",
    type=click.Choice(["MaDVC", "MaDichVu"]),
    default="MaDVC",
    show_default=True,
    help="SOAP: name of the service code in a verification.",
)
@click.option(
    "--service-url", help="ndxp-soap: address that calls are signed over; default the one that a call names."
)
@_with_credentials
@click.option("--print-settings", is_flag=True, help="Print the settings of a service for it, and end.")
@click.argument("command", nargs=-1)
def npd_simulator(
    *,
    host: str,
    port: int,
    people: int | None,
    seed: int,
    print_settings: bool,
    command: tuple[str, ...],
    **settings: Any,  # noqa: ANN401 - click hands on what the options above name
) -> None:
    """Speak the population database's wire over invented people, as strictly as the real one.

    Prints the settings of a service that is to ask it. With a COMMAND (after --) it runs that with the
    settings instead, and ends with it:

        motcua npd-simulator --profile ndxp-soap -- motcua serve

    What is scripted in the sandbox (numbers 100999000001 to ...08) fails over the wire as in the mock.
    A control at /_control scripts delays and faults and lists what was received; docs/population-database.md
    tells how.
    """
    options = _options(settings)
    environment = {
        f"{PREFIX}{name.upper()}": value
        for name, value in service_settings(options, host=host, port=port).items()
    }
    if print_settings or not command:
        for name, value in environment.items():
            click.echo(f"export {name}={shlex.quote(value)}")
    if print_settings:
        return
    try:
        with listening(host, port) as bound, opened_population(people, seed) as population:
            address = f"http://{host}:{port}"
            click.echo(
                f"motcua: {options.profile} with {len(population)} invented people at {address}{BASE_PATH}, "
                f"control at {address}{CONTROL_PATH}",
                err=True,
            )
            simulator = Simulator(options, population, seed=seed)
            sys.exit(run(simulator, bound, command=command, environment=environment))
    except (CannotRunError, PopulationFileError) as exc:
        end(str(exc))


def _options(settings: dict[str, Any]) -> Options:
    names = {credential.name for credential in _CREDENTIALS}
    told = {name: settings.pop(name) for name in names}
    credentials = replace(Credentials(), **{name: value for name, value in told.items() if value is not None})
    name_form = NameForm(settings.pop("name_form"))
    return Options(credentials=credentials, name_form=name_form, **settings)
