# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""As much of JSON Schema 2020-12 as case.schema.json needs. A keyword that it does not know is an error."""

import re

ANNOTATIONS = {"$schema", "$comment", "$defs", "title", "description"}


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": is_integer,
    "boolean": lambda value: isinstance(value, bool),
}


def same(a, b):
    """Equality of JSON, where 1, 1.0 and true are three values."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


class Schema:
    def __init__(self, root):
        self.root = root

    def problems(self, value):
        """One sentence for each thing that is wrong with `value`."""
        return list(self._check(value, self.root, "case.json"))

    def _holds(self, value, schema):
        return not any(True for _ in self._check(value, schema, ""))

    def _check(self, value, schema, where):
        for keyword, argument in schema.items():
            if keyword in ANNOTATIONS or keyword in ("then", "else"):
                continue
            check = getattr(self, "_" + keyword.replace("$", ""), None)
            if check is None:
                raise ValueError(f"the schema uses {keyword}, which this validator does not know")
            yield from check(value, argument, schema, where)

    def _ref(self, value, reference, _schema, where):
        target = self.root
        for name in reference.split("/")[1:]:
            target = target[name]
        yield from self._check(value, target, where)

    def _allOf(self, value, schemas, _schema, where):
        for each in schemas:
            yield from self._check(value, each, where)

    def _if(self, value, condition, schema, where):
        branch = "then" if self._holds(value, condition) else "else"
        if branch in schema:
            yield from self._check(value, schema[branch], where)

    def _type(self, value, name, _schema, where):
        if not TYPES[name](value):
            yield f"{where} is not {'an' if name[0] in 'aeiou' else 'a'} {name}"

    def _const(self, value, constant, _schema, where):
        if not same(value, constant):
            yield f"{where} is not {constant!r}"

    def _enum(self, value, values, _schema, where):
        if not any(same(value, each) for each in values):
            yield f"{where} is none of {', '.join(map(str, values))}"

    def _pattern(self, value, pattern, _schema, where):
        # `$` of JSON Schema is the end, that of Python also stands before a last line feed.
        if isinstance(value, str) and not re.search(pattern.replace("$", r"\Z"), value):
            yield f"{where} does not match {pattern}"

    def _minLength(self, value, least, _schema, where):
        if isinstance(value, str) and len(value) < least:
            yield f"{where} is too short"

    def _minimum(self, value, least, _schema, where):
        if is_integer(value) and value < least:
            yield f"{where} is below {least}"

    def _maximum(self, value, most, _schema, where):
        if is_integer(value) and value > most:
            yield f"{where} is above {most}"

    def _minItems(self, value, least, _schema, where):
        if isinstance(value, list) and len(value) < least:
            yield f"{where} has fewer than {least} items"

    def _uniqueItems(self, value, unique, _schema, where):
        if isinstance(value, list) and unique:
            if any(same(a, b) for i, a in enumerate(value) for b in value[:i]):
                yield f"{where} has an item twice"

    def _items(self, value, schema, _schema, where):
        if isinstance(value, list):
            for i, item in enumerate(value):
                yield from self._check(item, schema, f"{where}[{i}]")

    def _required(self, value, names, _schema, where):
        if isinstance(value, dict):
            for name in names:
                if name not in value:
                    yield f"{where} lacks {name}"

    def _properties(self, value, schemas, _schema, where):
        if isinstance(value, dict):
            for name, each in schemas.items():
                if name in value:
                    yield from self._check(value[name], each, f"{where}.{name}")

    def _additionalProperties(self, value, allowed, schema, where):
        if not isinstance(allowed, bool):
            raise ValueError("additionalProperties is understood as true or false only")
        if isinstance(value, dict) and not allowed:
            for name in value:
                if name not in schema.get("properties", {}):
                    yield f"{where} has an unknown key {name!r}"
