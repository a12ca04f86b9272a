#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What the documents of the tree point to exists, and their tables are what was measured.

    links_test.py ROOT

In every Markdown file the target of each relative link is a file or folder, and an anchor is a heading of it. In
HACKING.md, which is read to find files, every path in backticks exists too, `*` standing for anything, build/ aside; and
every room of sdk/src is there. A table there whose columns are "step", "file" and "function" is a walk through the code:
the file must have a word for each name in backticks of the third column, and the sentence "at most N files and M steps"
before the table must hold. In cuda/, the file that a comment names for a definition exists and has the functions that the
comment names. As long as cuda/receipts/ has no receipt, README.md and cuda/README.md say that nothing was measured on a
GPU, and no longer. The tables of docs/comparison.md are those of docs/comparison.json.
"""

import importlib.util
import json
import pathlib
import re
import sys

LINK = re.compile(r'\[[^\]]*\]\(([^)\s]+)\)')
PATH = re.compile(r'`([A-Za-z0-9_.*-]+(?:/[A-Za-z0-9_.*-]+)*/?)`')
EXTENSIONS = ('.md', '.h', '.cc', '.py', '.csv', '.fbs', '.build', '.txt', '.in')
WALK = re.compile(r'at\s+most\s+(\d+)\s+files(?:\s+and\s+(\d+)\s+steps)?', re.IGNORECASE)


def without_code(text):
    return re.sub(r'^( *)```.*?^\1```$', '', text, flags=re.MULTILINE | re.DOTALL)


def anchors(text):
    """The anchors that GitHub gives to the headings of a document."""
    found = set()
    for heading in re.findall(r'^#+ +(.+?) *#*$', without_code(text), re.MULTILINE):
        heading = LINK.sub(lambda link: link.group(0)[1:link.group(0).index(']')], heading)
        slug = re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-')
        number = 0
        while (slug if number == 0 else f'{slug}-{number}') in found:
            number += 1
        found.add(slug if number == 0 else f'{slug}-{number}')
    return found


def documents(root):
    for path in sorted(root.rglob('*.md')):
        first = path.relative_to(root).parts[0]
        if not first.startswith(('build', '.git')):
            yield path


def broken_links(path):
    for target in LINK.findall(without_code(path.read_text())):
        if re.match(r'[a-z]+:', target):
            continue
        file, _, anchor = target.partition('#')
        aim = path.parent / file if file else path
        if not aim.exists():
            yield f'no file {target}'
        elif anchor and anchor not in anchors(aim.read_text()):
            yield f'no heading for {target}'


def missing_paths(root, text):
    for token in PATH.findall(text):
        if '/' not in token and not token.endswith(EXTENSIONS) or token.startswith('build/'):
            continue
        if not any(root.glob(token.rstrip('/'))):
            yield f'no file `{token}`'


def missing_rooms(root, text):
    for room in sorted(path.name for path in (root / 'sdk/src').iterdir() if path.is_dir()):
        if f'`sdk/src/{room}/`' not in text:
            yield f'no room `sdk/src/{room}/`'


def walks(text):
    """Yields (most files, most steps or None, [(file, names)]) of every walk of a document."""
    for part in re.split(r'^\| step \| file \| function .*\n', text, flags=re.MULTILINE)[1:]:
        before = text[:text.index(part)]
        *_, claim = WALK.finditer(before)
        rows = []
        for line in part.splitlines():
            if not line.startswith('|'):
                break
            cells = [cell.strip() for cell in line.strip('|').split('|')]
            if not cells[0].startswith('-'):
                rows.append((cells[1].strip('`'), re.findall(r'`([^`]+)`', cells[2])))
        yield int(claim.group(1)), int(claim.group(2)) if claim.group(2) else None, rows


def wrong_walks(root, text):
    for most_files, most_steps, rows in walks(text):
        files = {file for file, _ in rows}
        if len(files) > most_files:
            yield f'a walk of {len(files)} files that claims at most {most_files}'
        if most_steps is not None and len(rows) > most_steps:
            yield f'a walk of {len(rows)} steps that claims at most {most_steps}'
        for file, names in rows:
            source = (root / file).read_text() if (root / file).is_file() else ''
            for name in names:
                word = name.split('::')[-1].split('(')[0]
                if not re.search(rf'\b{re.escape(word)}\b', source):
                    yield f'no {name} in {file}'


def wrong_definitions(root):
    """Comments of cuda/ say "CPU definition: name() of sdk/src/FILE"."""
    for path in sorted(root.glob('cuda/*/*.h')):
        text = re.sub(r'\n\s*//', '', path.read_text())
        for sentence in re.findall(r'CPU (?:definition|counterpart)s?: (.*?)\.(?:\s|$)', text, re.MULTILINE):
            files = re.findall(r'\b(?:sdk/src/)?[\w/]+\.(?:h|cc)\b', sentence)
            paths = [root / file for file in files if file.startswith('sdk/')]
            yield from (f'{path.relative_to(root)}: no file {each.relative_to(root)}' for each in paths if not each.is_file())
            sources = '\n'.join(each.read_text() for each in (root / 'sdk' / 'src').rglob('*.*')
                                if each.name in {pathlib.Path(file).name for file in files})
            for name in re.findall(r'(\w+)\(', sentence):
                if not re.search(rf'\b{name}\b', sources):
                    yield f'{path.relative_to(root)}: no {name}() in {", ".join(files)}'


def wrong_about_gpus(root):
    is_measured = any(path.name != 'README.md' for path in (root / 'cuda/receipts').iterdir())
    for file, sentence in (('README.md', 'no figure was measured on one'),
                           ('cuda/README.md', 'no speed on one was ever measured')):
        if (sentence in ' '.join((root / file).read_text().split())) == is_measured:
            yield f'{file}: says "{sentence}" and there is a receipt' if is_measured else f'{file}: does not say "{sentence}"'


def wrong_tables(root):
    """The tables of docs/comparison.md are what bench/pytorch/report.py makes of docs/comparison.json."""
    specification = importlib.util.spec_from_file_location('report', root / 'bench' / 'pytorch' / 'report.py')
    report = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(report)
    page = root / 'docs' / 'comparison.md'
    rows = json.loads(page.with_suffix('.json').read_text())
    if page.read_text() != report.with_tables(page.read_text(), report.grouped(rows)):
        yield 'docs/comparison.md: its tables are not those of docs/comparison.json: run bench/pytorch/report.py'


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    mistakes, count = [], 0
    for path in documents(root):
        count += 1
        mistakes += [f'{path.relative_to(root)}: {mistake}' for mistake in broken_links(path)]
    hacking = root / 'HACKING.md'
    text = hacking.read_text()
    wrong = (*missing_paths(root, text), *missing_rooms(root, text), *wrong_walks(root, text))
    mistakes += [f'HACKING.md: {mistake}' for mistake in wrong]
    mistakes += wrong_definitions(root)
    mistakes += wrong_about_gpus(root)
    mistakes += wrong_tables(root)
    print('\n'.join(mistakes) if mistakes else f'{count} documents, {len(list(walks(text)))} walks')
    return 1 if mistakes else 0


if __name__ == '__main__':
    sys.exit(main())
