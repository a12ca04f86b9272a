# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""mcnc sign and mcnc verify --signature. What model_signing thinks of the same files: model_signing_test.py."""

import json
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import termios
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'cli'))

import signatures
from signatures import RECORDED, make_key, openssl
from support import MCNC, CliTest


class SignTest(CliTest):
    def verify(self, case, *options, code=0):
        who = ['--public-key', case.public_key] if case.public_key else ['--trust', case.trusted]
        return self.mcnc('verify', case.model, '--signature', case.signature, *who, *options, code=code)

    def test_right(self):
        for case in signatures.right(self.folder):
            with self.subTest(case.name):
                out, _ = self.verify(case)
                by = f'the key {case.public_key}' if case.public_key else 'CN = recorded certificate'
                self.assertTrue(out.decode().startswith(f'{case.model}: signed by {by}\n{case.model}: ok ('), out)
                self.assertEqual(self.verify(case, '--quiet')[0], b'')

    def test_tampered(self):
        count = 0
        for case in signatures.tampered(self.folder):
            with self.subTest(case.name):
                out, _ = self.verify(case, code=case.code)
                self.assertEqual(out, b'')
                if case.trusted:
                    self.verify(case, '--allow-expired', code=case.code)
                count += 1
        self.assertGreater(count, 30)

    def test_expired(self):
        case = signatures.Case('', RECORDED / 'model.mcnc', RECORDED / 'expired.sig', trusted=RECORDED / 'root.pem')
        self.assertIn(b'has expired', self.verify(case, code=1)[1])
        self.verify(case, '--allow-expired')

    def test_round_trip(self):
        model = self.make('every')
        for curve in ('prime256v1', 'secp384r1', 'secp521r1'):
            public = make_key(self.folder / f'{curve}.pem', curve)
            self.mcnc('sign', model, '-k', f'{curve}.pem', '-f')
            self.mcnc('verify', model, '--signature', 'every.mcnc.sig', '--public-key', public)
        self.mcnc('verify', model, '--signature', 'every.mcnc.sig', '--public-key', 'prime256v1.pub', code=1)
        out, _ = self.mcnc('sign', model, '-k', 'prime256v1.pem', '-o', '-')
        self.assertEqual(json.loads(out)['mediaType'], signatures.MEDIA_TYPE)

    def certify(self, name, days='36500'):
        """NAME.crt of NAME.pem, by ca.crt."""
        make_key(self.folder / f'{name}.pem')
        openssl('req', '-new', '-key', f'{name}.pem', '-subj', f'/CN={name}', '-out', 'request', cwd=self.folder)
        (self.folder / 'extensions').write_text('keyUsage=critical,digitalSignature\n')
        openssl('x509', '-req', '-in', 'request', '-CA', 'ca.crt', '-CAkey', 'ca.pem', '-set_serial', '7', '-days', days,
                '-extfile', 'extensions', '-out', f'{name}.crt', cwd=self.folder)

    def test_certificates(self):
        model = self.make('tiny')
        make_key(self.folder / 'ca.pem')
        openssl('req', '-x509', '-new', '-key', 'ca.pem', '-subj', '/CN=root', '-days', '36500', '-out', 'ca.crt',
                cwd=self.folder)
        self.certify('signer')
        make_key(self.folder / 'other.pem')
        self.mcnc('sign', model, '-k', 'signer.pem', '--certificate', 'signer.crt')
        out, _ = self.mcnc('verify', model, '--signature', 'tiny.mcnc.sig', '--trust', 'ca.crt')
        self.assertIn(b'signed by CN = signer\n', out)
        self.mcnc('sign', model, '-k', 'signer.pem', '--certificate', 'signer.crt', '--chain', 'ca.crt', '-o', 'whole.sig')
        self.mcnc('verify', model, '--signature', 'whole.sig', '--trust', 'ca.crt')
        # The bundle's own root is not to be believed because it is there.
        self.mcnc('verify', model, '--signature', 'whole.sig', '--trust', RECORDED / 'root.pem', code=1)
        self.mcnc('verify', model, '--signature', 'whole.sig', '--public-key', 'signer.pub', code=2)
        self.mcnc('verify', model, '--signature', RECORDED / 'key.sig', '--trust', 'ca.crt', code=2)
        self.assertIn(b'is not the certificate of the key',
                      self.mcnc('sign', model, '-k', 'other.pem', '--certificate', 'signer.crt', '-o', 'no', code=2)[1])
        self.mcnc('sign', model, '-k', 'signer.pem', '--certificate', 'signer.pem', '-o', 'no', code=2)
        self.mcnc('sign', model, '-k', 'signer.pem', '--certificate', 'signer.crt', '--chain', model, '-o', 'no', code=2)
        # A root that is for nothing but certificates does not sign models.
        openssl('req', '-x509', '-new', '-key', 'ca.pem', '-subj', '/CN=root', '-days', '1', '-out', 'only.crt',
                '-addext', 'keyUsage=keyCertSign', cwd=self.folder)
        self.mcnc('sign', model, '-k', 'ca.pem', '--certificate', 'only.crt', '-o', 'no', code=2)
        self.assertFalse((self.folder / 'no').exists())

    def test_weights(self):
        """They are signed in whichever file they are, and no others are."""
        self.make('every')
        public = make_key(self.folder / 'k.pem')
        for name, options in (('weights.sig', ['--weights']), ('file.sig', [])):
            self.mcnc('sign', 'every.mcnc', '-k', 'k.pem', '-o', name, *options)
        # As another version of the compression library would write it.
        subprocess.run([MCNC, 'meta', 'every.mcnc', 'set', 'general.name=same', '-o', 'same.mcnc'], cwd=self.folder, check=True)
        self.mcnc('digest', '--weights', 'same.mcnc')
        out, _ = self.mcnc('verify', 'same.mcnc', '--signature', 'weights.sig', '--public-key', public)
        self.assertIn(b': its weights are signed by the key ', out)
        self.mcnc('verify', 'same.mcnc', '--signature', 'file.sig', '--public-key', public, code=1)
        self.make('tiny')
        self.mcnc('verify', 'tiny.mcnc', '--signature', 'weights.sig', '--public-key', public, code=1)
        data = bytearray((self.folder / 'every.mcnc').read_bytes())
        data[-1] ^= 1  # of a segment: the identity is claimed, and not true
        (self.folder / 'damaged.mcnc').write_bytes(data)
        self.mcnc('verify', 'damaged.mcnc', '--signature', 'weights.sig', '--public-key', public, code=1)
        self.mcnc('sign', 'damaged.mcnc', '-k', 'k.pem', '--weights', code=1)
        self.assertNotIn('damaged.mcnc.sig', self.files())

    def test_no_signature_is_left_or_replaced_by_mistake(self):
        self.make('tiny')
        make_key(self.folder / 'k.pem')
        (self.folder / 'garbage').write_bytes(b'garbage')
        self.mcnc('sign', 'garbage', '-k', 'k.pem', code=3)
        self.mcnc('sign', 'missing', '-k', 'k.pem', code=5)
        self.mcnc('sign', 'tiny.mcnc', '-k', 'missing', code=5)
        self.mcnc('sign', 'tiny.mcnc', '-k', 'k.pem', '-o', 'missing/x.sig', code=5)
        self.assertEqual([name for name in self.files() if name.endswith('.sig')], [])
        self.mcnc('sign', 'tiny.mcnc', '-k', 'k.pem')
        before = (self.folder / 'tiny.mcnc.sig').read_bytes()
        self.mcnc('sign', 'tiny.mcnc', '-k', 'k.pem', code=2)
        self.assertEqual((self.folder / 'tiny.mcnc.sig').read_bytes(), before)
        for output in ('k.pem', 'tiny.mcnc'):
            self.mcnc('sign', 'tiny.mcnc', '-k', 'k.pem', '-o', output, '-f', code=2)
        self.mcnc('verify', 'tiny.mcnc')

    def test_keys(self):
        self.make('tiny')
        public = make_key(self.folder / 'k.pem')
        for mode in (0o644, 0o640, 0o602):
            (self.folder / 'k.pem').chmod(mode)
            self.assertIn(b'chmod 600', self.mcnc('sign', 'tiny.mcnc', '-k', 'k.pem', code=2)[1])
        (self.folder / 'k.pem').chmod(0o400)
        self.mcnc('sign', 'tiny.mcnc', '-k', 'k.pem')
        for name, command in (('rsa', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']),
                              ('k1', ['ecparam', '-name', 'secp256k1', '-genkey', '-noout'])):
            path = self.folder / name
            path.touch(mode=0o600)
            openssl(*command, '-out', path)
            self.assertIn(b'P-256', self.mcnc('sign', 'tiny.mcnc', '-k', name, '-f', code=2)[1])
        self.mcnc('sign', 'tiny.mcnc', '-k', public.name, '-f', code=2)
        self.mcnc('verify', 'tiny.mcnc', '--signature', 'tiny.mcnc.sig', '--public-key', 'k.pem', code=2)
        self.mcnc('verify', 'tiny.mcnc', '--signature', 'tiny.mcnc.sig', '--public-key', 'missing', code=5)
        self.mcnc('verify', 'tiny.mcnc', '--signature', 'missing', '--public-key', public, code=5)

    def make_encrypted(self):
        self.make('tiny')
        public = make_key(self.folder / 'k.pem')
        encrypted = self.folder / 'encrypted.pem'
        encrypted.touch(mode=0o600)
        openssl('pkcs8', '-topk8', '-in', self.folder / 'k.pem', '-out', encrypted, '-passout', 'pass:open sesame')
        return ['sign', 'tiny.mcnc', '-k', 'encrypted.pem'], public

    def test_password_file(self):
        command, public = self.make_encrypted()
        (self.folder / 'password').write_text('open sesame\nanother line\n')
        (self.folder / 'wrong').write_text('sesame\n')
        (self.folder / 'empty').write_text('')
        self.mcnc(*command, '--password-file', 'password')
        self.mcnc('verify', 'tiny.mcnc', '--signature', 'tiny.mcnc.sig', '--public-key', public)
        for name in ('wrong', 'empty'):
            self.assertIn(b'cannot be decrypted', self.mcnc(*command, '-f', '--password-file', name, code=2)[1])
        self.mcnc(*command, '-f', '--password-file', 'missing', code=5)
        error = self.mcnc(*command, '-f', code=2, stdin=subprocess.DEVNULL, start_new_session=True)[1]
        self.assertIn(b'--password-file', error)

    def test_password_on_a_terminal(self):
        command, _ = self.make_encrypted()
        for typed, code in ((b'open sesame\n', 0), (b'sesame\n', 2)):
            process, terminal = pty.fork()
            if process == 0:
                os.chdir(self.folder)
                os.execv(MCNC, [MCNC, *command, '-f'])
            text = b''
            while not text.endswith(b'Password of encrypted.pem: '):
                text += os.read(terminal, 1000)
            while termios.tcgetattr(terminal)[3] & termios.ECHO:
                time.sleep(0.01)
            os.write(terminal, typed)
            try:
                while piece := os.read(terminal, 1000):
                    text += piece
            except OSError:  # the other end is closed
                pass
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), code, text)
            os.close(terminal)
            self.assertNotIn(b'sesame', text)

    def test_usage(self):
        self.make('tiny')
        for args in (['--signature', 'x'], ['--public-key', 'x'], ['--trust', 'x'], ['--allow-expired'],
                     ['--signature', 'x', '--public-key', 'x', '--trust', 'x'],
                     ['--signature', 'x', '--public-key', 'x', '--allow-expired'],
                     ['tiny.mcnc', '--signature', 'x', '--public-key', 'x']):
            self.mcnc('verify', 'tiny.mcnc', *args, code=2)
        for args in ([], ['-k', 'x', '--chain', 'x'], ['-k', 'x', 'tiny.mcnc']):
            self.mcnc('sign', 'tiny.mcnc', *args, code=2)
        self.mcnc('sign', '-', '-k', 'x', code=2)

    def test_sha256sum(self):
        """sha256sum prints the same, and checks it, odd names too."""
        names = ['tiny.mcnc', 'a b', 'back\\slash', 'line\nend', ' *star', 'ä']
        self.make('tiny')
        for name in names[1:]:
            (self.folder / name).write_bytes(name.encode() * 40_000)
        out, _ = self.mcnc('digest', '--sha256', *names)
        expected = subprocess.run(['sha256sum', *names], cwd=self.folder, check=True, capture_output=True).stdout
        self.assertEqual(out, expected)
        subprocess.run(['sha256sum', '--check', '--strict', '--quiet'], cwd=self.folder, check=True, input=out)
        self.mcnc('digest', '--sha256', 'missing', code=5)
        self.mcnc('digest', '--sha256', '-w', 'tiny.mcnc', code=2)


if __name__ == '__main__':
    if not shutil.which('openssl'):
        print('openssl, the program, is not installed')
        sys.exit(77)
    unittest.main()
