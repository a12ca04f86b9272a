#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""The rules of emitted_test.py, on texts that break them one by one. Needs no nvcc."""

import unittest

import emitted_test
import figures

KERNEL = 'mcnc_draw_theta0'
ALLOWED = [('mcnc_draw_*', {'cvt.rn.f32.s16', 'mul.rn.f32'}), ('mcnc_norm_sums', {'fma.rn.f32'})]
LOOP = """
        /*0000*/                   MOV R1, c[0x0][0x28] ;             /* 0x00 */
        /*0010*/                   IMAD R2, R1, R1, RZ ;              /* 0x00 */
        /*0020*/              @!P0 IMAD R2, R1, R2, 0x4000 ;          /* 0x00 */
        /*0030*/                   LDG.E R4, desc[UR4][R2.64] ;       /* 0x00 */
        /*0040*/              @!P0 STG.E.EF.128 desc[UR4][R8.64], R4 ; /* 0x00 */
        /*0050*/              @!P0 BRA 0x10 ;                         /* 0x00 */
        /*0060*/                   EXIT ;                             /* 0x00 */
        /*0070*/                   BRA 0x70;                          /* 0x00 */
        /*0080*/                   NOP;                               /* 0x00 */
"""


def ptx_problems(instruction, kernel=KERNEL):
    text = f'({{\n.reg .f32 %f<3>;\n$L__BB0_1:\n\t{instruction}\n\t@%p1 bra \t$L__BB0_1;\n\tret;\n}}'
    code = figures.ptx_code(text.replace('({', '.param .u64 a\n)\n{'))
    return emitted_test.check_ptx('75', {kernel: [opcode for _, opcode, _ in code]}, ALLOWED)


def sass_problems(instruction, kernel=KERNEL, architecture='90', ptx=('mul.rn.f32',)):
    code = figures.sass_code(f'/*0000*/ {instruction} ; /* 0x0 */\n/*0010*/ EXIT ;')
    return emitted_test.check_sass(architecture, {kernel: code}, {kernel: ptx})


class Ptx(unittest.TestCase):
    def test_what_is_stated_is_allowed(self):
        for instruction in ['mul.rn.f32 %f1, %f2, %f2;', 'mad.lo.s32 %r1, %r2, %r2, %r2;', 'mov.f32 %f1, 0f00000000;',
                            'st.global.cs.v4.f32 [%rd1], {%f1, %f1, %f1, %f1};', 'atom.global.or.b32 %r1, [%rd1], 1;']:
            self.assertEqual(ptx_problems(instruction), [], instruction)

    def test_what_changes_bits_is_not(self):
        for instruction, words in [
                ('mul.rn.ftz.f32 %f1, %f2, %f2;', 'subnormals'),
                ('@%p2 sin.approx.f32 %f1, %f2;', 'inexact'),
                ('div.full.f32 %f1, %f2, %f2;', 'inexact'),
                ('mma.sync.aligned.m16n8k32.row.col.satfinite.s32.s8.s8.s32 {%r1}, {%r1}, {%r1}, {%r1};', 'saturates'),
                ('mul.f32 %f1, %f2, %f2;', 'contracted'),
                ('add.f32 %f1, %f2, %f2;', 'contracted'),
                ('fma.rn.f32 %f1, %f2, %f2, %f2;', 'not stated'),
                ('add.rn.f32 %f1, %f2, %f2;', 'not stated'),
                ('add.rn.f64 %fd1, %fd2, %fd2;', 'not stated'),
                ('atom.global.add.f32 %f1, [%rd1], %f2;', 'order of threads'),
                ('red.global.add.f32 [%rd1], %f2;', 'order of threads')]:
            self.assertRegex(' '.join(ptx_problems(instruction)), words, instruction)

    def test_braces_hide_nothing(self):
        self.assertRegex(' '.join(ptx_problems('{ sin.approx.f32 %f1, %f2;}')), 'inexact')
        self.assertRegex(' '.join(ptx_problems('{\n\t.reg .b32 r;\n\tsin.approx.f32 r, %f2;\n\t}')), 'inexact')

    def test_what_is_stated_is_there(self):
        allowed = [('mcnc_float_layer', {'fma.rn.f32'})]
        self.assertRegex(' '.join(emitted_test.check_stated({'mcnc_float_layer': {'mul.rn.f32', 'add.rn.f32'}}, allowed)),
                         'fma.rn.f32 is stated')
        self.assertEqual(list(emitted_test.check_stated({'mcnc_float_layer': {'fma.rn.f32'}}, allowed)), [])

    def test_every_kernel_is_in_one_row(self):
        self.assertRegex(ptx_problems('ret;', 'mcnc_other')[0], '0 rows')


