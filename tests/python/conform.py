# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The Python package as conformance/PROTOCOL.md wants to drive a decoder: with --pipe."""

import json
import sys

import mcnc


def sound(path):
    """A base that breaks a rule is as if it had not been given."""
    try:
        mcnc.open(path).close()
    except mcnc.McncError as error:
        if error.number // 100 not in (1, 3, 4):
            raise
        return False
    return True


def answer(request):
    limits = mcnc.Limits(**request.get('limits', {}))
    with mcnc.open(request['file'], limits=limits) as file:
        # Opened again with its bases, so that what is wrong with the file comes before what is wrong with them.
        bases = [path for path in request.get('bases', ()) if sound(path)]
    with mcnc.open(request['file'], limits=limits, bases=bases) as file:
        arrays = {name: file.decode(name) for name in file.tensors}
        infos = [info for info in file.tensors.values() if not info.factor]
    digests = {info.name: mcnc.tensor_digest(arrays[info.name]) for info in infos}
    tensors = [{'name': i.name, 'dtype': i.dtype, 'shape': list(i.shape), 'digest': digests[i.name]} for i in infos]
    identity = mcnc._native.weights_identity([(i.name, i.dtype, i.shape, bytes.fromhex(digests[i.name])) for i in infos])
    return {'class': 0, 'code': 'ok', 'weights_identity': identity.hex(), 'tensors': tensors}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = answer(request)
        except mcnc.McncError as error:
            reply = {'class': error.number // 100, 'code': error.code, 'message': str(error)}
            if error.rule:
                reply['rule'] = error.rule
        print(json.dumps({'id': request['id'], **reply}), flush=True)


if __name__ == '__main__':
    main()
