"""`motcua sandbox`: a large invented population."""

from pathlib import Path

import click

from app.sandbox.generate import generate_population


@click.command()
@click.option("--people", type=click.IntRange(1, 5_000_000), required=True, help="How many to invent.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same people.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("var/population.json"),
    show_default=True,
    help="File to write; point MOTCUA_SANDBOX_POPULATION_FILE at it.",
)
def sandbox(people: int, seed: int, output: Path) -> None:
    """Write a large invented population with families and households for the mock register."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("w", encoding="utf-8") as stream:
        generate_population(stream, people=people, seed=seed)
    click.echo(f"wrote {people} people to {output}")
