#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""mcnc.Cuda: files decoded on the stand-in for a GPU, into NumPy arrays and into memory of the device that objects have by
__cuda_array_interface__ or DLPack, as PyTorch and CuPy tensors do.

    python_test.py FILE        with the stand-in driver in LD_LIBRARY_PATH
"""

import ctypes
import sys
import threading
import unittest

import mcnc
import numpy as np

FILE = sys.argv.pop(1)
DRIVER = ctypes.CDLL('libcuda.so.1')


class Memory:
    """Memory of a device, by the driver, as another package would have it."""

    def __init__(self, nbytes, device=0):
        self.nbytes = nbytes
        self.device = device
        self.context, self.address = ctypes.c_void_p(), ctypes.c_size_t()
        self.check(DRIVER.cuDevicePrimaryCtxRetain(ctypes.byref(self.context), device))
        self.in_context(lambda: DRIVER.cuMemAlloc_v2(ctypes.byref(self.address), ctypes.c_size_t(nbytes)))

    @staticmethod
    def check(error):
        assert error == 0, error

    def in_context(self, body):
        self.check(DRIVER.cuCtxPushCurrent_v2(self.context))
        self.check(body())
        self.check(DRIVER.cuCtxPopCurrent_v2(ctypes.byref(ctypes.c_void_p())))

    def bytes(self):
        host = (ctypes.c_ubyte * self.nbytes)()
        self.in_context(lambda: DRIVER.cuMemcpyDtoHAsync_v2(host, self.address, ctypes.c_size_t(self.nbytes), None))
        self.in_context(lambda: DRIVER.cuStreamSynchronize(None))
        return bytes(host)

    def close(self):
        self.in_context(lambda: DRIVER.cuMemFree_v2(self.address))
        DRIVER.cuDevicePrimaryCtxRelease_v2(self.device)


class Interface:
    """An array by __cuda_array_interface__."""

    def __init__(self, memory, shape, typestr, **more):
        self.__cuda_array_interface__ = {
            'shape': shape, 'typestr': typestr, 'data': (memory.address.value, False), 'version': 3, **more}


class DlTensor(ctypes.Structure):
    _fields_ = [('data', ctypes.c_void_p), ('device_type', ctypes.c_int32), ('device_id', ctypes.c_int32),
                ('ndim', ctypes.c_int32), ('code', ctypes.c_uint8), ('bits', ctypes.c_uint8), ('lanes', ctypes.c_uint16),
                ('shape', ctypes.POINTER(ctypes.c_int64)), ('strides', ctypes.POINTER(ctypes.c_int64)),
                ('byte_offset', ctypes.c_uint64)]


class Dlpack:
    """An array by DLPack."""

    def __init__(self, memory, shape, code, bits, offset=0, strides=None):
        numbers = ctypes.c_int64 * len(shape)
        self.shape = numbers(*shape)
        self.strides = numbers(*strides) if strides else None
        self.tensor = DlTensor(memory.address.value, 2, memory.device, len(shape), code, bits, 1, self.shape,
                               self.strides, offset)
        self.stream = None

    def __dlpack_device__(self):
        return 2, self.tensor.device_id

    def __dlpack__(self, stream=None):
        self.stream = stream
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        return new(ctypes.addressof(self.tensor), b'dltensor', None)


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


if __name__ == '__main__':
    unittest.main()
