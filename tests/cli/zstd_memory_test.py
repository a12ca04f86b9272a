# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Memory that runs out inside zstd is memory that runs out: exit code 5, not a malformed file. FAIL_ZSTD names the
library that lets an allocation of libzstd fail."""

import json
import os
import pathlib
import subprocess
import unittest

from arrays import write_safetensors
from support import MCNC, CliTest


@unittest.skipUnless('FAIL_ZSTD' in os.environ, 'needs glibc')
@unittest.skipIf(b'__asan_init' in pathlib.Path(MCNC).read_bytes(), 'a sanitizer has an allocator of its own')
class ZstdMemoryTest(CliTest):
    def every_failure(self, *command):
        """Lets each allocation of libzstd fail in turn; answers how many there are."""
        for at in range(1, 100):
            done = subprocess.run([MCNC, *command], cwd=self.folder, capture_output=True, timeout=60,
                                  env={**os.environ, 'LD_PRELOAD': os.environ['FAIL_ZSTD'], 'FAIL_AT': str(at)})
            if done.returncode == 0:
                return at - 1
            self.assertEqual((done.returncode, done.stdout), (5, b''), done.stderr)
            self.assertIn(b': out of memory\n', done.stderr)
            self.assertNotIn('out.mcnc', self.files())
        return self.fail('it never succeeds')

    def test_every_allocation(self):
        # Frames of a window of their own, read in pieces; and one that is read at once.
        write_safetensors(self.folder / 'w.safetensors', {'w': ('F32', (600, 1000), [i // 1000 for i in range(600_000)])})
        (self.folder / 'recipe.json').write_text(json.dumps({'recipe': 1, 'store_all': ['w.safetensors']}))
        self.mcnc('import', 'recipe.json', '-o', 'w.mcnc')
        self.assertEqual(self.info('w.mcnc')['segments'][0]['encoding'], 'zstd')
        if self.every_failure('verify', 'w.mcnc') == 0:
            self.skipTest('zstd is not a library of its own here')
        for command in (['decode', 'w.mcnc', '-o', 'out.safetensors'], ['import', 'recipe.json', '-o', 'out.mcnc'],
                        ['transcode', 'w.mcnc', '--zstd-level', '19', '-o', 'out.mcnc'],
                        ['meta', 'w.mcnc', 'set', 'a.b=c', '-o', 'out.mcnc']):
            self.assertGreater(self.every_failure(*command), 0)
            for path in self.folder.glob('out.*'):
                path.unlink()


if __name__ == '__main__':
    unittest.main()
