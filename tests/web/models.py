# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Models of codes of any size, made by `mcnc import`."""

import json
import pathlib
import random
import struct
import subprocess


def make(mcnc, path, shape, code_dim=9, chunk_dim=1024):
    """Writes a model of one float32 tensor `layer.weight` of this shape, of codes of an integer generator."""
    elements = 1
    for dimension in shape:
        elements *= dimension
    chunks = -(-elements // chunk_dim)
    numbers = random.Random(7)
    alpha = numbers.randbytes(chunks * code_dim)
    beta = b"".join(struct.pack("<f", numbers.uniform(0.5, 1.5)) for _ in range(min(chunks, 4096))) * (-(-chunks // 4096))
    beta = beta[:4 * chunks]
    header = json.dumps({
        "alpha": {"dtype": "I8", "shape": [chunks, code_dim], "data_offsets": [0, len(alpha)]},
        "beta": {"dtype": "F32", "shape": [chunks], "data_offsets": [len(alpha), len(alpha) + len(beta)]},
    }).encode()
    arrays = path.with_suffix(".safetensors")
    arrays.write_bytes(struct.pack("<Q", len(header)) + header + alpha + beta)
    recipe = pathlib.Path(f"{path}.json")
    recipe.write_text(json.dumps({
        "recipe": 1, "files": [arrays.name],
        "generators": [{"arithmetic": "integer", "code_dim": code_dim, "seed": 3,
                        "layers": [{"width": chunk_dim, "frequency": 524288}]}],
        "codes": [{"alpha": "alpha", "beta": "beta"}],
        "tensors": [{"name": "layer.weight", "shape": shape, "generated": {}}],
        "metadata": {"general.name": "A model for tests", "general.license": "Apache-2.0"},
    }), encoding="utf-8")
    subprocess.run([mcnc, "import", recipe, "-o", path], check=True, stderr=subprocess.PIPE)
    return path
