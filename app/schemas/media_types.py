"""Which of the forms that an answer has a caller asks for (RFC 9110, 12.5.1)."""


def prefers(accept: str | None, wanted: str, *, default: str) -> bool:
    """Tell whether the Accept header asks for `wanted` rather than for the answer's usual form.

    Only what is named counts: whoever takes anything gets the usual form.
    """
    qualities = {wanted: 0.0, default: 0.0}
    for part in (accept or "").lower().split(","):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        if media_type in qualities:
            qualities[media_type] = _quality(parameters)
    return qualities[wanted] > qualities[default]


def _quality(parameters: list[str]) -> float:
    given = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
    try:
        return float(given)
    except ValueError:
        return 0.0
