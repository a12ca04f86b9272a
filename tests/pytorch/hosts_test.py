# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Training on two hosts gives the same file as training on one. The hosts are network namespaces of Linux with a cable
between them: what they know of each other crosses it.

    sudo PYTHONPATH=build/sdk/python python3 tests/pytorch/hosts_test.py

Ends with 77, "skipped", where PyTorch is missing, and where this process may not make network namespaces.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import processes_test
except SystemExit as skipped:
    sys.exit(skipped.code)

HOSTS = [(f'mcnc-{os.getpid()}-{name}', f'mcnc{name}', f'10.77.0.{number}') for name, number in (('a', 1), ('b', 2))]


def ip(*arguments):
    subprocess.run(['ip', *arguments], check=True, capture_output=True)


def connect():
    for namespace, _, _ in HOSTS:
        ip('netns', 'add', namespace)
    (a, cable_a, _), (b, cable_b, _) = HOSTS
    ip('link', 'add', cable_a, 'netns', a, 'type', 'veth', 'peer', 'name', cable_b, 'netns', b)
    for namespace, cable, address in HOSTS:
        ip('-n', namespace, 'address', 'add', f'{address}/24', 'dev', cable)
        for device in ('lo', cable):
            ip('-n', namespace, 'link', 'set', device, 'up')


def start(rank, file):
    namespace, cable, _ = HOSTS[rank]
    torchrun = [sys.executable, '-m', 'torch.distributed.run', '--nnodes', '2', '--node-rank', str(rank)]
    torchrun += ['--nproc-per-node', '1', '--master-addr', HOSTS[0][2], '--master-port', '29500']
    return subprocess.Popen(
        ['ip', 'netns', 'exec', namespace, *torchrun, processes_test.__file__, file, 'after', 'each'],
        env={**os.environ, 'OMP_NUM_THREADS': '1', 'GLOO_SOCKET_IFNAME': cable},
    )


def main():
    try:
        connect()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f'skipped: no network namespaces: {error}')
        return 77
    with tempfile.TemporaryDirectory(prefix='mcnc-torch-') as folder:
        one, two = (pathlib.Path(folder) / name for name in ('one.mcnc', 'two.mcnc'))
        processes_test.train(one)
        hosts = [start(rank, two) for rank in range(2)]
        try:
            codes = [host.wait(timeout=300) for host in hosts]
        finally:
            for host in hosts:
                host.kill()
        assert codes == [0, 0], codes
        assert one.read_bytes() == two.read_bytes(), 'the files differ'
    print('one host and two: the same file')
    return 0


if __name__ == '__main__':
    try:
        status = main()
    finally:
        for name, _, _ in HOSTS:
            subprocess.run(['ip', 'netns', 'delete', name], check=False, capture_output=True)
    sys.exit(status)
