#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Every error has a sentence: no Status is made with an empty message."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# ErrorCode::kX, a rule, and nothing. The rule is a text or a name.
EMPTY = re.compile(r'ErrorCode::k\w+,\s*(?:"[^"]*"|[\w.()]+),\s*(?:\{\}|""|std::string\(\)|std::string\{\})\s*[,})]')

assert EMPTY.search('return {ErrorCode::kArgument, "", {}};') and EMPTY.search('Status(ErrorCode::kBase, kRule, "")')
assert not EMPTY.search('return {ErrorCode::kArgument, "", "no tensor of that index"};')

wrong = []
for path in sorted(path for folder in ('sdk', 'tools', 'conformance') for path in (ROOT / folder).rglob('*')
                   if path.suffix in ('.cc', '.h')):
    text = path.read_text(encoding='utf-8')
    wrong += [f'{path.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 1}: a Status without a message'
              for found in EMPTY.finditer(text)]
print('\n'.join(wrong))
sys.exit(1 if wrong else 0)
