#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Writes a header that defines MCNC_HEADERS_DIGEST: a digest of every header of the library.

    headers_digest.py SDK OUTPUT DEPFILE

Two libraries with the same digest mean the same by each class that they pass between them.
"""

import hashlib
import pathlib
import sys

DIGITS = 16


def main():
    sdk, output, depfile = map(pathlib.Path, sys.argv[1:])
    headers = sorted(path for folder in ('include', 'src') for path in (sdk / folder).rglob('*.h'))
    digest = hashlib.sha256()
    for path in headers:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    output.write_text(f'#define MCNC_HEADERS_DIGEST "{digest.hexdigest()[:DIGITS]}"\n')
    depfile.write_text(f'{output}: ' + ' '.join(str(path).replace(' ', '\\ ') for path in headers) + '\n')


main()
