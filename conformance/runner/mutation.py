# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""One way to get the decoder wrong."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Mutation:
    name: str
    old: str
    new: str
    rule: str = ""  # cases of this rule are tried first
    more: tuple = ()  # (old, new) of further substitutions

    def apply(self, source):
        for old, new in ((self.old, self.new), *self.more):
            found = source.count(old)
            if found != 1:
                raise ValueError(f"mutation {self.name} no longer applies: {old!r} occurs {found} times")
            source = source.replace(old, new)
        return source
