# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The shared library, through its C interface, as conformance/PROTOCOL.md wants to drive a decoder: with --pipe."""

import hashlib
import operator
import pathlib
import struct
import sys

from library import DTYPES, Failed, File, digest_of, generator_cache

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'conformance'))
import pipe  # noqa: E402

NUMBER = operator.attrgetter('code')
GENERATORS = generator_cache(1 << 20)  # of all files together: sharing must not change what any of them gives


def answer(request):
    limits = request.get('limits', {})
    file = File(request['file'], limits)
    file.create_decoder(generators=GENERATORS)
    file.set_base_files([path for path in request.get('bases', ()) if pipe.is_sound(File, path, Failed, NUMBER)])
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


if __name__ == '__main__':
    pipe.serve(answer, Failed, NUMBER, operator.attrgetter('name'))
