"""The words of the receipt."""

from datetime import UTC, datetime

import pytest

from app.domain.receipt_form import in_words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 23, 5, 0, tzinfo=UTC), "12 giờ 00 phút, ngày 23 tháng 11 năm 2026"),
        # The night belongs to the day in Vietnam.
        (datetime(2026, 12, 31, 17, 5, 59, tzinfo=UTC), "00 giờ 05 phút, ngày 01 tháng 01 năm 2027"),
    ],
)
def test_a_moment_is_written_as_on_the_form(moment: datetime, words: str) -> None:
    assert in_words(moment) == words
