#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Every header compiles by itself, so that the order of includes never matters.

    headers_test.py ROOT COMPILER...

A source file includes the header of its own name first, which proves it for that header; any other header of sdk/ and
tools/ is compiled alone. Headers that end in -inl.h are parts of the source file that includes them for each target.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys


def first_include(source):
    found = re.search(r'^#include ["<]([^">]+)[">]', source.read_text(), re.MULTILINE)
    return found.group(1) if found else ''


def mistake_of(root, compiler, header):
    """What is wrong with a header; '' where nothing is."""
    source = header.with_suffix('.cc')
    if source.exists():
        right = pathlib.PurePath(first_include(source)).name == header.name
        return '' if right else f'{source.relative_to(root)} does not include {header.name} first\n'
    # Read as text of a program, so that compilers do not warn of a pragma in the main file.
    includes = [f'-I{root / folder}' for folder in ('sdk/include', 'sdk/src', 'tools', 'tools/mcnc', 'tools/train')]
    done = subprocess.run([*compiler, '-std=c++20', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', *includes, '-x', 'c++', '-'],
                          input=f'#include "{header}"\n', capture_output=True, text=True)
    return f'{header.relative_to(root)}\n{done.stderr}' if done.returncode else ''


def main():
    root, compiler = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    headers = [path for folder in ('sdk/include', 'sdk/src', 'tools') for path in sorted((root / folder).rglob('*.h'))
               if not path.name.endswith('-inl.h')]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        mistakes = [text for text in pool.map(lambda header: mistake_of(root, compiler, header), headers) if text]
    print(''.join(mistakes) or f'{len(headers)} headers')
    return 1 if mistakes or not headers else 0


if __name__ == '__main__':
    sys.exit(main())
