"""From a question's bytes to its answer's, on the wire of one profile."""

from collections.abc import Callable, Mapping
from typing import Final

from app.simulator import json_reader
from app.simulator.asked import (
    Asked,
    Seen,
    WrongMethodError,
    WrongPathError,
    WrongRequestError,
)
from app.simulator.credentials import Tokens, check_signature
from app.simulator.journal import Journal
from app.simulator.json_reader import read_json
from app.simulator.json_writer import write_json, write_json_error
from app.simulator.options import BASE_PATH, Behaviour, Options
from app.simulator.register import Register, Verdict
from app.simulator.replies import JSON, XML, Reply
from app.simulator.soap_reader import read_soap
from app.simulator.soap_writer import write_soap, write_soap_error, write_soap_fault

_WRONG: Final = "01"
_TEXTS: Final = {
    _WRONG: "Yeu cau khong hop le",
    "004": "Thu tuc chua duoc cap phep",
    "005": "Can bo khong co quyen",
}
_CONTENT_TYPES: Final = {True: ("application/json",), False: ("application/xml", "text/xml")}


class Answering:
    """Reads, checks and answers questions of one profile."""

    def __init__(
        self,
        options: Options,
        register: Register,
        *,
        tokens: Tokens,
        journal: Journal,
        wall_clock: Callable[[], float],
    ) -> None:
        self._options = options
        self._register = register
        self._tokens = tokens
        self._journal = journal
        self._wall_clock = wall_clock
        self._is_json = options.profile == "lgsp-json"
        self._path = f"{BASE_PATH}/{options.profile}"
        self.behaviour = Behaviour()

    def read(self, method: str, path: str, headers: Mapping[str, str], body: bytes, seen: Seen) -> Asked:
        """Read a question, whoever sends it having shown who he is.

        Raises:
            WrongPathError, WrongMethodError, WrongCredentialsError, WrongRequestError: as their names say.
        """
        operation = json_reader.PATHS.get(path.removeprefix(self._path)) if self._is_json else None
        if not path.startswith(self._path) or (operation is None if self._is_json else path != self._path):
            raise WrongPathError
        if method != "POST":
            raise WrongMethodError
        if self._options.profile == "ndxp-soap":
            url = self._options.service_url or f"http://{headers.get('host', '')}{path}"
            check_signature(headers, url, self._options, self._wall_clock())
        else:
            self._tokens.check(headers)
        if headers.get("content-type", "").partition(";")[0].strip() not in _CONTENT_TYPES[self._is_json]:
            raise WrongRequestError("Content-Type is not that of the profile")
        if operation is not None:
            asked = read_json(body, operation, self._options, self.behaviour, seen)
        else:
            asked = read_soap(body, self._options, self.behaviour, seen)
        if self._journal.is_repeated(asked.request_id) and self.behaviour.unique_request_ids:
            raise WrongRequestError("MaYeuCau was there before")
        self._journal.remember(asked.request_id)
        return asked

    def answer(self, asked: Asked) -> Reply:
        """Answer a question."""
        misfits_too = self.behaviour.misfit == "record"
        return self._written(self._register.answer(asked, misfits_too=misfits_too), self.behaviour)

    def nobody(self, asked: Asked) -> Reply:
        """Answer that there is no such person."""
        return self._written(Verdict(asked.operation, None), self.behaviour)

    def another(self, asked: Asked) -> Reply:
        """Answer about somebody else, with a record by which that can be seen."""
        shown = self.behaviour.model_copy(update={"verify": "record", "household_record": True})
        return self._written(self._register.answer_with_another(asked), shown)

    def refusal(self, code: str) -> Reply:
        """Refuse with a code, in the form that is set: a failed call, or an answer that says so."""
        text = _TEXTS[code]
        if self._is_json:
            return Reply(
                403 if self.behaviour.refusal == "fault" else 200, JSON, write_json_error(code, text)
            )
        if self.behaviour.refusal == "fault":
            return Reply(500, XML, write_soap_fault(code, text))
        return Reply(200, XML, write_soap_error(code, text))

    def error(self, wrong: Exception | None = None) -> Reply:
        """Answer that a question breaks a rule, and which."""
        text = str(wrong) if wrong is not None else _TEXTS[_WRONG]
        if self._is_json:
            return Reply(400, JSON, write_json_error(_WRONG, text))
        return Reply(500, XML, write_soap_fault(_WRONG, text))

    def turned_away(self, wrong: Exception) -> Reply:
        """Answer what is no question at all."""
        status = {WrongPathError: 404, WrongMethodError: 405}.get(type(wrong), 401)
        headers = {"Allow": "POST"} if isinstance(wrong, WrongMethodError) else {}
        return Reply(status, JSON, write_json_error(str(status), str(wrong)), headers)

    def _written(self, verdict: Verdict, behaviour: Behaviour) -> Reply:
        if self._is_json:
            return Reply(200, JSON, write_json(verdict, behaviour))
        return Reply(200, XML, write_soap(verdict, behaviour))
