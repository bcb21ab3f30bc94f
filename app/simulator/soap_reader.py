"""Reads a question off the SOAP wire: every element in its place, and none that does not belong there."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from app.simulator import rules
from app.simulator.asked import Asked, Claim, Operation, Seen, WrongRequestError
from app.simulator.options import Behaviour, Options

_ENVELOPE: Final = "{http://schemas.xmlsoap.org/soap/envelope/}"
_QUESTION: Final = "{http://dancuquocgia.bca}"
_MEMBERS_AT_MOST: Final = 100

_OPERATIONS: Final = {
    "XacThucThongTinCongDan": Operation.VERIFY,
    "TraCuuThongTinCongDan": Operation.SHARE,
    "XacMinhThongTinChuHo": Operation.HOUSEHOLD,
}


class _Children:
    """The children of an element, taken one after the other in the order in which they must stand."""

    def __init__(self, parent: "etree._Element", namespace: str) -> None:
        self._parent, self._namespace = local_name(parent), namespace
        if parent.attrib or (parent.text or "").strip():
            raise WrongRequestError(f"{self._parent} holds attributes or text")
        self._rest = [_plain(child) for child in parent]

    def take(self, *names: str) -> "etree._Element | None":
        """Take the next child if it has one of the names."""
        if self._rest and self._rest[0].tag in {self._namespace + name for name in names}:
            return self._rest.pop(0)
        return None

    def need(self, *names: str) -> "etree._Element":
        """Take the next child, which must have one of the names."""
        child = self.take(*names)
        if child is None:
            raise WrongRequestError(f"{self._parent}: {' or '.join(names)} is not where it must be")
        return child

    def end(self) -> None:
        """Make sure that nothing is left."""
        if self._rest:
            raise WrongRequestError(f"{self._parent} holds something unknown, or in another order")

    def __iter__(self) -> "Iterator[etree._Element]":
        """Give what is left."""
        return iter(self._rest)


def read_soap(body: bytes, options: Options, behaviour: Behaviour, seen: Seen) -> Asked:
    """Read a question; `seen` is filled on the way.

    Raises:
        WrongRequestError: it breaks a rule.
    """
    question = _question(body)
    seen.elements = tuple(_names(question))
    name = local_name(question)
    operation = _OPERATIONS.get(name)
    if operation is None or question.tag != _QUESTION + name:
        raise WrongRequestError("no such operation in this namespace")
    seen.operation = operation
    children = _Children(question, _QUESTION)
    _read_head(children, operation, options, seen)
    claim = _claim(children, operation, options, behaviour)
    members = _members(children) if operation is Operation.HOUSEHOLD else ()
    children.end()
    return Asked(operation=operation, request_id=seen.request_id or "", claim=claim, members=members)


def integration_code(operation: Operation, options: Options) -> str:
    """Tell the MaTichHop that an operation must come with."""
    codes = {Operation.VERIFY: options.code_verify, Operation.SHARE: options.code_share}
    return codes.get(operation, options.code_household)


def local_name(element: "etree._Element") -> str:
    """Give an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _question(body: bytes) -> "etree._Element":
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, encoding="utf-8"
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise WrongRequestError("the body is not XML") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr] # the stubs leave it out
        raise WrongRequestError("a document type declaration is not taken")
    if root.tag != f"{_ENVELOPE}Envelope":
        raise WrongRequestError("the root is no SOAP 1.1 envelope")
    envelope = _Children(root, _ENVELOPE)
    header = envelope.take("Header")
    if header is not None:
        _Children(header, _ENVELOPE).end()
    inside = list(_Children(envelope.need("Body"), _ENVELOPE))
    envelope.end()
    if len(inside) != 1:
        raise WrongRequestError("Body holds not exactly one operation")
    return inside[0]


def _plain(node: "etree._Element") -> "etree._Element":
    if not isinstance(node.tag, str):
        raise WrongRequestError("comments, instructions and entities are not taken")
    if (node.tail or "").strip():
        raise WrongRequestError("text between elements")
    return node


def _names(question: "etree._Element") -> Iterator[str]:
    """Name the elements in their order; a list of members once."""
    for child in question:
        yield local_name(child)
        if child.tag == f"{_QUESTION}NgayThangNamSinh":
            yield from (f"NgayThangNamSinh/{local_name(part)}" for part in child)


def _text(element: "etree._Element") -> str:
    if element.attrib or len(element):
        raise WrongRequestError(f"{local_name(element)} holds more than text")
    return element.text or ""


def _read_head(children: _Children, operation: Operation, options: Options, seen: Seen) -> None:
    seen.request_id = rules.code("MaYeuCau", _text(children.need("MaYeuCau")))
    service = options.verify_service_element if operation is Operation.VERIFY else "MaDVC"
    seen.service_code = rules.code(service, _text(children.need(service)))
    seen.integration_code = rules.code("MaTichHop", _text(children.need("MaTichHop")))
    if seen.integration_code != integration_code(operation, options):
        raise WrongRequestError("MaTichHop is not that of the operation")
    rules.officer(_text(children.need("MaCanBo")))
    if operation is Operation.HOUSEHOLD:
        rules.code("MaDonVi", _text(children.need("MaDonVi")))
        return
    for name, rule in (("MaDonVi", rules.code), ("TaiKhoan", rules.code)):
        element = children.take(name)
        if element is not None:
            rule(name, _text(element))
    element = children.take("SoDienThoai")
    if element is not None:
        rules.phone(_text(element))


def _claim(children: _Children, operation: Operation, options: Options, behaviour: Behaviour) -> Claim:
    number = _number(children)
    name = children.take("HoVaTen")
    if name is None:
        if operation is Operation.SHARE and behaviour.number_alone:
            return Claim(number, None, None)
        raise WrongRequestError("HoVaTen is not where it must be")
    full_name = rules.full_name(_text(name), options.name_form)
    date = _Children(children.need("NgayThangNamSinh"), _QUESTION)
    part = date.need("NgayThangNam", "Nam")
    date.end()
    rule = rules.year if local_name(part) == "Nam" else rules.day
    return Claim(number, full_name, rule(_text(part)))


def _number(children: _Children) -> str:
    element = children.need("SoDinhDanh", "SoCMND")
    return rules.identity_number(local_name(element), _text(element))


def _members(children: _Children) -> tuple[str, ...]:
    members = []
    for member in _Children(children.need("DanhSachThanhVien"), _QUESTION):
        if member.tag != f"{_QUESTION}ThanhVien":
            raise WrongRequestError("DanhSachThanhVien holds something unknown")
        inside = _Children(member, _QUESTION)
        members.append(_number(inside))
        inside.end()
    if len(members) > _MEMBERS_AT_MOST:
        raise WrongRequestError(f"more than {_MEMBERS_AT_MOST} members")
    return tuple(members)
