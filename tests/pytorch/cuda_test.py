# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""mcnc.torch on a CUDA device: the kernels make the weights and the gradients, and a file's tensors; where there are none,
operations of PyTorch do. The device is the stand-in for one (tests/cuda/driver), whose memory the host sees, and a GPU
too, where PyTorch finds one and MCNC_CUDA_LIBRARY, or the system, has libmcnc-cuda.so.

    MCNC=build/tools/mcnc PYTHONPATH=build/sdk/python python3 tests/pytorch/cuda_test.py

Ends with 77, "skipped", where PyTorch is missing.
"""

import contextlib
import ctypes
import math
import os
import pathlib
import sys
import tempfile
import types
import unittest
import weakref
from unittest import mock

try:
    import torch
except ImportError as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

TESTS = pathlib.Path(__file__).resolve().parents[1]
STAND_IN = pathlib.Path(os.environ.get('MCNC', 'build/tools/mcnc')).resolve().parents[1] / 'tests/cuda/driver'
if not torch.cuda.is_available() and str(STAND_IN) not in os.environ.get('LD_LIBRARY_PATH', ''):
    os.environ.update(LD_LIBRARY_PATH=f'{STAND_IN}:{os.environ.get("LD_LIBRARY_PATH", "")}',
                      MCNC_CUDA_LIBRARY=str(STAND_IN / 'libmcnc-cuda-stand-in.so'))
    os.execv(sys.executable, [sys.executable, *sys.argv])

import mcnc.torch
import numpy as np
from mcnc.torch import _cuda, _expand, _reference
from torch import nn

sys.path[:0] = [str(TESTS / 'cuda'), str(TESTS / 'python')]
from support import PackageTest

FORMS = [{}, {'codes_per_chunk': 2, 'hidden': (16, 70)}, {'beta_dtype': 'F16', 'chunk_dim': 83},
         {'alpha_dtype': 'I16', 'beta_dtype': 'F32', 'frequency': 12345}]
DTYPES = [torch.float32, torch.float16, torch.bfloat16]
SHAPE = (13, 37)


def form_of(**options):
    return _expand.Form(**{'code_dim': 5, 'chunk_dim': 64, 'codes_per_chunk': 1, 'hidden': (), 'seed': 7,
                           'frequency': 1 << 19, 'alpha_dtype': 'I8', 'beta_dtype': 'BF16', **options})


def some_codes(form):
    chunks = -(-math.prod(SHAPE) // form.chunk_dim)
    random = torch.Generator().manual_seed(1)
    shape = (chunks, form.codes_per_chunk)
    reach = form.frequency * 2**-24 * (150 if form.alpha_dtype == 'I8' else 40000)
    return (reach * (2 * torch.rand((*shape, form.code_dim), generator=random) - 1), torch.randn(shape, generator=random),
            torch.randn(SHAPE, generator=random), torch.randn(SHAPE, generator=random))


def assert_near(made, expected):
    made, expected = made.float().cpu(), expected.float()
    torch.testing.assert_close(made, expected, rtol=1e-3, atol=1e-5 * expected.abs().max().item())


class Everywhere:
    """What holds on any CUDA device. to_device(tensor): a copy of it there."""

    def test_weights_are_those_of_the_cpu(self):
        for options in FORMS:
            form = form_of(**options)
            alpha, beta, theta0, gradient = some_codes(form)
            for dtype in DTYPES:
                for start in (None, theta0):
                    on_device = [None if each is None else self.to_device(each) for each in (alpha, beta, start)]
                    made = _expand._weights(*on_device, form.text(), SHAPE, dtype)
                    self.assertEqual((made.dtype, made.shape, made.device.type), (dtype, SHAPE, 'cuda'))
                    expected = _expand._weights(alpha, beta, start, form.text(), SHAPE, dtype)
                    self.assertTrue(torch.equal(made.cpu(), expected), (options, dtype))
            on_device = [self.to_device(alpha), self.to_device(beta), self.to_device(gradient.t().contiguous()).t()]
            expected = _expand._gradients(alpha, beta, gradient, form.text())
            for a, b in zip(_expand._gradients(*on_device, form.text()), expected):
                assert_near(a, b)

    def test_autograd(self):
        form = form_of()
        alpha, beta, theta0, gradient = some_codes(form)

        def as_function(alpha, beta, *rest):
            return _expand._Expand.apply(alpha, beta, 0.5, 2.0, *rest)

        def as_operator(alpha, beta, *rest):  # as torch.compile has it
            return _expand.expand_operator(alpha * 0.5, beta * 2.0, *rest)

        def run(expand, place):
            codes = [place(each).requires_grad_() for each in (alpha, beta)]
            made = expand(*codes, place(theta0), form.text(), SHAPE, torch.float32)
            (made * place(gradient)).sum().backward()
            return made.detach(), *(code.grad for code in codes)
        for expand in as_function, as_operator:
            (made, *gradients), (expected, *expected_gradients) = run(expand, self.to_device), run(expand, torch.clone)
            self.assertTrue(torch.equal(made.cpu(), expected))
            for a, b in zip(gradients, expected_gradients):
                assert_near(a, b)

    def test_the_kernels_are_used(self):
        form = form_of()
        alpha, beta, *_ = (self.to_device(each) for each in some_codes(form))
        _expand._expander_on.cache_clear()
        with mock.patch.object(_reference, 'weights', side_effect=AssertionError):
            _expand._weights(alpha, beta, None, form.text(), SHAPE, torch.float32)

    def test_files_are_decoded_there(self):
        form = form_of()
        alpha, beta, *_ = some_codes(form)
        codes = _expand.expander_of(form.text()).codes(alpha.numpy(), beta.numpy())
        random = np.random.default_rng(1)
        tensors = {'made': mcnc.Generated(codes, SHAPE, dtype='BF16'), 'bytes': random.integers(0, 255, (3, 5), np.uint8),
                   'flags': random.integers(0, 2, 7).astype(bool), 'none': np.zeros((0, 4), np.float32),
                   'number': np.array(3, np.int64)}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'model.mcnc'
            mcnc.write(path, tensors)
            expected = mcnc.torch.load_file(path)
            made = self.load_file(path)
        self.assertEqual(made.keys(), tensors.keys())
        for name, tensor in made.items():
            self.assertEqual((tensor.device.type, tensor.dtype), ('cuda', expected[name].dtype))
            self.assertTrue(torch.equal(tensor.cpu(), expected[name]), name)

    def test_codes_that_are_not_finite(self):
        form = form_of()
        alpha, beta, _, gradient = some_codes(form)
        alpha[1, 0, 2] = float('inf')
        beta[3, 0] = float('nan')
        places = [self.to_device(each) for each in (alpha, beta, gradient)]
        made = _expand._weights(*places[:2], None, form.text(), SHAPE, torch.float32).cpu().flatten()
        wrong = torch.zeros(made.shape, dtype=bool)
        wrong[64:128] = wrong[192:256] = True
        self.assertTrue(torch.equal(made.isnan(), wrong))
        of_alpha, of_beta = _expand._gradients(*places, form.text())
        self.assertEqual(of_beta.cpu().isnan().flatten().nonzero().flatten().tolist(), [1, 3])
        self.assertTrue(of_alpha.cpu()[[1, 3]].isnan().all())


@unittest.skipUnless(torch.cuda.is_available(), 'there is no GPU')
class Gpu(Everywhere, PackageTest):
    def to_device(self, tensor):
        return tensor.cuda()

    def load_file(self, path):
        return mcnc.torch.load_file(path, device='cuda')

    def test_a_module_trains_and_its_file_is_what_it_computed(self):
        for dtype in DTYPES:
            torch.manual_seed(0)
            net = nn.Sequential(nn.Linear(30, 50, dtype=dtype), nn.ReLU(), nn.Linear(50, 10, dtype=dtype)).cuda()
            mcnc.torch.compress(net, code_dim=5, chunk_dim=100, verbose=False)
            optimizer = torch.optim.Adam(net.parameters(), lr=1e-2, eps=1e-4)
            with torch.cuda.stream(torch.cuda.Stream()):
                for _ in range(3):
                    net(torch.randn(8, 30, dtype=dtype, device='cuda')).float().square().mean().backward()
                    optimizer.step()
                    optimizer.zero_grad()
            torch.cuda.synchronize()
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / 'model.mcnc'
                mcnc.torch.save(net, path)
                self.assertTrue(torch.equal(mcnc.torch.load_file(path)['0.weight'], net[0].weight.cpu()))


if not torch.cuda.is_available():
    from device_memory import DRIVER, DlTensor, Memory

    class OnStandIn(torch.Tensor):
        """In memory of the stand-in's device, which is the host's: PyTorch computes with it as on the CPU, once the device
        has done its work. What it computes is such a tensor again. To everybody else it is on a CUDA device."""

        device = property(lambda self: torch.device('cuda', 0))

        @classmethod
        def empty(cls, shape, dtype):
            nbytes = math.prod(shape) * dtype.itemsize
            memory = Memory(max(nbytes, 1))
            data = (ctypes.c_ubyte * max(nbytes, 1)).from_address(memory.address.value)
            weakref.finalize(data, memory.close)
            made = torch.frombuffer(data, dtype=torch.uint8)[:nbytes].view(dtype).view(tuple(shape)).as_subclass(cls)
            cls.places[memory.address.value] = max(nbytes, 1)
            return made

        places = {}  # of every allocation that there was: its address, and bytes

        @classmethod
        def is_there(cls, tensor):
            return any(0 <= tensor.data_ptr() - address < nbytes for address, nbytes in cls.places.items())

        @staticmethod
        def finish():
            """Waits for the device."""
            memory = Memory(1)
            memory.in_context(lambda: DRIVER.cuStreamSynchronize(None))
            memory.close()

        def new_empty(self, shape, dtype=None):
            return OnStandIn.empty(shape, dtype or self.dtype)

        def cpu(self):
            self.finish()
            return torch.clone(self.as_subclass(torch.Tensor))

        def __dlpack_device__(self):
            return 2, 0

        def __dlpack__(self, stream=None):
            if self.requires_grad or not self.is_contiguous():
                raise BufferError('as PyTorch does for gradients, and mcnc for gaps')
            lengths = (ctypes.c_int64 * self.dim())(*self.shape)
            code = {torch.bfloat16: 4}.get(self.dtype, 2 if self.dtype.is_floating_point else 1)
            self.tensor = DlTensor(self.data_ptr(), 2, 0, self.dim(), code, 8 * self.dtype.itemsize, 1, lengths, None, 0)
            new = ctypes.pythonapi.PyCapsule_New
            new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
            return new(ctypes.addressof(self.tensor), b'dltensor', None)

        @classmethod
        def __torch_function__(cls, func, kinds, args=(), kwargs=None):
            cls.finish()
            made = super().__torch_function__(func, kinds, args, kwargs or {})
            return cls.placed(made) if isinstance(made, cls) else made

        @classmethod
        def placed(cls, tensor):
            """A result of PyTorch's, where it would be on a GPU: below an operator, and in what autograd computes itself,
            results are plain tensors."""
            if tensor.numel() == 0 or cls.is_there(tensor):
                return tensor if isinstance(tensor, cls) else tensor.as_subclass(cls)
            with torch._C.DisableTorchFunctionSubclass():
                return cls.empty(tensor.shape, tensor.dtype).copy_(tensor).requires_grad_(tensor.requires_grad)

    class StandIn(Everywhere, PackageTest):
        prepared = []

        def setUp(self):
            stream = types.SimpleNamespace(cuda_stream=0)
            patches = [mock.patch.object(torch.cuda, 'device', lambda device: contextlib.nullcontext()),
                       mock.patch.object(torch.cuda, 'current_device', lambda: 0),
                       mock.patch.object(torch.cuda, 'current_stream', lambda: stream),
                       mock.patch.object(torch.cuda, 'is_current_stream_capturing', lambda: False),
                       mock.patch.object(torch.cuda, 'get_device_capability', lambda device: (9, 0)),
                       mock.patch.object(_reference, 'prepare', lambda expander, device: self.prepared.append(device))]
            plain = _cuda._plain
            patches.append(mock.patch.object(_cuda, '_plain', lambda tensor: OnStandIn.placed(plain(tensor))))
            for patch in patches:
                patch.start()
                self.addCleanup(patch.stop)

        @classmethod
        def tearDownClass(cls):
            _expand._expander_on.cache_clear()
            _cuda._open.cache_clear()

        def to_device(self, tensor):
            made = OnStandIn.empty(tensor.shape, tensor.dtype)
            with torch._C.DisableTorchFunctionSubclass():
                made.copy_(tensor)
            return made

        def load_file(self, path):
            def empty(shape, dtype, device):
                assert torch.device(device).type == 'cuda'
                return OnStandIn.empty(shape, dtype)
            with mock.patch.object(torch, 'empty', empty), mock.patch.object(OnStandIn, 'to', lambda self, device: self):
                return mcnc.torch.load_file(path, device='cuda:0')


class Otherwise(PackageTest):
    """When operations of PyTorch make the weights."""

    def gpu(self, capability=(9, 0), capturing=False, missing=''):
        patches = {'device': lambda device: contextlib.nullcontext(), 'current_device': lambda: 0,
                   'current_stream': lambda: types.SimpleNamespace(cuda_stream=0),
                   'is_current_stream_capturing': lambda: capturing, 'get_device_capability': lambda device: capability}
        with contextlib.ExitStack() as stack:
            for name, value in patches.items():
                stack.enter_context(mock.patch.object(torch.cuda, name, value))
            stack.enter_context(mock.patch.object(_cuda.Cuda, 'missing', lambda: missing))
            stack.enter_context(mock.patch.object(_cuda, '_open', lambda *numbers: numbers))
            with _cuda.gpu_of(torch.device('cuda')) as found:
                return found

    def setUp(self):
        _cuda._has_no_kernels.cache_clear()
        self.addCleanup(_cuda._has_no_kernels.cache_clear)

    def test_there_are_kernels(self):
        self.assertEqual(self.gpu(), (0, 1))
        self.assertEqual(self.gpu(capability=(7, 5)), (0, 1))

    def test_a_graph_is_captured(self):
        self.assertIsNone(self.gpu(capturing=True))

    def test_kernels_are_missing(self):
        for options in {'missing': 'libmcnc-cuda.so is not there'}, {'capability': (7, 0)}:
            _cuda._has_no_kernels.cache_clear()
            with self.assertLogs('mcnc.torch', 'INFO') as logged:
                self.assertIsNone(self.gpu(**options))
                self.assertIsNone(self.gpu(**options))
            self.assertEqual(len(logged.output), 1)
            self.assertIn('missing' in options and 'libmcnc-cuda' or '7.5', logged.output[0])

    def test_what_fails_otherwise_is_said(self):
        with mock.patch.object(_cuda.Cuda, '__init__', side_effect=mcnc.McncError('out of memory', 'device', 700)):
            for _ in range(2):
                self.assertRaises(mcnc.McncError, _cuda._open, 77, 1)


if __name__ == '__main__':
    unittest.main()
