import gzip

import pytest

from app.adapters.population.channel.unpacking import BodyCollector, UnusableBodyError

BODY = b"<Envelope/>" * 100


def collected(packed: bytes, *, encoding: str = "gzip", limit: int = 10_000, piece: int = 7) -> bytes:
    collector = BodyCollector(encoding=encoding, limit=limit)
    for begin in range(0, len(packed), piece):
        collector.add(packed[begin : begin + piece])
    return collector.whole()


@pytest.mark.parametrize("encoding", ["gzip", " X-GZIP "])
def test_a_packed_body_is_unpacked_whatever_its_pieces(encoding: str) -> None:
    assert collected(gzip.compress(BODY), encoding=encoding) == BODY


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_a_plain_body_is_taken_as_it_is(encoding: str) -> None:
    assert collected(BODY, encoding=encoding) == BODY


@pytest.mark.parametrize("limit", [len(BODY) - 1, 1])
def test_a_body_that_is_larger_when_unpacked_than_allowed_is_left(limit: int) -> None:
    with pytest.raises(UnusableBodyError):
        collected(gzip.compress(BODY), limit=limit)


BROKEN = {
    "not packed": BODY,
    "cut": gzip.compress(BODY)[:-4],
    "with something after it": gzip.compress(BODY) + b"x",
    "twice": gzip.compress(BODY) * 2,
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_body_is_none(how: str) -> None:
    with pytest.raises(UnusableBodyError):
        collected(BROKEN[how], piece=len(BROKEN[how]))


def test_a_packing_that_was_not_asked_for_is_refused() -> None:
    with pytest.raises(UnusableBodyError):
        BodyCollector(encoding="br", limit=1)
