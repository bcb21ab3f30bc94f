"""The wire formats of the profiles: SOAP for the direct way and one kind of LGSP, JSON for the other."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final, assert_never

from app.adapters.population.port import HouseholdAnswer, KnownPerson, LookupContext
from app.adapters.population.upstream import Operation, Question, Wire
from app.adapters.population.wire import answers, household, json_wire, questions, soap
from app.adapters.population.wire.citizen import Identity, LifeStatusCodes, read_citizen, read_identity
from app.adapters.population.wire.elements import Element
from app.adapters.population.wire.labels import Labels
from app.adapters.population.wire.node import Node
from app.adapters.population.wire.refusals import raise_failure
from app.domain.citizen import Citizen
from app.domain.claim import IdentityClaim
from app.domain.code_lists import as_number
from app.domain.identity_number import IdentityNumber
from app.errors import PopulationDatabaseError, PopulationDatabaseRefusedError
from app.settings.comma_list import comma_separated
from app.settings.npd import NpdSettings

_SOAP_HEADERS: Final = {"Content-Type": "application/xml; charset=utf-8", "SOAPAction": '""'}
_JSON_HEADERS: Final = {"Content-Type": "application/json; charset=utf-8"}


def wire_for(settings: NpdSettings, labels: Labels) -> Wire:
    """Choose the wire format of the profile.

    Raises:
        ValueError: the profile has none.
    """
    match settings.npd_profile:
        case "ndxp-soap" | "lgsp-soap":
            return SoapWire(settings, labels)
        case "lgsp-json":
            return JsonWire(settings, labels)
        case "mock":
            raise ValueError("the mock has no wire format")
        case unreachable:
            assert_never(unreachable)


class _Reading:
    """Reads answers, whatever their syntax: failures first, then what was asked."""

    def __init__(self, settings: NpdSettings, labels: Labels, parse: Callable[[bytes], Node]) -> None:
        self._settings = settings
        self._labels = labels
        self._parse = parse
        self._statuses = LifeStatusCodes(
            deceased=frozenset(map(as_number, comma_separated(settings.npd_codes_deceased))),
            missing=frozenset(map(as_number, comma_separated(settings.npd_codes_missing))),
        )

    def read_verification(self, body: bytes, claim: IdentityClaim) -> KnownPerson | None:
        """Read whether the claimed person exists."""
        return answers.claimed_person(self._answer(body), claim, self._identity)

    def read_record(self, body: bytes, claim: IdentityClaim) -> Citizen | None:
        """Read the record of the claimed person."""
        return self._citizen(answers.claimed_record(self._answer(body), claim, self._identity))

    def read_record_by_number(self, body: bytes, number: IdentityNumber) -> Citizen | None:
        """Read the record of the person with the number."""
        return self._citizen(answers.record_by_number(self._answer(body), number, self._identity))

    def read_household(
        self, body: bytes, head: IdentityClaim, members: tuple[IdentityNumber, ...]
    ) -> HouseholdAnswer:
        """Read the answer about a household."""
        answer = self._answer(body)
        if not answers.carries_a_record(answer):
            return household.read(answer, members, self._settings)
        told = cache(partial(household.read, answer, members, self._settings))
        person = answers.person_beside(answer, head, self._identity, stated=lambda: told().person is not None)
        return household.nobody(members) if person is None else replace(told(), person=person)

    def raise_refusal(self, body: bytes) -> None:
        """Raise if the body of a failed answer is a refusal."""
        try:
            self._answer(body)
        except PopulationDatabaseRefusedError:
            raise
        except PopulationDatabaseError:
            return

    def _answer(self, body: bytes) -> Node:
        answer = self._parse(body)
        raise_failure(answer)
        return answer

    def _identity(self, record: Node) -> Identity | None:
        return read_identity(record, self._statuses)

    def _citizen(self, found: answers.Found | None) -> Citizen | None:
        return None if found is None else read_citizen(*found, self._labels)


class SoapWire(_Reading):
    """SOAP 1.1: all operations at one address."""

    def __init__(self, settings: NpdSettings, labels: Labels) -> None:
        super().__init__(settings, labels, soap.read)
        self._url = str(settings.npd_url)

    def verification(self, claim: IdentityClaim, context: LookupContext) -> Question:
        """Write the question whether the claim is a person."""
        settings = self._settings
        purpose = questions.purpose(
            context,
            settings,
            code=settings.npd_code_verify,
            service_element=settings.npd_verify_service_element,
        )
        asked = (*purpose, *questions.claimed(claim, settings.npd_name_form))
        return self._question(Operation.VERIFY, questions.VERIFY_OPERATION, asked, context)

    def record(self, claim: IdentityClaim, context: LookupContext) -> Question:
        """Write the question for the record of the claimed person."""
        purpose = questions.purpose(context, self._settings, code=self._settings.npd_code_share)
        asked = (*purpose, *questions.claimed(claim, self._settings.npd_name_form))
        return self._question(Operation.SHARE, questions.SHARE_OPERATION, asked, context)

    def record_by_number(self, number: IdentityNumber, context: LookupContext) -> Question:
        """Write the question for a record by number alone."""
        purpose = questions.purpose(context, self._settings, code=self._settings.npd_code_share)
        asked = (*purpose, questions.number(number))
        return self._question(Operation.SHARE, questions.SHARE_OPERATION, asked, context)

    def household(
        self, head: IdentityClaim, members: tuple[IdentityNumber, ...], context: LookupContext
    ) -> Question:
        """Write the question about a household."""
        asked = household.elements(head, members, context, self._settings)
        return self._question(Operation.HOUSEHOLD, self._settings.npd_household_operation, asked, context)

    def _question(
        self, operation: Operation, name: str, asked: tuple[Element, ...], context: LookupContext
    ) -> Question:
        return Question(
            operation=operation,
            request_id=context.request_id,
            url=self._url,
            headers=_SOAP_HEADERS,
            body=soap.write(name, asked),
        )


class JsonWire(_Reading):
    """JSON: each operation at its own path below the address."""

    def __init__(self, settings: NpdSettings, labels: Labels) -> None:
        super().__init__(settings, labels, json_wire.read)
        base = str(settings.npd_url).rstrip("/")
        self._urls = {
            Operation.VERIFY: base + settings.npd_json_verify_path,
            Operation.SHARE: base + settings.npd_json_share_path,
            Operation.HOUSEHOLD: base + settings.npd_json_household_path,
        }

    def verification(self, claim: IdentityClaim, context: LookupContext) -> Question:
        """Write the question whether the claim is a person."""
        return self._claim_question(Operation.VERIFY, claim, context)

    def record(self, claim: IdentityClaim, context: LookupContext) -> Question:
        """Write the question for the record of the claimed person."""
        return self._claim_question(Operation.SHARE, claim, context)

    def record_by_number(self, number: IdentityNumber, context: LookupContext) -> Question:
        """Write the question for a record by number alone."""
        return self._question(Operation.SHARE, questions.json_number(number), context)

    def household(
        self, head: IdentityClaim, members: tuple[IdentityNumber, ...], context: LookupContext
    ) -> Question:
        """Write the question about a household."""
        asked = household.json_members(head, members, context, self._settings)
        return self._sent(Operation.HOUSEHOLD, asked, context)

    def _claim_question(self, operation: Operation, claim: IdentityClaim, context: LookupContext) -> Question:
        return self._question(operation, questions.json_claimed(claim, self._settings.npd_name_form), context)

    def _question(self, operation: Operation, person: dict[str, Any], context: LookupContext) -> Question:
        asked = questions.json_purpose(context) | person | {"userNameService": context.account}
        return self._sent(operation, asked, context)

    def _sent(self, operation: Operation, asked: dict[str, Any], context: LookupContext) -> Question:
        return Question(
            operation=operation,
            request_id=context.request_id,
            url=self._urls[operation],
            headers=_JSON_HEADERS,
            body=json_wire.write(asked),
        )
