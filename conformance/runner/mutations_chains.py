# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Ways to get files as bases wrong (section 10.6): fields of mutations.Mutation."""

CHAINS = (
    ("chain: files are their own limit", "        bases.check_limits(manifest, limits)\n", "        pass\n",
     "limit.multiply_adds"),
    ("chain: the whole budget of a base",
     'spent["multiply_adds"] += count * multiply_adds(base.manifest.codes, tensor)',
     'spent["multiply_adds"] += (base not in opened) * base.manifest.budget["multiply_adds"]', "limit.multiply_adds"),
    ("chain: a tensor is charged once",
     "following.setdefault(id(base), (base, base.manifest, no_tensor))[2][index] += count",
     "following.setdefault(id(base), (base, base.manifest, no_tensor))[2][index] = 1", "limit.multiply_adds",
     (('spent["multiply_adds"] += count * ', 'spent["multiply_adds"] += (base not in opened) * '),)),
    ("chain: memory of a base is free", 'spent["scratch_bytes"] += base.manifest.budget["scratch_bytes"]', "pass",
     "limit.scratch"),
    ("chain: memory is charged for each tensor", "                    if base not in opened:\n",
     "                    if True:\n", "limit.scratch"),
    ("chain: output of a base is output", "                        opened.append(base)\n",
     '                        opened.append(base)\n'
     '                        spent["output_bytes"] += base.manifest.budget["output_bytes"]\n', "tensor.base"),
    ("chain: tied tensors and factors are charged once", "zip(manifest.tensors, with_parts(manifest, made))",
     "zip(manifest.tensors, made)", "limit.multiply_adds"),
    ("chain: bases of bases are free", "            level = list(following.values())\n", "            level = []\n",
     "limit.multiply_adds"),
    ("chain: all bases are charged", "found = base.find(theta0.tensor or t.name) if base is not None else None",
     "found = base.find(theta0.tensor or t.name) if base is not None else None\n"
     "                    for every in self.supplied:\n"
     "                        if every not in opened:\n"
     "                            opened.append(every)\n"
     '                            spent["scratch_bytes"] += every.manifest.budget["scratch_bytes"]', "limit.scratch"),
    ("chain: 7 deep", "MAX_CHAIN = 8", "MAX_CHAIN = 7", "tensor.base"),
    ("chain: 9 deep", "MAX_CHAIN = 8", "MAX_CHAIN = 9", "tensor.base"),
    ("chain: a file is its own base", "base.identity == identity and base is not user", "base.identity == identity",
     "tensor.base"),
    ("chain: the last of several", "for base in self.supplied if base.identity", "for base in self.supplied[::-1] "
     "if base.identity", "tensor.base"),
    ("chain: a base is decoded whole", "bases=self, wanted=name)", "bases=self)", "tensor.base"),
    ("chain: a broken base has its own code", 'raise Refused("tensor.base", f"a base is broken: {error.args[0]}, '
     '{error.args[1]}") from None', "raise", "tensor.base"),
    ("chain: a broken file ends it", "        except Refused:\n            self.identity = None\n",
     "        except ZeroDivisionError:\n            self.identity = None\n", "tensor.base"),
)
