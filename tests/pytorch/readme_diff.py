# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The diff in README.md, applied to examples/pytorch/train.py: it still trains, and what was evaluated in training is what
the file gives, at a fraction of the size.

    PYTHONPATH=build/sdk/python python3 tests/pytorch/readme_diff.py

Ends with 77, "skipped", where PyTorch is missing.
"""

import importlib.util
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / 'examples' / 'pytorch' / 'train.py'


def applied(diff, text):
    """`text` after the hunks of `diff`, which "..." separates. Every hunk must fit in one place."""
    for hunk in re.split(r'^ \.\.\.$\n', diff, flags=re.MULTILINE):
        lines = hunk.splitlines()
        old = ''.join(line[1:] + '\n' for line in lines if line[:1] in ' -')
        new = ''.join(line[1:] + '\n' for line in lines if line[:1] in ' +')
        assert text.count('\n' + old) == 1, f'README.md changes what is not there, or more than once:\n{old}'
        text = text.replace('\n' + old, '\n' + new)
    return text


def run(script, folder):
    """(accuracy after training, after loading) as the script prints them."""
    done = subprocess.run([sys.executable, script], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return tuple(float(value) for value in re.findall(r'(?:trained|loaded): +([0-9.]+)', done.stdout))


def main():
    if importlib.util.find_spec('torch') is None:
        print('skipped: no module named torch')
        return 77
    diff = re.search(r'^```diff\n(.*?)^```$', (ROOT / 'README.md').read_text(), re.MULTILINE | re.DOTALL).group(1)
    changed = [line for line in diff.splitlines() if line[0] == '+']
    assert len(changed) <= 5, changed
    with tempfile.TemporaryDirectory(prefix='mcnc-torch-') as name:
        folder = pathlib.Path(name)
        (folder / 'train.py').write_text(applied(diff, SCRIPT.read_text()))
        dense = run(SCRIPT, folder)
        compressed = run(folder / 'train.py', folder)
        sizes = [(folder / file).stat().st_size for file in ('model.pt', 'model.mcnc')]
    print(f'plain {dense[0]}, {sizes[0]} bytes; in code space {compressed[0]}, {sizes[1]} bytes')
    assert compressed[0] == compressed[1] and dense[0] == dense[1]
    assert compressed[0] > dense[0] - 0.08 and sizes[1] * 20 < sizes[0]
    return 0


if __name__ == '__main__':
    sys.exit(main())
