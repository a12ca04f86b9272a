# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The shared library, through its C interface, as conformance/PROTOCOL.md wants to drive a decoder: with --pipe."""

import hashlib
import json
import struct
import sys

from library import DTYPES, Failed, File, digest_of


def sound(path):
    """A base that breaks a rule is as if it had not been given."""
    try:
        File(path)
    except Failed as failed:
        if failed.code // 100 not in (1, 3, 4):
            raise
        return False
    return True


def answer(request):
    limits = request.get('limits', {})
    file = File(request['file'], limits)
    file.create_decoder()
    file.set_base_files([path for path in request.get('bases', ()) if sound(path)])
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
