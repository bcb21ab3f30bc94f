"""Lists the licences of what is shipped: `python -m tests.unit.house.licences` prints docs/licences.md."""

import re
import sys
from importlib import metadata
from typing import Final

from packaging.requirements import Requirement

from tests.unit.house.source_files import ROOT

# What may be shipped with a work under the EUPL-1.2: permissive licences, and those whose copyleft ends at
# the library's own files, since it is shipped unchanged and can be replaced.
FITTING: Final = {
    "0BSD": "permissive",
    "Apache-2.0": "permissive",
    "BSD-2-Clause": "permissive",
    "BSD-3-Clause": "permissive",
    "ISC": "permissive",
    "MIT": "permissive",
    "MIT-0": "permissive",
    "MIT-CMU": "permissive",
    "PSF-2.0": "permissive",
    "Unlicense": "permissive",
    "ZPL-2.1": "permissive",
    "LGPL-3.0-only": "of its own files",
    "MPL-2.0": "of its own files",
}

# As the packages themselves write it where they do not use SPDX's words.
_SPDX: Final = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "lgpl-3.0-only": "LGPL-3.0-only",
    "mit": "MIT",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}

# Packages that say it in no word that a program could read; somebody read their licence files.
_READ: Final = {
    "httpx-aiohttp": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "reportlab": "BSD-3-Clause",
}

_HEAD: Final = """# Licences of what is shipped

The packages of `requirements.lock` that Python 3.11 installs, each with its licence as the package names it.
A licence that may not be shipped with a work under the EUPL-1.2 fails the tests. `make licences` writes this.

| package | licence | copyleft |
|---|---|---|
"""


class UnfitLicenceError(Exception):
    """A package has a licence that may not be shipped, or none that is known."""


def shipped_packages() -> list[str]:
    """Name the packages of the lock that belong on this machine."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    found = (Requirement(line.rstrip(" \\")) for line in lines if re.match(r"[a-z0-9]", line))
    return [one.name for one in found if one.marker is None or one.marker.evaluate()]


def licence_of(package: str) -> str:
    """Return a package's licence in SPDX's words.

    Raises:
        UnfitLicenceError: it does not fit, or is not known.
    """
    about = metadata.metadata(package)
    expression = _said(about, "License-Expression") or _READ.get(package)
    if expression is None:
        classifiers = [
            text.rpartition(" :: ")[2]
            for text in about.get_all("Classifier", [])
            if text.startswith("License ::") and not text.endswith("OSI Approved")
        ]
        written = (_said(about, "License") or "").strip()
        said = [written] if written and "\n" not in written else classifiers
        expression = " AND ".join(sorted({_SPDX.get(text.lower(), text) for text in said})) or "unknown"
    if not fits(expression):
        raise UnfitLicenceError(f"{package}: {expression}")
    return expression


def _said(about: metadata.PackageMetadata, name: str) -> str | None:
    # Not `get`, which the type of the metadata does not have.
    return about[name] if name in about else None  # noqa: SIM401


def fits(expression: str) -> bool:
    """Whether a licence may be shipped: of alternatives one must fit, of what holds together each."""
    return any(
        all(part.strip("() ") in FITTING for part in re.split(r"\s+AND\s+", alternative))
        for alternative in re.split(r"\s+OR\s+", expression)
    )


def licences_page() -> str:
    """Write the page."""
    rows = []
    for package in shipped_packages():
        licence = licence_of(package)
        kinds = {FITTING[word] for word in re.findall(r"[A-Za-z0-9.-]+", licence) if word in FITTING}
        rows.append(
            f"| {package} | {licence} | {'of its own files' if len(kinds - {'permissive'}) else 'none'} |"
        )
    return _HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(licences_page())
