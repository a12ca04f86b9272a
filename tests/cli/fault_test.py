# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Every command while the system fails under it: memory, files, disks.

tests/fault/inject.cc, which INJECT in the environment names, makes one call fail in each run. Whatever fails, a command
ends as without the fault, or with exit code 5, a message and every file as it was. By default a sample of the calls
fails; with --all as first argument, every one (an hour). Skipped where the programs do not take the library: built with
a sanitizer, or not for glibc.
"""

import collections
import concurrent.futures
import errno
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

from arrays import uniform, write_safetensors
from support import MAKE_FILE, MCNC, SANITIZED
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / 'train'))

INJECT = os.environ.get('INJECT', '')
MCNC_TRAIN = os.environ.get('MCNC_TRAIN', '')
ALL = sys.argv[1:2] == ['--all']
SAMPLE = {'malloc': 20}  # of the calls of a kind; 3 of others

# What else than an error number can happen.
SHORT = 'short'
WHAT = {
    'malloc': [errno.ENOMEM],
    'open': [errno.EMFILE, errno.EIO],
    'read': [errno.EIO, errno.EINTR, SHORT],
    'write': [errno.ENOSPC, errno.EIO, errno.EINTR, SHORT],
    'fsync': [errno.EIO, errno.EINTR],
    'ftruncate': [errno.ENOSPC],
    'rename': [errno.EIO],
    'link': [errno.EIO, errno.EXDEV],
    'mkdir': [errno.ENOSPC],
    'fchmod': [errno.EPERM],
}
AFTERWARDS = ('transcode', 'decode --shard of another model', 'train', 'train --dense')
HARMLESS = (errno.EINTR, SHORT)

# Where the files of a command are, before and after: {path: (bytes, mode)}.
Files = dict[str, tuple[bytes, int]]
Command = collections.namedtuple('Command', ['name', 'program', 'arguments'])

COMMANDS = [Command(name, MCNC, arguments.split()) for name, arguments in (
    ('help', '--help'),
    ('info', 'info every.mcnc'),
    ('info --json', 'info --json every.mcnc'),
    ('verify', 'verify every.mcnc family.mcnc'),
    ('digest', 'digest every.mcnc'),
    ('digest --check', 'digest --check sums'),
    ('dump', 'dump every.mcnc'),
    ('diff', 'diff adapter.mcnc other.mcnc'),
    ('conform', 'conform every.mcnc'),
    ('decode to a pipe', 'decode every.mcnc'),
    ('decode', 'decode every.mcnc -f -o old'),
    ('decode a new file', 'decode every.mcnc -o new'),
    ('decode with threads', 'decode large.mcnc --threads 3 -f -o old'),
    ('decode --base', 'decode changed.mcnc --base base -f -o old'),
    ('decode beside an index', 'decode every.mcnc -f -o shards/model.safetensors'),
    ('decode --shards', 'decode every.mcnc --shards 3 -f -o shards'),
    ('decode other --shards', 'decode every.mcnc --shards 2 -f -o shards'),
    ('decode --shards in a new folder', 'decode every.mcnc --shards 2 -o folder'),
    ('decode --shard', 'decode adapter.mcnc --shard 2/3 -f -o shards'),
    ('decode --shard of another model', 'decode every.mcnc --shard 2/3 -f -o shards'),
    ('export', 'export --peft adapter.mcnc -f -o peft'),
    ('export in a new folder', 'export --peft adapter.mcnc -o folder'),
    ('merge', 'merge base adapter.mcnc -f -o old'),
    ('import', 'import recipe -f -o old'),
    ('import to a pipe', 'import recipe -o -'),
    ('transcode', 'transcode every.mcnc --zstd-level 3 -f -o every.mcnc'),
    ('meta get', 'meta every.mcnc get'),
    ('meta set', 'meta every.mcnc set general.name=x -f -o every.mcnc'),
)]


def write_files(folder):
    """What the commands read, and old outputs that they replace."""
    def run(*command):
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE)

    q0, v0, q1 = ('model.layers.' + module for module in ('0.q_proj', '0.v_proj', '1.q_proj'))
    write_safetensors(folder / 'base', {
        q0 + '.weight': uniform(1, (8, 16)), v0 + '.weight': uniform(2, (4, 16)), q1 + '.weight': uniform(3, (8, 16)),
        'norm': ('F32', (16,), [1.0] * 16)})
    for kind in ('every', 'family', 'adapter', 'large', 'tiny'):
        run(MAKE_FILE, kind, kind + '.mcnc')
    run(MAKE_FILE, 'changed', 'changed.mcnc', 'base')
    run(MCNC, 'meta', 'adapter.mcnc', 'set', 'general.name=y', '-o', 'other.mcnc')
    (folder / 'sums').write_bytes(subprocess.check_output([MCNC, 'digest', 'every.mcnc'], cwd=folder))
    (folder / 'recipe').write_text(json.dumps({'recipe': 1, 'store_all': ['base']}))
    (folder / 'old').write_text('an old file')
    (folder / 'old').chmod(0o640)
    run(MCNC, 'decode', 'adapter.mcnc', '--shards', '3', '-o', 'shards')
    run(MCNC, 'export', '--peft', 'adapter.mcnc', '--base-name', 'old', '-o', 'peft')


def snapshot(folder):
    return {str(path.relative_to(folder)): (path.read_bytes() if path.is_file() else b'', path.stat().st_mode)
            for path in sorted(folder.rglob('*'))}


class Place:
    """A copy of the files, where a command runs again and again."""

    def __init__(self, template):
        self.template = template
        self.before = snapshot(template)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='mcnc-fault-'))
        self.counts = pathlib.Path(tempfile.mkdtemp(prefix='mcnc-fault-')) / 'counts'
        self.fill()

    def fill(self):
        shutil.rmtree(self.folder)
        shutil.copytree(self.template, self.folder)

    def remove(self):
        shutil.rmtree(self.folder)
        shutil.rmtree(self.counts.parent)

    def run(self, command, fault):
        """(exit code, standard output, standard error, files) of a run; the files are those of before again."""
        environment = {**os.environ, 'LD_PRELOAD': INJECT, 'MCNC_FAULT': fault, 'MCNC_FAULT_COUNTS': str(self.counts),
                       'TMPDIR': str(self.folder)}
        done = subprocess.run([command.program, *command.arguments], cwd=self.folder, env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        after = snapshot(self.folder)
        if after != self.before:
            self.fill()
        return done.returncode, done.stdout, done.stderr, after

    def calls(self):
        return {kind: int(number) for kind, number in map(str.split, self.counts.read_text().splitlines())}


def faults_of(name, calls):
    """The faults to try, as (text for the library, whether the command must not notice)."""
    source = random.Random(name)
    for kind, whats in WHAT.items():
        numbers = range(1, calls[kind] + 1)
        for what in whats:
            tried = numbers if ALL else sorted(source.sample(numbers, min(len(numbers), SAMPLE.get(kind, 3))))
            for number in tried:
                yield f'{kind}:{number}:{what}', what in HARMLESS
            if kind in ('malloc', 'write', 'fsync', 'link') and what not in HARMLESS:
                for number in tried[::4]:
                    yield f'{kind}:{number}+:{what}', False
    # A file system without files that have no name, or without hard links.
    yield f'link:1+:{errno.EPERM}', False
    for number in range(1, calls['open'] + 1):
        yield f'open:{number}:{errno.EOPNOTSUPP}', False


def complaints_of(command, template):
    place = Place(template)
    try:
        good = place.run(command, '')
        calls = place.calls()
        if good[0] not in (0, 1):
            return [f'{command.name}: {good}']
        complaints = []
        for fault, harmless in faults_of(command.name, calls):
            code, out, err, after = place.run(command, fault)
            if (code, out, err, after) == good:
                continue
            wrong = []
            # zlib, which reads the images, does not read on after EINTR.
            if code != 5 or (harmless and not (command.program == MCNC_TRAIN and fault.startswith('read:'))):
                wrong.append(f'exit code {code}')
            *_, last = err.splitlines() or [b'']
            if not last.startswith(pathlib.Path(command.program).name.encode() + b': ') and command.name != 'conform':
                wrong.append('no message')
            # What does something more after the file is made may fail then; the file is whole.
            if not (after == good[3] and command.name in AFTERWARDS):
                wrong += [name for name in {**place.before, **after} if after.get(name) != place.before.get(name)]
            if wrong:
                complaints.append(f'{command.name}, {fault}: {wrong} {err[-200:]!r}')
        return complaints
    finally:
        place.remove()


def takes_the_library(program):
    """Whether a fault in `program` shows."""
    with tempfile.TemporaryDirectory() as folder:
        counts = pathlib.Path(folder) / 'counts'
        subprocess.run([program, '--version'], capture_output=True,
                       env={**os.environ, 'LD_PRELOAD': INJECT, 'MCNC_FAULT_COUNTS': str(counts)})
        return counts.exists()


class FaultTest(unittest.TestCase):
    def setUp(self):
        if SANITIZED or not INJECT or not takes_the_library(MCNC):
            self.skipTest('the programs do not take the library that injects faults')
        self.template = pathlib.Path(tempfile.mkdtemp(prefix='mcnc-fault-'))
        self.addCleanup(shutil.rmtree, self.template)

    def check(self, commands):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            complaints = sum(pool.map(lambda command: complaints_of(command, self.template), commands), [])
        self.assertFalse(complaints, '\n'.join(complaints))

    def test_mcnc(self):
        write_files(self.template)
        self.check(COMMANDS)

    def test_mcnc_train(self):
        if not MCNC_TRAIN:
            self.skipTest('mcnc-train is not built')
        from train_test import write_data_set
        (self.template / 'data').mkdir()
        write_data_set(self.template / 'data')
        (self.template / 'old').write_text('an old file')
        options = '--data data --hidden 4 --epochs 1 --threads 1 --batch-size 600'.split()
        self.check([Command('train', MCNC_TRAIN, [*options, '-f', '-o', 'old']),
                    Command('train --dense', MCNC_TRAIN, [*options, '--dense', '-o', 'new.safetensors'])])


if __name__ == '__main__':
    if ALL:
        del sys.argv[1]
    unittest.main()
