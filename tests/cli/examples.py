# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The example recipes of spec/import.md, with files such as each says it reads."""

import json
import pathlib
import re

from arrays import uniform

DOCUMENT = pathlib.Path(__file__).parents[2] / 'spec/import.md'


def example_recipes():
    """[(recipe, {file: {tensor: (dtype, shape, numbers)}})], the recipe as it stands in the document, parsed."""
    text = DOCUMENT.read_text()
    examples = re.findall(r'```safetensors\n(.*?)```\n+```json\n(.*?)```', text, re.DOTALL)
    assert len(examples) == text.count('```json'), 'an example without a listing of its files'
    found = []
    for listing, recipe in examples:
        files = {}
        for line in listing.splitlines():
            file, name, dtype, *shape = line.replace(' x ', ' ').split()
            shape = tuple(map(int, shape))
            _, _, numbers = uniform(name, shape)
            if dtype == 'I8':
                numbers = [round(100 * number) for number in numbers]
            files.setdefault(file, {})[name] = (dtype, shape, numbers)
        found.append((json.loads(recipe), files))
    return found
