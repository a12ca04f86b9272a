# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Ways to get the decoder wrong, as substitutions in the source of the independent one.

What no case can tell from the right decoder is not here: the high half of Philox's block index, which needs a tensor of
2^35 elements (check values of the specification and unit tests have it), and the first clamp of the sine, which changes
nothing that the last one does not.
"""

import csv
import dataclasses
import pathlib

RULES = pathlib.Path(__file__).resolve().parents[2] / "spec" / "rules.csv"


@dataclasses.dataclass(frozen=True)
class Mutation:
    name: str
    old: str
    new: str
    rule: str = ""  # cases of this rule are tried first
    more: tuple = ()  # (old, new) of further substitutions

    def apply(self, source):
        for old, new in ((self.old, self.new), *self.more):
            found = source.count(old)
            if found != 1:
                raise ValueError(f"mutation {self.name} no longer applies: {old!r} occurs {found} times")
            source = source.replace(old, new)
        return source


def unchecked_rules():
    """For each rule of the specification, a decoder that does not know it. Without container.trailing the next rule
    of the same code refuses the same files; there is a mutation that does accept them."""
    with open(RULES, encoding="utf-8", newline="") as file:
        for rule in (row["rule"] for row in csv.DictReader(file) if row["rule"] != "container.trailing"):
            yield Mutation(f"{rule} unchecked", "    if not condition:\n        raise Refused(",
                           f'    if not condition and rule != "{rule}":\n        raise Refused(', rule)


RANDOM_NUMBERS = (
    Mutation("philox: 9 rounds", "for i in range(10)]", "for i in range(9)]"),
    Mutation("philox: multiplier", "0xCD9E8D57 * c", "0xCD9E8D5B * c"),
    Mutation("philox: multipliers swapped", "0xD2511F53 * a, 0xCD9E8D57 * c", "0xCD9E8D57 * a, 0xD2511F53 * c"),
    Mutation("philox: key constant", "i * 0x9E3779B9 ", "i * 0x9E3779BB "),
    Mutation("philox: low half of the key carries into the high one", "(seed >> 32) + i * 0xBB67AE85 & 0xFFFFFFFF",
             "seed + i * 0xBB67AE859E3779B9 >> 32 & 0xFFFFFFFF"),
    Mutation("philox: high half of the seed ignored", "(seed >> 32) + i * 0xBB67AE85", "i * 0xBB67AE85"),
    Mutation("philox: stream and domain swapped", "block >> 32, stream, domain", "block >> 32, domain, stream"),
    Mutation("random: weights drawn from the domain of theta0", "WEIGHTS, UNIFORM, PROBES = 1, 2, 3",
             "WEIGHTS, UNIFORM, PROBES = 2, 2, 3"),
    Mutation("random: theta0 drawn from the domain of weights", "WEIGHTS, UNIFORM, PROBES = 1, 2, 3",
             "WEIGHTS, UNIFORM, PROBES = 1, 1, 3", "tensor.theta0"),
    Mutation("random: probes drawn from the domain of weights", "WEIGHTS, UNIFORM, PROBES = 1, 2, 3",
             "WEIGHTS, UNIFORM, PROBES = 1, 2, 1"),
    Mutation("random: weights may be even", "bytes(byte | 1 for", "bytes(byte for"),
    Mutation("random: every layer draws from stream 0", "WEIGHTS, index, 0, ", "WEIGHTS, 0, 0, "),
    Mutation("random: every probe is the first", "PROBES, 0, probe * g.code_dim, ", "PROBES, 0, 0, "),
    Mutation("random: big-endian words", 'return pack("I", words)[', 'return struct.pack(f">{len(words)}I", *words)['),
)

ARITHMETIC = (
    Mutation("layer: weights output-major", "layer_weights[i * layer.width:(i + 1) * layer.width]",
             "layer_weights[i::layer.n_in]"),
    Mutation("layer: accumulator saturates", "acc = [a & 0xFFFFFFFF for a in acc]",
             "acc = [max(-1 << 31, min(a, (1 << 31) - 1)) & 0xFFFFFFFF for a in acc]"),
    Mutation("layer: accumulator is a float32", "acc = [a & 0xFFFFFFFF for a in acc]",
             'acc = [int(array("f", [a])[0]) & 0xFFFFFFFF for a in acc]'),
    Mutation("layer: accumulator of 16 bits", "acc = [a & 0xFFFFFFFF for a in acc]",
             "acc = [(a + 32768 & 65535) - 32768 & 0xFFFFFFFF for a in acc]"),
    Mutation("layer: products of 16 bits", "map(mul, repeat(x_i), row)",
             "map(lambda x, w: (x * w + 32768 & 65535) - 32768, repeat(x_i), row)"),
    Mutation("layer: phase shifted before the frequency", "(layer.frequency * a & 0xFFFFFFFF) >> 16",
             "layer.frequency * (a >> 16) & 0xFFFF"),
    Mutation("layer: phase rounded", "(layer.frequency * a & 0xFFFFFFFF) >> 16",
             "(layer.frequency * a + 0x8000 & 0xFFFFFFFF) >> 16"),
    Mutation("layer: low half of the frequency ignored", "(layer.frequency * a & 0xFFFFFFFF) >> 16",
             "(layer.frequency >> 16) * a & 0xFFFF"),
    Mutation("layer: identity gives unsigned sums", "[a - (a >> 31 << 32) for a in acc]",
             "[min(a, (1 << 31) - 1) for a in acc]"),
    Mutation("sine: off by one at a quarter turn", "(phase - 16384 + 32768) % 65536", "(phase - 16383 + 32768) % 65536"),
    Mutation("sine: no clamp at the end", "return max(-32767, min(x + (x * p + 16384 >> 15), 32767))",
             "return x + (x * p + 16384 >> 15)"),
    Mutation("sine: reaches -32768", "return max(-32767, min(x + (x * p", "return max(-32768, min(x + (x * p"),
    Mutation("sine: square truncated", "u = x * x + 16384 >> 15", "u = x * x >> 15"),
    Mutation("sine: last product truncated", "min(x + (x * p + 16384 >> 15), 32767)", "min(x + (x * p >> 15), 32767)"),
    Mutation("sine: products round towards zero", "p = (p * u + 16384 >> 15) + 18688",
             "p = int((p * u + 16384) / 32768) + 18688"),
    Mutation("sine: coefficient", "+ 18688", "+ 18687"),
    Mutation("activation: truncated", "s + 128 >> 8", "s >> 8"),
    Mutation("activation: rounds half towards zero", "s + 128 >> 8", "s + 128 - (s > 0) >> 8"),
    Mutation("activation: reaches -128", "x = [max(-127, min(s", "x = [max(-128, min(s"),
    Mutation("activation: reaches 128", "min(s + 128 >> 8, 127)", "s + 128 >> 8"),
)

CODES = (
    Mutation("alpha: interleaved", "range(code * size, c.count * g.code_dim * size, c.count * size)",
             "range(code * g.code_dim * size, (code + 1) * g.code_dim * size, size)"),
    Mutation("alpha: big-endian", '[at:at + size], "little", signed=True)', '[at:at + size], "big", signed=True)'),
    Mutation("alpha: unsigned", '"little", signed=True)', '"little", signed=False)'),
    Mutation("codes: not those of the chunk", "chunk * c.codes_per_chunk + j)", "chunk + j * c.chunks)"),
    Mutation("codes: added in reverse", "for j in range(c.codes_per_chunk)]",
             "for j in reversed(range(c.codes_per_chunk))]"),
    Mutation("codes: summed before theta0 is added",
             "products = [products_of(chunk * c.codes_per_chunk + j) for j in range(c.codes_per_chunk)]",
             'products = [array("f", map(sum, zip(*[products_of(chunk * c.codes_per_chunk + j) '
             'for j in range(c.codes_per_chunk)])))]'),
    Mutation("codes: default of codes_per_chunk", 't.scalar(2, "I", 1)', 't.scalar(2, "I", 2)'),
    Mutation("beta: exponent ignored", "(value * 2.0**c.beta_exponent for", "(value for"),
    Mutation("beta: exponent unsigned", 't.scalar(6, "b")', 't.scalar(6, "B")'),
    Mutation("beta: scaled without rounding", 'return array("f", (value * 2.0**c.beta_exponent',
             'return array("d", (value * 2.0**c.beta_exponent'),
    Mutation("beta: f16 read as bf16", "read_floats(segments[c.beta_segment], c.beta_type)",
             "read_floats(segments[c.beta_segment], c.beta_type and BF16)"),
    Mutation("beta: bf16 read as f16", "read_floats(segments[c.beta_segment], c.beta_type)",
             "read_floats(segments[c.beta_segment], c.beta_type and F16)"),
    Mutation("beta: that of the first code for all", "betas[0 if c.beta_segment is None else code]", "betas[0]"),
    Mutation("beta: that of the first code of a chunk for all", "betas[0 if c.beta_segment is None else code]",
             "betas[0 if c.beta_segment is None else code // c.codes_per_chunk * c.codes_per_chunk]"),
    Mutation("beta: NaN accepted", "return abs(value) * 2.0**exponent <= 2.0**64",
             "return not abs(value) * 2.0**exponent > 2.0**64", "codes.beta"),
    Mutation("beta: compared before it is scaled", "return abs(value) * 2.0**exponent <= 2.0**64",
             "return abs(value) <= 2.0**64", "codes.beta"),
    Mutation("sum: multiply and add fused", 'return array("f", map(mul, repeat(beta), array("f", outputs)))',
             'return array("d", map(mul, repeat(beta), array("f", outputs)))'),
    Mutation("sum: outputs not rounded to float32", 'map(mul, repeat(beta), array("f", outputs))',
             "map(mul, repeat(beta), outputs)"),
    Mutation("sum: kept in float64", 'total = array("f", map(add, total,', 'total = array("d", map(add, total,'),
    Mutation("sum: subnormals flushed", "yield t, theta0, total",
             'yield t, theta0, array("f", [w if abs(w) >= 2.0**-126 else 0.0 for w in total])'),
)

TENSORS = (
    Mutation("tensor: first_element ignored", "product[first - chunk * d:stop - chunk * d]", "product[:stop - first]"),
    Mutation("tensor: tail of a chunk not left out", "t.first, t.end = t.source.first, t.source.first + t.elements",
             "t.first, t.end = end, end + t.elements"),
    Mutation("theta0: counted from the start of the codes", "theta0_of(first - t.first, stop - first)",
             "theta0_of(first, stop - first)"),
    Mutation("theta0: int16 unsigned", '"<h", random_bytes(theta0.seed', '"<H", random_bytes(theta0.seed'),
    Mutation("theta0: big-endian", '"<h", random_bytes(theta0.seed', '">h", random_bytes(theta0.seed'),
    Mutation("theta0: stream ignored", "UNIFORM, theta0.stream", "UNIFORM, 0"),
    Mutation("theta0: product not rounded", 'array("f", [theta0.bound * r for r',
             'array("d", [theta0.bound * r for r'),
    Mutation("theta0: constant ignored", "[0.0 if theta0 is None else theta0.value]", "[0.0]"),
    Mutation("theta0: f16 read as bf16", "read_floats(segments[theta0.segment], theta0.dtype)",
             "read_floats(segments[theta0.segment], theta0.dtype and BF16)"),
    Mutation("theta0: NaN accepted", 'need("tensor.theta0", all(abs(value) <= 2.0**64 for value in values))',
             'need("tensor.theta0", not any(abs(value) > 2.0**64 for value in values))', "tensor.theta0"),
    Mutation("bf16: truncated", "[word + 0x7FFF + (word >> 16 & 1) >> 16 for", "[word >> 16 for"),
    Mutation("bf16: ties rounded away", "word + 0x7FFF + (word >> 16 & 1) >> 16", "word + 0x8000 >> 16"),
    Mutation("f16: subnormals flushed", "[w if abs(w) < 65520 else",
             "[w * 0.0 if abs(w) < 2.0**-14 else w if abs(w) < 65520 else"),
    Mutation("f16: saturates", 'w * float("inf") for', "65504.0 * (1 if w > 0 else -1) for"),
    Mutation("f16: read without subnormals", '(value for value, in struct.iter_unpack("<e", data))',
             '(value if abs(value) >= 2.0**-14 else 0.0 for value, in struct.iter_unpack("<e", data))'),
    Mutation("merkle: leaves without prefix", 'sha256(b"\\0" + data[at', "sha256(data[at"),
    Mutation("merkle: nodes without prefix", 'sha256(b"\\1" + b"".join(pair))', 'sha256(b"".join(pair))'),
    Mutation("merkle: odd leaf duplicated", "if len(pair) == 2 else pair[0]",
             'if len(pair) == 2 else sha256(b"\\1" + 2 * pair[0])'),
    Mutation("merkle: leaves of 32 KiB", "data[at:at + 65536]) for at in range(0, len(data), 65536)",
             "data[at:at + 32768]) for at in range(0, len(data), 32768)"),
    Mutation("merkle: no bytes hash as a leaf", 'else sha256(b"")', 'else sha256(b"\\0")'),
    Mutation("identity: without dtype", 'pack("B", [t.dtype]), ', ""),
    Mutation("identity: without shape", 'pack("Q", t.shape), ', ""),
    Mutation("shared: of a shared tensor accepted", 'other.source.kind != "shared"', "True", "tensor.shared"),
    Mutation("shared: another dtype accepted", "(t.dtype, t.shape, t.digest) == (other.dtype, other.shape, other.digest)",
             "(t.shape, t.digest) == (other.shape, other.digest)", "tensor.shared"),
    Mutation("shared: another shape accepted", "(t.dtype, t.shape, t.digest) == (other.dtype, other.shape, other.digest)",
             "(t.dtype, t.digest) == (other.dtype, other.digest)", "tensor.shared"),
    Mutation("shared: another digest accepted", "(t.dtype, t.shape, t.digest) == (other.dtype, other.shape, other.digest)",
             "(t.dtype, t.shape) == (other.dtype, other.shape)", "tensor.shared"),
)

CONTAINER = (
    Mutation("preamble: newer minor version refused", "major == 1)", "(major, _minor) == (1, 0))", "container.version"),
    Mutation("preamble: trailing data accepted", "    manifest_bytes = read_preamble(data)\n",
             '    data = data[:int.from_bytes(data[24:32], "little")]\n    manifest_bytes = read_preamble(data)\n',
             "container.trailing"),
    Mutation("preamble: not in the file digest", "sha256(data[:32] + manifest)", "sha256(manifest)"),
    Mutation("buffer: alignment unchecked", " or at % alignment != 0:", ":", "manifest.flatbuffer"),
    Mutation("buffer: alignment of u64 elements unchecked", "8 * length, 8 if length else 1)", "8 * length, 4)",
             "manifest.flatbuffer"),
    Mutation("buffer: negative offsets accepted", 'distance = self.number("I", at)\n', 'distance = self.number("i", at)\n',
             "manifest.flatbuffer", (("0 < distance < 1 << 31 and", "distance != 0 and 0 <="),)),
    Mutation("buffer: offset of 0 accepted", "0 < distance < 1 << 31 and", "distance < 1 << 31 and",
             "manifest.flatbuffer"),
    Mutation("buffer: number of tables unchecked", 'need("manifest.flatbuffer", buffer.tables_left >= 0,',
             'need("manifest.flatbuffer", True,', "manifest.flatbuffer"),
    Mutation("buffer: odd vtable accepted", 'need("manifest.flatbuffer", vtable_size % 2 == 0,',
             'need("manifest.flatbuffer", True,', "manifest.flatbuffer"),
    Mutation("buffer: string without end accepted", "self.buffer.data[at + length] == 0,", "True,",
             "manifest.flatbuffer"),
    Mutation("buffer: required fields may be absent", "distance or not required,", "True,", "manifest.flatbuffer"),
    Mutation("buffer: identifier unchecked", ' and data[4:8] == b"MCNC"', "", "manifest.flatbuffer"),
    Mutation("footprint: strings are free", "        self.buffer.charge(length)\n", "", "manifest.footprint"),
    Mutation("footprint: shapes are free", "        self.buffer.charge(8 * length)\n", "", "manifest.footprint"),
    Mutation("footprint: tables are free", "        buffer.charge(least_size)\n", "", "manifest.footprint"),
    Mutation("segment: gap accepted", "s.offset == s.previous_end + -s.previous_end % 64 and",
             "s.offset % 64 == 0 and s.offset >= s.previous_end and", "segment.offset"),
    Mutation("segment: overlap accepted", "s.offset == s.previous_end + -s.previous_end % 64 and", "s.offset % 64 == 0 and",
             "segment.offset"),
    Mutation("frame: data after it accepted", "good(at == len(frame),", "good(at <= len(frame),", "segment.frame"),
    Mutation("frame: large window accepted", "good(window <= 8 << 20,", "good(True,", "segment.frame"),
    Mutation("frame: window mantissa ignored", "8 + (window_byte & 7) << 7", "8 << 7", "segment.frame"),
    Mutation("frame: dictionary id of 0 accepted", "good(descriptor & 0b1011 == 0,", "good(descriptor & 0b1000 == 0,",
             "segment.frame", (("good(take(1 << size_flag)",
                                "take((0, 1, 2, 4)[descriptor & 3])\n    good(take(1 << size_flag)"),)),
    Mutation("frame: content size may be absent", "good(size_flag != 0,", "good(True,", "segment.frame",
             (("good(take(1 << size_flag)", "good(not single_segment and size_flag == 0 or take(1 << size_flag)"),)),
    Mutation("frame: content size of two bytes without 256", "(256 if size_flag == 1 else 0)", "0", "segment.frame"),
    Mutation("limits: of the decoder only", "limit = limits.get(name, DEFAULT_LIMITS[name])",
             "limit = DEFAULT_LIMITS[name]", "limit.output"),
    Mutation("limits: reached is exceeded", "m.budget[name] <= limit", "m.budget[name] < limit", "limit.output"),
)

TEXT_AND_BOUNDS = (
    Mutation("names: backslash accepted", ' or b"\\\\" in name', "", "tensor.name"),
    Mutation("names: drive letter accepted", 're.match(rb"/|.:", name', 're.match(rb"/", name', "tensor.name"),
    Mutation("names: part . accepted", '{b".", b".."} &', '{b".."} &', "tensor.name"),
    Mutation("names: part .. accepted", '{b".", b".."} &', '{b"."} &', "tensor.name"),
    Mutation("names: C1 controls accepted", "\\x7f-\\x9f]", "\\x7f]", "tensor.name"),
    Mutation("names: not UTF-8 accepted", 'return data.decode("utf-8")', 'return data.decode("utf-8", "replace")',
             "tensor.name"),
    Mutation("names: __metadata__ accepted", 'name != b"__metadata__"', "True", "tensor.name"),
    Mutation("names: 1,024 bytes refused", "1 <= len(name) <= 1024", "1 <= len(name) < 1024", "tensor.name"),
    Mutation("names: twice the same accepted", "a.name < b.name", "a.name <= b.name", "tensor.order"),
    Mutation("keys: twice the same accepted", "a.key < b.key", "a.key <= b.key", "metadata.order"),
    Mutation("keys: one word accepted", 'rb"[a-z0-9_]+(\\.[a-z0-9_]+)+"', 'rb"[a-z0-9_]+(\\.[a-z0-9_]+)*"',
             "metadata.key"),
    Mutation("text: U+0000 accepted", ' and b"\\0" not in value', "", "metadata.text"),
    Mutation("bounds: 16 layers refused", "1 <= len(g.layers) <= 16", "1 <= len(g.layers) < 16", "generator.layers"),
    Mutation("bounds: accumulator of 2^31 accepted", "largest_input < 1 << 31)", "largest_input <= 1 << 31)",
             "generator.bound"),
    Mutation("bounds: int16 codes counted as int8", "1 << 8 * c.alpha_size - 1", "128", "generator.bound"),
    Mutation("bounds: activations counted as int8 codes", "127 if len(layers) > 1 else", "128 if len(layers) > 1 else",
             "generator.bound"),
    Mutation("bounds: 65,536 codes per chunk refused", "c.codes_per_chunk <= 65536", "c.codes_per_chunk < 65536",
             "codes.count"),
    Mutation("bounds: beta of 2^64 refused", "return abs(value) * 2.0**exponent <= 2.0**64",
             "return abs(value) * 2.0**exponent < 2.0**64", "codes.beta"),
    Mutation("bounds: theta0 bound of 2^48 refused", "0 < theta0.bound <= 2.0**48", "0 < theta0.bound < 2.0**48",
             "tensor.theta0"),
    Mutation("bounds: exponent of -64 refused", "-64 <= c.beta_exponent <= 63", "-64 < c.beta_exponent <= 63",
             "codes.exponent"),
    Mutation("bounds: 16 dimensions refused", "len(t.shape) <= 16 and", "len(t.shape) < 16 and", "tensor.shape"),
    Mutation("bounds: 17 dimensions accepted", "in t.shape[:16]:", "in t.shape:", "tensor.shape",
             (("len(t.shape) <= 16 and ", ""),)),
    Mutation("bounds: zeros hide other dimensions", "least_one * max(dimension, 1)", "least_one * dimension",
             "tensor.shape"),
    Mutation("bounds: last chunk may be unused", "(c.chunks - 1) * d < end <=", "end <=", "codes.coverage"),
    Mutation("bounds: same stream of another seed refused", "[(theta0.seed, theta0.stream) for",
             "[theta0.stream for", "tensor.stream"),
)


def all_mutations():
    return [*unchecked_rules(), *RANDOM_NUMBERS, *ARITHMETIC, *CODES, *TENSORS, *CONTAINER, *TEXT_AND_BOUNDS]
