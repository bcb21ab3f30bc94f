"""What a question is made of before it has a syntax: names, each with a text or with further elements."""

from typing import TypeAlias, Union

Element: TypeAlias = tuple[str, Union[str, tuple["Element", ...]]]  # noqa: UP007 - the bar cannot join a forward reference
