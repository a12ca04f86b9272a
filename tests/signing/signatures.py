# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Signatures that are right and signatures that are not, made with openssl alone, for mcnc and for model_signing."""

import base64
import dataclasses
import hashlib
import json
import pathlib
import subprocess

RECORDED = pathlib.Path(__file__).resolve().parent / 'recorded'
MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
PAYLOAD_TYPE = 'application/vnd.in-toto+json'


def openssl(*args, **more):
    return subprocess.run(['openssl', *map(str, args)], check=True, capture_output=True, **more).stdout


def make_key(path, curve='prime256v1'):
    """A key pair: path, and beside it the public half, which is returned."""
    path.touch(mode=0o600)
    openssl('ecparam', '-name', curve, '-genkey', '-noout', '-out', path)
    openssl('ec', '-in', path, '-pubout', '-out', path.with_suffix('.pub'))
    return path.with_suffix('.pub')


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def resource(digest, **changes):
    return {'name': '.', 'algorithm': 'sha256', 'digest': digest} | changes


def statement(resources, root=None, serialization=(), **changes):
    """An in-toto statement as model_signing writes it, of these resources."""
    if root is None:
        root = sha256(b''.join(bytes.fromhex(each.get('digest', '')) for each in resources))
    return {'_type': 'https://in-toto.io/Statement/v1', 'subject': [{'name': 'm', 'digest': {'sha256': root}}],
            'predicateType': 'https://model_signing/signature/v1.0',
            'predicate': {'serialization': {'method': 'files', 'hash_type': 'sha256', 'allow_symlinks': False}
                          | dict(serialization), 'resources': resources}} | changes


def bundle(payload, key, hint=None):
    """A bundle around a statement, signed by openssl."""
    payload = json.dumps(payload).encode()
    text = f'DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(payload)} '.encode() + payload
    signature = openssl('dgst', '-sha256', '-sign', key, input=text)
    hint = sha256(key.with_suffix('.pub').read_bytes()) if hint is None else hint
    return {'mediaType': MEDIA_TYPE, 'verificationMaterial': {'publicKey': {'hint': hint}, 'tlogEntries': []},
            'dsseEnvelope': {'payload': base64.b64encode(payload).decode(), 'payloadType': PAYLOAD_TYPE,
                             'signatures': [{'sig': base64.b64encode(signature).decode(), 'keyid': ''}]}}


def flipped(text, position):
    """Base64 of the same bytes but for one bit."""
    data = bytearray(base64.b64decode(text))
    data[position] ^= 1
    return base64.b64encode(data).decode()


@dataclasses.dataclass
class Case:
    name: str
    model: pathlib.Path
    signature: pathlib.Path
    public_key: pathlib.Path = None  # None: a certificate
    trusted: pathlib.Path = None
    code: int = 1                    # of mcnc


def right(folder):
    """Cases that everybody accepts; only the first is not recorded."""
    model = RECORDED / 'model.mcnc'
    make_key(folder / 'right.pem')
    made = folder / 'right.sig'
    made.write_text(json.dumps(bundle(statement([resource(sha256(model.read_bytes()))]), folder / 'right.pem')))
    renamed = folder / 'renamed'
    renamed.write_bytes(model.read_bytes())
    yield Case('made here', model, made, folder / 'right.pub')
    yield Case('key', model, RECORDED / 'key.sig', RECORDED / 'key.pub')
    yield Case('another name', renamed, RECORDED / 'key.sig', RECORDED / 'key.pub')
    yield Case('certificate', model, RECORDED / 'certificate.sig', trusted=RECORDED / 'root.pem')


