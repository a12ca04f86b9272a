# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What `mcnc export --peft` writes, loaded by PEFT itself, computes what `mcnc merge` makes of the same adapter.

    MCNC=build/tools/mcnc python3 tests/pytorch/export_loads.py

Needs torch, transformers, peft and safetensors; ends with 77, "skipped", where one of them is missing.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'cli'))

from arrays import uniform, write_safetensors

LAYERS, HIDDEN, INTERMEDIATE, RANK = 2, 32, 48, 4
CODE_DIM, CHUNK_DIM = 4, 40

# Ranks and scales differ, and most modules have no adapter.
MODULES = {  # (out, in, rank, scale)
    'model.layers.0.self_attn.q_proj': (HIDDEN, HIDDEN, 2, 2.0),
    'model.layers.0.self_attn.v_proj': (HIDDEN, HIDDEN, 2, 2.0),
    'model.layers.1.self_attn.q_proj': (HIDDEN, HIDDEN, 4, 0.75),
    'model.layers.1.mlp.down_proj': (HIDDEN, INTERMEDIATE, 2, 1.5),
}
STACKED = {  # (out, in), of all layers
    'self_attn.q_proj': (HIDDEN, HIDDEN),
    'mlp.down_proj': (HIDDEN, INTERMEDIATE),
}


def mcnc(*args):
    subprocess.run([os.environ.get('MCNC', 'mcnc'), *map(str, args)], check=True)


def import_adapter(folder, tensors, chunks):
    """adapter.mcnc: codes of a float32 generator."""
    write_safetensors(folder / 'codes.safetensors', {'alpha': uniform(1, (chunks, CODE_DIM))})
    (folder / 'recipe.json').write_text(json.dumps({
        'recipe': 1,
        'files': ['codes.safetensors'],
        'generators': [{'arithmetic': 'float32', 'code_dim': CODE_DIM, 'seed': 7, 'layers': [
            {'width': CHUNK_DIM, 'activation': 'identity', 'weights_scale': 0.25}]}],
        'codes': [{'alpha': 'alpha', 'beta': 1, 'chunking': 'per_tensor'}],
        'tensors': tensors,
    }))
    mcnc('import', folder / 'recipe.json', '-f', '-o', folder / 'adapter.mcnc')


def make_products(folder):
    """Products say their scale."""
    chunks, tensors = 0, []
    for module, (n_out, n_in, rank, scale) in MODULES.items():
        for half, shape in (('a', [rank, n_in]), ('b', [n_out, rank])):
            tensors.append({'name': f'{module}.{half}', 'shape': shape, 'factor': True, 'generated': {}})
            chunks += -(-shape[0] * shape[1] // CHUNK_DIM)
        tensors.append({'name': module + '.weight',
                        'product': {'b': module + '.b', 'a': module + '.a', 'scale': scale}})
    import_adapter(folder, tensors, chunks)
    return []


def make_stacks(folder):
    """A tensor for the same factor of both layers; the command line says lora_alpha."""
    chunks, tensors = 0, []
    for module, (n_out, n_in) in STACKED.items():
        for half, shape in (('A', [RANK, n_in]), ('B', [n_out, RANK])):
            tensors.append({'name': f'base_model.model.model.layers.*.{module}.lora_{half}.weight',
                            'shape': [LAYERS, *shape], 'generated': {'slices': LAYERS}})
            chunks += LAYERS * -(-shape[0] * shape[1] // CHUNK_DIM)
    import_adapter(folder, tensors, chunks)
    return ['--alpha', 1.5 * RANK]


def main():
    try:
        import torch
        from peft import PeftModel, get_peft_model_state_dict
        from safetensors.torch import load_file
        from transformers import LlamaConfig, LlamaForCausalLM
    except ImportError as missing:
        print(f'skipped: {missing}')
        return 77

    config = LlamaConfig(vocab_size=64, hidden_size=HIDDEN, intermediate_size=INTERMEDIATE, num_hidden_layers=LAYERS,
                         num_attention_heads=4, num_key_value_heads=4, tie_word_embeddings=False)

    def check(folder, scale):
        mcnc('export', '--peft', folder / 'adapter.mcnc', '-f', '-o', folder / 'adapter', '--base-name',
             folder / 'base', *scale)
        mcnc('merge', folder / 'base', folder / 'adapter.mcnc', '-f', '-o', folder / 'merged.safetensors', *scale)
        merged = load_file(folder / 'merged.safetensors')
        exported = load_file(folder / 'adapter' / 'adapter_model.safetensors')

        base = LlamaForCausalLM.from_pretrained(folder / 'base').eval()
        tokens = torch.arange(24).reshape(2, 12)
        with torch.no_grad():
            plain = base(tokens).logits
            adapted = PeftModel.from_pretrained(base, folder / 'adapter').eval()
            loaded = get_peft_model_state_dict(adapted)
            assert set(loaded) == set(exported), set(loaded) ^ set(exported)
            assert all(torch.equal(loaded[key], exported[key]) for key in exported)
            with_adapter = adapted(tokens).logits

            whole = LlamaForCausalLM(config).eval()
            whole.load_state_dict(merged)
            with_merged = whole(tokens).logits
            unloaded = adapted.merge_and_unload().state_dict()

        changed = (plain - with_adapter).abs().max().item()
        apart = (with_merged - with_adapter).abs().max().item()
        weights_apart = max((unloaded[key] - merged[key]).abs().max().item() for key in merged)
        print(f'{len(exported)} factors; logits: the adapter moves them by {changed:.3g}; PEFT and mcnc merge are '
              f'{apart:.3g} apart')
        print(f'weights: PEFT and mcnc merge are {weights_apart:.3g} apart')
        assert changed > 1e-2 and apart < 1e-4 * changed and weights_apart < 1e-6

    with tempfile.TemporaryDirectory(prefix='mcnc-peft-') as name:
        folder = pathlib.Path(name)
        torch.manual_seed(0)
        LlamaForCausalLM(config).save_pretrained(folder / 'base', safe_serialization=True)
        check(folder, make_products(folder))
        check(folder, make_stacks(folder))
    return 0


if __name__ == '__main__':
    sys.exit(main())
