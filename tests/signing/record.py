#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Makes tests/signing/recorded/: a model, and signatures of it by model_signing itself, for machines that lack it.

    python3 tests/signing/record.py

Needs what tests/signing/requirements.txt names. Private keys are not kept: what is recorded is only ever verified.

    model.mcnc, key.pub, key.sig            by a key pair
    root.pem, certificate.sig               by a certificate that root.pem certifies through another one
    expired.sig                             by one that was valid in 2020; root.pem still is
    expired_root.pem, expired_root.sig      by one that is valid from 2020; its root was until 2015
    agreement.sig                           by one that is for key agreement; model_signing makes it, and refuses it
"""

import datetime
import pathlib
import shutil
import tempfile

import model_signing
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

RECORDED = pathlib.Path(__file__).parent / 'recorded'
MODEL = pathlib.Path(__file__).parents[2] / 'conformance/vectors/valid/name_json/model.mcnc'


def year(number):
    return datetime.datetime(number, 1, 1, tzinfo=datetime.timezone.utc)


def make_key():
    return ec.generate_private_key(ec.SECP256R1())


def write_key(path, key):
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                       serialization.NoEncryption()))


def certify(name, key, issuer_name, issuer_key, years, is_authority, signature=True):
    usage = dict.fromkeys(('content_commitment', 'key_encipherment', 'data_encipherment', 'encipher_only',
                           'decipher_only'), False)
    usage |= {'digital_signature': signature, 'key_agreement': not signature, 'key_cert_sign': is_authority,
              'crl_sign': is_authority}
    return (x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer_name)]))
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(year(years[0])).not_valid_after(year(years[1]))
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .sign(issuer_key, hashes.SHA256()))


def write_certificate(path, certificate):
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path


def sign(name, folder, key, certificate, chain):
    write_key(folder / 'key.pem', key)
    config = model_signing.signing.Config().use_certificate_signer(
        private_key=folder / 'key.pem', signing_certificate=write_certificate(folder / 'certificate.pem', certificate),
        certificate_chain=[write_certificate(folder / f'{i}.pem', each) for i, each in enumerate(chain)])
    config.sign(RECORDED / 'model.mcnc', RECORDED / name)


def main():
    RECORDED.mkdir(exist_ok=True)
    shutil.copy(MODEL, RECORDED / 'model.mcnc')
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)
        key = make_key()
        write_key(folder / 'key.pem', key)
        (RECORDED / 'key.pub').write_bytes(key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        model_signing.signing.Config().use_elliptic_key_signer(private_key=folder / 'key.pem').sign(
            RECORDED / 'model.mcnc', RECORDED / 'key.sig')

        root_key, middle_key = make_key(), make_key()
        root = certify('recorded root', root_key, 'recorded root', root_key, (2019, 2120), True)
        middle = certify('recorded middle', middle_key, 'recorded root', root_key, (2019, 2120), True)
        write_certificate(RECORDED / 'root.pem', root)
        for name, years, signature in (('certificate', (2020, 2120), True), ('expired', (2020, 2021), True),
                                       ('agreement', (2020, 2120), False)):
            signer = certify(f'recorded {name}', key, 'recorded middle', middle_key, years, False, signature)
            sign(f'{name}.sig', folder, key, signer, [middle])

        root = certify('recorded old root', root_key, 'recorded old root', root_key, (2010, 2015), True)
        write_certificate(RECORDED / 'expired_root.pem', root)
        signer = certify('recorded late', key, 'recorded old root', root_key, (2020, 2120), False)
        sign('expired_root.sig', folder, key, signer, [root])


if __name__ == '__main__':
    main()
