# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The Python package as conformance/PROTOCOL.md wants to drive a decoder: with --pipe."""

import operator
import pathlib
import sys

import mcnc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'conformance'))
import pipe  # noqa: E402

NUMBER = operator.attrgetter('number')


def answer(request):
    limits = mcnc.Limits(**request.get('limits', {}))
    with mcnc.open(request['file'], limits=limits) as file:
        # Opened again with its bases, so that what is wrong with the file comes before what is wrong with them.
        bases = [path for path in request.get('bases', ()) if pipe.is_sound(mcnc.open, path, mcnc.McncError, NUMBER)]
    with mcnc.open(request['file'], limits=limits, bases=bases) as file:
        arrays = {name: file.decode(name) for name in file.tensors}
        infos = [info for info in file.tensors.values() if not info.factor]
    digests = {info.name: mcnc.tensor_digest(arrays[info.name]) for info in infos}
    tensors = [{'name': i.name, 'dtype': i.dtype, 'shape': list(i.shape), 'digest': digests[i.name]} for i in infos]
    identity = mcnc._native.weights_identity([(i.name, i.dtype, i.shape, bytes.fromhex(digests[i.name])) for i in infos])
    return {'class': 0, 'code': 'ok', 'weights_identity': identity.hex(), 'tensors': tensors}


if __name__ == '__main__':
    pipe.serve(answer, mcnc.McncError, NUMBER, operator.attrgetter('code'))
