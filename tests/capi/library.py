# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""mcnc.h as ctypes sees it: what a program in another language declares to call the shared library. MCNC_LIBRARY in the
environment names it."""

import ctypes as c
import os

LIBRARY = c.CDLL(os.environ['MCNC_LIBRARY'])
DTYPES = ['F32', 'F16', 'BF16', 'F64', 'I8', 'I16', 'I32', 'I64', 'U8', 'U16', 'U32', 'U64', 'BOOL', 'F8_E4M3', 'F8_E5M2']
NO_OFFSET = 2**64 - 1


class Error(c.Structure):
    _fields_ = [('code', c.c_int32), ('reserved', c.c_uint32), ('offset', c.c_uint64), ('rule', c.c_char * 64),
                ('message', c.c_char * 432)]


class Limits(c.Structure):
    _fields_ = [('struct_size', c.c_size_t), ('output_bytes', c.c_uint64), ('multiply_adds', c.c_uint64),
                ('scratch_bytes', c.c_uint64)]


READ_AT = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_uint64, c.c_void_p, c.c_size_t)
FIND = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_char_p, c.POINTER(c.c_int32), c.POINTER(c.c_uint32), c.POINTER(c.c_uint64))
READ = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_char_p, c.c_void_p, c.c_size_t)
WRITE = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_uint64, c.c_uint64, c.c_void_p, c.c_size_t)
PROGRESS = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_uint64, c.c_uint64)
WORK = c.CFUNCTYPE(None, c.c_void_p, c.c_size_t)
RUN = c.CFUNCTYPE(None, c.c_void_p, c.c_size_t, WORK, c.c_void_p)


class Source(c.Structure):
    _fields_ = [('struct_size', c.c_size_t), ('context', c.c_void_p), ('size', c.c_uint64), ('read_at', READ_AT)]


class FileInfo(c.Structure):
    _fields_ = [('file_bytes', c.c_uint64), ('output_bytes', c.c_uint64), ('multiply_adds', c.c_uint64),
                ('scratch_bytes', c.c_uint64), ('tensors', c.c_uint64), ('metadata', c.c_uint64), ('bases', c.c_uint64),
                ('file_digest', c.c_uint8 * 32), ('weights_identity', c.c_uint8 * 32)]


class Tensor(c.Structure):
    _fields_ = [('index', c.c_uint64), ('name', c.c_char_p), ('dtype', c.c_int32), ('rank', c.c_uint32),
                ('shape', c.POINTER(c.c_uint64)), ('elements', c.c_uint64), ('bytes', c.c_uint64),
                ('is_factor', c.c_int32), ('digest', c.c_uint8 * 32)]


class Metadata(c.Structure):
    _fields_ = [('key', c.c_char_p), ('type', c.c_int32), ('boolean', c.c_int32), ('integer', c.c_int64),
                ('real', c.c_double), ('text', c.c_char_p), ('text_bytes', c.c_uint64)]


class Base(c.Structure):
    _fields_ = [('name', c.c_char_p), ('weights_identity', c.c_uint8 * 32)]


class Execution(c.Structure):
    _fields_ = [('struct_size', c.c_size_t), ('threads', c.c_uint32), ('skip_digests', c.c_int32), ('target', c.c_char_p),
                ('run', RUN), ('run_context', c.c_void_p), ('run_threads', c.c_uint32), ('progress', PROGRESS),
                ('progress_context', c.c_void_p), ('generators', c.c_void_p), ('accelerator', c.c_void_p)]


class BaseModel(c.Structure):
    _fields_ = [('struct_size', c.c_size_t), ('context', c.c_void_p), ('find', FIND), ('read', READ)]


class EncoderTensor(c.Structure):
    _fields_ = [('struct_size', c.c_size_t), ('name', c.c_char_p), ('shape', c.POINTER(c.c_uint64)), ('rank', c.c_uint32),
                ('dtype', c.c_int32), ('theta0', c.c_int32), ('theta0_value', c.c_float), ('theta0_seed', c.c_uint64),
                ('theta0_stream', c.c_uint32), ('theta0_scale', c.c_float)]


def _declare(name, *arguments, result=c.c_int32):
    function = getattr(LIBRARY, 'mcnc_' + name)
    function.argtypes, function.restype = arguments, result


P = c.POINTER
_declare('code_name', c.c_int32, result=c.c_char_p)
_declare('version_string', result=c.c_char_p)
_declare('limits_init', P(Limits), result=None)
_declare('execution_init', P(Execution), result=None)
_declare('target_name', c.c_size_t, result=c.c_char_p)
_declare('open_file', c.c_char_p, P(Limits), P(c.c_void_p), P(Error))
_declare('open_memory', c.c_void_p, c.c_size_t, P(Limits), P(c.c_void_p), P(Error))
_declare('open_source', P(Source), P(Limits), P(c.c_void_p), P(Error))
_declare('close', c.c_void_p, result=None)
_declare('get_info', c.c_void_p, P(FileInfo), P(Error))
_declare('tensor_at', c.c_void_p, c.c_uint64, P(Tensor), P(Error))
_declare('find_tensor', c.c_void_p, c.c_char_p, P(Tensor), P(Error))
_declare('metadata_at', c.c_void_p, c.c_uint64, P(Metadata), P(Error))
_declare('find_metadata', c.c_void_p, c.c_char_p, P(Metadata), P(Error))
_declare('base_at', c.c_void_p, c.c_uint64, P(Base), P(Error))
_declare('decoder_create', c.c_void_p, P(Execution), P(c.c_void_p), P(Error))
_declare('decoder_destroy', c.c_void_p, result=None)
_declare('generator_cache_create', c.c_uint64, P(c.c_void_p), P(Error))
_declare('generator_cache_destroy', c.c_void_p, result=None)
_declare('set_base', c.c_void_p, c.c_uint64, P(BaseModel), P(Error))
_declare('set_base_files', c.c_void_p, P(c.c_char_p), c.c_size_t, P(Limits), P(Error))
_declare('decode', c.c_void_p, c.c_uint64, c.c_void_p, c.c_size_t, P(Error))
_declare('decode_range', c.c_void_p, c.c_uint64, c.c_uint64, c.c_uint64, c.c_void_p, c.c_size_t, P(Error))
_declare('decode_rows', c.c_void_p, c.c_uint64, c.c_uint64, c.c_uint64, c.c_void_p, c.c_size_t, P(Error))
_declare('decode_stream', c.c_void_p, c.c_uint64, WRITE, c.c_void_p, P(Error))
_declare('decode_all', c.c_void_p, WRITE, c.c_void_p, P(Error))
_declare('verify', c.c_void_p, P(Error))
_declare('decoder_cancel', c.c_void_p, c.c_int, result=None)
_declare('tensor_digest', c.c_void_p, c.c_size_t, c.c_uint8 * 32, P(Error))


class Failed(Exception):
    def __init__(self, error):
        self.code = error.code
        self.name = LIBRARY.mcnc_code_name(error.code).decode()
        self.rule = error.rule.decode()
        self.offset = error.offset
        super().__init__(error.message.decode())


def call(name, *arguments):
    """Calls a function whose last argument is a place for the error; raises Failed."""
    error = Error()
    code = getattr(LIBRARY, 'mcnc_' + name)(*arguments, c.byref(error))
    assert code == error.code
    if code != 0:
        raise Failed(error)


def generator_cache(max_bytes):
    """A handle, which nothing destroys: decoders of the whole process share it."""
    handle = c.c_void_p()
    call('generator_cache_create', max_bytes, c.byref(handle))
    return handle


class File:
    """An open file and a decoder of it."""

    def __init__(self, path, limits=None):
        self.handle, self.decoder, self.kept = c.c_void_p(), c.c_void_p(), []
        self.limits = Limits()
        LIBRARY.mcnc_limits_init(c.byref(self.limits))
        for key, value in (limits or {}).items():
            setattr(self.limits, key, value)
        call('open_file', os.fsencode(path), c.byref(self.limits), c.byref(self.handle))
        self.info = FileInfo()
        call('get_info', self.handle, c.byref(self.info))

    def __del__(self):
        LIBRARY.mcnc_decoder_destroy(self.decoder)
        LIBRARY.mcnc_close(self.handle)

    def create_decoder(self, **options):
        execution = Execution()
        LIBRARY.mcnc_execution_init(c.byref(execution))
        for key, value in options.items():
            setattr(execution, key, value)
        self.kept.append(execution)
        call('decoder_create', self.handle, c.byref(execution), c.byref(self.decoder))

    def tensor(self, which):
        tensor = Tensor()
        name = 'find_tensor' if isinstance(which, bytes) else 'tensor_at'
        call(name, self.handle, which, c.byref(tensor))
        return tensor

    def tensors(self):
        return [self.tensor(i) for i in range(self.info.tensors)]

    def set_base_files(self, paths):
        array = (c.c_char_p * len(paths))(*map(os.fsencode, paths))
        call('set_base_files', self.decoder, array, len(paths), c.byref(self.limits))

    def bases(self):
        for i in range(self.info.bases):
            base = Base()
            call('base_at', self.handle, i, c.byref(base))
            yield i, base.name.decode(), bytes(base.weights_identity)

    def decode(self, tensor):
        out = c.create_string_buffer(tensor.bytes)
        call('decode', self.decoder, tensor.index, out, tensor.bytes)
        return out.raw[:tensor.bytes]

    def set_base(self, index, other):
        """`other`: a File with a decoder, which supplies the base."""

        def find(_, name, dtype, rank, shape):
            try:
                tensor = other.tensor(name)
            except Failed:
                return 1
            if tensor.is_factor or tensor.rank > 8:
                return 1
            dtype[0], rank[0] = tensor.dtype, tensor.rank
            for i in range(tensor.rank):
                shape[i] = tensor.shape[i]
            return 0

        def read(_, name, out, size):
            try:
                call('decode', other.decoder, other.tensor(name).index, out, size)
            except Failed:
                return 1
            return 0

        model = BaseModel(c.sizeof(BaseModel), None, FIND(find), READ(read))
        self.kept += [model, other]
        call('set_base', self.decoder, index, c.byref(model))


def digest_of(data):
    out = (c.c_uint8 * 32)()
    call('tensor_digest', data, len(data), out)
    return bytes(out)
