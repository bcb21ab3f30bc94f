"""Settings that are lists, written with commas."""


def comma_separated(written: str) -> list[str]:
    """Take a list apart; blanks around a part, and parts with nothing in them, count for nothing."""
    return [part.strip() for part in written.split(",") if part.strip()]
