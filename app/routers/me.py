"""Tells the caller who it is, and lets officers keep their own accounts safe."""

from typing import Annotated

from fastapi import APIRouter, Security, status

from app.deps import OwnAccount, Profiles, current_caller
from app.domain.caller import Caller
from app.errors import (
    AuditUnavailableError,
    FieldFaultError,
    NotFoundError,
    PreconditionFailedError,
    SecondFactorSetError,
    ServiceUnavailableError,
)
from app.intake.route import ServiceRoute
from app.problems import problems
from app.routers.entity_tags import FOR_NO_VERSION
from app.schemas.me import MeRead
from app.schemas.own_account import (
    OwnAccountRead,
    PasswordChange,
    SecondFactorConfirmation,
    SecondFactorOffer,
    SecondFactorRequest,
)
from app.services.own_account import OwnAccountState
from app.services.profiles import Profile

router = APIRouter(route_class=ServiceRoute, tags=["identity"])


@router.get(
    "/me",
    summary="Thông tin người gọi",
    response_model=MeRead,
    responses=problems.responses(ServiceUnavailableError),
)
async def read_me(caller: Annotated[Caller, Security(current_caller)], profiles: Profiles) -> Profile:
    """Tell who calls, its agency, roles and scopes, and what it may ask the population database.

    For each active procedure: the lookups and the members of a citizen's record. Both are empty for a caller
    whose token lacks the lookup's scope. A lookup may still be refused, as for an officer without a number.
    """
    return await profiles.of(caller)


@router.get(
    "/me/account",
    summary="Tài khoản của tôi",
    response_model=OwnAccountRead,
    responses=problems.responses(NotFoundError, ServiceUnavailableError),
)
async def read_own_account(
    caller: Annotated[Caller, Security(current_caller)], account: OwnAccount
) -> OwnAccountState:
    """Tell how the own account stands: its second factor, and what must be done before a token has scopes."""
    return await account.state(caller)


@router.post(
    "/me/password",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Đổi mật khẩu",
    dependencies=FOR_NO_VERSION,
    responses=problems.responses(
        NotFoundError,
        FieldFaultError,
        PreconditionFailedError,
        AuditUnavailableError,
        ServiceUnavailableError,
    ),
)
async def change_password(
    body: PasswordChange, caller: Annotated[Caller, Security(current_caller)], account: OwnAccount
) -> None:
    """Change the own password. A wrong present one counts as a bad log-in.

    Tokens from before, this one too, end within half a minute.
    """
    await account.change_password(caller, current=body.current_password, new=body.new_password)


@router.post(
    "/me/second-factor",
    status_code=status.HTTP_201_CREATED,
    summary="Đăng ký xác thực hai yếu tố",
    dependencies=FOR_NO_VERSION,
    responses=problems.responses(
        NotFoundError, FieldFaultError, PreconditionFailedError, SecondFactorSetError, ServiceUnavailableError
    ),
)
async def offer_second_factor(
    body: SecondFactorRequest, caller: Annotated[Caller, Security(current_caller)], account: OwnAccount
) -> SecondFactorOffer:
    """Draw the secret of a second factor (TOTP, RFC 6238); it is told only here and counts once confirmed.

    The present password is asked for, so that a stolen token ties the account to nobody else's phone; a wrong
    one counts as a bad log-in.
    """
    offered = await account.offer_second_factor(caller, current=body.current_password)
    return SecondFactorOffer(secret=offered.secret, otpauth_uri=offered.address, qr_rows=offered.qr_rows)


@router.put(
    "/me/second-factor",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Xác nhận xác thực hai yếu tố",
    dependencies=FOR_NO_VERSION,
    responses=problems.responses(
        NotFoundError,
        FieldFaultError,
        PreconditionFailedError,
        SecondFactorSetError,
        AuditUnavailableError,
        ServiceUnavailableError,
    ),
)
async def confirm_second_factor(
    body: SecondFactorConfirmation, caller: Annotated[Caller, Security(current_caller)], account: OwnAccount
) -> None:
    """Confirm the offered secret with a code of it. From then on `/auth/token` asks for `otp`, each once."""
    await account.confirm_second_factor(caller, body.otp)
