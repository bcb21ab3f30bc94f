"""What can go wrong, in words of the domain, each with a stable code. Knows nothing of HTTP.

The code is part of the contract with front ends; `app/problems/catalogue.py` gives each its status and texts.
No error carries a value that a caller sent: the optional `named` holds words of our own vocabulary only
(a field, a status, a code from the contract).
"""

from typing import ClassVar


class DomainError(Exception):
    """Something a use case refuses or could not do."""

    code: ClassVar[str]

    def __init__(
        self, *named: str, retry_after_seconds: int | None = None, pointer: str | None = None
    ) -> None:
        """Create the error.

        `named` are words of the contract's own vocabulary, safe to show; `pointer` is the JSON pointer of the
        member concerned, where it is not the one that the error is usually about.
        """
        super().__init__(self.code, *named)
        self.named = named
        self.retry_after_seconds = retry_after_seconds
        self.pointer = pointer


# --- who is calling ---------------------------------------------------------------------------------


class UnauthenticatedError(DomainError):
    """No token, or one that we do not accept."""

    code = "unauthenticated"


class InsufficientScopeError(DomainError):
    """The caller is known but the token lacks the route's scope."""

    code = "insufficient-scope"


class TooManyLoginsError(DomainError):
    """Too many log-ins from where the request came were refused."""

    code = "too-many-logins"


# --- the request as sent ----------------------------------------------------------------------------


class FieldFaultError(DomainError):
    """One member of the request breaks a rule that needs more than its shape."""

    code = "validation-failed"

    def __init__(self, pointer: str, fault: str) -> None:
        """Point at the member; `fault` is one of the field codes of `app/problems/faults.py`."""
        super().__init__(fault, pointer=pointer)
        self.fault = fault


class RequestMalformedError(DomainError):
    """It is no HTTP, or the body is not JSON as the contract asks.

    `named` is a reason of `app/intake/strict_json.py`.
    """

    code = "malformed-request"


class RequestTooLargeError(DomainError):
    """The body is over its limit."""

    code = "request-too-large"


class RequestTimeoutError(DomainError):
    """The request did not arrive whole in time."""

    code = "request-timeout"


class UnsupportedMediaTypeError(DomainError):
    """The body's Content-Type is not the route's."""

    code = "unsupported-media-type"


class NotFoundError(DomainError):
    """No such resource."""

    code = "not-found"


class PreconditionFailedError(DomainError):
    """`If-Match` names another version than the present one."""

    code = "precondition-failed"


class IdempotencyKeyReusedError(DomainError):
    """The key was used before with another body."""

    code = "idempotency-key-reused"


class IdempotencyKeyInUseError(DomainError):
    """The first request with this key is still running."""

    code = "idempotency-key-in-use"


# --- purpose and policy of a lookup -----------------------------------------------------------------


class PurposeMissingError(DomainError):
    """A lookup named neither a procedure nor a case."""

    code = "purpose-missing"


class PurposeMismatchError(DomainError):
    """The procedure named is not the case's, or not the lookup's."""

    code = "purpose-mismatch"


class ProcedureNotFoundError(DomainError):
    """The procedure is unknown or inactive."""

    code = "procedure-not-found"


class LookupNotPermittedError(DomainError):
    """The procedure does not allow this kind of lookup."""

    code = "lookup-not-permitted"


class FieldNotPermittedError(DomainError):
    """A field was asked for that the procedure may not receive; `named` is that field."""

    code = "field-not-permitted"


class LookupBudgetExceededError(DomainError):
    """Too many lookups, too many different people or too many misses."""

    code = "lookup-budget-exceeded"


class OfficerIdMissingError(DomainError):
    """The officer has no 12-digit number on file, which the population database asks for."""

    code = "officer-id-missing"


class SecondFactorSetError(DomainError):
    """The account has a second factor already."""

    code = "second-factor-set"


class RootAdminNeededError(DomainError):
    """The change concerns every agency: only an administrator of the root agency makes it."""

    code = "root-admin-needed"


class LastAdminError(DomainError):
    """The change would leave no active administrator."""

    code = "last-admin"


class CaseClosedError(DomainError):
    """The case named as purpose has ended."""

    code = "case-closed"


class CaseNotFoundError(DomainError):
    """No such case, or one of another agency: the caller cannot tell which."""

    code = "case-not-found"


class TransitionNotAllowedError(DomainError):
    """The table of statuses has no such step; `named` are the allowed ones."""

    code = "transition-not-allowed"


class AgencyNotFoundError(DomainError):
    """No such agency at or below the caller's own."""

    code = "agency-not-found"


# --- lookups tied to a case -------------------------------------------------------------------------


class LookupNotFoundError(DomainError):
    """A lookup named for a case is unknown, too old, or another officer's."""

    code = "lookup-not-found"


class LookupAlreadyTiedError(DomainError):
    """A lookup named for a case belongs to a case already."""

    code = "lookup-already-tied"


# --- the population database ------------------------------------------------------------------------


class PopulationDatabaseError(DomainError):
    """The population database cannot be reached, or answers garbage or too much."""

    code = "population-database-error"


class PopulationDatabaseTimeoutError(PopulationDatabaseError):
    """The population database did not answer in time."""

    code = "population-database-timeout"


class PopulationDatabaseUnavailableError(PopulationDatabaseError):
    """The circuit is open, too many calls wait, or the population database asked to be left alone."""

    code = "population-database-unavailable"


class PopulationDatabaseRefusedError(PopulationDatabaseError):
    """The population database says that the procedure (004) or the officer (005) is not licensed."""

    code = "population-database-refused"


class PopulationDatabaseMismatchError(PopulationDatabaseError):
    """The population database returned another person than asked for."""

    code = "population-database-mismatch"


# --- ourselves --------------------------------------------------------------------------------------


class AuditUnavailableError(DomainError):
    """The audit log cannot be written, so nothing may be disclosed."""

    code = "audit-unavailable"


class ServiceUnavailableError(DomainError):
    """The database cannot be reached or is too busy.

    A change was not made, unless the connection was lost while it was being committed: then nobody knows.
    """

    code = "service-unavailable"
