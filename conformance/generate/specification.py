# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The pseudo-code of spec/mcnc.md as a Python namespace: `spec.phi(...)`, `spec.TABLES`, ...

Files are built with it, and it has to agree with the independent decoder on every one of them.
"""

import csv
import ctypes
import ctypes.util
import functools
import pathlib
import re
import types

ROOT = pathlib.Path(__file__).resolve().parents[2]


def zstd_decode(frame):
    """Decodes one frame with libzstd; the pseudo-code leaves RFC 8878 to others."""
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    for name in ("ZSTD_decompress", "ZSTD_findFrameCompressedSize"):
        getattr(zstd, name).restype = ctypes.c_size_t
    zstd.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
    frame_size = zstd.ZSTD_findFrameCompressedSize(frame, ctypes.c_size_t(len(frame)))
    spec.need(frame_size == len(frame), "segment.frame")
    size = zstd.ZSTD_getFrameContentSize(frame, ctypes.c_size_t(len(frame)))
    out = ctypes.create_string_buffer(max(size, 1))
    written = zstd.ZSTD_decompress(out, ctypes.c_size_t(size), frame, ctypes.c_size_t(len(frame)))
    spec.need(written == size, "segment.frame")
    return out.raw[:size]


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
