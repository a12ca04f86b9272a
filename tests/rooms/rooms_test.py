# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The rooms of sdk/src stand in a line: a file includes headers of its own room and of rooms before it, never of later ones.

    rooms_test.py SDK_FOLDER TOOLS_FOLDER

Prints the line and, where a room includes a later one, the files that do; then it ends with 1. It also fails where a
room is missing from the line, so that a new folder needs a place. Tools live on the public headers: one that includes a
header of a room is a mistake too, unless it stands in INSIDE.
"""

import pathlib
import re
import sys

# From the bottom up. Public headers, included as "mcnc/...", declare what the rooms define and may be included anywhere.
LINE = ['util', 'arithmetic', 'kernels', 'manifest', 'container', 'tensors', 'model', 'decoder', 'checkpoints', 'writer',
        'encoder', 'capi']

# The tools that may look inside: conform and dump (byte_ranges) show what others must not depend on.
INSIDE = {'mcnc/conform.cc', 'mcnc/conform_stages.cc', 'mcnc/byte_ranges.cc'}


def includes(path):
    return re.findall(r'^\s*#\s*include "([^"]+)"', path.read_text(), re.MULTILINE)


def looks_inside(tools):
    """Yields (file, headers of rooms that it includes) for each tool that includes any."""
    for path in sorted(tools.rglob('*')):
        if path.suffix in ('.h', '.cc'):
            inside = [header for header in includes(path) if header.split('/')[0] in LINE]
            if inside:
                yield str(path.relative_to(tools)), inside


def tool_mistakes(tools):
    for file, inside in looks_inside(tools):
        if file not in INSIDE:
            yield from (f'tools/{file} includes {header}, which is not public' for header in inside)


def arrows_up(sdk):
    """Yields (file, header) for each include of a later room."""
    place = {room: i for i, room in enumerate(LINE)}
    for path in sorted((sdk / 'src').rglob('*')):
        if path.suffix not in ('.h', '.cc'):
            continue
        room = path.relative_to(sdk / 'src').parts[0]
        for header in includes(path):
            target = header.split('/')[0]
            if target in place and place[target] > place[room]:
                yield path.relative_to(sdk), header


def main():
    sdk, tools = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    print(' < '.join(LINE))
    rooms = {path.name for path in (sdk / 'src').iterdir() if path.is_dir()}
    mistakes = [f'{room}/ has no place in the line' for room in sorted(rooms - set(LINE))]
    mistakes += [f'{room}/ is in the line and not in the tree' for room in LINE if room not in rooms]
    mistakes += [f'{path} includes {header}, of a later room' for path, header in arrows_up(sdk)]
    mistakes += tool_mistakes(tools)
    print('\n'.join(mistakes) if mistakes else f'{len(rooms)} rooms, no arrow points up')
    return 1 if mistakes else 0


if __name__ == '__main__':
    sys.exit(main())