class Sass(unittest.TestCase):
    def test_fused_operations_need_one_in_ptx(self):
        self.assertRegex(sass_problems('FFMA R1, R2, R3, R4')[0], 'no fma in PTX')
        self.assertEqual(sass_problems('FFMA R1, R2, R3, R4', ptx=('fma.rn.f32',)), [])

    def test_nothing_is_kept_in_local_memory(self):
        for instruction in ['STL [R1], R2', 'LDL.64 R2, [R1]']:
            self.assertRegex(sass_problems(instruction)[0], 'local memory')

    def test_subnormals_are_kept(self):
        self.assertRegex(sass_problems('@P0 FMUL.FTZ R1, R2, R3')[0], 'subnormals')

    def test_spills_are_seen(self):
        registers, shared, spills = emitted_test.needs_of(
            'ptxas info    : Function properties for mcnc_one\n'
            '    8 bytes stack frame, 4 bytes spill stores, 4 bytes spill loads\n'
            'ptxas info    : Used 40 registers, used 1 barriers, 8 bytes stack, 1024 bytes smem, 380 bytes cmem[0]\n'
            'ptxas info    : Function properties for mcnc_two\n'
            '    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n'
            'ptxas info    : Used 12 registers, used 0 barriers\n')
        self.assertEqual(registers, {'mcnc_one': 40, 'mcnc_two': 12})
        self.assertEqual(shared, {'mcnc_one': 1024, 'mcnc_two': 0})
        self.assertEqual(len(spills), 1)

    def test_a_sine_weight_has_its_limit(self):
        code = figures.sass_code(LOOP)
        kernel = 'mcnc_expand_sine_f32_3'
        self.assertEqual(emitted_test.check_sass('90', {kernel: code}, {kernel: ()}), [])
        # Twenty-nine more instructions for each of the four weights.
        long = code[:2] + [(0x11, 'IADD3', None)] * (4 * 29) + code[2:]
        self.assertRegex(emitted_test.check_sass('90', {kernel: long}, {kernel: ()})[0], 'more than 28')

    def test_integers_are_multiplied_as_matrices(self):
        def problems(word, instructions):
            code = [(at, word if at % 5 == 0 else 'IADD3', None) for at in range(instructions)]
            code.append((instructions, 'BRA', 0))
            return emitted_test.check_sass('75', {'mcnc_integer_hidden_8': code}, {'mcnc_integer_hidden_8': ()})

        self.assertEqual(problems('IMMA.16832.S8.S8', 20), [])
        self.assertEqual(problems('IMMA.8816.S8.S8', 5), ['sm_75: mcnc_integer_hidden_8: Cost(instructions=0.75, loaded=0.0, '
                                                          'stored=0.0) is more than 0.26 instructions for four products'])
        self.assertRegex(problems('IDP.4A.S8.S8', 20)[0], 'None is more than 0.26')

    def test_weights_are_stored_by_fours(self):
        for kernel, size in [('mcnc_expand_rows_f32', '.128'), ('mcnc_expand_float_f16', '.64')]:
            for stored in ['', '.64', '.128']:
                code = figures.sass_code(LOOP.replace('.128', stored))
                problems = emitted_test.check_sass('75', {kernel: code}, {kernel: ()})
                self.assertEqual(bool(problems), stored != size, problems)


class Counts(unittest.TestCase):
    def test_a_loop_is_counted(self):
        code = figures.sass_code(LOOP)
        self.assertEqual(len(code), 7)  # without the padding
        self.assertEqual(figures.cost_of_unit('mcnc_expand_sine_f32_1', code), (5 / 4, 1, 4))

    def test_matrices_are_many_products(self):
        for multiply, products in [('IMMA.16832.S8.S8', 32), ('IMMA.8816.S8.S8', 8),
                                   ('mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32', 32),
                                   ('mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32', 8)]:
            code = [(0, 'ld.global.v4.u32', None), (1, multiply, None), (2, multiply, None), (3, 'bra', 0)]
            self.assertEqual(figures.cost_of_unit('mcnc_integer_outputs', code),
                             (4 / (2 * products), 16 / (2 * products), 0))

    def test_loops_inside_are_not(self):
        code = [(0, 'ld.global.f32', None), (1, 'st.global.v4.u32', None), (2, 'add.s32', None), (3, 'st.global.u8', None),
                (4, 'bra', 2), (5, 'bra', 0)]
        self.assertEqual(figures.cost_of_unit('mcnc_draw_int8', code), (3 / 16, 4 / 16, 1))

    def test_every_width_is_known(self):
        for opcode, size in [('LDG.E.U8', 1), ('LDG.E.S16', 2), ('LDG.E.CONSTANT', 4), ('LDG.E.64.CONSTANT', 8),
                             ('ld.global.nc.v4.u32', 16), ('ld.global.s8', 1), ('ld.global.v2.b64', 16), ('st.global.f32', 0),
                             ('LDC.64', 0)]:
            self.assertEqual(figures.bytes_of(opcode, 'load'), size, opcode)


if __name__ == '__main__':
    unittest.main()
