# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The pseudo-code of spec/mcnc.md as a Python namespace: `spec.phi(...)`, `spec.TABLES`, ...

Files are built with it, and it has to agree with the independent decoder on every one of them.
"""

import csv
import functools
import pathlib
import re
import sys
import types

ROOT = pathlib.Path(__file__).resolve().parents[2]


sys.path.insert(0, str(ROOT / "conformance/independent"))
import common  # noqa: E402
import rfc8878  # noqa: E402


def zstd_decode(frame, content_size):
    """The pseudo-code leaves RFC 8878 to others."""
    try:
        return bytes(rfc8878.read_frame(frame, content_size)[0])
    except common.Refused as error:
        raise spec.Refused(error.args[0]) from None


def load():
    text = (ROOT / "spec/mcnc.md").read_text(encoding="utf-8")
    namespace = {"__name__": "mcnc", "zstd_decode": zstd_decode}
    for block in re.findall(r"^```mcnc\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        exec(compile(block, "spec/mcnc.md", "exec"), namespace)
    for slow in ("random_block", "sine"):  # asked for the same over and over
        namespace[slow] = functools.lru_cache(1 << 17)(namespace[slow])
    return types.SimpleNamespace(**namespace)


def load_rules():
    with open(ROOT / "spec/rules.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


spec = load()
