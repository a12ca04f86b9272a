# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Makes budget, fingerprints, digests and identity of a draft right, so that deeper rules are reached.

The independent decoder computes each of them and compares. Here it compares with objects that are equal to everything
and keep what they were compared with.
"""

from . import independent
from .structure import BUDGET, Buffer, Table

# A file that costs more is not worth the time of a decoder in Python.
AFFORDABLE = {"output_bytes": 1 << 14, "multiply_adds": 20000, "scratch_bytes": 4000}


class Wanted(dict):
    """The budget of a manifest."""

    def __eq__(self, other):
        self.update(other)
        return True

    __hash__ = None


def repair(draft, decode, spared=()):
    """Budget and identity; with `decode` also what only decoding shows, but for the digests numbered in `spared`.

    A draft that is refused on the way keeps what is wrong with it.
    """
    manifest = bytes(draft.manifest)
    buffer = Buffer(manifest)
    parse = independent.parse_manifest
    parsed = []

    def parse_manifest(data):
        result = parse(data)
        result.budget = Wanted(result.budget)
        parsed.append(result)
        return result

    with independent.replaced(Buffer=lambda _: buffer, Table=Table, parse_manifest=parse_manifest):
        try:
            (independent.decode_file if decode else independent.open_file)(draft.file(), AFFORDABLE)
        except independent.Refused as error:
            if not parsed or error.args[0].startswith("limit."):
                return
    m = parsed[-1]
    for number, (_, digest) in enumerate(buffer.digests):
        if digest.found is not None and number not in spared:
            draft.write(digest.at, 32, digest.found)
    found = [t.digest if t.digest.found is None else t.digest.found for t in m.tensors]
    draft.write(m.weights_identity.at, 32, independent.weights_identity(m.tensors, found))
    for name, number in m.budget.items():
        draft.write(draft.places.get(BUDGET[name]), 8, number)
