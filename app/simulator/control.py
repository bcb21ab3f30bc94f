"""The control beside the wire: scripts faults and behaviour, ends tokens, lists what was received."""

import json
from ipaddress import ip_address
from typing import Any, Final

from pydantic import ValidationError

from app.simulator.answering import Answering
from app.simulator.credentials import Tokens
from app.simulator.faults import Faults, FaultScript
from app.simulator.journal import Journal
from app.simulator.options import CONTROL_PATH, Behaviour
from app.simulator.replies import JSON, Reply

_BEHAVIOUR: Final = f"{CONTROL_PATH}/behaviour"
_FAULTS: Final = f"{CONTROL_PATH}/faults"
_TOKEN_FAULTS: Final = f"{CONTROL_PATH}/token-faults"


class Control:
    """Answers the control's requests."""

    def __init__(
        self, *, answering: Answering, faults: Faults, token_faults: Faults, tokens: Tokens, journal: Journal
    ) -> None:
        self._answering = answering
        self._faults = {_FAULTS: faults, _TOKEN_FAULTS: token_faults}
        self._tokens = tokens
        self._journal = journal

    def reply(self, method: str, path: str, peer: str, body: bytes) -> Reply:
        """Do what is asked; 403 for others than this machine, 400 with the reason for what cannot be done."""
        if not ip_address(peer).is_loopback:
            return _told(403, {"error": "the control is for this machine alone"})
        try:
            content = json.loads(body or b"{}")
            if not isinstance(content, dict):
                return _told(400, {"error": "the body is no object"})
            return _told(200, self._done(method, path, content))
        except (ValidationError, ValueError) as exc:
            return _told(400, {"error": str(exc)})
        except KeyError:
            return _told(404, {"error": "no such control"})

    def _done(self, method: str, path: str, content: dict[str, Any]) -> object:
        match method, path:
            case "GET", "/_control/received":
                return [entry.told() for entry in self._journal]
            case "PATCH", "/_control/behaviour":
                present = self._answering.behaviour.model_dump()
                self._answering.behaviour = Behaviour.model_validate(present | content)
            case "PUT", "/_control/faults" | "/_control/token-faults":
                self._faults[path].use(FaultScript.model_validate(content))
            case "POST", "/_control/expire-tokens":
                self._tokens.expire_all()
            case "POST", "/_control/reset":
                self._answering.behaviour = Behaviour()
                for faults in self._faults.values():
                    faults.use(FaultScript())
                self._journal.clear()
            case _:
                raise KeyError(path)
        return {"behaviour": self._answering.behaviour.model_dump()}


def _told(status: int, content: object) -> Reply:
    return Reply(status, JSON, json.dumps(content).encode())
