# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The text of conformance/vectors/README.md, whose numbers are those of the cases."""

TEMPLATE = """<!-- SPDX-FileCopyrightText: 2026 The .mcnc authors -->
<!-- SPDX-License-Identifier: Apache-2.0 -->

# Vectors

Each folder is a case: `model.mcnc`, and `case.json`, which says what a decoder makes of it (`../PROTOCOL.md`).

| folder | cases | |
|---|---|---|
| `valid/` | {valid} | every feature alone, at its bounds, and together with others |
| `invalid/` | {invalid} | `RULE_WHAT` breaks that rule, none before it; its `twin` is a valid case nearby |
| `limits/` | {limits} | valid files under limits that admit or refuse them |

Everything here is generated: `python3 conformance/generate` writes it, with `--check` it compares. The files are built
with the pseudo-code of the specification, every checksum around the one broken rule made right again; the answers are
those of `../independent/`, and both have to agree. No byte depends on a library: Zstandard frames are made by hand, but
for three that are kept in the source. So a change here is a change of the format or of the cases, and shows in a diff.

The flag `strict-zstd` marks files that a decoder accepts, or refuses for something else, if it leaves Zstandard to some
version of libzstd: that one decodes frames which RFC 8878 calls corrupted.

`python3 tests/spec/check_vectors.py` checks that each rule has a case, and each of these families:

| | cases | family |
|---|---|---|
{families}
"""


def readme(names, families):
    """families: (number, title, names of cases) of each."""
    counts = {kind: sum(name.startswith(kind) for name in names) for kind in ("valid", "invalid", "limits")}
    rows = "\n".join(f"| {number} | {len(found)} | {title} |" for number, title, found in families)
    return TEMPLATE.format(**counts, families=rows).encode("utf-8")
