# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""mcnc.torch: what a compressed module computes with is what its file decodes to, bit for bit, whatever the module, the
optimizer and the dtype; training goes on as if it had not been interrupted; bad input is refused.

    PYTHONPATH=build/sdk/python python3 tests/pytorch/module_test.py

Ends with 77, "skipped", where PyTorch is missing.
"""

import copy
import io
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import torch
except ImportError as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

import mcnc.torch
from mcnc.torch import _expand, _reference
from mcnc.torch._generated import compressed_parameters
from torch import nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'python'))

from support import PackageTest

torch.set_num_threads(2)


class Net(nn.Module):
    """A bit of everything: convolution, normalization, tied and strided parameters, a module that is there twice."""

    def __init__(self, dtype=torch.float32):
        super().__init__()
        self.convolution = nn.Conv2d(1, 6, 3, dtype=dtype)
        self.norm = nn.BatchNorm2d(6, dtype=dtype)
        self.first = nn.Linear(6 * 36, 20, dtype=dtype)
        self.second = nn.Linear(20, 20, dtype=dtype)
        self.third = nn.Linear(20, 20, dtype=dtype)
        self.third.weight = self.second.weight  # tied
        self.again = self.first
        self.strided = nn.Parameter(torch.randn(20, 10, dtype=dtype).t() * 0.1)

    def forward(self, x):
        x = functional.relu(self.norm(self.convolution(x))).flatten(1)
        x = functional.relu(self.first(x))
        return functional.linear(self.third(functional.relu(self.second(x))), self.strided)


def make(dtype=torch.float32, **options):
    torch.manual_seed(0)
    net = Net(dtype)
    mcnc.torch.compress(net, **{'chunk_dim': 64, 'code_dim': 5, 'verbose': False, **options})
    return net


def batch(dtype=torch.float32):
    torch.manual_seed(1)
    return torch.randn(8, 1, 8, 8, dtype=dtype), torch.randint(10, (8,))


def train(net, optimizer, steps, dtype=torch.float32):
    inputs, labels = batch(dtype)
    losses = []
    for _ in range(steps):
        loss = functional.cross_entropy(net(inputs).float(), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


class FileTest(PackageTest):
    """With a file for a network."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='mcnc-torch-')
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / 'net.mcnc'

    def file_of(self, net):
        mcnc.torch.save(net, self.path)
        return self.path.read_bytes()

    def assert_file_is(self, net, fresh):
        """The file has what `net` computes with, and makes `fresh` compute the same."""
        self.file_of(net)
        loaded = mcnc.torch.load_file(self.path.parent)  # the only file of its folder
        for name, part, own_name, _ in compressed_parameters(net):
            made = getattr(part, own_name).detach()
            self.assertEqual(made.dtype, loaded[name].dtype)
            self.assertTrue(torch.equal(made.view(torch.uint8), loaded[name].view(torch.uint8)), name)
        mcnc.torch.load_into(fresh, self.path)
        self.assertEqual(fresh.state_dict().keys(), loaded.keys())
        inputs, _ = batch(loaded['strided'].dtype)
        fresh.strided = nn.Parameter(fresh.strided.contiguous())  # so that sums have the same order
        net.eval(), fresh.eval()
        with torch.no_grad():
            self.assertTrue(torch.equal(net(inputs), fresh(inputs)))
        net.train()


