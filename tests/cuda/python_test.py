#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""mcnc.Cuda: files decoded on the stand-in for a GPU, into NumPy arrays and into memory of the device that objects have by
__cuda_array_interface__ or DLPack, as PyTorch and CuPy tensors do; and codes under training expanded there.

    python_test.py FILE        with the stand-in driver in LD_LIBRARY_PATH
"""

import os
import sys
import threading
import unittest

import mcnc
import numpy as np
from device_memory import CAPSULE_RELEASED, DRIVER, Dlpack, Interface, Memory

FILE = sys.argv.pop(1)

class DeviceTest(unittest.TestCase):
    def setUp(self):
        self.device = mcnc.Cuda()
        with mcnc.open(FILE) as file:
            self.arrays = {name: file.decode(name) for name in file.tensors}
            self.infos = dict(file.tensors)
        self.name = next(name for name, info in self.infos.items() if info.dtype == 'F32' and len(info.shape) == 2)
        self.array = self.arrays[self.name]
        self.memory = Memory(self.array.nbytes + 64)

    def tearDown(self):
        self.memory.close()

    def refused(self, text, call):
        with self.assertRaises(mcnc.McncError) as raised:
            call()
        self.assertIn(text, str(raised.exception))
        return raised.exception

    def made(self, offset=0):
        return self.memory.bytes()[offset:offset + self.array.nbytes]

    def test_numpy(self):
        self.assertIn('Stand-in 0', self.device.name)
        for number in 0, 1:
            with mcnc.open(FILE, device=mcnc.Cuda(number)) as file:
                for name, array in self.arrays.items():
                    self.assertEqual(file.decode(name).tobytes(), array.tobytes(), name)
                file.verify()
                rows = file.decode(self.name, rows=(1, 2))
                self.assertEqual(rows.tobytes(), self.array[1:2].tobytes())

    def test_cuda_array_interface(self):
        with mcnc.open(FILE, device=self.device) as file:
            out = Interface(self.memory, self.array.shape, '<f4')
            self.assertIs(file.decode(self.name, out=out), out)
            self.assertEqual(self.made(), self.array.tobytes())
            file.decode(self.name, out=Interface(self.memory, (self.array.nbytes,), '|u1', stream=1))
            row = self.array[:1]
            file.decode(self.name, rows=(0, 1), out=Interface(self.memory, row.shape, '<f4', strides=None))
            self.assertEqual(self.memory.bytes()[:row.nbytes], row.tobytes())

    def test_dlpack(self):
        with mcnc.open(FILE, device=self.device) as file:
            out = Dlpack(self.memory, self.array.shape, 2, 32, offset=16)
            self.assertIs(file.decode(self.name, out=out), out)
            self.assertEqual(out.stream, 1)
            self.assertEqual(self.made(16), self.array.tobytes())

    def test_without_a_digest_nothing_is_waited_for(self):
        with mcnc.open(FILE, device=self.device, check_digests=False) as file:
            out = Dlpack(self.memory, self.array.shape, 2, 32)
            file.decode(self.name, out=out)
            file.decode(self.name, out=out)
            self.assertGreater(DRIVER.mcnc_stand_in_pending(), 0)
            self.assertEqual(self.made(), self.array.tobytes())

    def test_bad_outputs(self):
        shape = self.array.shape
        with mcnc.open(FILE, device=self.device) as file:
            def into(out):
                return lambda: file.decode(self.name, out=out)
            self.refused('where the result is F32', into(Interface(self.memory, shape, '<f8')))
            self.refused('where the result is F32', into(Dlpack(self.memory, shape[::-1] + (1,), 2, 32)))
            self.refused('bytes where the result has', into(Interface(self.memory, (3,), '|u1')))
            self.refused('without gaps', into(Dlpack(self.memory, shape, 2, 32, strides=(1, shape[0]))))
            self.refused('belongs to CUDA stream 77', into(Interface(self.memory, shape, '<f4', stream=77)))
            read_only = Interface(self.memory, shape, '<f4')
            read_only.__cuda_array_interface__['data'] = (self.memory.address.value, True)
            self.refused('read-only', into(read_only))
            host = np.zeros(self.array.nbytes + 64, np.uint8)
            lying = Interface(self.memory, shape, '<f4')
            lying.__cuda_array_interface__['data'] = (host.ctypes.data // 16 * 16 + 16, False)
            error = self.refused("the memory is the host's", into(lying))
            self.assertEqual(error.code, 'device')
            other = Memory(self.array.nbytes, 1)
            self.refused('CUDA device 1', into(Interface(other, shape, '<f4')))
            self.refused('CUDA device 1', into(Dlpack(other, shape, 2, 32)))
            other.close()
            small = Memory(self.array.nbytes - 4)
            self.refused('bytes left in its allocation', into(Interface(small, shape, '<f4')))
            small.close()
        with mcnc.open(FILE) as file:  # without a device
            self.refused('must be a NumPy array', lambda: file.decode(self.name, out=Interface(self.memory, shape, '<f4')))

    def test_bad_devices(self):
        self.assertEqual(self.refused('no CUDA device 9', lambda: mcnc.Cuda(9)).code, 'argument')
        self.refused('at least 1', lambda: mcnc.Cuda(0, 0))
        self.assertEqual(self.refused('cannot use the stream', lambda: mcnc.Cuda(0, 12345)).code, 'device')

    def test_threads_share_a_device(self):
        found = []

        def decode():
            with mcnc.open(FILE, device=self.device) as file:
                found.append(all(file.decode(name).tobytes() == array.tobytes() for name, array in self.arrays.items()))
        threads = [threading.Thread(target=decode) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [True] * 4)

    def test_a_closed_file_lets_go_of_the_device(self):
        before = DRIVER.mcnc_stand_in_left()
        file = mcnc.open(FILE, device=mcnc.Cuda())
        file.decode(self.name)
        self.assertGreater(DRIVER.mcnc_stand_in_left(), before)
        file.close()
        del file
        self.assertEqual(DRIVER.mcnc_stand_in_left(), before)


class ExpanderTest(unittest.TestCase):
    SHAPE = (7, 31)  # five chunks of 50, the last with a tail

    def setUp(self):
        self.device = mcnc.Cuda()
        self.expander = self.make()
        random = np.random.default_rng(3)
        self.alpha, self.beta = self.expander.empty_codes(self.SHAPE)
        self.alpha[:] = random.normal(size=self.alpha.shape)
        self.beta[:] = random.uniform(0.2, 2, size=self.beta.shape)
        self.theta0 = random.normal(size=self.SHAPE).astype(np.float32)
        self.memories = []

    def tearDown(self):
        for memory in self.memories:
            memory.close()

    def make(self, **options):
        return mcnc.CodeExpander(**{'code_dim': 3, 'chunk_dim': 50, 'seed': 2**40 + 1, 'device': self.device, **options})

    def memory(self, nbytes, device=0):
        self.memories.append(Memory(nbytes, device))
        return self.memories[-1]

    def put(self, array, kind=Dlpack):
        memory = self.memory(array.nbytes).fill(array)
        return kind(memory, array.shape, 2, 32) if kind is Dlpack else kind(memory, array.shape, '<f4')

    def refused(self, text, call, code='argument'):
        with self.assertRaises(mcnc.McncError) as raised:
            call()
        self.assertIn(text, str(raised.exception))
        self.assertEqual(raised.exception.code, code)

    def test_what_the_host_makes(self):
        for options in ({}, {'hidden': (8, 12)}, {'alpha_dtype': 'I16', 'beta_dtype': 'F32', 'frequency': 1 << 12}):
            expander = self.make(**options)
            for kind in Dlpack, Interface:
                alpha, beta, theta0 = (self.put(array, kind) for array in (self.alpha, self.beta, self.theta0))
                for start, expected_start in (None, None), (theta0, self.theta0):
                    memory = self.memory(self.theta0.nbytes)
                    out = Dlpack(memory, self.SHAPE, 2, 32)
                    self.assertIs(expander.weights(alpha, beta, self.SHAPE, theta0=start, out=out), out)
                    expected = expander.weights(self.alpha, self.beta, self.SHAPE, theta0=expected_start)
                    self.assertEqual(memory.bytes(), expected.tobytes())
                of_alpha, of_beta = self.put(np.zeros_like(self.alpha)), self.put(np.zeros_like(self.beta))
                made = expander.gradients(alpha, beta, theta0, out=(of_alpha, of_beta))
                self.assertEqual(made, (of_alpha, of_beta))
                for memory, expected in zip(self.memories[-2:], expander.gradients(self.alpha, self.beta, self.theta0)):
                    got = np.frombuffer(memory.bytes(), np.float32).reshape(expected.shape)
                    np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())

    def test_bfloat16(self):
        memory = self.memory(self.theta0.nbytes // 2)
        self.expander.weights(self.put(self.alpha), self.put(self.beta), self.SHAPE, dtype='BF16',
                              out=Dlpack(memory, self.SHAPE, 4, 16))
        expected = self.expander.weights(self.alpha, self.beta, self.SHAPE, dtype='BF16')
        self.assertEqual(memory.bytes(), expected.tobytes())

    def test_nothing_is_waited_for(self):
        alpha, beta, out = self.put(self.alpha), self.put(self.beta), self.put(self.theta0)
        self.expander.weights(alpha, beta, self.SHAPE, out=out)
        self.assertGreater(DRIVER.mcnc_stand_in_pending(), 0)

    def test_what_is_not_finite(self):
        self.alpha[1, 0, 2] = np.nan
        out = self.put(self.theta0)
        self.expander.weights(self.put(self.alpha), self.put(self.beta), self.SHAPE, out=out)
        made = np.frombuffer(self.memories[0].bytes(), np.float32)
        self.assertEqual(np.flatnonzero(np.isnan(made)).tolist(), list(range(50, 100)))

    def test_bad_arrays(self):
        alpha, beta, out = self.put(self.alpha), self.put(self.beta), self.put(self.theta0)
        expander, shape = self.expander, self.SHAPE
        on_host = self.make(device=None)
        self.refused('device=mcnc.Cuda()', lambda: on_host.weights(alpha, beta, shape, out=out))
        self.refused('beta must be in memory of the device', lambda: expander.weights(alpha, self.beta, shape, out=out))
        self.refused('out must be in memory of the device', lambda: expander.weights(alpha, beta, shape))
        self.refused('theta0 must be in memory', lambda: expander.weights(alpha, beta, shape, theta0=self.theta0, out=out))
        self.refused('or None', lambda: expander.weights(alpha, beta, shape, theta0=mcnc.Uniform(1, 1e-3, 0), out=out))
        self.refused('theta0 must be (7, 31)', lambda: expander.weights(alpha, beta, shape, theta0=beta, out=out))
        self.refused('alpha must be (5, 1, 3)', lambda: expander.weights(beta, alpha, shape, out=out))
        turned = Dlpack(self.memories[0], (3, 1, 5), 2, 32)
        self.refused('alpha must be (5, 1, 3), and is (3, 1, 5)', lambda: expander.weights(turned, beta, shape, out=out))
        big_endian = Interface(self.memories[0], self.alpha.shape, '>f4')
        self.refused('elements of type >f4', lambda: expander.weights(big_endian, beta, shape, out=out))
        self.refused('where the result is F16', lambda: expander.weights(alpha, beta, shape, dtype='F16', out=out))
        self.refused('where the result is F32', lambda: expander.weights(alpha, beta, (31, 7), out=out))
        doubles = Dlpack(self.memory(120), self.alpha.shape, 2, 64)
        self.refused('must be float32', lambda: expander.weights(doubles, beta, shape, out=out))
        self.refused('out must be given', lambda: expander.gradients(alpha, beta, out))
        for pair in 5, (alpha,), [alpha, beta]:
            self.refused('a pair', lambda: expander.gradients(alpha, beta, out, out=pair))
        self.refused('the gradient of beta must be (5, 1)',
                     lambda: expander.gradients(alpha, beta, out, out=(alpha, alpha)))
        self.refused('out is for codes on a device',
                     lambda: expander.gradients(self.alpha, self.beta, self.theta0, out=(self.alpha, self.beta)))
        other = Dlpack(self.memory(self.alpha.nbytes, 1), self.alpha.shape, 2, 32)
        self.refused('on CUDA device 1', lambda: expander.weights(other, beta, shape, out=out))
        host = np.zeros(64, np.float32)
        lying = Interface(self.memory(self.alpha.nbytes), self.alpha.shape, '<f4')
        lying.__cuda_array_interface__['data'] = (host.ctypes.data, False)
        self.refused("the memory is the host's", lambda: expander.weights(lying, beta, shape, out=out), 'device')

    def test_shapes_and_inputs_as_others_have_them(self):
        alpha, beta = (self.put(array, Interface) for array in (self.alpha, self.beta))
        for array in alpha, beta:  # which are only read
            array.__cuda_array_interface__['data'] = (array.__cuda_array_interface__['data'][0], True)
        memory = self.memory(217 * 4)
        self.expander.weights(alpha, beta, np.int64(217), out=Dlpack(memory, (217,), 2, 32))
        self.assertEqual(memory.bytes(), self.expander.weights(self.alpha, self.beta, 217).tobytes())
        self.refused('read-only', lambda: self.expander.gradients(alpha, beta, self.put(self.theta0), out=(alpha, beta)))

    def test_what_a_capsule_keeps_alive_lives_until_the_launch(self):
        memories, kept = [self.memory(array.nbytes).fill(array) for array in (self.alpha, self.beta)], []

        class Exported(Dlpack):
            """Its capsule, and nothing else, has the memory: it is overwritten when the capsule is gone."""

            def __dlpack__(self, stream=None):
                nothing = np.full(self.memory.nbytes // 4, np.nan, np.float32)
                self.released = CAPSULE_RELEASED(lambda capsule: self.memory.fill(nothing) and None)
                return super().__dlpack__(stream, self.released)
        for memory, array in zip(memories, (self.alpha, self.beta)):
            kept.append(Exported(memory, array.shape, 2, 32))
            kept[-1].memory = memory
        out = self.memory(self.theta0.nbytes)
        self.expander.weights(*kept, self.SHAPE, out=Dlpack(out, self.SHAPE, 2, 32))
        self.assertEqual(out.bytes(), self.expander.weights(self.alpha, self.beta, self.SHAPE).tobytes())

    def test_a_child_of_fork_computes_on_the_host(self):
        alpha, beta, out = self.put(self.alpha), self.put(self.beta), self.put(self.theta0)
        expected = self.expander.weights(self.alpha, self.beta, self.SHAPE).tobytes()

        def child():
            if self.expander.weights(self.alpha, self.beta, self.SHAPE).tobytes() != expected:
                return 1
            if self.make().weights(self.alpha, self.beta, self.SHAPE).tobytes() != expected:
                return 1
            for call in (lambda: self.expander.weights(alpha, beta, self.SHAPE, out=out),
                         lambda: mcnc.open(FILE, device=self.device)):
                try:
                    call()
                except mcnc.McncError as error:
                    if 'before this process was forked' not in str(error):
                        return 2
                    continue
                return 3
            return 0
        process = os.fork()
        if process == 0:
            code = 4
            try:
                code = child()
            finally:
                os._exit(code)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), 0)

    def test_it_lets_go_of_the_device(self):
        alpha, beta, out = self.put(self.alpha), self.put(self.beta), self.put(self.theta0)
        before = DRIVER.mcnc_stand_in_left()
        expander = self.make()
        expander.weights(alpha, beta, self.SHAPE, out=out)
        self.assertGreater(DRIVER.mcnc_stand_in_left(), before)
        del expander
        self.memories[-1].bytes()  # memory is released in the order of the stream
        self.assertEqual(DRIVER.mcnc_stand_in_left(), before)


if __name__ == '__main__':
    unittest.main()
