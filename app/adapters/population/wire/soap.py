"""SOAP 1.1: writes an operation into its envelope, reads the body of an answer. No DTD, no entities."""

from functools import lru_cache
from typing import Final

from lxml import etree

from app.adapters.population.wire.elements import Element
from app.adapters.population.wire.node import Node
from app.errors import PopulationDatabaseError

_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_REGISTER: Final = "http://dancuquocgia.bca"
_PREFIXES: Final = {"soapenv": _ENVELOPE, "dan": _REGISTER}


def write(operation: str, elements: tuple[Element, ...]) -> bytes:
    """Write an operation with its elements in the order given; it matters to the register."""
    envelope = etree.Element(f"{{{_ENVELOPE}}}Envelope", nsmap=_PREFIXES)
    etree.SubElement(envelope, f"{{{_ENVELOPE}}}Header")
    body = etree.SubElement(envelope, f"{{{_ENVELOPE}}}Body")
    _add(body, (operation, elements))
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def _add(parent: etree._Element, element: Element) -> None:
    name, content = element
    added = etree.SubElement(parent, f"{{{_REGISTER}}}{name}")
    if isinstance(content, str):
        added.text = content
        return
    for child in content:
        _add(added, child)


def read(answer: bytes) -> Node:
    """Return the body of the answer's envelope; namespaces are left out, as operators differ in them.

    Raises:
        PopulationDatabaseError: not XML, with a document type, nested too deeply, or without a SOAP body.
    """
    # One parser an answer: lxml's must not be shared by threads, and making one costs a few microseconds.
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(answer, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        # The parser's text quotes the document, so its exception is not handed on as the cause.
        raise PopulationDatabaseError from _unreadable(exc)
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr] # the stubs leave it out
        raise PopulationDatabaseError
    envelope = _node(root)
    body = envelope.child("Body")
    if envelope.name != "Envelope" or body is None:
        raise PopulationDatabaseError
    return body


def _unreadable(exc: Exception) -> Exception:
    return ValueError(type(exc).__name__)


def _node(element: etree._Element) -> Node:
    children = [_node(child) for child in element if isinstance(child.tag, str)]
    if element.attrib:
        children[:0] = [
            Node(_local(str(name)), str(value).strip() or None) for name, value in element.attrib.items()
        ]
    text = element.text
    return Node(_local(str(element.tag)), (text.strip() or None) if text else None, tuple(children))


@lru_cache(maxsize=1024)
def _local(name: str) -> str:
    return name.rpartition("}")[2]
