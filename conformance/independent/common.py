# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""What all parts of the decoder share: refusals (section 15), enums (section 4.2), bytes of numbers."""

import csv
import hashlib
import os
import struct
from functools import lru_cache

DEFAULT_LIMITS = {"output_bytes": 1 << 38, "multiply_adds": 10**15, "scratch_bytes": 1 << 32}

# Section 15: the classes of codes.
CODES = {
    0: "ok", 1: "file_digest segment_digest fingerprint tensor_digest identity base", 2: "argument",
    3: "truncated magic layout flatbuffer manifest compression value text", 4: "version feature",
    5: "read write memory cancelled", 6: "limit", 7: "device"}
CLASS_OF_CODE = {code: number for number, codes in CODES.items() for code in codes.split()}

RAW, SINE, IDENTITY, INTEGER = 0, 0, 1, 0
F32, F16, BF16 = FLOATS = range(3)  # also the values of BetaType; two more are those of AlphaType
DTYPES = "F32 F16 BF16 F64 I8 I16 I32 I64 U8 U16 U32 U64 BOOL F8_E4M3 F8_E5M2".split()  # names of safetensors
DTYPE_SIZE = (4, 2, 2, 8, 1, 2, 4, 8, 1, 2, 4, 8, 1, 1, 1)

class Refused(Exception):
    """The file breaks a rule: arguments are its id and a detail."""

def need(rule, condition, detail="it is not so"):
    if not condition:
        raise Refused(rule, detail)

@lru_cache(maxsize=None)
def rules():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "spec", "rules.csv")
    with open(path, encoding="utf-8", newline="") as file:
        return {row["rule"]: row for row in csv.DictReader(file)}

def pack(kind, numbers):
    return struct.pack("<%d%s" % (len(numbers), kind), *numbers)

def sha256(data):
    return hashlib.sha256(data).digest()

def merkle_root(data):  # section 11
    level = [sha256(b"\0" + data[at:at + 65536]) for at in range(0, len(data), 65536)]
    while len(level) > 1:  # neighbours are joined, one left over goes up as it is: the tree of RFC 6962
        pairs = [level[i:i + 2] for i in range(0, len(level), 2)]
        level = [sha256(b"\1" + b"".join(pair)) if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0] if level else sha256(b"")

def weights_identity(tensors, digests):  # section 12
    parts = [b"mcnc-weights-v1\0"]
    for t, digest in zip(tensors, digests):
        if not t.factor:
            parts += (pack("I", [len(t.name)]), t.name, pack("B", [t.dtype]), pack("I", [len(t.shape)]),
                      pack("Q", t.shape), digest)
    return sha256(b"".join(parts))
