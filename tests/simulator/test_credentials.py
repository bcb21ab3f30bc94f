import base64
import time
from pathlib import Path
from typing import Any

import httpx

from tests.simulator.asking import bearer, elements, envelope, grant, partner, post, signature, signed
from tests.simulators import RunningSimulator, running_simulator


def _without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {known: value for known, value in headers.items() if known != name}


def _statuses(simulator: RunningSimulator, wrong: dict[str, dict[str, str]]) -> dict[str, int]:
    return {
        name: post(simulator, envelope(elements()), headers).status_code for name, headers in wrong.items()
    }


def test_a_direct_call_needs_a_signature_over_address_user_time_and_secret(ndxp: RunningSimulator) -> None:
    nobody = base64.b64encode(b"nobody:nothing").decode()
    wrong = {
        "no signature": _without(signed(ndxp), "Authorization"),
        "no time": _without(signed(ndxp), "Timestamp"),
        "another time": signed(ndxp) | {"Timestamp": str(int(time.time() * 1000) - 5000)},
        "seconds": signed(ndxp) | {"Timestamp": str(int(time.time()))},
        "no number": signed(ndxp) | {"Timestamp": "now"},
        "endless number": signed(ndxp) | {"Timestamp": "1" * 5000},
        "too old": signed(ndxp, at=time.time() - 301),
        "of the future": signed(ndxp, at=time.time() + 310),
        "another user": signed(ndxp, npd_username="nobody"),
        "another secret": signed(ndxp, npd_secret="nothing"),
        "another address": signed(ndxp, npd_url=ndxp.settings["npd_url"] + "/"),
        "no digest": signed(ndxp) | {"Authorization": f"Basic {nobody}"},
        "no base64": signed(ndxp) | {"Authorization": "Basic ***"},
        "a token": signed(ndxp) | {"Authorization": "Bearer abc"},
    }
    assert _statuses(ndxp, wrong) == dict.fromkeys(wrong, 401)
    assert post(ndxp, envelope(elements()), signed(ndxp, at=time.time() - 290)).status_code == 200


def test_an_answer_to_wrong_credentials_repeats_none(ndxp: RunningSimulator) -> None:
    answer = post(ndxp, envelope(elements()), signed(ndxp, npd_secret="nothing"))
    assert ndxp.settings["npd_username"] not in answer.text
    assert ndxp.settings["npd_secret"] not in answer.text


def test_time_in_seconds_and_the_platforms_headers_are_asked_for_if_set(tmp_path: Path) -> None:
    options = ["--timestamp-unit", "s", "--x-road-client", "VN/GOV/H24/motcua", "--api-key", "key"]
    with running_simulator("ndxp-soap", tmp_path, *options, "--secret", "other") as simulator:
        timestamp = str(int(time.time()))
        url, username = simulator.settings["npd_url"], simulator.settings["npd_username"]
        good = {
            "Content-Type": "application/xml",
            "Timestamp": timestamp,
            "Authorization": signature(url, username, timestamp, "other"),
            "X-Road-Client": "VN/GOV/H24/motcua",
            "ApiKey": "key",
        }
        wrong = {
            "milliseconds": signed(simulator, npd_secret="other"),
            "no client": _without(good, "X-Road-Client"),
            "another client": good | {"X-Road-Client": "VN/GOV/H24/other"},
            "no key": _without(good, "ApiKey"),
            "another key": good | {"ApiKey": "other"},
        }
        assert _statuses(simulator, wrong) == dict.fromkeys(wrong, 401)
        assert post(simulator, envelope(elements()), good).status_code == 200


def test_an_lgsp_call_needs_a_token_and_the_partners_key(lgsp_soap: RunningSimulator) -> None:
    good = bearer(lgsp_soap)
    wrong = {
        "no token": _without(good, "Authorization"),
        "unknown token": good | {"Authorization": "Bearer abc"},
        "no bearer": good | {"Authorization": good["Authorization"].replace("Bearer", "Token")},
        "no key": _without(good, "lgspaccesstoken"),
        "no base64": good | {"lgspaccesstoken": "***"},
        "no JSON": good | {"lgspaccesstoken": base64.b64encode(b"key").decode()},
        "another key": good | {"lgspaccesstoken": partner(lgsp_soap, SecretKey="other")},
        "one member more": good | {"lgspaccesstoken": partner(lgsp_soap, More="other")},
    }
    assert _statuses(lgsp_soap, wrong) == dict.fromkeys(wrong, 401)
    assert post(lgsp_soap, envelope(elements()), good).status_code == 200


def test_a_token_is_given_for_id_and_secret_by_basic_or_in_the_form(lgsp_soap: RunningSimulator) -> None:
    settings = lgsp_soap.settings
    form = {
        "grant_type": "client_credentials",
        "client_id": settings["npd_client_id"],
        "client_secret": settings["npd_client_secret"],
    }
    for granted in (grant(lgsp_soap), grant(lgsp_soap, data=form, auth=None)):
        answer = granted.json()
        assert (granted.status_code, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 3600)


def test_no_token_is_given_for_anything_else(lgsp_soap: RunningSimulator) -> None:
    wrong: list[dict[str, Any]] = [
        {"auth": None},
        {"auth": (lgsp_soap.settings["npd_client_id"], "other")},
        {"data": {"grant_type": "password"}},
        {"data": {}},
        {"headers": {}},
    ]
    assert [grant(lgsp_soap, **changes).status_code for changes in wrong] == [401] * len(wrong)
    answer = httpx.get(lgsp_soap.settings["npd_token_url"], trust_env=False)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_tokens_end_by_their_time_or_when_told(lgsp_soap: RunningSimulator) -> None:
    headers = bearer(lgsp_soap)
    lgsp_soap.expire_tokens()
    assert post(lgsp_soap, envelope(elements()), headers).status_code == 401
    lgsp_soap.behave(token_seconds=0.000_001, token_seconds_told=3600)
    assert grant(lgsp_soap).json()["expires_in"] == 3600
    assert post(lgsp_soap, envelope(elements()), bearer(lgsp_soap)).status_code == 401
