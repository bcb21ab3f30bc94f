"""Draws the sequences in docs/pictures: who says what to whom. Run as a module, it writes the files."""

from html import escape
from typing import Final, NamedTuple

from tests.unit.house.source_files import ROOT

_WIDTH: Final = 200
_STEP: Final = 34
_FIRST: Final = 70
_STYLE: Final = """<style>
text{font:13px system-ui,sans-serif;fill:#1b1f24;text-anchor:middle}rect{fill:#eef2f7;stroke:#57606a}line,path{stroke:#57606a;fill:none}.head{fill:#57606a;stroke:none}.back{stroke-dasharray:5 4}.paper{fill:#fff;stroke:none}.said{paint-order:stroke;stroke:#fff;stroke-width:5}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}rect{fill:#22272e;stroke:#9aa4af}line,path{stroke:#9aa4af}.head{fill:#9aa4af}.paper{fill:#0d1117}.said{stroke:#0d1117}}
</style>"""  # noqa: E501 - as browsers get it


class Say(NamedTuple):
    """A message from one of the actors to another; an answer is dashed."""

    sender: int
    receiver: int
    words: str
    is_answer: bool = False


class Happen(NamedTuple):
    """Something that happens at one of the actors."""

    actor: int
    words: str


class Picture(NamedTuple):
    """A sequence, with what it is for those who cannot see it."""

    title: str
    description: str
    actors: tuple[str, ...]
    steps: tuple[Say | Happen, ...]


PICTURES: Final = {
    "front-end.svg": Picture(
        "A case at the desk",
        "Log-in by assertion, a lookup with its two audit records, and registration with a lost answer.",
        ("Front end", "motcua-dancu", "Audit log", "Population database"),
        (
            Say(0, 1, "POST /auth/token, assertion"),
            Say(1, 0, "token of the officer", is_answer=True),
            Say(0, 1, "POST /verify/id-card"),
            Say(1, 2, "INTENT, on disk"),
            Say(1, 3, "question"),
            Say(3, 1, "answer", is_answer=True),
            Say(1, 2, "OUTCOME, on disk"),
            Say(1, 0, "exists, lookup_id", is_answer=True),
            Say(0, 1, "POST /cases, key K"),
            Happen(1, "case and record, at once"),
            Happen(0, "the answer is lost"),
            Say(0, 1, "POST /cases, key K again"),
            Say(1, 0, "201, the first answer", is_answer=True),
            Say(0, 1, "GET /cases/{n}/receipt"),
            Say(1, 0, "page or PDF", is_answer=True),
        ),
    ),
    "portal-backend.svg": Picture(
        "Feed and webhooks",
        "A webhook brings a change; after an outage the feed brings what was missed.",
        ("Desk", "motcua-dancu", "Portal back end", "Its database"),
        (
            Say(0, 1, "POST /cases"),
            Happen(1, "change 41"),
            Say(1, 2, "webhook 41, signed"),
            Happen(2, "check the signature"),
            Say(2, 1, "204", is_answer=True),
            Say(2, 3, "41 and its work, at once"),
            Happen(2, "away for a while"),
            Say(0, 1, "POST /cases/{n}/status"),
            Happen(1, "change 42"),
            Say(2, 3, "last sequence?"),
            Say(3, 2, "41", is_answer=True),
            Say(2, 1, "GET /cases/changes?after=41"),
            Say(1, 2, "42", is_answer=True),
            Say(2, 3, "42 and its work, at once"),
        ),
    ),
}


def drawn(picture: Picture) -> str:
    """Write a sequence as SVG, for light and dark pages."""
    height = _FIRST + _STEP * len(picture.steps) + 6
    width = _WIDTH * len(picture.actors)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            'role="img" aria-labelledby="t d">'
        ),
        f'<title id="t">{escape(picture.title)}</title>',
        f'<desc id="d">{escape(picture.description)}</desc>',
        _STYLE,
        f'<rect class="paper" width="{width}" height="{height}"/>',
        *(_actor(place, name, height) for place, name in enumerate(picture.actors)),
        *(_step(step, _FIRST + _STEP * row) for row, step in enumerate(picture.steps)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _middle(actor: int) -> int:
    return _WIDTH * actor + _WIDTH // 2


def _actor(place: int, name: str, height: int) -> str:
    x = _middle(place)
    return (
        f'<rect x="{x - 88}" y="8" width="176" height="30" rx="5"/><text x="{x}" y="28">{escape(name)}</text>'
        f'<line x1="{x}" y1="38" x2="{x}" y2="{height - 8}"/>'
    )


def _step(step: Say | Happen, y: int) -> str:
    if isinstance(step, Happen):
        x = _middle(step.actor)
        return (
            f'<rect x="{x - 96}" y="{y - 15}" width="192" height="22" rx="4"/>'
            f'<text x="{x}" y="{y}">{escape(step.words)}</text>'
        )
    start, end = _middle(step.sender), _middle(step.receiver)
    way = 1 if end > start else -1
    look = ' class="back"' if step.is_answer else ""
    return (
        f'<line{look} x1="{start}" y1="{y}" x2="{end - 2 * way}" y2="{y}"/>'
        f'<path class="head" d="M{end - 2 * way} {y}l{-8 * way} -4v8z"/>'
        f'<text class="said" x="{(start + end) // 2}" y="{y - 6}">{escape(step.words)}</text>'
    )


if __name__ == "__main__":
    for name, picture in PICTURES.items():
        (ROOT / "docs" / "pictures" / name).write_text(drawn(picture), encoding="utf-8")
