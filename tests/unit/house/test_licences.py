"""Everything that is shipped may be shipped with a work under the EUPL-1.2, and the list of it is true."""

import pytest

from tests.unit.house.licences import fits, licences_page
from tests.unit.house.source_files import ROOT


def test_the_list_of_licences_is_that_of_the_lock() -> None:
    assert (ROOT / "docs" / "licences.md").read_text(encoding="utf-8") == licences_page()


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-or-later", "AGPL-3.0-only", "MIT AND GPL-2.0-only", "unknown", ""]
)
def test_what_does_not_fit_is_refused(licence: str) -> None:
    assert not fits(licence)


@pytest.mark.parametrize("licence", ["MIT", "GPL-2.0-only OR MIT", "Apache-2.0 AND BSD-3-Clause"])
def test_what_fits_is_taken(licence: str) -> None:
    assert fits(licence)
