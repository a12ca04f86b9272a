# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What the decoders share that tests drive as conformance/PROTOCOL.md says, with --pipe: the C interface and the Python
package."""

import json
import sys


def is_sound(open_file, path, failure, number_of):
    """Whether `path` can serve as a base: one that breaks a rule is as if it had not been given.

    open_file(path) opens it or raises `failure`, whose number is number_of(failure).
    """
    try:
        open_file(path)
    except failure as error:
        if number_of(error) // 100 not in (1, 3, 4):
            raise
        return False
    return True


def serve(answer, failure, number_of, code_of):
    """Reads requests, and writes for each answer(request), or what the `failure` says that this raised."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = answer(request)
        except failure as error:
            reply = {'class': number_of(error) // 100, 'code': code_of(error), 'message': str(error)}
            if error.rule:
                reply['rule'] = error.rule
        print(json.dumps({'id': request['id'], **reply}), flush=True)
