"""The OpenAPI document: FastAPI's, plus what the edge does to every operation.

It is a function of the code alone, in a fixed order, so that a change of the contract shows as a difference.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app import errors as e
from app.intake.route import JSON
from app.openapi_examples import example_of
from app.problems import problems
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.problem import Problem, ValidationProblem

_DESCRIPTION: Final = """\
Between one-stop desks and the National Population Database: verify identity cards and households, receive
citizens' records, and keep cases, with an audit log of every look into the register.

Cổng kết nối giữa Hệ thống Một cửa điện tử và Cơ sở dữ liệu quốc gia về dân cư: xác thực CCCD/CMND, xác thực
chủ hộ, chia sẻ thông tin công dân, quản lý hồ sơ, và nhật ký kiểm toán cho mọi lượt tra cứu.

Every request: an unknown member, and an unknown or repeated query parameter, is 422. Texts for people are
Vietnamese, English with `Accept-Language: en`; codes stay the same, and `GET /problems` lists them. Times
have an offset; filters also take a day, which is Vietnam's. An `X-Request-Id` comes back with the answer.
HEAD is answered wherever GET is. (vi: tham số lạ bị từ chối 422; thông báo bằng tiếng Việt hoặc tiếng Anh;
mọi GET đều có HEAD)
"""

TAGS: Final = {
    "identity": "Tokens and who the caller is. (vi: đăng nhập, mã truy cập)",
    "lookups": "Looks into the population database. (vi: tra cứu Cơ sở dữ liệu quốc gia về dân cư)",
    "cases": "Cases, their receipts and due dates. (vi: hồ sơ, giấy tiếp nhận, ngày hẹn trả)",
    "procedures": "Procedures and what they may look up. (vi: thủ tục hành chính)",
    "reports": "Figures of cases and lookups. (vi: báo cáo, thống kê)",
    "audit": "The audit log and its proofs. (vi: nhật ký kiểm toán)",
    "administration": "Agencies, officers and clients. (vi: quản trị cơ quan, cán bộ, hệ thống kết nối)",
    "webhooks": "Notices of changes to other systems. (vi: thông báo thay đổi)",
    "operations": "Health and figures of the service. (vi: vận hành)",
}

_METHODS: Final = ("get", "put", "post", "patch", "delete")
_UNUSED_SHAPES: Final = ("HTTPValidationError", "ValidationError")
_MERGE_PATCH: Final = "application/merge-patch+json"
_BEARER: Final = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": (
        "A token from `/auth/token`, by password, by a front end's assertion (RFC 7523) or by a system's "
        "secret; or an access token of the OpenID Connect issuer that the service is set up for. "
        "(vi: mã truy cập)"
    ),
}
_REQUEST_ID: Final = {
    "description": "Id of the request, the caller's own if one was sent. (vi: mã yêu cầu)",
    "schema": {"type": "string"},
}


def install_openapi(app: FastAPI) -> None:
    """Make the app describe itself with `openapi_schema`, once, when first asked."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = openapi_schema(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign] # FastAPI's own way to replace it


def openapi_schema(app: FastAPI) -> dict[str, Any]:
    """Describe the app."""
    schema = get_openapi(
        title=app.title,
        version=app.version,
        description=_DESCRIPTION,
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        routes=app.routes,
    )
    components = schema.setdefault("components", {})
    shapes = components.setdefault("schemas", {})
    for name in _UNUSED_SHAPES:
        shapes.pop(name, None)
    shapes.update(_problem_shapes())
    _restore_nulls(shapes)
    components["headers"] = {"X-Request-Id": _REQUEST_ID}
    if "securitySchemes" in components:
        components["securitySchemes"]["bearer"] = _BEARER
    for operation in _operations(schema):
        _complete(operation, shapes)
    components["schemas"] = dict(sorted(shapes.items()))
    for shape in components["schemas"].values():
        for member in shape.get("properties", {}).values():
            _raise_term(member)
    used = {tag for operation in _operations(schema) for tag in operation.get("tags", ())}
    schema["tags"] = [{"name": name, "description": text} for name, text in TAGS.items() if name in used]
    return schema


