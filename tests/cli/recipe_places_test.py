# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Every place of the example recipes of spec/import.md with a wrong value in it: never a crash, always the place."""

import json
import re
import subprocess
import unittest

from arrays import write_safetensors
from examples import example_recipes
from support import MCNC, CliTest

# What replaces a value: JSON text, so that numbers can be ones that Python would not write.
WRONG = ('null', '-1', '1e999', '1e300', '99999999999999999999999', '0.5', '""', '"\\u0000"', '[]', '{}', '[null]', 'true')

# Where one of them is as good as what it replaces. A * stands for the index of a list.
FINE = {
    '/generators/*/layers/*/omega': ('-1', '0.5'),
    '/generators/*/layers/*/weights_scale': ('0.5',),
    '/generators/*/unit_norm': ('true',),
    '/codes/*/beta': ('-1', '0.5'),
    '/codes/*/beta_exponent': ('-1',),
    '/tensors/*/factor': ('true',),
    '/tensors/*/generated': ('{}',),
    '/tensors/*/generated/theta0': ('-1', '0.5'),
    '/tensors/*/generated/theta0/uniform/bound': ('0.5',),
    '/tensors/*/product/scale': ('-1', '0.5'),
    '/metadata': ('{}',),
} | {f'/metadata/{key}': ('-1', '1e300', '0.5', '""', 'true')
     for key in ('general.name', 'general.license', 'peft.lora_alpha')}

# Where the value is allowed, and what refers to it, or is referred to by it, no longer fits: the place of that.
ELSEWHERE = {
    ('/files', '[]'): r'/\w+/0/\S+',  # the first array
    ('/generators', '[]'): '/codes/0',
    ('/codes', '[]'): '/tensors/0/generated',
    ('/bases', '[]'): r'/tensors/2/product/theta0/base',
    ('/tensors', '[]'): '/codes/0',
    ('/tensors/*/shape', '[]'): r'/codes/0/alpha|/tensors/\d+/generated/slices',
    ('/tensors/*/product/theta0', '-1'): '/bases/0',
    ('/tensors/*/product/theta0', '0.5'): '/bases/0',
    ('/tensors/*/product/theta0', '{}'): '/tensors/2/product/theta0',
}


def step(key):
    """A key as a JSON pointer has it."""
    return '/' + str(key).replace('~', '~0').replace('/', '~1')


def places(value, pointer=''):
    """(pointer, value) of everything in a JSON document, the document itself first."""
    yield pointer, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in members:
        yield from places(each, pointer + step(key))


def text_with(value, pointer, replacement, here=''):
    """`value` as JSON, replacement(its text) in place of what is at `pointer`."""
    if isinstance(value, dict):
        text = '{' + ', '.join(json.dumps(key) + ': ' + text_with(each, pointer, replacement, here + step(key))
                               for key, each in value.items()) + '}'
    elif isinstance(value, list):
        text = '[' + ', '.join(text_with(each, pointer, replacement, here + step(i))
                               for i, each in enumerate(value)) + ']'
    else:
        text = json.dumps(value)
    return replacement(text) if here == pointer else text


class PlacesTest(CliTest):
    def examples(self):
        """(recipe, pointers) of each example: the places of which no example before it had one of the kind."""
        seen = set()
        for recipe, files in example_recipes():
            for file, tensors in files.items():
                write_safetensors(self.folder / file, tensors)
            fresh = []
            for pointer, value in places(recipe):
                kind = re.sub(r'/\d+', '/*', pointer)
                if kind not in seen:
                    fresh.append((pointer, kind, value))
                seen.add(kind)
            yield recipe, fresh

    def imported(self, text):
        """(exit code, what it says) of an import of a recipe."""
        (self.folder / 'recipe.json').write_text(text)
        done = subprocess.run([MCNC, 'import', 'recipe.json', '-f', '-o', 'out.mcnc'], cwd=self.folder,
                              capture_output=True, timeout=60)
        return done.returncode, done.stderr.decode()

    def check(self, text, place):
        """That importing `text` is refused as a mistake at `place`, a regular expression for a JSON pointer."""
        code, said = self.imported(text)
        self.assertEqual(code, 2, said)
        self.assertRegex(said, '^mcnc: recipe.json: ' + (place and f'({place}): ') + '[^/]')
        self.assertEqual(said.count('\n'), 1, said)

    def test_a_wrong_value_in_every_place(self):
        for recipe, fresh in self.examples():
            for pointer, kind, _ in fresh:
                for wrong in WRONG:
                    text = text_with(recipe, pointer, lambda _: wrong)
                    with self.subTest(place=pointer, value=wrong):
                        number = pointer == '/metadata/peft.lora_alpha'  # the one entry here whose type is not free
                        if wrong in FINE.get(kind, ()) and not (number and wrong in ('""', 'true')):
                            self.assertEqual(self.imported(text)[0], 0)
                        else:
                            inside = '(/0)?' if wrong == '[null]' else ''
                            self.check(text, ELSEWHERE.get((kind, wrong), pointer and re.escape(pointer) + inside))

    def test_a_key_twice_unknown_or_missing_in_every_object(self):
        for recipe, fresh in self.examples():
            for pointer, _, value in fresh:
                for key in value if isinstance(value, dict) else ():
                    place = re.escape(pointer + step(key))
                    member = text_with(recipe, pointer, lambda text: text[:-1] + f', {json.dumps(key)}: 1' + '}')
                    with self.subTest(twice=place):
                        self.check(member, place)
                if isinstance(value, dict) and pointer != '/metadata':
                    with self.subTest(unknown=pointer):
                        comma = ', ' if value else ''
                        text = text_with(recipe, pointer, lambda text: text[:-1] + comma + '"theta9": 1}')
                        self.check(text, re.escape(pointer))
                        self.assertIn('no key "theta9"', self.imported(text)[1])


if __name__ == '__main__':
    unittest.main()
