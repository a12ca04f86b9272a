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

# The tools that may look inside: conform and dump show what others must not depend on.
INSIDE = {'mcnc/conform.cc', 'mcnc/conform_stages.cc', 'mcnc/dump.cc'}
# Tools that still do, and what they include. An entry that is no longer true is a mistake: the list only gets shorter.
STILL_INSIDE = {
    'bench/models.cc': 'tensors/convert.h',
    'common/code_types.cc': 'tensors/convert.h',
    'common/program.cc': 'util/boundary.h',
    'common/reopen.cc': 'container/assemble.h container/segment.h decoder/tensor_decoder.h kernels/kernels.h '
        'manifest/layout.h manifest/references.h manifest/validate.h util/fp_environment.h',
    'common/report.h': 'util/about.h',
    'mcnc/describe.cc': 'manifest/references.h',
    'mcnc/digest.cc': 'checkpoints/text_file.h',
    'mcnc/element.cc': 'tensors/convert.h',
    'mcnc/export.cc': 'tensors/convert.h util/boundary.h',
    'mcnc/import.cc': 'writer/write.h',
    'mcnc/import_arrays.cc': 'tensors/convert.h util/boundary.h',
    'mcnc/import_generators.cc': 'tensors/convert.h',
    'mcnc/lora_factors.cc': 'decoder/product_rows.h decoder/write_rows.h tensors/convert.h util/boundary.h',
    'mcnc/lora_factors.h': 'model/generator.h',
    'mcnc/merge.cc': 'tensors/convert.h util/boundary.h util/fp_environment.h',
    'mcnc/meta.cc': 'writer/check.h',
    'mcnc/output_sink.h': 'util/boundary.h',
    'mcnc/recipe_json.cc': 'checkpoints/text_file.h manifest/layout.h',
    'mcnc/transcode.cc': 'util/about.h writer/write.h',
    'train/load.cc': 'tensors/convert.h',
    'train/train.cc': 'arithmetic/philox.h',
    'train/trainable.cc': 'encoder/adam.h tensors/convert.h tensors/theta0.h',
}


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
    found = {file: inside for file, inside in looks_inside(tools) if file not in INSIDE}
    for file in sorted(found.keys() | STILL_INSIDE.keys()):
        actual, listed = set(found.get(file, [])), set(STILL_INSIDE.get(file, '').split())
        yield from (f'tools/{file} includes {header}, which is not public' for header in sorted(actual - listed))
        yield from (f'tools/{file} no longer includes {header}: strike it from STILL_INSIDE' for header in sorted(listed - actual))


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
