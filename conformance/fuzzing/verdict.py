# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What two decoders may disagree about: section 14 of the specification, and nothing else."""

import contextlib
import functools

from . import ROOT
from . import independent as reference
from .independent import CLASS_OF_CODE, Refused

# Rules in the order of section 14. The third step is what stands between these two.
ORDER = list(reference.rules())
KINDS = set(ORDER[ORDER.index("manifest.flatbuffer") + 1:ORDER.index("segment.offset")])
LATE = set(ORDER[ORDER.index("segment.padding"):]) | {"codes.beta", "tensor.theta0"}


class LenientBuffer(reference.Buffer):
    """Goes on reading where a rule of the third step is broken, and keeps its id."""

    def __init__(self, data):
        self.broken = set()
        super().__init__(data)

    @property
    def unknown(self):
        return None

    @unknown.setter
    def unknown(self, rule):
        self.broken |= {rule} - {None}

    def charge(self, size):
        self.footprint_left -= size
        if self.footprint_left < 0:
            self.broken.add("manifest.footprint")


def broken_kinds(manifest):
    """The rules of steps 2 and 3 that a file may be refused for, if it is refused for one of them."""
    buffer = LenientBuffer(manifest)
    try:
        with reference.replaced(Buffer=lambda _: buffer):
            reference.parse_manifest(manifest)
    except Refused:
        return {"manifest.flatbuffer"} | KINDS  # nobody can say what else is behind the place that is not readable
    return buffer.broken


class Lazy:
    """Segments, loaded when they are asked for."""

    def __init__(self, data, segments):
        self.data = data
        self.segments = segments

    def __getitem__(self, index):
        return reference.load_segment(self.data, self.segments[index])


def broken_late(case):
    """The rules of steps 12 to 14 that the file breaks: of each thing alone the one met first."""
    m = reference.open_file(case.data, case.limits)
    segments = Lazy(case.data, m.segments)
    bases = reference.Bases([base_bytes(path) for path in case.bases])
    broken = set()

    @contextlib.contextmanager
    def noting():
        try:
            yield
        except Refused as error:
            broken.add(error.args[0])

    for index in range(len(m.segments)):
        with noting():
            segments[index]
    for g in m.generators:
        with noting():
            reference.load_generator(g, segments)
    for c in m.codes:
        for load in (reference.load_alphas, reference.load_betas):
            with noting():
                load(c, segments)
    for t in m.tensors:
        if t.source.theta0 is not None:
            with noting():
                load_theta0(m, t, segments, bases)
        if t.source.kind == "product":
            for factor in (t.b, t.a):
                with noting():
                    decode(m, factor, segments, bases)
                    reference.load_factor(factor)
        with noting():
            decode(m, t, segments, bases)
            reference.need("tensor.digest", reference.merkle_root(t.decoded) == t.digest)
    return broken


def load_theta0(m, t, segments, bases):
    if t.source.theta0.kind == "base":
        reference.take_from_base(m, t, bases)
    reference.load_theta0(t.source.theta0, segments)


def decode(m, t, segments, bases):
    """Gives the tensor its bytes, and whatever it is made of before it, but checks no tensor's digest."""
    if t.source.theta0 is not None:
        load_theta0(m, t, segments, bases)
    if t.source.kind == "stored":
        t.decoded = segments[t.source.segment]
    elif t.source.kind == "shared":
        decode(m, t.target, segments, bases)
        t.decoded = t.target.decoded
    elif t.source.kind == "generated":
        c = m.codes[t.source.codes]
        c.tensors = [t]
        parts = reference.generate(c.phi, c, reference.load_generator(c.phi, segments), segments, {})
        t.decoded = b"".join([reference.write_floats(total, t.dtype) for _, _, total in parts])
    else:
        for factor in (t.b, t.a):
            decode(m, factor, segments, bases)
        t.decoded = reference.write_floats(reference.make_product(t, segments)[1], t.dtype)


def acceptable(case, rule):
    """The rules that a decoder may name where the independent decoder names this one."""
    if rule in KINDS or rule == "manifest.flatbuffer":
        return broken_kinds(reference.read_preamble(case.data))
    if rule in LATE:
        with contextlib.suppress(Refused):
            return broken_late(case)
    return {rule}


@functools.lru_cache(maxsize=None)
def base_bytes(path):
    return (ROOT / path).read_bytes()


def independent_answer(case):
    try:
        return reference.decode(case.data, case.limits, bases=[base_bytes(path) for path in case.bases])
    except Exception as error:  # whatever it is, it is a bug of that decoder
        return {"class": -1, "code": "crash", "message": f"{type(error).__name__}: {error}"}


def disagreement(case, independent, answer):
    """None, or a sentence."""
    for who, its in (("independent decoder", independent), ("decoder", answer)):
        if its.get("class", -1) not in (0, 1, 3, 4, 6):
            return f"{who}: {its}"
    if independent["class"] == 0 or answer["class"] == 0:
        for key in ("class", "code", "weights_identity", "tensors"):
            if independent.get(key) != answer.get(key):
                return f"{key}: independent decoder {shown(independent)}, decoder {shown(answer)}"
        return None
    code, rule = answer["code"], answer.get("rule")
    if CLASS_OF_CODE.get(code) != answer["class"] or rule is not None and reference.rules()[rule]["code"] != code:
        return f"class, code and rule contradict: {shown(answer)}"
    if (code, rule) == (independent["code"], independent["rule"]):
        return None
    rules = acceptable(case, independent["rule"])
    codes = {reference.rules()[each]["code"] for each in rules}
    if rule in rules or rule is None and code in codes:
        return None
    return f"independent decoder {shown(independent)}, decoder {shown(answer)}, right are {sorted(rules)}"


def shown(answer):
    return "ok" if answer["class"] == 0 else f"{answer['code']} ({answer.get('rule', 'no rule')})"
