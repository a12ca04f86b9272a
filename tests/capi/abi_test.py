#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The binary interface that mcnc.h promises is that of sdk/mcnc.abi: functions with their parameters, layouts of
structures, values of enumerations.

    abi_test.py HEADER DUMP [--write]

What programs rely on is compiled from the header: a library of its functions, without insides, so that nothing but C
stands in the dump. abidw and abidiff of libabigail dump and compare. For a change that is meant, --write writes DUMP
anew; if it makes programs fail that were compiled before, the library needs another soname too.

Ends with 77, for "left out", without libabigail or on another processor than x86-64, which the dump is of.
"""

import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile


def dump(header, folder):
    """The path of the dump."""
    functions = re.findall(r'^MCNC_API ([^;]+);', header.read_text(), re.MULTILINE)
    source, library, output = folder / 'interface.c', folder / 'libmcnc.so', folder / 'now.abi'
    source.write_text('\n'.join(['#include <mcnc.h>', *(f'{function} {{ __builtin_trap(); }}' for function in functions)]))
    # version.h, which the build makes and mcnc.h includes, has numbers alone.
    (folder / 'mcnc').mkdir()
    (folder / 'mcnc' / 'version.h').touch()
    subprocess.run(['cc', '-std=c99', '-g', '-gdwarf-4', '-fno-eliminate-unused-debug-types', '-fPIC', '-shared',
                    f'-I{header.parent}', f'-I{folder}', source, '-o', library], check=True)
    subprocess.run(['abidw', '--load-all-types', '--no-corpus-path', '--no-comp-dir-path', '--no-show-locs',
                    '--no-elf-needed', '--out-file', output, library], check=True)
    # Neither which compiler it was nor where it ran.
    output.write_text(re.sub(r"(<abi-instr)[^>]*>", r'\1>', output.read_text()))
    return output


def enumerators(dumped):
    return set(re.findall(r"<enumerator name='(\w+)' value='(-?\d+)'", dumped.read_text()))


def main():
    header, known = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    if not shutil.which('abidw') or platform.machine() != 'x86_64':
        print('left out: it takes abidw, of abigail-tools, and x86-64')
        return 77
    with tempfile.TemporaryDirectory() as folder:
        now = dump(header, pathlib.Path(folder))
        if '--write' in sys.argv:
            shutil.copy(now, known)
            return 0
        done = subprocess.run(['abidiff', known, now], capture_output=True, text=True)
        # abidiff is silent about enumerations without a name, which these are.
        differences = [f'{what} {name} = {value}' for what, one, other in (('gone', known, now), ('new', now, known))
                       for name, value in sorted(enumerators(one) - enumerators(other))]
    if done.returncode == 0 and not differences:
        return 0
    print('\n'.join([done.stdout + done.stderr, *differences]))
    print(f'If that is meant: python3 tests/capi/abi_test.py {header} {known} --write')
    return 1


if __name__ == '__main__':
    sys.exit(main())
