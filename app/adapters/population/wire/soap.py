"""SOAP 1.1: writes an operation into its envelope, reads the body of an answer. No DTD, no entities."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from lxml import etree

from app.adapters.population.wire.elements import Element
from app.adapters.population.wire.node import Node
from app.errors import PopulationDatabaseError

_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_REGISTER: Final = "http://dancuquocgia.bca"
_ABOUT_THE_ELEMENT: Final = ("{http://www.w3.org/2001/XMLSchema-instance}", f"{{{_ENVELOPE}}}")
"""Namespaces of attributes that say how an element is written, as `xsi:nil` and `soapenv:encodingStyle`."""

_ANY_NAMESPACE: Final = "{*}"
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
    for element in root.iter():
        if element.attrib:
            _put_attributes_among_children(element)
    envelope = _XmlNode(root)
    body = envelope.child("Body")
    if envelope.name != "Envelope" or body is None:
        raise PopulationDatabaseError
    return body


def _unreadable(exc: Exception) -> Exception:
    return ValueError(type(exc).__name__)


def _put_attributes_among_children(element: etree._Element) -> None:
    told = [(str(name), str(value)) for name, value in element.attrib.items()]
    values = [(name, value) for name, value in told if not name.startswith(_ABOUT_THE_ELEMENT)]
    for place, (name, value) in enumerate(values):
        child = etree.Element(name)
        child.text = value
        element.insert(place, child)


class _XmlNode(Node):
    """A view of lxml's element: whoever asks for few of a record's members pays for few."""

    __slots__ = ("_by_name", "_element")

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._by_name: dict[str, etree._Element] | None = None

    @property
    def name(self) -> str:
        """Its name, without a namespace."""
        return _local(str(self._element.tag))

    @property
    def text(self) -> str | None:
        """Its own text."""
        text = self._element.text
        return (text.strip() or None) if text else None

    @property
    def children(self) -> tuple["_XmlNode", ...]:
        """What stands in it."""
        return tuple(_XmlNode(child) for child in self._element)

    @property
    def is_empty(self) -> bool:
        """Whether there is no text in it."""
        return not any(element.text and not element.text.isspace() for element in self._element.iter())

    def child(self, name: str) -> "_XmlNode | None":
        """Return the first child of that name."""
        if self._by_name is None:
            # From the last to the first, so that the first of a name stays.
            self._by_name = {_local(str(child.tag)): child for child in reversed(self._element)}
        found = self._by_name.get(name)
        return None if found is None else _XmlNode(found)

    def find_all(self, name: str) -> Iterator["_XmlNode"]:
        """Yield the topmost elements of that name."""
        above = None
        for found in self._element.iterdescendants(_ANY_NAMESPACE + name):
            if above is None or above not in found.iterancestors():
                yield _XmlNode(found)
                above = found


@lru_cache(maxsize=1024)
def _local(name: str) -> str:
    return name.rpartition("}")[2]
