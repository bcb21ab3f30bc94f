"""What is seen of an answer in XML is the tree that stands there, attributes and all."""

from collections.abc import Iterator
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from app.adapters.population.wire import soap
from app.adapters.population.wire.node import Node

Tree = tuple[str, str, dict[str, str], tuple["Tree", ...]]

NAMES: Final = ("CongDan", "HoVaTen", "Ma", "Fault")
TEXTS: Final = ("", " ", "\n", " 004 ", "Đức")

trees: Final[st.SearchStrategy[Tree]] = st.deferred(
    lambda: st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(TEXTS),
        st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TEXTS), max_size=2),
        st.lists(trees, max_size=3).map(tuple),
    )
)


def xml(tree: Tree) -> str:
    name, text, attributes, children = tree
    told = "".join(f' r:{key}="{value}"' for key, value in attributes.items())
    # A comment and what follows an element are no part of what it says.
    return f"<r:{name}{told}>{text}{''.join(map(xml, children))}</r:{name}>tail<!-- x -->"


def with_attributes_as_children(tree: Tree) -> Tree:
    name, text, attributes, children = tree
    told: tuple[Tree, ...] = tuple((key, value.strip(), {}, ()) for key, value in attributes.items())
    return name, text.strip(), {}, (*told, *map(with_attributes_as_children, children))


def seen(node: Node) -> Tree:
    return node.name, node.text or "", {}, tuple(map(seen, node.children))


def topmost(tree: Tree, name: str) -> Iterator[Tree]:
    for child in tree[3]:
        yield from (child,) if child[0] == name else topmost(child, name)


def is_blank(tree: Tree) -> bool:
    return not tree[1] and all(map(is_blank, tree[3]))


@given(trees)
def test_an_answer_is_seen_as_it_stands(tree: Tree) -> None:
    body = soap.read(
        f'<E:Envelope xmlns:E="e" xmlns:r="r"><E:Body>{xml(tree)}</E:Body></E:Envelope>'.encode()
    )
    said: Tree = ("Body", "", {}, (with_attributes_as_children(tree),))
    assert seen(body) == said
    for name in NAMES:
        assert [seen(found) for found in body.find_all(name)] == list(topmost(said, name))
    node, (told,) = body.child(tree[0]), said[3]
    assert node is not None
    assert node.is_empty == is_blank(told)
    for name in NAMES:
        first = node.child(name)
        assert (first and seen(first)) == next((child for child in told[3] if child[0] == name), None)
