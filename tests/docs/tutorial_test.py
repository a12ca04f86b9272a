#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The commands of docs/tutorial.md do what the page shows.

    tutorial_test.py ROOT MCNC

Runs the lines after "$ " of every console block in order, in a folder that looks like the top of a clone. What the page
shows below a command is what it prints, standard output before standard error: "..." stands for anything within a line, a
line "..." for any number of lines. "(exit code N)" is the last line where the exit code is not 0. The recipes that the
page shows are those of examples/tutorial/.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile


def commands(text):
    """[(command, what is printed, exit code)] of every console block."""
    found = []
    for block in re.findall(r'^```console\n(.*?)^```$', text, re.MULTILINE | re.DOTALL):
        for part in re.split(r'^\$ ', block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition('\n')
            code = re.search(r'^\(exit code (\d+)\)\n\Z', shown, re.MULTILINE)
            found.append((command, shown[:code.start()] if code else shown, int(code.group(1)) if code else 0))
    return found


def pattern(shown):
    lines = [r'(?:.*\n)*?' if line == '...\n' else re.escape(line).replace(re.escape('...'), '.*')
             for line in shown.splitlines(keepends=True)]
    return ''.join(lines)


def main():
    root, mcnc = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    text = (root / 'docs/tutorial.md').read_text()
    mistakes = []
    recipes = re.findall(r'^```json\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)
    if recipes != [(root / 'examples/tutorial' / name).read_text() for name in ('checkpoint.json', 'adapter.json')]:
        mistakes.append('the recipes of the page are not those of examples/tutorial/')

    with tempfile.TemporaryDirectory(prefix='mcnc-tutorial-') as clone:
        for entry in ('examples', 'tests'):
            os.symlink(root / entry, pathlib.Path(clone) / entry)
        environment = {**os.environ, 'PATH': f'{mcnc.parent}:{os.environ["PATH"]}', 'LC_ALL': 'C'}
        run = commands(text)
        for command, shown, code in run:
            done = subprocess.run(command, shell=True, cwd=clone, env=environment, capture_output=True, text=True, timeout=60)
            printed = done.stdout + done.stderr
            if done.returncode != code or not re.fullmatch(pattern(shown), printed):
                mistakes.append(f'$ {command}\n{printed}(exit code {done.returncode})')
    print('\n'.join(mistakes) if mistakes else f'{len(run)} commands')
    return 1 if mistakes or not run else 0


if __name__ == '__main__':
    sys.exit(main())
