# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""mcnc and OpenSSF's own model_signing accept each other's signatures, and refuse the same.

    MCNC=build/tools/mcnc python3 tests/signing/model_signing_test.py

Needs model_signing (requirements.txt); ends with 77, "skipped", where it is missing.
"""

import contextlib
import io
import logging
import os
import pathlib
import subprocess
import sys
import tempfile

import signatures
from signatures import RECORDED, make_key

try:
    import model_signing
    import OpenSSL
except ImportError as missing:
    print(f'{missing}: left out')
    sys.exit(77)

MCNC = os.environ.get('MCNC', 'mcnc')


def code_of(*args):
    """The exit code of mcnc."""
    return subprocess.run([MCNC, *map(str, args)], capture_output=True, timeout=60).returncode


def accepts(call):
    """Whether model_signing has nothing against it. It says no with exceptions of many kinds."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            call()
        except Exception:
            return False
    return True


def theirs(case):
    config = model_signing.verifying.Config()
    if case.public_key:
        config.use_elliptic_key_verifier(public_key=case.public_key)
    else:
        config.use_certificate_verifier(certificate_chain=[case.trusted])
    return accepts(lambda: config.verify(case.model, case.signature))


def ours(case, *options):
    who = ['--public-key', case.public_key] if case.public_key else ['--trust', case.trusted]
    return code_of('verify', case.model, '--signature', case.signature, *who, *options)


def check(what, answer, wanted):
    assert answer == wanted, f'{what}: {answer}, not {wanted}'


def check_made_by_mcnc(folder):
    model = RECORDED / 'model.mcnc'
    for curve in ('prime256v1', 'secp384r1', 'secp521r1'):
        key = folder / f'{curve}.pem'
        public, signature = make_key(key, curve), folder / f'{curve}.sig'
        check(f'mcnc sign, {curve}', code_of('sign', model, '-k', key, '-o', signature), 0)
        check(f'model_signing, {curve}', theirs(signatures.Case('', model, signature, public)), True)
        model_signing.signing.Config().use_elliptic_key_signer(private_key=key).sign(model, signature)
        check(f'mcnc verify, {curve}', ours(signatures.Case('', model, signature, public)), 0)


def certify(folder):
    """Files of a key, its certificate and a root."""
    make_key(folder / 'ca.pem')
    make_key(folder / 'signer.pem')
    (folder / 'extensions').write_text('keyUsage=critical,digitalSignature\n')
    signatures.openssl('req', '-x509', '-new', '-key', 'ca.pem', '-subj', '/CN=root', '-days', '9', '-out', 'ca.crt',
                       cwd=folder)
    signatures.openssl('req', '-new', '-key', 'signer.pem', '-subj', '/CN=signer', '-out', 'request', cwd=folder)
    signatures.openssl('x509', '-req', '-in', 'request', '-CA', 'ca.crt', '-CAkey', 'ca.pem', '-set_serial', '7',
                       '-days', '9', '-extfile', 'extensions', '-out', 'signer.crt', cwd=folder)
    return folder / 'signer.pem', folder / 'signer.crt', folder / 'ca.crt'


def check_certificates(folder):
    model = RECORDED / 'model.mcnc'
    key, certificate, root = certify(folder)
    mine, other = folder / 'mine.sig', folder / 'other.sig'
    check('mcnc sign', code_of('sign', model, '-k', key, '--certificate', certificate, '-o', mine), 0)
    check('model_signing', theirs(signatures.Case('', model, mine, trusted=root)), True)
    model_signing.signing.Config().use_certificate_signer(
        private_key=key, signing_certificate=certificate, certificate_chain=[root]).sign(model, other)
    check('mcnc verify', ours(signatures.Case('', model, other, trusted=root)), 0)


def main():
    logging.disable()
    with tempfile.TemporaryDirectory(prefix='mcnc-signing-') as path:
        folder = pathlib.Path(path)
        check_made_by_mcnc(folder)
        check_certificates(folder)
        for case in signatures.right(folder):
            check(f'{case.name}, model_signing', theirs(case), True)
            check(f'{case.name}, mcnc', ours(case), 0)
        count = 0
        for case in signatures.tampered(folder):
            check(f'{case.name}, model_signing', theirs(case), False)
            check(f'{case.name}, mcnc', ours(case), case.code)
            count += 1
        # model_signing judges certificates at the time when the signer's began; mcnc does so if told.
        expired = signatures.Case('', RECORDED / 'model.mcnc', RECORDED / 'expired.sig', trusted=RECORDED / 'root.pem')
        check('expired, model_signing', theirs(expired), True)
        check('expired, mcnc', ours(expired), 1)
        check('expired, mcnc --allow-expired', ours(expired, '--allow-expired'), 0)
    print(f'{count} tampered cases refused by both')
    return 0


if __name__ == '__main__':
    sys.exit(main())
