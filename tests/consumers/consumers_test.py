# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Programs of others, which have nothing of this tree but what `meson install` puts into an empty folder.

    consumers_test.py SOURCE BUILD [--subproject]

Each is built and decodes a valid file, all alike, and refuses a broken one: by pkg-config C, shared and static, and C++;
C and C++ by CMake; Rust, where rustc is installed; with --subproject, a Meson project that has this one as a subproject,
which takes minutes. A program in C trains and writes a file. The folder is moved after installing, so that nothing depends
on where it was meant to be.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
VECTORS = SOURCE / 'conformance' / 'vectors'


def run(*command, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f'{" ".join(map(str, command))} ended with {done.returncode}\n{done.stdout}{done.stderr}')
    return done.stdout


def install(folder):
    """The prefix."""
    run('meson', 'install', '-C', BUILD, '--no-rebuild', '--quiet', '--destdir', folder / 'installed')
    [header] = (folder / 'installed').rglob('mcnc.h')
    return header.parent.parent.rename(folder / 'prefix')


def pkg_config(prefix, *options, package='mcnc'):
    [description] = prefix.rglob(f'{package}.pc')
    environment = {**os.environ, 'PKG_CONFIG_PATH': str(description.parent)}
    return run('pkg-config', f'--define-variable=prefix={prefix}', *options, package, env=environment).split()


def by_pkg_config(prefix, folder):
    compile_it = ['cc', '-std=c99', '-pedantic', '-Wall', '-Wextra', '-Werror', SOURCE / 'examples' / 'decode.c',
                  *pkg_config(prefix, '--cflags')]
    run(*compile_it, *pkg_config(prefix, '--libs'), '-o', folder / 'shared')
    yield 'C, shared', folder / 'shared'
    # The archive is copied first: it must be whole.
    [archive] = prefix.rglob('libmcnc.a')
    shutil.copy(archive, folder / 'libmcnc.a')
    libraries = [folder / 'libmcnc.a' if library == '-lmcnc' else library
                 for library in pkg_config(prefix, '--static', '--libs')]
    run(*compile_it, *libraries, '-o', folder / 'static')
    yield 'C, static', folder / 'static'
    run('c++', '-std=c++20', '-Wall', '-Wextra', '-Werror', SOURCE / 'examples' / 'decode.cc',
        *pkg_config(prefix, '--cflags', '--libs', package='mcnc-static'), '-o', folder / 'decode_cc')
    yield 'C++', folder / 'decode_cc'
    train_in_c(prefix, folder)


def train_in_c(prefix, folder):
    """examples/train.c writes a file that decodes, where the library has an encoder (4 is a feature that is missing)."""
    run('cc', '-std=c99', '-pedantic', '-Wall', '-Wextra', '-Werror', SOURCE / 'examples' / 'train.c',
        *pkg_config(prefix, '--cflags', '--libs'), '-lm', '-o', folder / 'train')
    [library] = prefix.rglob('libmcnc.so')
    environment = {**os.environ, 'LD_LIBRARY_PATH': str(library.parent)}
    done = subprocess.run([folder / 'train', folder / 'wave.mcnc'], capture_output=True, text=True, env=environment)
    if done.returncode != 4:
        decoded = run(folder / 'shared', folder / 'wave.mcnc', env=environment)
        if done.returncode != 0 or decoded != 'fc.bias: 32 bytes\nfc.weight: 1024 bytes\n':
            sys.exit(f'examples/train.c: {done.returncode}, {done.stdout}{done.stderr}{decoded}')
    print('C, training: as it should be')


def by_cmake(prefix, folder):
    if shutil.which('cmake') is None:
        print('cmake is not installed: left out')
        return
    run('cmake', '-S', SOURCE / 'tests' / 'consumers' / 'cmake', '-B', folder / 'cmake', f'-DCMAKE_PREFIX_PATH={prefix}',
        f'-DEXAMPLES={SOURCE / "examples"}')
    run('cmake', '--build', folder / 'cmake')
    yield 'C, CMake', folder / 'cmake' / 'decode_c'
    yield 'C++, CMake', folder / 'cmake' / 'decode_cc'


def by_rust(prefix, folder):
    if shutil.which('rustc') is None or subprocess.run(['rustc', '--version'], capture_output=True).returncode:
        print('rustc is not installed: left out')
        return
    [library] = prefix.rglob('libmcnc.so')
    run('rustc', '--edition=2021', '-Dwarnings', SOURCE / 'tests' / 'consumers' / 'decode.rs', '-L', library.parent, '-o',
        folder / 'rust')
    yield 'Rust', folder / 'rust'


def by_subproject(_, folder):
    """The library is built again: without what is optional and without optimization."""
    project = folder / 'subproject'
    shutil.copytree(SOURCE / 'tests' / 'consumers' / 'subproject', project)
    shutil.copy(SOURCE / 'examples' / 'decode.c', project)
    (project / 'subprojects').mkdir()
    (project / 'subprojects' / 'mcnc').symlink_to(SOURCE)
    run('meson', 'setup', project / 'build', project, '--optimization=0', '--buildtype=plain', '--wrap-mode=forcefallback',
        *(f'-Dmcnc:{feature}=disabled' for feature in ('encoder', 'highway', 'checkpoints')))
    run('meson', 'compile', '-C', project / 'build', 'decode')
    yield 'C, Meson subproject', project / 'build' / 'decode'


def output(program, library_folder, case):
    done = subprocess.run([program, VECTORS / case / 'model.mcnc'], capture_output=True, text=True,
                          env={**os.environ, 'LD_LIBRARY_PATH': str(library_folder)})
    return done.returncode, done.stdout


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        prefix = install(folder)
        [library] = prefix.rglob('libmcnc.so')
        valid = min((VECTORS / 'valid').iterdir(), key=lambda case: case.name).relative_to(VECTORS)
        first = None
        builds = [by_pkg_config, by_cmake, by_rust] + ([by_subproject] if '--subproject' in sys.argv else [])
        for build in builds:
            for name, program in build(prefix, folder):
                result = output(program, library.parent, valid)
                first = first or result
                broken = output(program, library.parent, 'invalid/container.magic_zeros')[0]
                if result != first or result[0] != 0 or not result[1] or broken != 3:
                    sys.exit(f'{name}: {result}, not {first}; a broken file: {broken}, not 3')
                print(f'{name}: as it should be')
        for notice in ('LICENSE', 'THIRD_PARTY'):
            if not list(prefix.rglob(notice)):
                sys.exit(f'{notice} is not installed')


if __name__ == '__main__':
    main()
