# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What the shared library exports is what sdk/mcnc.symbols lists, which is what mcnc.h declares; and it stays small.

    symbols_test.py LIBRARY SYMBOLS HEADER

A function that is new is added to the list by hand: it can never be taken away again.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

MOST_BYTES = 1_200_000  # stripped


def exported(library):
    lines = subprocess.run(['nm', '--dynamic', '--defined-only', '--extern-only', library], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    names = {line.split()[-1].split('@')[0] for line in lines if line.split()[-2] != 'A'}
    return names


def stripped_bytes(library):
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, 'library')
        subprocess.run(['strip', '-o', copy, library], check=True)
        return os.path.getsize(copy)


def main():
    library, symbols, header = sys.argv[1:]
    listed = pathlib.Path(symbols).read_text().splitlines()
    listed = [line for line in listed if line and not line.startswith('#')]
    declared = set(re.findall(r'^MCNC_API [^(]*?(mcnc_\w+)\(', pathlib.Path(header).read_text(), re.MULTILINE))
    mistakes = []
    if listed != sorted(set(listed)):
        mistakes.append('the list is not sorted, or names a function twice')
    for what, names in (('exported', exported(library)), ('declared in mcnc.h', declared)):
        mistakes += [f'{name} is {what} and not in the list' for name in sorted(names - set(listed))]
        mistakes += [f'{name} is in the list and not {what}' for name in sorted(set(listed) - names)]
    size = stripped_bytes(library)
    if size > MOST_BYTES:
        mistakes.append(f'the library has {size} bytes, more than {MOST_BYTES}')
    print('\n'.join(mistakes) if mistakes else f'{len(listed)} functions, {size} bytes')
    return 1 if mistakes else 0


if __name__ == '__main__':
    sys.exit(main())
