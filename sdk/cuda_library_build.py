#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Writes the source that defines kCudaLibraryBuild of src/decoder/cuda_library.h.

    cuda_library_build.py SDK OUTPUT DEPFILE

Two libraries that have the same text in it mean the same by each class that they pass between them: it has a digest of
every header.
"""

import hashlib
import pathlib
import sys

DIGITS = 16

SOURCE = '''\
// Written by sdk/cuda_library_build.py.

#include "decoder/cuda_library.h"
#include "mcnc/version.h"

namespace mcnc {{

const char kCudaLibraryBuild[] = MCNC_VERSION_STRING " {digest} " __VERSION__;

}}  // namespace mcnc
'''


def main():
    sdk, output, depfile = map(pathlib.Path, sys.argv[1:])
    headers = sorted(path for folder in ('include', 'src') for path in (sdk / folder).rglob('*.h'))
    digest = hashlib.sha256()
    for path in headers:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    output.write_text(SOURCE.format(digest=digest.hexdigest()[:DIGITS]))
    depfile.write_text(f'{output}: ' + ' '.join(str(path).replace(' ', '\\ ') for path in headers) + '\n')


main()
