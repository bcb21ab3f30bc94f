"""Figures as they come: a benchmark of minutes is watched."""

import sys


def told(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
