"""What a route may ask for, as annotated types; each comes from what `create_app` put on `app.state`.

async def list_cases(
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CASES_READ])], cases: Cases
) -> CasePage: ...
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.openapi.models import OAuth2 as OAuth2Model
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlowPassword, OAuthFlows
from fastapi.security.base import SecurityBase

from app import languages
from app.domain.caller import LOOKUP_SCOPES, Scope
from app.domain.oauth import TOKEN_PATH
from app.intake import access, gates
from app.services import (
    access_reports,
    agencies,
    audit_proofs,
    audit_reader,
    case_changes,
    case_history,
    case_reports,
    case_search,
    checkpoints,
    clients,
    exposition,
    health,
    logins,
    lookup_reports,
    lookups,
    metrics,
    officers,
    own_account,
    procedures,
    profiles,
    tokens,
    webhooks,
)
from app.services import cases as case_services

_SCOPE_TEXTS: Final[dict[Scope, str]] = {
    Scope.CASES_READ: "Read cases. (vi: xem hồ sơ)",
    Scope.CASES_WRITE: "Register and edit cases. (vi: tiếp nhận, sửa hồ sơ)",
    Scope.CASES_STATUS: "Change the status of cases. (vi: cập nhật trạng thái hồ sơ)",
    Scope.VERIFY_ID_CARD: "Verify identity cards. (vi: xác thực CCCD/CMND)",
    Scope.VERIFY_HOUSEHOLD_HEAD: "Verify household heads. (vi: xác thực chủ hộ)",
    Scope.CITIZENS_SHARE: "Receive citizens' records. (vi: chia sẻ thông tin công dân)",
    Scope.REPORTS_READ: "Read reports. (vi: xem báo cáo)",
    Scope.AUDIT_READ: "Read the audit log. (vi: xem nhật ký kiểm toán)",
    Scope.ADMIN: "Manage agencies, officers, procedures and clients. (vi: quản trị)",
}


class _CallerScheme(SecurityBase, access.CurrentCaller):
    """Gives the authenticated caller, and OpenAPI the ways to a token."""

    model = OAuth2Model(
        flows=OAuthFlows(
            password=OAuthFlowPassword(tokenUrl=TOKEN_PATH, scopes=dict(_SCOPE_TEXTS)),
            clientCredentials=OAuthFlowClientCredentials(
                tokenUrl=TOKEN_PATH,
                scopes={scope: text for scope, text in _SCOPE_TEXTS.items() if scope not in LOOKUP_SCOPES},
            ),
        ),
        description=(
            "An officer logs in with a password, a system with its secret. A front end vouches for its "
            "officer with an assertion at the same address (RFC 7523), for which OpenAPI has no flow. "
            "(vi: đăng nhập)"
        ),
    )
    scheme_name = "oauth2"


current_caller: Final = _CallerScheme()


def _from_state(name: str) -> Callable[[Request], Awaitable[Any]]:
    # Async, because FastAPI runs a plain function in a thread.
    async def read(request: Request) -> Any:  # noqa: ANN401 - the alias below tells the type
        return getattr(request.app.state, name)

    return read


async def _language(request: Request) -> languages.Language:
    return languages.preferred(request.headers.get("accept-language"))


AuditProofs = Annotated[audit_proofs.AuditProofs, Depends(_from_state("audit_proofs"))]
AccessReports = Annotated[access_reports.AccessReports, Depends(_from_state("access_reports"))]
AuditReader = Annotated[audit_reader.AuditReader, Depends(_from_state("audit_reader"))]
CaseChanges = Annotated[case_changes.CaseChanges, Depends(_from_state("case_changes"))]
CaseHistory = Annotated[case_history.CaseHistory, Depends(_from_state("case_history"))]
CaseReports = Annotated[case_reports.CaseReports, Depends(_from_state("case_reports"))]
CaseSearch = Annotated[case_search.CaseSearch, Depends(_from_state("case_search"))]
Cases = Annotated[case_services.Cases, Depends(_from_state("cases"))]
Checkpoints = Annotated[checkpoints.Checkpoints, Depends(_from_state("checkpoints"))]
Exposition = Annotated[exposition.Exposition, Depends(_from_state("exposition"))]
Gates = Annotated[gates.Gates, Depends(_from_state("gates"))]
Health = Annotated[health.Health, Depends(_from_state("health"))]
Language = Annotated[languages.Language, Depends(_language)]
Logins = Annotated[logins.Logins, Depends(_from_state("logins"))]
LookupReports = Annotated[lookup_reports.LookupReports, Depends(_from_state("lookup_reports"))]
Lookups = Annotated[lookups.Lookups, Depends(_from_state("lookups"))]
Metrics = Annotated[metrics.Metrics, Depends(_from_state("metrics"))]
Procedures = Annotated[procedures.Procedures, Depends(_from_state("procedures"))]
Profiles = Annotated[profiles.Profiles, Depends(_from_state("profiles"))]
Webhooks = Annotated[webhooks.Webhooks, Depends(_from_state("webhooks"))]
Tokens = Annotated[tokens.Tokens, Depends(_from_state("tokens"))]
Agencies = Annotated[agencies.Agencies, Depends(_from_state("agencies"))]
Clients = Annotated[clients.Clients, Depends(_from_state("clients"))]
Officers = Annotated[officers.Officers, Depends(_from_state("officers"))]
OwnAccount = Annotated[own_account.OwnAccount, Depends(_from_state("own_account"))]
