import time
from uuid import RFC_4122, UUID

from app.domain.time_ordered_id import id_of_a_part, time_ordered_id


def test_it_is_a_version_7_uuid_of_now() -> None:
    before = time.time_ns() // 1_000_000
    made = time_ordered_id()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_one_of_a_part_says_so_and_sorts_among_the_others() -> None:
    made = time_ordered_id()
    time.sleep(0.002)
    part = id_of_a_part()
    assert (part.version, part.variant) == (8, RFC_4122)
    assert made < part


def test_later_ones_sort_after_earlier_ones() -> None:
    made = []
    for _ in range(5):
        made.append(time_ordered_id())
        time.sleep(0.002)
    assert made == sorted(made)


def test_all_its_other_bits_change() -> None:
    seen_ones = seen_zeros = 0
    for _ in range(200):
        value = time_ordered_id().int
        seen_ones |= value
        seen_zeros |= ~value
    random_bits = UUID("00000000-0000-0fff-3fff-ffffffffffff").int
    assert seen_ones & seen_zeros & random_bits == random_bits
