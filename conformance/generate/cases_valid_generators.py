# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Valid files: generators and their integer arithmetic."""

from bases import ALPHA, one, several
from cases import valid
from container import build
from model import (TURN, Data, codes, floats, generated, generator, identity, int8s, int16s, model, run, sine, tensor)


def single(g, alpha, count, **options):
    """One generator, one codes table, one f32 tensor of `count` elements."""
    return build(model([g], [codes(alpha, **options)], [tensor("w", (count,), generated())]))


def ramp(k, count, step=37):
    """`count` codes of k numbers that wander through int8."""
    return [[(step * (i + 5 * c + 1)) % 255 - 127 for i in range(k)] for c in range(count)]


def seeded(seed):
    return single(generator(sine(8), seed=seed), ALPHA, 16)


def cases():
    yield valid("one_sine", "One seeded sine layer, two chunks, one tensor.", build(one()))
    yield valid("several", "Two generators, two codes tables, every kind of tensor, metadata, raw and zstd segments.",
                build(several()))

    yield valid("code_dim_1_chunk_dim_1", "The smallest generator: one weight.",
                single(generator(sine(1), k=1), [[1], [-1], [127]], 3))
    yield valid("code_dim_2_chunk_dim_7", "A width that is no multiple of anything.",
                single(generator(sine(7), k=2), ramp(2, 3), 21))
    yield valid("code_dim_9_chunk_dim_1024", "9 to 1024.", single(generator(sine(1024), k=9), ramp(9, 1), 1024))
    yield valid("codes_per_chunk_2", "Two codes a chunk.", single(generator(sine(8)), ramp(3, 4), 16, m=2))
    yield valid("codes_per_chunk_3", "Three codes a chunk, k = 9, d = 7.",
                single(generator(sine(7), k=9), ramp(9, 6), 14, m=3))
    yield valid("codes_per_chunk_65536", "As many codes a chunk as there may be.",
                single(generator(sine(1), k=1), run(3, 65536), 1, m=65536, chunks=1))
    yield valid("chunks_100", "A hundred chunks, so that alpha is read planar.",
                single(generator(sine(3)), ramp(3, 100), 300))

    yield valid("alpha_int8_extremes", "-128, 127 and 0.",
                single(generator(sine(8)), [(-128, 127, -128), (127, 127, 127), (-128, -128, -128), (0, 0, 0)], 32))
    yield valid("alpha_int16_extremes", "-32768, 32767 and 0.",
                single(generator(sine(8)), [(-32768, 32767, -32768), (32767,) * 3, (-32768,) * 3, (0, 0, 0)], 32,
                       alpha_type=1))
    yield valid("alpha_int16_small", "int16 codes that int8 would hold, next to ones whose low byte is 0.",
                single(generator(sine(8)), [(-1, 1, 256), (255, -256, 128)], 16, alpha_type=1))
    yield valid("alpha_zero", "All codes zero: every output is sine(0) = 0.",
                single(generator(sine(8)), [(0, 0, 0)], 8))

    yield valid("layers_2", "Two sine layers.", single(generator(sine(5), sine(8)), ALPHA, 16))
    yield valid("layers_3", "Three sine layers, widths 5, 1 and 8.",
                single(generator(sine(5), sine(1), sine(8)), ALPHA, 16))
    yield valid("layers_16", "As many layers as there may be, the last identity.",
                single(generator(*[sine(2 + i % 3) for i in range(15)], identity(4)), ALPHA, 8))
    yield valid("layers_identity_last", "A sine layer, then an identity layer.",
                single(generator(sine(4), identity(8), seed=7), ALPHA, 16))
    yield valid("layers_stream", "Two layers of equal size draw from their own streams.",
                single(generator(sine(3), sine(3), identity(3)), ALPHA, 6))
    yield valid("hidden_saturates",
                "Sines of 32767 and -32767 become activations of 127 and -127, never 128 or -128; others round down.",
                single(generator(sine(8, 1 << 24, [64, -64, 63, -63, 1, -1, 32, -32]),
                                 identity(8, [1 if i == j else 0 for i in range(8) for j in range(8)]), k=1),
                       [[1], [-1], [2], [3], [127], [-128]], 48))

    yield valid("identity_bound_int8", "k = 131,071 is the largest identity layer of int8 codes; codes of -128.",
                single(generator(identity(1, run(0x80, 131071)), k=131071), run(0x80, 131071), 1, chunks=1))
    yield valid("identity_bound_int16", "k = 511 is the largest identity layer of int16 codes; codes of -32768.",
                single(generator(identity(1, run(0x80, 511)), k=511), [(-32768,) * 511], 1, alpha_type=1))
    yield valid("identity_bound_hidden", "132,104 inputs are the largest identity layer behind another one.",
                single(generator(sine(132104, 1 << 24, run(64, 132104)), identity(1, run(0x80, 132104)), k=1),
                       [[1], [-1]], 2))

    yield valid("frequency_1", "The lowest frequency: only large sums move the phase.",
                single(generator(sine(8, 1)), [(32767, -32768, 32767)], 8, alpha_type=1))
    yield valid("frequency_max", "2^32 - 1: the phase is minus the sum.",
                single(generator(sine(8, 2**32 - 1)), ALPHA, 16))
    yield valid("frequency_odd", "An odd frequency, all 32 bits of the product count.",
                single(generator(sine(8, 0x9E3779B9)), ALPHA, 16))
    yield valid("frequency_half_turn", "2^31: odd sums lie at half a turn, even ones at 0.",
                single(generator(sine(8, 1 << 31)), ALPHA, 16))
    yield valid("sine_quarters", "Phases at and beside the quarters of a turn.",
                single(generator(sine(10, 1 << 16, [0, 1, -1, 127, -128, 64, -64, 63, 65, 2]), k=1),
                       [[1], [127], [-128], [-127], [64]], 50))
    yield valid("sine_all_octants", "int16 codes around 2^14, 2^15: phases in every octant.",
                single(generator(sine(8, 1 << 16, range(1, 9)), k=1),
                       [[v] for v in (8191, 8192, 8193, 16383, 16384, 16385, 24576, 32767, -32768, -16384)], 80,
                       alpha_type=1))

    yield valid("accumulator_wraps", "Sums of 2^31, 2^32 - 2^22 and just above 2^32.",
                single(generator(sine(1, 0x10001, run(0x80, 1025)), k=1025),
                       Data(int16s([-32768] * 3 * 512 + [0, -32768, -32768] * 511 + [0, 0, -32768, 0, 0, -3])), 3,
                       alpha_type=1, chunks=3))
    yield valid("accumulator_negative", "Sums below -2^31.",
                single(generator(sine(2, 0x10001, run(127, 2 * 600)), k=600),
                       Data(int16s([-32768] * 600)), 2, alpha_type=1, chunks=1))

    yield valid("stored_weights_extremes", "Stored weights -128, 127, 0 and even numbers, which no seed gives.",
                single(generator(sine(4, weights=[-128, 127, 0, 2, 127, -128, -2, 0, 4, -4, 1, -1])), ALPHA, 8))
    yield valid("stored_weights_zero", "Stored weights that are all zero.",
                single(generator(sine(4, weights=[0] * 12)), ALPHA, 8))
    yield valid("stored_weights_first", "The first layer stored, the second drawn from stream 1.",
                single(generator(sine(4, weights=range(-6, 6)), sine(8)), ALPHA, 16))
    yield valid("stored_weights_last", "The first layer drawn from stream 0, the second stored.",
                single(generator(sine(4), sine(3, weights=range(-6, 6))), ALPHA, 6))
    yield valid("stored_weights_linear", "PRANC and NOLA: a stored linear generator.",
                single(generator(identity(4, Data(int8s(range(-6, 6))))), ALPHA, 8))

    yield valid("seed_0", "Seed 0.", seeded(0))
    yield valid("seed_max", "Seed 2^64 - 1: both words of the key overflow in every round.", seeded(2**64 - 1))
    yield valid("seed_low_word", "Seed 2^32 - 1: only the low word of the key.", seeded(2**32 - 1))
    yield valid("seed_high_word", "Seed 2^63 + 2^32: only the high word of the key.", seeded(2**63 + 2**32))

    yield valid("generator_shared", "Two codes tables of one generator, int8 and int16.",
                build(model([generator(sine(8))], [codes(ALPHA), codes(ALPHA, alpha_type=1, beta=2.0**-14)],
                            [tensor("a", (16,), generated(0)), tensor("b", (16,), generated(1))])))
    yield valid("generators_2", "Two generators of one seed and other sizes, used in reverse order.",
                build(model([generator(sine(8)), generator(sine(3, TURN // 2), k=2)],
                            [codes([(1, 2)], generator=1), codes(ALPHA, floats([2.0**-15, -2.0**-15]))],
                            [tensor("a", (3,), generated(0)), tensor("b", (16,), generated(1))])))
