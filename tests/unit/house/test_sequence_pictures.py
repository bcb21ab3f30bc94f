import pytest

from tests.unit.house.sequence_pictures import PICTURES, drawn
from tests.unit.house.source_files import ROOT


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_the_pictures_of_sequences_are_as_they_are_drawn(name: str) -> None:
    assert (ROOT / "docs" / "pictures" / name).read_text(encoding="utf-8") == drawn(PICTURES[name])