def tampered(folder):
    """Cases that nobody accepts, each different from one that is right by one thing."""
    model, public_key, root = RECORDED / 'model.mcnc', RECORDED / 'key.pub', RECORDED / 'root.pem'
    data = model.read_bytes()
    good = json.loads((RECORDED / 'key.sig').read_text())
    key = folder / 'tampered.pem'
    other = make_key(key)

    def write(name, content):
        path = folder / name.replace(' ', '-')
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    def changed(name, code=1, **envelope):
        document = {**good, 'dsseEnvelope': {**good['dsseEnvelope'], **envelope}}
        return Case(name, model, write(name, document), public_key, code=code)

    def signed(name, payload, code):
        return Case(name, model, write(name, bundle(payload, key)), other, code=code)

    for name, position in (('first bit of the file', 0), ('last bit of the file', -1)):
        wrong = bytearray(data)
        wrong[position] ^= 1
        yield Case(name, write(name, bytes(wrong)), RECORDED / 'key.sig', public_key)
    yield Case('longer file', write('longer file', data + b'\0'), RECORDED / 'key.sig', public_key)
    envelope = good['dsseEnvelope']
    signature = envelope['signatures'][0]['sig']
    yield changed('payload', payload=flipped(envelope['payload'], 100))
    yield changed('signature', signatures=[{'sig': flipped(signature, -1), 'keyid': ''}])
    yield changed('no signature', code=3, signatures=[])
    yield changed('payload type', code=3, payloadType='text/plain')
    yield Case('media type', model, write('media type', {**good, 'mediaType': MEDIA_TYPE.replace('0.3', '0.9')}),
               public_key, code=3)
    text = (RECORDED / 'key.sig').read_bytes()
    for length in (0, 1, len(text) // 2, len(text) - 2):
        name = f'truncated to {length}'
        yield Case(name, model, write(name, text[:length]), public_key, code=3)
    yield Case('not JSON', model, write('not JSON', b'{"mediaType": }'), public_key, code=3)

    yield Case('wrong key', model, RECORDED / 'key.sig', other)
    good['verificationMaterial']['publicKey']['hint'] = sha256(other.read_bytes())
    yield Case('wrong key, forged hint', model, write('wrong key, forged hint', good), other)
    yield Case('untrusted chain', model, RECORDED / 'certificate.sig', trusted=RECORDED / 'expired_root.pem')
    yield Case('expired root', model, RECORDED / 'expired_root.sig', trusted=RECORDED / 'expired_root.pem')
    yield Case('not for signatures', model, RECORDED / 'agreement.sig', trusted=root)
    chain = json.loads((RECORDED / 'certificate.sig').read_text())
    del chain['verificationMaterial']['x509CertificateChain']['certificates'][1]
    yield Case('gap in the chain', model, write('gap in the chain', chain), trusted=root)
    certificates = chain['verificationMaterial']['x509CertificateChain']['certificates']
    certificates[0]['rawBytes'] = flipped(certificates[0]['rawBytes'], 60)
    yield Case('bit of a certificate', model, write('bit of a certificate', chain), trusted=root)

    # Signed by the key that is believed, and wrong nevertheless.
    digest = sha256(data)
    yield signed('other digest', statement([resource(sha256(b''))]), 1)
    yield signed('other file name', statement([resource(digest, name='other.mcnc')]), 4)
    yield signed('missing digest', statement([{'name': '.', 'algorithm': 'sha256'}]), 3)
    yield signed('digest that is none', statement([resource('xyz')], root=sha256(b'')), 3)
    yield signed('unknown digest algorithm', statement([resource(digest, algorithm='md5')]), 4)
    yield signed('inconsistent root', statement([resource(digest)], root=digest), 3)
    yield signed('two files', statement([resource(digest), resource(digest, name='second')]), 4)
    yield signed('no files', statement([]), 3)
    yield signed('two subjects', statement([resource(digest)], subject=2 * statement([resource(digest)])['subject']), 3)
    yield signed('predicate type', statement([resource(digest)], predicateType='https://example.com/'), 4)
    yield signed('statement type', statement([resource(digest)], _type='https://in-toto.io/Statement/v9'), 3)
    yield signed('method', statement([resource(digest)], serialization={'method': 'tar'}), 4)
    yield signed('no statement', [], 3)
