#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""mcnc.CodeExpander: what it makes is what files decode to, its gradients are those of it, and bad input is refused.
PYTHONPATH names the built package."""

import concurrent.futures
import copy
import os
import pickle
import unittest

import mcnc
import numpy as np
from support import PackageTest

SHAPE = (7, 31)  # five chunks of 50, the last with a tail


def some_codes(expander, shape=SHAPE):
    random = np.random.default_rng(3)
    alpha, beta = expander.empty_codes(shape)
    alpha[:] = random.normal(size=alpha.shape)
    beta[:] = random.uniform(0.2, 2, size=beta.shape)
    return alpha, beta


def make(**options):
    return mcnc.CodeExpander(**{'code_dim': 3, 'chunk_dim': 50, 'seed': 2**40 + 1, **options})


class ExpanderTest(PackageTest):
    def test_weights_are_what_a_file_decodes_to(self):
        theta0 = mcnc.Uniform(seed=5, scale=1e-5, stream=2)
        for dtype in ('F32', 'F16', 'BF16'):
            for options in ({}, {'hidden': (8, 12)}, {'codes_per_chunk': 3, 'threads': 2},
                            {'alpha_dtype': 'I16', 'beta_dtype': 'F32', 'frequency': 1 << 12}, {'beta_dtype': 'F16'}):
                expander = make(**options)
                alpha, beta = some_codes(expander)
                alpha[0, 0, 0] = 1e30  # ends at the end of the range
                weights = expander.weights(alpha, beta, SHAPE, dtype=dtype, theta0=theta0)
                tensor = mcnc.Generated(expander.codes(alpha, beta), SHAPE, dtype, theta0=theta0)
                with mcnc.open(mcnc.write(None, {'w': tensor})) as file:
                    decoded = file.decode('w')
                self.assertEqual((weights.dtype, weights.tobytes()), (decoded.dtype, decoded.tobytes()), options)
                again = expander.weights(alpha, beta, SHAPE, dtype=dtype, theta0=theta0.values(SHAPE))
                self.assertEqual(weights.tobytes(), again.tobytes())

    def test_gradients(self):
        expander = make(frequency=1 << 16)
        alpha, beta = some_codes(expander)
        alpha *= 0.05
        direction = np.random.default_rng(1).normal(size=SHAPE).astype(np.float32)
        of_alpha, of_beta = expander.gradients(alpha, beta, direction)
        self.assertEqual((of_alpha.shape, of_beta.shape), (alpha.shape, beta.shape))

        def along(alpha, beta):
            return float((expander.weights(alpha, beta, SHAPE).astype(float) * direction).sum())

        for i in (0, 4):
            moved = np.zeros_like(alpha)
            moved[i, 0, 1] = 4 * expander.alpha_step
            slope = (along(alpha + moved, beta) - along(alpha - moved, beta)) / (8 * expander.alpha_step)
            self.assertAlmostEqual(slope, of_alpha[i, 0, 1], delta=0.05 * abs(of_alpha).max())
            twice = beta.copy()
            twice[i] *= 2
            self.assertAlmostEqual(along(alpha, twice) - along(alpha, beta), (of_beta * beta)[i, 0],
                                   delta=0.01 * abs(of_beta).max())

    def test_out_is_written_in_place(self):
        expander = make()
        alpha, beta = some_codes(expander)
        expected = expander.weights(alpha, beta, SHAPE)
        out = np.zeros((3, *SHAPE), np.float32)
        self.assertIs(expander.weights(alpha, beta, SHAPE, out=out[1]).base, out)
        np.testing.assert_array_equal(out[1], expected)
        self.assertFalse(out[0].any() or out[2].any())
        strided = np.stack([alpha, alpha], axis=-1)[..., 0]  # codes may have gaps, and other types
        np.testing.assert_array_equal(expander.weights(strided.astype(float), beta[:, 0], SHAPE), expected)

    def test_copies_threads_and_forks(self):
        expander = make(threads=2)
        alpha, beta = some_codes(expander)
        expected = expander.weights(alpha, beta, SHAPE).tobytes()
        for other in (copy.deepcopy(expander), pickle.loads(pickle.dumps(expander))):
            self.assertEqual(other.weights(alpha, beta, SHAPE).tobytes(), expected)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for made in pool.map(lambda _: expander.weights(alpha, beta, SHAPE).tobytes(), range(50)):
                self.assertEqual(made, expected)
        child = os.fork()
        if child == 0:
            os._exit(0 if expander.weights(alpha, beta, SHAPE).tobytes() == expected else 1)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)

    def test_what_is_wrong_is_refused(self):
        for options in ({'code_dim': 0}, {'chunk_dim': -1}, {'chunk_dim': 2.5}, {'codes_per_chunk': 0},
                        {'hidden': (0,)}, {'hidden': (1,) * 16}, {'frequency': 0}, {'seed': 1 << 64},
                        {'alpha_dtype': 'F32'}, {'beta_dtype': 'I8'}, {'threads': 0}, {'device': 'cuda:0'}):
            self.refuses('argument', make, **options)
        expander = make()
        alpha, beta = some_codes(expander)
        right = (alpha, beta, SHAPE)
        self.refuses('argument', expander.weights, alpha[:4], beta, SHAPE)
        self.refuses('argument', expander.weights, alpha.reshape(3, 1, 5), beta, SHAPE)
        self.refuses('argument', expander.gradients, alpha.reshape(-1), beta, np.zeros(SHAPE))
        self.refuses('argument', expander.codes, alpha.reshape(-1), beta)
        self.refuses('argument', expander.weights, alpha, beta, (7, 40))
        self.refuses('argument', expander.weights, alpha, beta, (0, 40))
        self.refuses('argument', expander.weights, alpha.astype(complex), beta, SHAPE)
        self.refuses('argument', expander.weights, *right, dtype='F64')
        self.refuses('argument', expander.weights, *right, dtype='nothing')
        self.refuses('argument', expander.weights, *right, theta0=np.zeros(3, np.float32))
        self.refuses('argument', expander.weights, *right, theta0=np.zeros(SHAPE[::-1], np.float32))
        self.refuses('argument', expander.weights, *right, out=np.zeros((31, 7), np.float32).T)
        self.refuses('argument', expander.weights, *right, out=np.zeros(3, np.float32))
        self.refuses('argument', expander.weights, *right, out=bytearray(4 * 7 * 31))
        read_only = np.zeros(SHAPE, np.float32)
        read_only.flags.writeable = False
        self.refuses('argument', expander.weights, *right, out=read_only)
        self.refuses('argument', expander.gradients, alpha, beta, np.zeros(3))
        gradient = np.zeros(SHAPE)
        gradient[0, 0] = np.nan
        self.assertEqual(np.isnan(expander.gradients(alpha, beta, gradient)[1]).tolist(), [[True]] + [[False]] * 4)
        for value in (np.nan, np.inf):
            wrong = beta.copy()
            wrong[1] = value
            self.assertIn('beta is not finite', str(self.refuses('argument', expander.weights, alpha, wrong, SHAPE)))
            self.refuses('argument', expander.codes, alpha, wrong)
            self.refuses('argument', expander.gradients, alpha * value, beta, gradient)

    def test_bits_of_types_that_numpy_lacks(self):
        bits = np.array([0x3f80, 0xc000], np.uint16)
        with mcnc.open(mcnc.write(None, {'t': mcnc.Stored(bits, dtype='BF16')})) as file:
            self.assertEqual(file.tensors['t'].dtype, 'BF16')
            self.assertEqual(file.decode('t').view('<u2').tolist(), bits.tolist())
        self.refuses('argument', mcnc.write, None, {'t': mcnc.Stored(bits, dtype='F8_E4M3')})
        self.refuses('argument', mcnc.write, None, {'t': mcnc.Stored(bits, dtype='F16')})


if __name__ == '__main__':
    unittest.main()
