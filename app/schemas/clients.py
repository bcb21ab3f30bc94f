"""Shapes of connected systems, as administrators see and change them."""

import json
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.config import JsonDict

from app.domain.accounts import LEAST_SECRET_LENGTH, ClientAccount, ClientPut, parsed_network
from app.domain.caller import Scope
from app.domain.keyed_page import KeyedPage
from app.schemas.accounts import check_path, new_secret, next_of
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.checked import Checked, refuse
from app.schemas.cursors import NextCursor
from app.schemas.terms import term
from app.schemas.texts import AgencyCode, text, unrepeated
from app.verifying_keys import KeyRefusedError, VerifyingKey

_MOST_NETWORKS: Final = 50
_MOST_KEYS: Final = 10
# As JSON; an RSA key of the greatest size with its certificates is half of it.
_MOST_KEY_LENGTH: Final = 8_192

Grant = Literal["password", "client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"]

_KEY_EXAMPLE: Final[JsonDict] = {
    "kty": "EC",
    "crv": "P-256",
    "kid": "2026-11",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
CLIENT_EXAMPLE: Final[JsonDict] = {
    "name": "Phần mềm một cửa Ví Dụ",
    "agency": "H24.15",
    "grants": ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
    "scopes": ["cases:read", "cases:write", "verify:id-card"],
    "networks": ["10.1.0.0/16"],
    "jwks": [_KEY_EXAMPLE],
    "is_active": True,
}


def _network(raw: str) -> str:
    try:
        return str(parsed_network(raw))
    except ValueError:
        refuse("invalid-network")


def _public_key(jwk: dict[str, Any]) -> dict[str, Any]:
    # Other members than ours may stand in a key, and all of them are kept.
    if len(json.dumps(jwk)) > _MOST_KEY_LENGTH:
        refuse("invalid-key")
    try:
        VerifyingKey.of_jwk(jwk)
    except KeyRefusedError:
        refuse("invalid-key")
    return jwk


def _key_id(jwk: dict[str, Any]) -> str:
    return VerifyingKey.of_jwk(jwk).key_id


Network = Annotated[
    str,
    Checked(_network, {"maxLength": 49}),
    term("Network or address, as 10.1.0.0/16.", "mạng được phép", examples=["10.1.0.0/16"]),
]
PublicKey = Annotated[
    dict[str, Any],
    AfterValidator(_public_key),
    term(
        "A public key (RFC 7517); without `kid` it is known by its thumbprint.",
        "khóa công khai",
        examples=[_KEY_EXAMPLE],
    ),
]


class ClientPutRequest(RequestSchema):
    """A connected system, to be created or replaced (hệ thống kết nối)."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLIENT_EXAMPLE]})

    client_id: Annotated[str, term("The path's id, if sent at all.", "mã hệ thống kết nối")] | None = None
    name: Annotated[str, text(max_length=200), term("Name of the system.", "tên hệ thống kết nối")]
    agency: Annotated[AgencyCode, term("Agency that the system is registered for.", "cơ quan")]
    grants: Annotated[
        list[Grant], term("How it may get tokens.", "cách nhận mã truy cập", max_length=3), unrepeated()
    ]
    scopes: Annotated[
        list[Scope],
        term(
            "What its tokens allow at most; lookups only on behalf of an officer.",
            "phạm vi quyền",
            max_length=len(Scope),
        ),
        unrepeated(),
    ]
    networks: Annotated[
        list[Network],
        term("Where it may call from; empty: everywhere.", "các mạng được phép", max_length=_MOST_NETWORKS),
        unrepeated(),
    ] = Field(default_factory=list)
    jwks: Annotated[
        list[PublicKey],
        term(
            "Public keys of a front end that vouches for officers.",
            "các khóa công khai",
            max_length=_MOST_KEYS,
        ),
        unrepeated(_key_id),
    ] = Field(default_factory=list)
    is_active: Annotated[bool, term("Whether the system may call.", "hệ thống còn hiệu lực")] = True
    secret: (
        Annotated[
            str,
            new_secret(min_length=LEAST_SECRET_LENGTH),
            term(
                "New secret; left out it is kept. Never shown.", "khóa bí mật", examples=["vi-du-khoa-bi-mat"]
            ),
        ]
        | None
    ) = None

    def to_put(self, client_id: str) -> ClientPut:
        """Convert to the domain's value.

        Raises:
            FieldFaultError: the body's id is not the path's.
        """
        check_path(self.client_id, client_id, "/client_id")
        return ClientPut(
            client_id=client_id,
            name=self.name,
            agency_code=self.agency,
            grants=tuple(self.grants),
            scopes=tuple(scope for scope in Scope if scope in self.scopes),
            networks=tuple(self.networks),
            jwks=tuple(self.jwks),
            is_active=self.is_active,
            secret=self.secret,
        )


class ClientRead(ResponseSchema):
    """A connected system (hệ thống kết nối) without its secret."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"client_id": "one-stop", **CLIENT_EXAMPLE, "has_secret": False}]}
    )

    client_id: Annotated[str, term("Id of the system.", "mã hệ thống kết nối")]
    name: Annotated[str, term("Name of the system.", "tên hệ thống kết nối")]
    agency: Annotated[str, term("Agency that the system is registered for.", "cơ quan")]
    grants: Annotated[list[str], term("How it may get tokens.", "cách nhận mã truy cập")]
    scopes: Annotated[list[Scope], term("What its tokens allow at most.", "phạm vi quyền")]
    networks: Annotated[list[str], term("Where it may call from; empty: everywhere.", "các mạng được phép")]
    jwks: Annotated[list[dict[str, Any]], term("Its public keys.", "các khóa công khai")]
    is_active: Annotated[bool, term("Whether the system may call.", "hệ thống còn hiệu lực")]
    has_secret: Annotated[bool, term("Whether a secret is set.", "đã có khóa bí mật")]

    @classmethod
    def of(cls, client: ClientAccount) -> Self:
        """Show a system."""
        return cls(
            client_id=client.client_id,
            name=client.name,
            agency=client.agency_code,
            grants=list(client.grants),
            scopes=list(client.scopes),
            networks=list(client.networks),
            jwks=[dict(key) for key in client.jwks],
            is_active=client.is_active,
            has_secret=client.has_secret,
        )


class ClientListRead(ResponseSchema):
    """A page of connected systems in the order of their ids."""

    items: Annotated[list[ClientRead], term("The systems of this page.", "danh sách hệ thống kết nối")]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: KeyedPage[ClientAccount]) -> Self:
        """Show a page."""
        return cls(items=[ClientRead.of(client) for client in page.items], next_cursor=next_of(page))
