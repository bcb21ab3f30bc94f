"""Claims about the sandbox's people, in the domain's words."""

from typing import Final

from app.adapters.population.port import LookupContext
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.domain.partial_date import PartialDate
from app.domain.person_name import PersonName

CONTEXT: Final = LookupContext(
    request_id="018f4e0c-0000-7000-8000-000000000001",
    service_code="1.004194",
    officer_id_number="100185000901",
    unit_code="H24.15",
    account="receiver",
)


def make_claim(
    full_name: str = "NGUYỄN THỊ MINH NGỌC",
    id_number: str = "100190000001",
    birth_date: str = "1990-07-30",
) -> IdentityClaim:
    return IdentityClaim(
        full_name=PersonName(full_name),
        id_number=IdentityNumber(id_number),
        birth_date=PartialDate.parse(birth_date),
    )


def numbers(*values: str) -> list[IdentityNumber]:
    return [IdentityNumber(value) for value in values]
