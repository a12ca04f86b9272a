# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Readings of the specification that are wrong but near at hand: most refuse what is valid."""

from .mutation import Mutation

FOOTPRINT = "manifest.footprint"


def not_minus_zero(field, old):
    return Mutation(f"zero: -0 refused as {field}", old, f'({old} and not str({field}).startswith("-0.0"))')


def too_high(what, old, new):
    return Mutation(f"footprint: {what} counted too high", old, new, FOOTPRINT)


READINGS = (
    Mutation("buffer: elements of vectors are signed", 'slot + self.buffer.number("I", slot)',
             'slot + self.buffer.number("i", slot)', "manifest.flatbuffer"),
    Mutation("buffer: only 1 is true", 'return self.scalar(field, "B") != 0', 'return self.scalar(field, "B") == 1'),
    Mutation("buffer: a vtable has at least 4 bytes", "vtable_size % 2 == 0,",
             "vtable_size % 2 == 0 and vtable_size > 2,"),
    Mutation("buffer: a vtable has at least 2 bytes", "vtable_size % 2 == 0,",
             "vtable_size % 2 == 0 and vtable_size > 0,"),
    Mutation("buffer: 4 bytes of a vtable are read", "buffer.check(vtable, vtable_size, 2)",
             "buffer.check(vtable, max(vtable_size, 4), 2)"),
    Mutation("names: a colon is not a second character", 're.match(rb"/|.:", name, re.DOTALL)',
             '(name[:1] == b"/" or text is not None and text[1:2] == ":")', "tensor.name"),
    Mutation("names: a colon stands behind a letter", 'rb"/|.:"', 'rb"/|[A-Za-z]:"', "tensor.name"),
    Mutation("f16: -0 widened to +0", '(value for value, in struct.iter_unpack("<e", data))',
             '(value + 0.0 for value, in struct.iter_unpack("<e", data))'),
    Mutation("f16: -0 widened to +0 in theta0", "values = read_floats(theta0.content",
             "values = map(0.0.__add__, read_floats(theta0.content", "",
             (("else segments[theta0.segment], theta0.dtype)", "else segments[theta0.segment], theta0.dtype))\n"
               '    values = array("f", values)'),)),
    Mutation("beta: -0 widened to +0", "read_floats(segments[c.beta_segment], c.beta_type)",
             "[value + 0.0 for value in read_floats(segments[c.beta_segment], c.beta_type)]"),
    Mutation("bounds: inputs of integer generators too", "for g in (g for g in generators if g.arithmetic != INTEGER):",
             "for g in generators:", "generator.inputs"),
    Mutation("bounds: accumulators of hidden layers too",
             'need("generator.bound", c.phi.layers[-1].n_in * 128 * largest_input < 1 << 31)',
             'need("generator.bound", all('
             "layer.n_in * 128 * (127 if i else 128 if c.alpha_type == 0 else 32768) < 1 << 31 "
             "for i, layer in enumerate(c.phi.layers)))", "generator.bound"),
    too_high("a segment", "parse_segment, 40)", "parse_segment, 41)"),
    too_high("a generator", "parse_generator, 44)", "parse_generator, 45)"),
    too_high("a layer", "parse_layer, 8,", "parse_layer, 9,"),
    too_high("a codes table", "parse_codes, 8)", "parse_codes, 9)"),
    too_high("a tensor", "parse_tensor, 56)", "parse_tensor, 57)"),
    too_high("an entry of metadata", "parse_metadata, 16)", "parse_metadata, 17)"),
    too_high("a base", "parse_base, 44)", "parse_base, 45)"),
    too_high("a member of a union", "(type(self)(self.buffer, target, 4))", "(type(self)(self.buffer, target, 5))"),
    too_high("a string", "        self.buffer.charge(length)\n", "        self.buffer.charge(length + 1)\n"),
    too_high("a shape", "        self.buffer.charge(8 * length)\n", "        self.buffer.charge(8 * length + 4)\n"),
    too_high("the manifest", "t = Table(buffer, buffer.follow(0), 0)", "t = Table(buffer, buffer.follow(0), 1)"),
    too_high("the budget", "buffer.follow(t.position(5, required=True)), 0)",
             "buffer.follow(t.position(5, required=True)), 1)"),
    not_minus_zero("layer.turns", "layer.turns == 0"),
    not_minus_zero("layer.weights_scale", "layer.weights_scale == 0"),
    not_minus_zero("c.beta", "c.beta == 0"),
    not_minus_zero("theta0.value", "abs(theta0.value) <= 2.0**64"),
    not_minus_zero("t.source.scale", "abs(t.source.scale) <= 2.0**16"),
)
