# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Memory of a CUDA device as other packages have it, with the stand-in driver in LD_LIBRARY_PATH: what the tests of the
Python package on a device share."""

import ctypes

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

    def fill(self, array):
        data = array.tobytes()
        self.in_context(lambda: DRIVER.cuMemcpyHtoDAsync_v2(self.address, data, ctypes.c_size_t(len(data)), None))
        self.in_context(lambda: DRIVER.cuStreamSynchronize(None))
        return self

    def close(self):
        self.in_context(lambda: DRIVER.cuMemFree_v2(self.address))
        DRIVER.cuDevicePrimaryCtxRelease_v2(self.device)


class Interface:
    """An array by __cuda_array_interface__."""

    def __init__(self, memory, shape, typestr, **more):
        self.__cuda_array_interface__ = {
            'shape': shape, 'typestr': typestr, 'data': (memory.address.value, False), 'version': 3, **more}


CAPSULE_RELEASED = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)


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

    def __dlpack__(self, stream=None, released=None):
        self.stream = stream
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        return new(ctypes.addressof(self.tensor), b'dltensor', ctypes.cast(released, ctypes.c_void_p))