def _problem_shapes() -> dict[str, Any]:
    _, document = models_json_schema(
        [(Problem, "serialization"), (ValidationProblem, "serialization")],
        ref_template="#/components/schemas/{model}",
    )
    return dict(document["$defs"])


def _restore_nulls(shapes: Mapping[str, Any]) -> None:
    """Give shapes' examples their members back that are null: FastAPI leaves out whatever is."""
    waiting: list[type[BaseModel]] = [RequestSchema, ResponseSchema]
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        extra = model.model_config.get("json_schema_extra")
        if isinstance(extra, dict) and "examples" in extra and model.__name__ in shapes:
            shapes[model.__name__]["examples"] = deepcopy(extra["examples"])


def _operations(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in schema["paths"].values():
        yield from (path[method] for method in _METHODS if method in path)


def _complete(operation: dict[str, Any], shapes: dict[str, Any]) -> None:
    if "security" in operation:
        operation["security"].append({"bearer": []})
    for parameter in operation.get("parameters", ()):
        _raise_term(parameter["schema"])
        if parameter["in"] == "header":
            _join_lines(parameter["schema"])
        if "description" in parameter["schema"]:
            parameter.setdefault("description", parameter["schema"]["description"])
    content = operation.get("requestBody", {}).get("content", {})
    if _MERGE_PATCH in content:
        content[JSON] = dict(content[_MERGE_PATCH])
    for media in content.values():
        # A schema that a route writes itself brings its definitions along; in a document they have one place.
        shapes.update(media.get("schema", {}).pop("$defs", {}))
        _add_example(media, shapes)
    responses = operation["responses"]
    for status, response in responses.items():
        if status.startswith("2") and JSON in response.get("content", {}):
            _add_example(response["content"][JSON], shapes)
    _add_problems(operation)
    operation["responses"] = dict(sorted(responses.items()))
    for response in responses.values():
        response.setdefault("headers", {})["X-Request-Id"] = {"$ref": "#/components/headers/X-Request-Id"}


def _join_lines(schema: dict[str, Any]) -> None:
    """Describe a header as the one line that callers send; that we join several is our own affair."""
    if any(form.get("type") == "array" for form in schema.get("anyOf", ())):
        schema["anyOf"] = [{"type": "string"}, {"type": "null"}]


def _add_example(media: dict[str, Any], shapes: Mapping[str, Any]) -> None:
    if "examples" not in media and "schema" in media:
        media.setdefault("example", example_of(media["schema"], shapes))


def _add_problems(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    if JSON in responses.get("422", {}).get("content", {}):
        # FastAPI's own description of an error that it never answers here.
        del responses["422"]
    codes = [code for response in responses.values() for code in _problem_codes(response)]
    for status, described in problems.documented([*_usual_codes(operation), *codes]).items():
        present = responses.setdefault(str(status), {})
        if JSON in present.get("content", {}):
            # A standard of its own, as RFC 6749's errors, beside ours.
            described["description"] = f"{present['description']} | {described['description']}"
        present["description"] = described["description"]
        present["content"] = present.get("content", {}) | described["content"]
        present["headers"] = present.get("headers", {}) | described["headers"]


def _problem_codes(response: Mapping[str, Any]) -> Iterator[str]:
    media = response.get("content", {}).get(problems.MEDIA_TYPE, {})
    yield from media.get("examples", ())


def _usual_codes(operation: Mapping[str, Any]) -> Iterator[str]:
    """Name the problems that the edge itself answers for such an operation."""
    for requirement in operation.get("security", ()):
        yield e.UnauthenticatedError.code
        yield e.ServiceUnavailableError.code
        if any(requirement.values()):
            yield e.InsufficientScopeError.code
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", ())):
        yield e.NotFoundError.code
    if "requestBody" in operation:
        yield e.RequestMalformedError.code
        yield e.RequestTimeoutError.code
        yield e.RequestTooLargeError.code
        yield e.UnsupportedMediaTypeError.code
    # Unknown query parameters are refused everywhere.
    yield e.FieldFaultError.code
    yield "internal-error"


def _raise_term(member: dict[str, Any]) -> None:
    """Let a field that may be null bear the description that pydantic leaves on its other choice."""
    for choice in member.get("anyOf", ()):
        for name in ("description", "x-vi-term", "examples"):
            if name in choice:
                member.setdefault(name, choice.pop(name))
