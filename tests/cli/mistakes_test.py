# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What typical mistakes are answered with, word for word: which file, what is wrong with it, and what to do."""

import json
import unittest

from arrays import uniform, write_safetensors
from support import CliTest

LFS_POINTER = ('version https://git-lfs.github.com/spec/v1\noid sha256:' + 64 * '0' + '\nsize 123\n').encode()

MISTAKES_OF_COMMAND_LINES = (
    (['verfiy', 'tiny.mcnc'],
     'mcnc: there is no command verfiy (did you mean "verify"?); mcnc --help says what is possible'),
    (['verify', '--quite', 'tiny.mcnc'],
     'mcnc: there is no option --quite (did you mean "--quiet"?); mcnc verify --help says what is '
     'possible'),
    (['decode', 'tiny.mcnc', '-t', 'weigth', '-o', 'x'],
     'mcnc: tiny.mcnc: there is no tensor weigth; mcnc info lists those it has'),
    (['decode', 'tiny.mcnc', '-o', 'tiny.mcnc', '-f'],
     'mcnc: tiny.mcnc: the output would replace an input'),
    (['transcode', 'tiny.mcnc', '--alpha-type', 'int9', '-o', 'x'],
     'mcnc: --alpha-type: "int9" is not f32, f16, bf16, int8 or int16 (did you mean "int8"?); mcnc '
     'transcode --help says what is possible'),
    (['import'],
     'mcnc: RECIPE is required; mcnc import --help says what is possible'),
    (['decode', 'tiny.mcnc', '--shards', '0', '-o', 'x'],
     'mcnc: --shards: "0" is not a whole number from 1 to 99999; mcnc decode --help says what is '
     'possible'),
    (['meta', 'tiny.mcnc', 'set', 'general.name'],
     'mcnc: --output is required; mcnc meta set --help says what is possible'),
    (['export', 'tiny.mcnc', '-o', 'x'],
     'mcnc: --peft is required; mcnc export --help says what is possible'),
)

MISTAKES_OF_FILES = (
    (['verify', 'gone.mcnc'], 5,
     'mcnc: gone.mcnc: No such file or directory'),
    (['verify', 'w.safetensors'], 3,
     'mcnc: w.safetensors: not a .mcnc file: the first bytes are not the signature; it is a '
     'safetensors file, of which mcnc import makes a .mcnc file [rule container.magic, byte 0]'),
    (['verify', 'pointer'], 3,
     'mcnc: pointer: not a .mcnc file: the first bytes are not the signature; it is a Git LFS pointer,'
     ' not the file itself: run git lfs pull [rule container.magic, byte 0]'),
    (['verify', 'page'], 3,
     'mcnc: page: not a .mcnc file: the first bytes are not the signature; it is an HTML page, such as'
     ' a web server answers with instead of a file that is not there or needs a login [rule '
     'container.magic, byte 0]'),
    (['verify', 'nothing'], 3,
     'mcnc: nothing: the file ends within its first 64 bytes; it is empty [rule container.short, byte '
     '0]'),
    (['import', 'recipe.json', '-o', 'x'], 2,
     'mcnc: recipe.json: /tensors/0/stored: no tensor "v" in w.safetensors (did you mean "w"?)'),
    (['import', 'tiny.mcnc', '-o', 'x'], 2,
     'mcnc: tiny.mcnc: is a .mcnc file already, not a recipe'),
    (['merge', 'tiny.mcnc', 'w.safetensors', '-o', 'x'], 2,
     'mcnc: tiny.mcnc: is a .mcnc file, and the first argument is the base model, safetensors, like '
     'w.safetensors: say mcnc merge w.safetensors tiny.mcnc'),
    (['merge', 'w.safetensors', 'tiny.mcnc', '-o', 'x'], 2,
     'mcnc: tiny.mcnc: is no low-rank adapter: tensor b is neither a product nor half of a lora_A and '
     'lora_B'),
    (['diff', 'w.safetensors', 'tiny.mcnc'], 1,
     'mcnc: w.safetensors and tiny.mcnc differ'),
    (['verify', 'tiny.mcnc', '--base', 'pointer'], 3,
     'mcnc: pointer: not a safetensors file: its first 8 bytes say that a header of '
     '2336927755350992246 bytes follows, and 120 are there; it is a Git LFS pointer, not the file '
     'itself: run git lfs pull'),
)


class MistakesTest(CliTest):

    def check(self, args, code, text):
        _, err = self.mcnc(*args, code=code)
        self.assertEqual(err.decode().rstrip('\n'), text)

    def test_command_lines(self):
        self.make('tiny')
        for args, text in MISTAKES_OF_COMMAND_LINES:
            self.check(args, 2, text)

    def test_files(self):
        self.make('tiny')
        write_safetensors(self.folder / 'w.safetensors', {'w': uniform(1, (2, 2))})
        (self.folder / 'pointer').write_bytes(LFS_POINTER)
        (self.folder / 'page').write_bytes(b'<!DOCTYPE html><html></html>')
        (self.folder / 'nothing').write_bytes(b'')
        (self.folder / 'recipe.json').write_text(json.dumps({'recipe': 1, 'files': ['w.safetensors'],
                                                             'tensors': [{'stored': 'v'}]}))
        for args, code, text in MISTAKES_OF_FILES:
            self.check(args, code, text)


if __name__ == '__main__':
    unittest.main()
