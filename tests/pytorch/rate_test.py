# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What makes files of mcnc.torch smaller: one beta for a parameter, and training that knows what codes take in the file.

    PYTHONPATH=build/sdk/python python3 tests/pytorch/rate_test.py

Ends with 77, "skipped", where PyTorch is missing.
"""

import sys
import unittest

try:
    import torch
except ImportError as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

import mcnc.torch
from module_test import FileTest, Net, batch, make, train
from torch import nn
from torch.nn import functional


class SharedBetaTest(FileTest):
    def test_one_beta_for_a_parameter(self):
        for dtype, options in ((torch.float32, {}), (torch.bfloat16, {'codes_per_chunk': 2, 'beta_dtype': 'F32'}),
                               (torch.float32, {'theta0': 'zero', 'beta_dtype': 'F16'})):
            net = make(dtype, shared_beta=True, **options)
            codes = net.first.parametrizations.weight
            self.assertEqual(codes.original1.shape, (1, 1))
            start = codes.original1.item()
            losses = train(net, torch.optim.Adam(net.parameters(), lr=3e-3, eps=1e-4), 12, dtype)
            self.assertLess(losses[-1], losses[0])
            self.assertNotEqual(codes.original1.item(), start)
            self.assert_file_is(net, Net(dtype))
        each, shared = Net(), Net()
        reports = [mcnc.torch.compress(net, chunk_dim=64, verbose=False, shared_beta=net is shared) for net in (each, shared)]
        counted = [sum(p.numel() for n, p in net.named_parameters() if 'original' in n) for net in (each, shared)]
        self.assertEqual([sum(c.numbers for c in report.compressed) for report in reports], counted)
        self.assertEqual(counted[0] - counted[1], 1 + 68 + 7 + 4 - 4)  # chunks of each parameter but one
        with torch.no_grad():
            for name, parameter in each.named_parameters():
                if name.endswith('original1'):
                    parameter.mul_(1 + torch.rand(parameter.shape))
        self.assertLess(len(self.file_of(shared)), len(self.file_of(each)) - 60)
        with self.assertRaisesRegex(mcnc.McncError, 'shared_beta'):
            make().load_state_dict(make(shared_beta=True).state_dict())
        make(shared_beta=True).load_state_dict(make(shared_beta=True).state_dict())

    def test_one_beta_of_all_codes_needs_no_segment(self):
        net = nn.Linear(40, 40, bias=False)
        mcnc.torch.compress(net, chunk_dim=64, verbose=False, shared_beta=True)
        with torch.no_grad():
            net.parametrizations.weight.original1.mul_(-3.7)
        shared = len(self.file_of(net))
        with mcnc.open(self.path) as file:
            self.assertTrue(torch.equal(net.weight, torch.from_numpy(file.decode('weight'))))
        other = nn.Linear(40, 40, bias=False)
        mcnc.torch.compress(other, chunk_dim=64, verbose=False)
        with torch.no_grad():
            other.parametrizations.weight.original1[0] *= 2
        self.assertLess(shared, len(self.file_of(other)) - 60)


class CodeBitsTest(FileTest):
    def code_bytes(self, net):
        """What alpha and beta take in the file of `net`, which has one table of codes and nothing that is stored: what is
        behind the manifest but padding, zeros before a multiple of 64, where the second Zstandard frame starts."""
        data = self.file_of(net)
        begin = -(-(64 + int.from_bytes(data[16:24], 'little')) // 64) * 64
        second = max((i for i in range(begin, len(data), 64) if data[i:i + 4] == b'\x28\xb5\x2f\xfd'))
        padding = second - begin - len(data[begin:second].rstrip(b'\0'))
        return len(data) - begin - padding

    def test_code_bits_are_those_of_the_file(self):
        wide = {'code_dim': 9, 'chunk_dim': 100, 'frequency': 1 << 20}
        for options in (wide, {**wide, 'shared_beta': True}, {**wide, 'code_dim': 39, 'chunk_dim': 400, 'frequency': 1 << 19},
                        {**wide, 'beta_dtype': 'F32'}, {**wide, 'alpha_dtype': 'I16', 'frequency': 1 << 14},
                        {**wide, 'codes_per_chunk': 2, 'chunk_dim': 200}):
            for spread in (1.2, 0.3, 0.05):
                torch.manual_seed(0)
                net = nn.Sequential(nn.Linear(200, 150, bias=False), nn.Linear(150, 60, bias=False))
                mcnc.torch.compress(net, verbose=False, **options)
                for name, parameter in net.named_parameters():
                    start = (0.0, spread) if name.endswith('original0') else (1.0, 0.4)
                    nn.init.normal_(parameter, start[0] / 32, start[1] / 32)
                expected, estimate = self.code_bytes(net), mcnc.torch.code_bits(net).item() / 8
                self.assertLess(abs(estimate - expected), 0.05 * expected + 48, (options, spread, estimate, expected))

    def test_code_bits_as_a_term_of_the_loss(self):
        def trained(weight, **options):
            net = make(**options)
            optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
            for _ in range(30):
                loss = functional.cross_entropy(net(batch()[0]), batch()[1]) + weight * mcnc.torch.code_bits(net)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            return mcnc.torch.code_bits(net).item(), len(self.file_of(net)), net

        for options in ({}, {'alpha_dtype': 'I16', 'frequency': 1 << 12}, {'shared_beta': True}):
            without, with_term = trained(0, **options), trained(1e-2, **options)
            self.assertLess(with_term[0], 0.9 * without[0], options)
            self.assertLess(with_term[1], without[1], options)
        self.assert_file_is(with_term[2], Net())
        net = make()
        mcnc.torch.code_bits(net).backward()
        alpha = net.second.parametrizations.weight.original0
        self.assertTrue(alpha.grad.isfinite().all())
        self.assertIsNone(net.second.parametrizations.weight.original1.grad)
        untied = Net()
        untied.third = nn.Linear(20, 20)
        mcnc.torch.compress(untied, chunk_dim=64, code_dim=5, verbose=False)
        self.assertLess(mcnc.torch.code_bits(net), mcnc.torch.code_bits(untied))
        self.refuses('argument', mcnc.torch.code_bits, Net())
        with torch.no_grad():
            alpha[0, 0, 0] = float('nan')
        self.assertIn('not finite', self.refuses('argument', mcnc.torch.code_bits, net).message)


if __name__ == '__main__':
    unittest.main()
