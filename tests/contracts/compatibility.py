"""Whether a schema still keeps what an older one of the same name promised."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
_LIMITS = (("maxLength", 1), ("maximum", 1), ("maxItems", 1), ("minLength", -1), ("minimum", -1))


def refused_by(wide: Schema, narrow: Schema, *, at: str = "") -> Iterator[str]:
    """Where `narrow` allows something that `wide` does not: what a reader of `wide` would trip over.

    Unknown properties count as understood: every reader of ours and of our partners passes over
    them. A schema is a tree with its definitions; a reference is followed in its own tree.
    """
    yield from _refused(_Node(wide, wide), _Node(narrow, narrow), at or "$")


class _Node:
    def __init__(self, schema: Schema, root: Schema) -> None:
        while "$ref" in schema:
            schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        self.schema, self.root = schema, root

    def child(self, schema: Schema) -> "_Node":
        return _Node(schema, self.root)

    @property
    def options(self) -> list["_Node"]:
        return [self.child(each) for each in self.schema.get("anyOf", [])] or [self]

    @property
    def required(self) -> set[str]:
        return set(self.schema.get("required", []))

    @property
    def properties(self) -> Schema:
        return dict(self.schema.get("properties", {}))

    @property
    def values(self) -> list[Any] | None:
        if "const" in self.schema:
            return [self.schema["const"]]
        return self.schema.get("enum")


def _refused(wide: _Node, narrow: _Node, at: str) -> Iterator[str]:
    for option in narrow.options:
        complaints = [list(_against(each, option, at)) for each in wide.options]
        if all(complaints):
            yield from min(complaints, key=len)


def _against(wide: _Node, narrow: _Node, at: str) -> Iterator[str]:
    if "type" in wide.schema and wide.schema["type"] != narrow.schema.get("type"):
        yield f"{at}: {narrow.schema.get('type')} where there was {wide.schema['type']}"
        return
    yield from _values(wide, narrow, at)
    yield from _fields(wide, narrow, at)
    if "items" in wide.schema and "items" in narrow.schema:
        mine = narrow.child(narrow.schema["items"])
        yield from _refused(wide.child(wide.schema["items"]), mine, f"{at}[]")


def _values(wide: _Node, narrow: _Node, at: str) -> Iterator[str]:
    if wide.values is not None and not set(narrow.values or [None]) <= set(wide.values):
        yield f"{at}: other values than {wide.values}"
    for name, sign in _LIMITS:
        limit, mine = wide.schema.get(name), narrow.schema.get(name)
        if limit is not None and (mine is None or sign * mine > sign * limit):
            yield f"{at}: {name} {mine} beyond {limit}"
    if "pattern" in wide.schema and wide.schema["pattern"] != narrow.schema.get("pattern"):
        yield f"{at}: another pattern"


def _fields(wide: _Node, narrow: _Node, at: str) -> Iterator[str]:
    for name in sorted(wide.required - narrow.required):
        yield f"{at}.{name}: may be missing"
    for name in wide.properties.keys() & narrow.properties.keys():
        mine = narrow.child(narrow.properties[name])
        yield from _refused(wide.child(wide.properties[name]), mine, f"{at}.{name}")
    if wide.schema.get("additionalProperties") is False:
        for name in sorted(narrow.properties.keys() - wide.properties.keys()):
            yield f"{at}.{name}: not known"
