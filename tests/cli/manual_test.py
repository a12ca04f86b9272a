#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Manual pages and completions have every command and option that --help prints.

    manual_test.py PROGRAM...

MANUAL names the folder where they were made. What they should have is read from --help, for which a person reads, and
which is made in another way. man and the shells say what they think of their files where they are installed.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

MANUAL = pathlib.Path(os.environ['MANUAL'])
PROGRAMS = [pathlib.Path(program).resolve() for program in sys.argv[1:]]


def run(*command, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, **more)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done


def usages(program, path=()):
    """Yields (names that lead to a command, its commands, its options), the program itself first."""
    text = run(program, *(['meta', 'FILE', *path[1:]] if path[:1] == ('meta',) else path), '--help').stdout
    section = re.search(r'^(?:Commands|Subcommands):\n((?:  .*\n)+)', text, re.MULTILINE)
    commands = re.findall(r'^  ([a-z]+) ', section.group(1), re.MULTILINE) if section else []
    options = [word for line in re.findall(r'^  (-.*?)(?:  | [A-Z2]|$)', text, re.MULTILINE)
               for word in re.findall(r'--?[a-z][a-z0-9-]*', line)]
    yield path, commands, options
    for command in commands:
        yield from usages(program, (*path, command))


def complete(shell_file, program, line):
    """What bash offers for the last word of a command line."""
    words = ' '.join(f"'{word}'" for word in line)
    script = f'''source '{shell_file}'; COMP_WORDS=({words}); COMP_CWORD={len(line) - 1}
        _{program.replace("-", "_")}; printf '%s\\n' "${{COMPREPLY[@]}}"'''
    return run('bash', '-c', script).stdout.split()


def man_is_installed():
    """Small systems have a program of that name which only says that it is not there."""
    return shutil.which('man') and run('man', '--version').stdout.startswith('man ')


class ManualTest(unittest.TestCase):
    def test_pages(self):
        count = 0
        for program in PROGRAMS:
            for path, commands, options in usages(program):
                page = '-'.join([program.name, *path[:1]])
                text = (MANUAL / f'{page}.1').read_text()
                text = re.sub(r'\\f[BIR]', '', text).replace('\\-', '-')
                for option in options:
                    self.assertRegex(text, rf'(?m)^(-\w, )?{option}\b', f'{page}: {option}')
                for command in commands:
                    place = f'^.SH {program.name} {path[0]} {command}$' if path else rf'^{program.name}-{command}\(1\)$'
                    self.assertRegex(text, f'(?im){place}', f'{page}: {command}')
                self.assertGreater(text.count('\n.TP\n'), 8)
                self.assertIn('.SH EXIT STATUS\n', text)
                count += len(options)
        self.assertGreater(count, 150)

    @unittest.skipUnless(man_is_installed(), 'man is not installed')
    def test_man_has_nothing_to_say(self):
        for page in MANUAL.glob('*.1'):
            done = run('man', '--warnings', '--encoding=UTF-8', '--local-file', page,
                       env={**os.environ, 'MANWIDTH': '80', 'LC_ALL': 'C.UTF-8'})
            self.assertEqual(done.stderr, '', page)
            self.assertIn('EXIT STATUS', done.stdout)

    def test_bash(self):
        for program in PROGRAMS:
            file = MANUAL / program.name
            for path, commands, options in usages(program):
                start = [program.name, *path]
                self.assertEqual(complete(file, program.name, [*start, '']), commands, start)
                self.assertEqual(sorted(complete(file, program.name, [*start, '-'])), sorted(options), start)
        file = MANUAL / 'mcnc'
        self.assertEqual(complete(file, 'mcnc', ['mcnc', 'de']), ['decode'])
        self.assertEqual(complete(file, 'mcnc', ['mcnc', 'decode', 'model.mcnc', '--out']), ['--output'])
        self.assertEqual(complete(file, 'mcnc', ['mcnc', 'decode', '--output', '-']), [])  # a file name
        self.assertEqual(complete(file, 'mcnc', ['mcnc', 'meta', 'model.mcnc', 's']), ['set'])
        self.assertIn('--remove', complete(file, 'mcnc', ['mcnc', 'meta', 'model.mcnc', 'set', '--']))

    def test_zsh_and_fish(self):
        """The files name everything; the shells can read them."""
        for program in PROGRAMS:
            zsh = (MANUAL / f'_{program.name}').read_text()
            fish = (MANUAL / f'{program.name}.fish').read_text()
            for path, commands, options in usages(program):
                function = '_'.join(['', program.name.replace('-', '_'), *path])
                body = re.search(rf'^{function}\(\) {{\n(.*?)^}}', zsh, re.MULTILINE | re.DOTALL).group(1)
                for option in options:
                    self.assertRegex(body, rf"(?m)^    ('\(.*\){{')?{{?.*{option}[}},'\[]", f'{function} {option}')
                for command in commands:
                    self.assertIn(f"\n        '{command}:", body)
                    self.assertRegex(fish, rf'(?m)^complete .* -a {command} -d ')
                condition = f'__fish_seen_subcommand_from {path[-1]}' if path else ''
                lines = [line for line in fish.splitlines() if condition in line]
                for option in options:
                    letter = f' -l {option[2:]} ' if option.startswith('--') else f' -s {option[1:]} '
                    self.assertTrue(any(letter in line for line in lines), f'{path} {option}')
            for shell, file in (('zsh', f'_{program.name}'), ('fish', f'{program.name}.fish')):
                if shutil.which(shell):
                    run(shell, '-n', MANUAL / file)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
