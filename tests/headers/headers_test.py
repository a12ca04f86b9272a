#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Every header compiles by itself, so that the order of includes never matters.

    headers_test.py ROOT GENERATED COMPILER...

GENERATED is the folder of the public header that the build makes. A source file includes the header of its own name
first, which proves it for that header; any other header of sdk/ and tools/ is compiled alone. Headers that
end in -inl.h are parts of the source file that includes them for each target.

Public headers, those of sdk/include, are compiled by g++ and clang++ where they are installed, mcnc.h as C99 too, by gcc
and clang; and they include nothing but the standard library and each other.
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

C_HEADER = 'mcnc.h'  # version.h comes with it, and is empty for C but for macros


def first_include(source):
    found = re.search(r'^#include ["<]([^">]+)[">]', source.read_text(), re.MULTILINE)
    return found.group(1) if found else ''


def compile_header(root, generated, compiler, header, language, standard):
    """What the compiler says of a header by itself; '' where nothing is wrong."""
    # Read as text of a program, so that compilers do not warn of a pragma in the main file.
    folders = [root / folder for folder in ('sdk/include', 'sdk/src', 'tools', 'tools/mcnc', 'tools/train')] + [generated]
    done = subprocess.run([*compiler, f'-std={standard}', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only',
                           *(f'-I{folder}' for folder in folders), '-x', language, '-'],
                          input=f'#include "{header}"\n', capture_output=True, text=True)
    return f'{header.name}, {" ".join(compiler)}\n{done.stderr}' if done.returncode else ''


def mistake_of_public(root, generated, header):
    mistakes = [compile_header(root, generated, [compiler], header, 'c++', 'c++20')
                for compiler in ('g++', 'clang++') if shutil.which(compiler)]
    if header.name == C_HEADER:
        mistakes += [compile_header(root, generated, [compiler], header, 'c', 'c99')
                     for compiler in ('gcc', 'clang') if shutil.which(compiler)]
    mistakes += [f'{header.name} includes {other}\n'
                 for other in re.findall(r'^#\s*include\s*[<"]([^">]+)[">]', header.read_text(), re.MULTILINE)
                 if not other.startswith('mcnc/') and not re.fullmatch(r'[a-z_]+|std(def|int)\.h|mcnc\.h', other)]
    return ''.join(mistakes)


def mistake_of(root, generated, compiler, header):
    """What is wrong with a header; '' where nothing is."""
    source = header.with_suffix('.cc')
    if source.exists():
        right = pathlib.PurePath(first_include(source)).name == header.name
        return '' if right else f'{source.relative_to(root)} does not include {header.name} first\n'
    return compile_header(root, generated, compiler, header, 'c++', 'c++20')


def main():
    root, generated, compiler = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3:]
    public = sorted((root / 'sdk/include').rglob('*.h')) + [generated / 'mcnc/version.h']
    headers = [path for folder in ('sdk/src', 'tools') for path in sorted((root / folder).rglob('*.h'))
               if not path.name.endswith('-inl.h')]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        mistakes = [*pool.map(lambda header: mistake_of_public(root, generated, header), public),
                    *pool.map(lambda header: mistake_of(root, generated, compiler, header), headers)]
    print(''.join(mistakes) or f'{len(public)} public headers and {len(headers)} others')
    return 1 if any(mistakes) or not headers else 0


if __name__ == '__main__':
    sys.exit(main())
