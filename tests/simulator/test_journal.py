from app.simulator.journal import REQUESTS_KEPT, Journal


def test_a_request_id_is_kept_as_long_as_its_request_and_no_longer() -> None:
    kept = Journal(lambda: 0.0)
    for number in range(REQUESTS_KEPT):
        kept.note().seen.request_id = str(number)
        kept.remember(str(number))
    assert kept.is_repeated("0")
    kept.note()
    assert not kept.is_repeated("0")
    assert kept.is_repeated("1")