class ModuleTest(FileTest):
    def test_every_dtype_and_optimizer(self):
        optimizers = (lambda p, lr: torch.optim.Adam(p, lr=lr, eps=1e-4),  # 1e-8 is 0 in float16
                      lambda p, lr: torch.optim.SGD(p, lr=0.1 * lr, momentum=0.9),
                      lambda p, lr: torch.optim.AdamW(p, lr=lr, eps=1e-4, weight_decay=0.1))
        cases = ({}, {'theta0': 'zero'}, {'codes_per_chunk': 2, 'hidden': (16,)},
                 {'alpha_dtype': 'I16', 'beta_dtype': 'F32', 'frequency': 1 << 12})
        for dtype in (torch.float32, torch.float16, torch.bfloat16):
            for number, options in enumerate(cases):
                net = make(dtype, **options)
                losses = train(net, optimizers[number % 3](net.parameters(), lr=3e-3), 12, dtype)
                self.assertLess(losses[-1], losses[0], (dtype, options))
                self.assert_file_is(net, Net(dtype))

    def test_parameters_are_the_codes(self):
        net = make()
        names = {name for name, _ in net.named_parameters()}
        self.assertIn('first.parametrizations.weight.original0', names)
        self.assertNotIn('first.weight', names)
        self.assertIs(net.second.parametrizations.weight.original0, net.third.parametrizations.weight.original0)
        self.assertEqual(sum(p.numel() for n, p in net.named_parameters() if 'original' in n), 6 * (1 + 68 + 7 + 4))
        with mcnc.open(self.file_of(net)) as file:
            sources = {name: info.source for name, info in file.tensors.items()}
        self.assertEqual(sources['second.weight'], 'generated')
        self.assertEqual(sources['third.weight'], 'shared')
        self.assertEqual(sources['again.weight'], 'shared')
        self.assertEqual(sources['first.bias'], 'stored')
        self.assertEqual(sources['norm.running_mean'], 'stored')

    def test_training_goes_on_after_a_checkpoint(self):
        whole = make()
        optimizer = torch.optim.Adam(whole.parameters(), lr=3e-3)
        train(whole, optimizer, 5)
        kept = io.BytesIO()
        torch.save({'net': whole.state_dict(), 'optimizer': optimizer.state_dict()}, kept)
        train(whole, optimizer, 5)
        torch.manual_seed(9)
        resumed = Net()
        mcnc.torch.compress(resumed, chunk_dim=64, code_dim=5, seed=77, verbose=False)  # the checkpoint's seed counts
        optimizer = torch.optim.Adam(resumed.parameters(), lr=3e-3)
        kept.seek(0)
        state = torch.load(kept, weights_only=True)
        resumed.load_state_dict(state['net'])
        optimizer.load_state_dict(state['optimizer'])
        train(resumed, optimizer, 5)
        self.assertEqual(self.file_of(resumed), self.file_of(whole))
        other = Net()
        mcnc.torch.compress(other, chunk_dim=65, code_dim=5, verbose=False)
        with self.assertRaisesRegex(mcnc.McncError, 'compress it as it was'):
            other.load_state_dict(state['net'])

    def test_copies_are_independent(self):
        net = make()
        average = copy.deepcopy(net)
        before = self.file_of(average)
        self.assertEqual(before, self.file_of(net))
        train(net, torch.optim.Adam(net.parameters(), lr=3e-3), 3)
        self.assertEqual(before, self.file_of(average))
        self.assertNotEqual(before, self.file_of(net))

    def test_checkpointing_autocast_and_compile_change_nothing(self):
        inputs, labels = batch()

        def gradients(forward, **autocast):
            net = make()
            with torch.autocast('cpu', dtype=torch.bfloat16, enabled=bool(autocast)):
                loss = functional.cross_entropy(forward(net, inputs).float(), labels)
            loss.backward()
            return [p.grad for p in net.parameters()]

        plain = gradients(lambda net, x: net(x))
        self.assertTrue(all(gradient is not None and gradient.isfinite().all() for gradient in plain))
        for forward in (lambda net, x: checkpoint(net, x, use_reentrant=False),
                        lambda net, x: torch.compile(net, backend='aot_eager')(x)):
            for expected, found in zip(plain, gradients(forward)):
                torch.testing.assert_close(found, expected)
        rough = gradients(lambda net, x: net(x), autocast=True)
        self.assertEqual({gradient.dtype for gradient in rough}, {torch.float32})
        flat = [torch.cat([gradient.flatten() for gradient in found]) for found in (plain, rough)]
        self.assertGreater(functional.cosine_similarity(*flat, dim=0), 0.95)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            self.assertTrue(torch.equal(make().first.weight, make().first.weight))

    def test_gradients_are_those_of_the_weights(self):
        net = make()
        weight = net.first.weight
        direction = torch.randn_like(weight)
        (weight * direction).sum().backward()
        originals = net.first.parametrizations.weight
        generated = originals[0]
        codes = [code.detach().numpy() for code in generated.codes(originals.original0, originals.original1)]
        of_alpha, of_beta = generated.expander.gradients(*codes, direction.numpy().reshape(-1))
        torch.testing.assert_close(originals.original0.grad, torch.from_numpy(of_alpha) * generated.alpha_unit)
        torch.testing.assert_close(originals.original1.grad, torch.from_numpy(of_beta) * generated.beta_unit)

    def test_codes_at_the_end_of_their_range_stay_there(self):
        form = _expand.Form(2, 8, 1, (), 0, 1 << 19, 'I8', 'BF16').text()
        end = 127 * _expand.expander_of(form).alpha_step
        alpha = torch.tensor([[[end, -end]], [[end + 1, 0.5]]])
        for sign in (1, -1):
            gradient = sign * torch.randn(16, generator=torch.Generator().manual_seed(3))
            plain, _ = _expand.expander_of(form).gradients(alpha.numpy(), torch.ones(2, 1).numpy(), gradient.numpy())
            found, _ = _expand.expand_gradients(alpha, torch.ones(2, 1), gradient, form)
            outwards = (torch.from_numpy(plain).sign() == -alpha.sign()) & (alpha.abs() >= end)
            self.assertTrue(torch.equal(found, torch.from_numpy(plain).masked_fill(outwards, 0)))
            self.assertEqual(found[1, 0, 1], plain[1, 0, 1])

    def test_operations_of_other_devices_make_the_same_bits(self):
        for dtype in (torch.float32, torch.float16, torch.bfloat16):
            for options in ({}, {'codes_per_chunk': 2, 'hidden': (16, 70)}, {'beta_dtype': 'F16', 'theta0': 'zero'},
                            {'alpha_dtype': 'I16', 'beta_dtype': 'F32', 'frequency': 12345, 'chunk_dim': 83}):
                net = make(dtype, **options)
                train(net, torch.optim.Adam(net.parameters(), lr=1e-2, eps=1e-4), 2, dtype)
                for name, part, own_name, weight in compressed_parameters(net):
                    originals = part.parametrizations[own_name]
                    codes = [c.detach() for c in weight.codes(originals.original0, originals.original1)]
                    theta0 = weight._theta0_on(codes[0].device)
                    made = _reference.weights(weight.expander, *codes, theta0, weight.shape, dtype)
                    self.assertTrue(torch.equal(made, getattr(part, own_name)), (name, dtype, options))
                    gradient = torch.randn(weight.shape)
                    expected = weight.expander.gradients(*(c.numpy() for c in codes), gradient.numpy().reshape(-1))
                    for a, b in zip(_reference.gradients(weight.expander, *codes, gradient), expected):
                        torch.testing.assert_close(a, torch.from_numpy(b), rtol=1e-3, atol=1e-5 * abs(b).max())

    def test_operations_of_other_devices_divide_by_no_plain_number(self):
        # On a CUDA device PyTorch multiplies with its reciprocal, which the CPU does not show.
        class NoPlainDivision(TorchDispatchMode):
            divisions = 0

            def __torch_dispatch__(self, func, kinds, args=(), kwargs=None):
                if 'div' in func.__name__:
                    self.divisions += 1
                    assert isinstance(args[1], torch.Tensor) and args[1].device == args[0].device, args[1]
                return func(*args, **(kwargs or {}))

        weight = next(iter(compressed_parameters(make())))[3]
        chunks = weight.expander.chunks(weight.shape)
        codes = torch.randn(chunks, 1, 5), torch.randn(chunks, 1)
        with NoPlainDivision() as seen:
            _reference.weights(weight.expander, *codes, None, weight.shape, torch.float32)
            _reference.gradients(weight.expander, *codes, torch.randn(weight.shape))
        self.assertGreaterEqual(seen.divisions, 4)

    def test_operations_of_other_devices_show_codes_that_are_not_finite(self):
        weight = next(iter(compressed_parameters(make())))[3]
        alpha = torch.randn(weight.expander.chunks(200), 1, 5)
        beta = torch.randn(alpha.shape[:2])
        alpha[1, 0, 3], beta[2, 0] = float('nan'), float('inf')
        made = _reference.weights(weight.expander, alpha, beta, None, (200,), torch.float32)
        self.assertEqual(made.isnan().nonzero().flatten().tolist(), list(range(64, 192)))
        of_alpha, of_beta = _reference.gradients(weight.expander, alpha, beta, torch.ones(200))
        self.assertEqual(of_beta.isnan().flatten().tolist(), [False, True, True, False])
        self.assertEqual(of_alpha.isnan().all(-1).flatten().tolist(), [False, True, True, False])

    def test_flushed_subnormals_change_nothing(self):
        net = make(torch.float16)
        made = net.first.weight
        torch.set_flush_denormal(True)
        try:
            self.assertTrue(torch.equal(net.first.weight, made))
            self.assert_file_is(net, Net(torch.float16))
        finally:
            torch.set_flush_denormal(False)

    def test_transformers_and_wrapped_modules(self):
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        report = mcnc.torch.compress(layer, ratio=4, verbose=False)
        self.assertIn('self_attn.in_proj_weight', {c.name for c in report.compressed})
        layer(torch.randn(2, 5, 16)).sum().backward()
        self.assertTrue(all(p.grad is not None for p in layer.parameters()))
        mcnc.torch.save(nn.DataParallel(layer), self.path)
        fresh = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        mcnc.torch.load_into(fresh, self.path)
        inputs = torch.randn(2, 5, 16)
        self.assertTrue(torch.equal(layer.eval()(inputs), fresh.eval()(inputs)))

    def test_report(self):
        net = Net()
        report = mcnc.torch.compress(net, ratio=20, verbose=False)
        text = str(report)
        for word in ('first.weight', 'third.weight', 'a bias or a normalization', 'file of about'):
            self.assertIn(word, text)
        size = len(self.file_of(net))
        self.assertLess(abs(report.expected_bytes - size), 0.35 * size)
        self.assertGreater(report.ratio, 10)

    def test_sizes_of_chunks_by_name(self):
        net = make(chunk_dim={'conv*': 20, '*': 64})
        report = {name: weight.expander.chunk_dim for name, _, _, weight in compressed_parameters(net)}
        self.assertEqual(report['convolution.weight'], 20)
        self.assertEqual({report[name] for name in report if name != 'convolution.weight'}, {64})
        train(net, torch.optim.Adam(net.parameters(), lr=3e-3), 3)
        self.assert_file_is(net, Net())
        error = self.refuses('argument', mcnc.torch.compress, Net(), chunk_dim={'conv*': 20})
        self.assertIn('no name or pattern', error.message)

    def test_plan(self):
        net = Net()
        keys = list(net.state_dict())
        for options in ({}, {'finer': [True]}, {'code_dims': [5], 'exclude': 'strided', 'frequency': 1 << 20}):
            found = mcnc.torch.plan(net, bytes=5200, verbose=False, **options)
            self.assertEqual(list(net.state_dict()), keys)
            self.assertTrue(4700 < found.bytes <= 5200, found)
            candidate = Net()
            report = mcnc.torch.compress(candidate, **found.options, verbose=False)
            self.assertEqual(sum(c.numbers for c in report.compressed), found.numbers)
            for _, part, own_name, weight in compressed_parameters(candidate):  # as bad as training could make them
                codes = part.parametrizations[own_name]
                codes.original0.data.uniform_(-4 / weight.alpha_unit, 4 / weight.alpha_unit)
                codes.original1.data.mul_(1 + torch.rand(codes.original1.shape))
            size = len(self.file_of(candidate))
            self.assertTrue(0.95 * found.bytes < size <= found.bytes, (size, found))
        narrow = mcnc.torch.plan(net, bytes=5200, spread=0.1, verbose=False)
        self.assertGreater(narrow.numbers, mcnc.torch.plan(net, bytes=5200, verbose=False).numbers)

        seen = []

        def score(candidate):
            train(candidate, torch.optim.Adam(candidate.parameters(), lr=3e-3), 1)
            seen.append(len(list(compressed_parameters(candidate))))
            return [0.5, 0.25, 1.0, 0.75][len(seen) - 1]

        chosen = mcnc.torch.plan(net, bytes=5200, code_dims=(4, 9), finer=(False, True), score=score, verbose=False)
        self.assertEqual(len(seen), 4)
        self.assertEqual((chosen.score, chosen.options['code_dim']), (0.25, 4))
        self.assertIsInstance(chosen.options['chunk_dim'], dict)
        for options in ({'bytes': 900}, {'bytes': 5200, 'ratio': 10}, {'bytes': 5200, 'code_dims': (4, 9)},
                        {'bytes': 5200, 'code_dims': ()}, {'bytes': 5200, 'include': 'frist'}):
            self.refuses('argument', mcnc.torch.plan, net, verbose=False, **options)
        self.refuses('argument', mcnc.torch.plan, make(), bytes=5200)

    def test_what_is_left_alone(self):
        net = Net()
        net.first.weight.requires_grad_(False)
        report = mcnc.torch.compress(net, chunk_dim=64, exclude='conv*', verbose=False)
        self.assertEqual(report.left['first.weight'], 'it is frozen')
        self.assertEqual(report.left['convolution.weight'], 'excluded')
        self.assertEqual({c.name for c in report.compressed}, {'second.weight', 'strided'})
        small = nn.Sequential(nn.Linear(2, 3), nn.Linear(30, 30), nn.LSTM(4, 8), nn.Linear(40, 40).double())
        report = mcnc.torch.compress(small, ratio=10, verbose=False)
        self.assertEqual([c.name for c in report.compressed], ['1.weight'])
        self.assertIn('would not be smaller', report.left['0.weight'])
        self.assertIn('recurrent', report.left['2.weight_ih_l0'])
        self.assertIn('float64', report.left['3.weight'])
        biases = nn.Linear(50, 50)
        report = mcnc.torch.compress(biases, ratio=4, include=['bias'], verbose=False)
        self.assertEqual([c.name for c in report.compressed], ['bias'])

    def test_what_is_wrong_is_refused_and_changes_nothing(self):
        net = Net()
        keys = list(net.state_dict())
        for options in ({}, {'ratio': 10, 'chunk_dim': 64}, {'ratio': 0.5}, {'ratio': float('nan')}, {'chunk_dim': 0},
                        {'chunk_dim': 64, 'code_dim': 0}, {'chunk_dim': 64, 'theta0': 'random'},
                        {'chunk_dim': 64, 'rate': 0}, {'chunk_dim': 64, 'alpha_dtype': 'F32'},
                        {'chunk_dim': 64, 'include': 'frist.weight'}, {'chunk_dim': 64, 'exclude': ['nothing.*']},
                        {'chunk_dim': 64, 'exclude': '*'}):
            self.refuses('argument', mcnc.torch.compress, net, verbose=False, **options)
        self.refuses('argument', mcnc.torch.compress, nn.ReLU(), ratio=10)
        net.second.weight.data[0, 0] = float('nan')
        self.refuses('argument', mcnc.torch.compress, net, ratio=10)
        self.assertEqual(list(net.state_dict()), keys)
        for wrong in (nn.Linear(50, 50, device='meta'), nn.Linear(50, 50, dtype=torch.float64), nn.LazyLinear(50),
                      nn.Linear(50, 50).requires_grad_(False)):
            error = self.refuses('argument', mcnc.torch.compress, wrong, ratio=10, include='weight')
            self.assertIn('weight', error.message)
        net = make()
        self.refuses('argument', mcnc.torch.compress, net, ratio=10)  # all are compressed already
        with self.assertRaisesRegex(mcnc.McncError, 'other values'):
            net.first.weight = torch.zeros(20, 216)
        net.half()
        with self.assertRaisesRegex(mcnc.McncError, 'before it is compressed'):
            net.first.weight

    def test_numbers_that_are_not_finite(self):
        net = make()
        whole = self.file_of(net)
        (net.first.weight * float('nan')).sum().backward()  # what a GradScaler looks for reaches the codes
        self.assertTrue(net.first.parametrizations.weight.original1.grad.isnan().all())
        torch.optim.SGD(net.parameters(), lr=1.0).step()
        self.refuses('argument', lambda: net.first.weight)
        error = self.refuses('argument', mcnc.torch.save, net, self.path)
        self.assertIn('first.weight', error.message)
        self.assertEqual(self.path.read_bytes(), whole)
        self.assertEqual([p.name for p in self.path.parent.iterdir()], ['net.mcnc'])

    def test_what_cannot_be_saved(self):
        net = make()
        net.first.register_buffer('weights_of', torch.zeros(2, dtype=torch.complex64))
        self.refuses('argument', mcnc.torch.save, net, self.path)
        clash = nn.Module()
        clash.part = nn.Linear(40, 40)
        mcnc.torch.compress(clash, ratio=10, verbose=False)
        clash.register_state_dict_post_hook(lambda module, state, prefix, _: state.update({'part.weight': torch.ones(1)}))
        self.assertIn('part.weight', self.refuses('argument', mcnc.torch.save, clash, self.path).message)
        self.assertFalse(self.path.exists())
        self.refuses('write', mcnc.torch.save, make(), self.path / 'no' / 'such' / 'folder.mcnc')

    def test_files_that_do_not_fit(self):
        self.file_of(make())
        fresh = Net()
        before = copy.deepcopy(fresh.state_dict())
        self.refuses('argument', mcnc.torch.load_into, make(), self.path)
        self.refuses('argument', mcnc.torch.load_into, nn.Linear(3, 3), self.path)
        self.refuses('argument', mcnc.torch.load_into, Net(torch.float16), self.path)
        self.refuses('argument', mcnc.torch.load_into, Net().to('meta'), self.path)
        other = Net()
        other.first = other.again = nn.Linear(6 * 36, 21)
        self.refuses('argument', mcnc.torch.load_into, other, self.path)
        untied = Net()
        untied.third = nn.Linear(20, 20)
        mcnc.torch.save(untied, self.path)
        self.assertIn('tied', self.refuses('argument', mcnc.torch.load_into, fresh, self.path).message)
        damaged = bytearray(self.path.read_bytes())
        damaged[-3] ^= 1
        self.path.write_bytes(damaged)
        with self.assertRaises(mcnc.McncError):
            mcnc.torch.load_into(fresh, self.path)
        for name, value in fresh.state_dict().items():
            self.assertTrue(torch.equal(value, before[name]), name)

    def test_a_save_that_is_killed_leaves_a_whole_file(self):
        program = ('import sys, torch, mcnc.torch\nnet = torch.nn.Linear(200, 200)\n'
                   'mcnc.torch.compress(net, ratio=20, verbose=False)\n'
                   'while True:\n    mcnc.torch.save(net, sys.argv[1])\n    print("saved", flush=True)\n')
        process = subprocess.Popen([sys.executable, '-c', program, self.path], stdout=subprocess.PIPE, text=True)
        try:
            process.stdout.readline()
            time.sleep(0.1)
        finally:
            process.kill()
            process.communicate()
        mcnc.torch.load_into(nn.Linear(200, 200), self.path)

    def test_every_dtype_loads(self):
        vectors = pathlib.Path(__file__).resolve().parents[2] / 'conformance' / 'vectors' / 'valid'
        path = vectors / 'stored_dtypes' / 'model.mcnc'
        arrays = mcnc.numpy.load_file(path)
        tensors = mcnc.torch.load_file(path)
        self.assertEqual(tensors.keys(), arrays.keys())
        for name, array in arrays.items():
            self.assertEqual(tuple(tensors[name].shape), array.shape)
            self.assertEqual(bytes(tensors[name].reshape(-1).view(torch.uint8).numpy()), array.tobytes(), name)


if __name__ == '__main__':
    unittest.main()
