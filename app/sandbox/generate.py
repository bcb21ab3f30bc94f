"""Writes large invented populations, in the form of population.json, one family after the other.

The file stands for itself: the hand-made people and scripted numbers are in it too. Memory stays the same
whatever the number of people, and the same number of people with the same seed gives the same bytes.
"""

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final, TextIO

from app.sandbox.clerk import Clerk
from app.sandbox.dice import Dice
from app.sandbox.families import lone_adult, some_family
from app.sandbox.kin import Family
from app.sandbox.numbers import NumberGiver

HAND_MADE: Final = Path(__file__).with_name("population.json")
MOST_PEOPLE: Final = 5_000_000

_NUMBER: Final = re.compile(r'"([0-9]{9}|[0-9]{12})"')


def generate_population(stream: TextIO, *, people: int, seed: int) -> None:
    """Write so many invented people, beside the hand-made ones.

    Raises:
        ValueError: the number of people is not between 1 and five million.
    """
    if not 1 <= people <= MOST_PEOPLE:
        raise ValueError(f"between 1 and {MOST_PEOPLE} people can be invented")
    text = HAND_MADE.read_text(encoding="utf-8")
    hand_made = json.loads(text)
    dice = Dice(seed)
    # Officers' numbers and scripted ones count as taken too, wherever they stand.
    clerk = Clerk(dice, NumberGiver(frozenset(_NUMBER.findall(text))))
    about = [*hand_made["about"], f"Beside them {people} people invented by `motcua sandbox`, seed {seed}."]
    stream.write(f'{{\n "about": {_json(about)},\n')
    stream.write(f' "relationship_labels": {_json(hand_made["relationship_labels"])},\n')
    stream.write(f' "scripted": {_json(hand_made["scripted"])},\n')
    # Households come last but are made with their people, so they wait outside memory.
    with TemporaryFile("w+", encoding="utf-8") as waiting:
        stream.write(f' "citizens": [{_items(hand_made["citizens"])[1:]}')
        waiting.write(_items(hand_made["households"])[1:])
        for family in _families(dice, people):
            records, households = clerk.enter(family)
            stream.write(_items(records))
            waiting.write(_items(households))
        stream.write('\n ],\n "households": [')
        waiting.seek(0)
        shutil.copyfileobj(waiting, stream)
    stream.write("\n ]\n}\n")


def _families(dice: Dice, people: int) -> Iterator[Family]:
    left = people
    while left:
        family = some_family(dice)
        if len(family.everyone()) > left:
            family = lone_adult(dice)
        left -= len(family.everyone())
        yield family


def _items(values: Iterable[Any]) -> str:
    """Write list items, each on a line of its own, behind those before."""
    return "".join(f",\n  {_json(value)}" for value in values)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
