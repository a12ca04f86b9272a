# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The shared library, through its C interface, as conformance/PROTOCOL.md wants to drive a decoder: with --pipe."""

import hashlib
import json
import struct
import sys

from library import DTYPES, Failed, File, digest_of

CHAIN = 8  # files of bases, one after the other


def open_bases(paths, limits):
    """By weights identity. A base that breaks a rule is as if it had not been given."""
    bases = {}
    for path in paths:
        try:
            bases.setdefault(bytes(File(path, limits).info.weights_identity), path)
        except Failed as failed:
            if failed.code // 100 not in (1, 3, 4):
                raise
    return bases


def prepare(file, bases, limits, depth=0):
    """A decoder with its bases, of which those that there are have theirs."""
    file.create_decoder()
    for index, _, identity in file.bases():
        if identity not in bases or depth == CHAIN:
            continue
        base = File(bases[identity], limits)
        prepare(base, bases, limits, depth + 1)
        file.set_base(index, base)


def answer(request):
    limits = request.get('limits', {})
    file = File(request['file'], limits)
    prepare(file, open_bases(request.get('bases', ()), limits), limits)
    tensors, hashed = [], hashlib.sha256(b'mcnc-weights-v1\0')
    for tensor in file.tensors():
        digest = digest_of(file.decode(tensor))
        if tensor.is_factor:
            continue
        shape = [tensor.shape[i] for i in range(tensor.rank)]
        tensors.append({'name': tensor.name.decode(), 'dtype': DTYPES[tensor.dtype], 'shape': shape, 'digest': digest.hex()})
        hashed.update(struct.pack('<I', len(tensor.name)) + tensor.name + struct.pack('<BI', tensor.dtype, len(shape))
                      + struct.pack(f'<{len(shape)}Q', *shape) + digest)
    return {'class': 0, 'code': 'ok', 'weights_identity': hashed.hexdigest(), 'tensors': tensors}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = answer(request)
        except Failed as failed:
            reply = {'class': failed.code // 100, 'code': failed.name, 'message': str(failed)}
            if failed.rule:
                reply['rule'] = failed.rule
        print(json.dumps({'id': request['id'], **reply}), flush=True)


if __name__ == '__main__':
    main()
