from hypothesis import given
from hypothesis import strategies as st

from app.adapters.population.sandbox.number_index import MOST_PEOPLE, NumberIndex

NUMBERS = st.integers(0, 999_999_999_999)


def make_index(numbers: list[int]) -> NumberIndex:
    index = NumberIndex()
    for position, number in enumerate(numbers):
        index.add(number, position)
    return index


@given(st.lists(NUMBERS, unique=True), NUMBERS)
def test_each_number_leads_to_its_position_and_no_other_number_to_any(numbers: list[int], other: int) -> None:
    index = make_index(numbers)
    assert index.sort() is None
    assert [index.position(number) for number in numbers] == list(range(len(numbers)))
    assert index.position(other) == (numbers.index(other) if other in numbers else None)


@given(st.lists(NUMBERS, min_size=1, unique=True), st.data())
def test_a_number_entered_twice_is_reported(numbers: list[int], data: st.DataObject) -> None:
    twice = data.draw(st.sampled_from(numbers))
    assert make_index([*numbers, twice]).sort() == len(numbers)


def test_the_largest_number_and_position_fit() -> None:
    index = NumberIndex()
    index.add(999_999_999_999, MOST_PEOPLE - 1)
    assert index.sort() is None
    assert index.position(999_999_999_999) == MOST_PEOPLE - 1
