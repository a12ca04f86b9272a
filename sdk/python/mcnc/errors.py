# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The exception of this package."""

from __future__ import annotations

from typing import Optional


class McncError(Exception):
    """What the library refuses or cannot do.

    Attributes:
        message: a sentence for a person.
        code: the error's name, as the specification has it: ``"segment_digest"``, ``"limit"``, ``"argument"``, ...
        number: the same as a number that never changes meaning. Its hundreds are the class: 1 data does not match,
            2 the caller's mistake, 3 not a well-formed file, 4 unsupported version or feature, 5 I/O or memory,
            6 refused by the limits, 7 device.
        rule: id of the broken rule of the specification (spec/rules.csv), ``""`` where no rule is involved.
        offset: byte of the file that the error is about, or None.

    Where the reason is an exception of your own code (a file object, a base model), that one is ``__cause__``.
    """

    def __init__(
        self, message: str, code: str = "argument", number: int = 200, rule: str = "", offset: Optional[int] = None
    ) -> None:
        super().__init__(message, code, number, rule, offset)
        self.message = message
        self.code = code
        self.number = number
        self.rule = rule
        self.offset = offset

    def __str__(self) -> str:
        about = [f"rule {self.rule}"] if self.rule else []
        if self.offset is not None:
            about.append(f"byte {self.offset}")
        return self.message + (f" [{', '.join(about)}]" if about else "")
