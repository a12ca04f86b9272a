# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""Adapters that PEFT makes on tiny networks: mcnc imports, exports and merges them as PEFT itself loads and merges.

    MCNC=build/tools/mcnc python3 tests/pytorch/peft_adapters.py             # every case, live
    MCNC=build/tools/mcnc python3 tests/pytorch/peft_adapters.py --write     # and writes tests/peft/ anew

Needs torch, transformers, peft and safetensors; ends with 77, "skipped", where one of them is missing. What --write
leaves in tests/peft/ is small enough to keep, and tests/cli/peft_test.py compares mcnc with it where there is no
PyTorch. Factors are small multiples of 1/8, so that every order of summing gives the same float32, and results must be
equal bit for bit; a case of random factors says how far apart orders of summing are.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import typing
import warnings

os.environ.setdefault('HF_HUB_OFFLINE', '1')
ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / 'tests' / 'peft'

try:
    import peft
    import safetensors
    import torch
    import transformers
    from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
    from safetensors.torch import load_file, save_file
    from torch import nn
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification
    from transformers.pytorch_utils import Conv1D
except ImportError as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

HIDDEN, VOCABULARY = 8, 12


def llama(tied=False, kind=LlamaForCausalLM):
    return kind(LlamaConfig(vocab_size=VOCABULARY, hidden_size=HIDDEN, intermediate_size=12, num_hidden_layers=2,
                            num_attention_heads=2, num_key_value_heads=2, tie_word_embeddings=tied, pad_token_id=0))


def gpt2(tied=True):
    return GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, n_positions=4, n_embd=HIDDEN, n_layer=1, n_head=2,
                                      tie_word_embeddings=tied))


class Convolutions(nn.Module):
    """Never run: PEFT looks at modules only."""

    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(4, 6, 1)
        self.three = nn.Conv2d(3, 4, 3, padding=1)
        self.line = nn.Conv1d(3, 4, 3)
        self.space = nn.Conv3d(2, 3, (1, 2, 3))


class Grouped(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, groups=2)


class Dotted(nn.Module):
    """Names of which one, read as a regular expression, is the other."""

    def __init__(self):
        super().__init__()
        self.a = nn.ModuleDict({'b': nn.Linear(4, 4), 'c+d': nn.Linear(4, 6)})
        self.a_b = nn.Linear(4, 4)
        self.outer = nn.ModuleDict({'a': nn.ModuleDict({'b': nn.Linear(4, 6)})})


class Biased(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.second = nn.Linear(6, 4)
        self.norm = nn.LayerNorm(4)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2)


class Experts(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.Parameter(torch.randn(3, 4, 6))
        self.down = nn.Parameter(torch.randn(3, 6, 4))


class Mixture(nn.Module):
    def __init__(self):
        super().__init__()
        self.experts = Experts()


class Mixed(nn.Module):
    """Conv1D and Linear side by side, both square somewhere."""

    def __init__(self):
        super().__init__()
        self.wide = Conv1D(6, 4)
        self.square = Conv1D(4, 4)
        self.head = nn.Linear(4, 6)


@dataclasses.dataclass
class Case:
    network: typing.Callable
    configs: list  # of LoraConfig; several: adapters merged one after the other
    base: str      # name of the base's file, shared by cases
    dtype: torch.dtype = torch.float32
    adapter_dtype: torch.dtype = None  # as saved; None: as PEFT has it
    refused: str = ''                  # what merge says where it must refuse
    options: tuple = ()                # of merge
    random: bool = False               # factors that are not multiples of 1/8
    trains_biases: bool = False


def lora(*targets, **more):
    return LoraConfig(**{'r': 2, 'lora_alpha': 4, 'target_modules': list(targets) or None, **more})


def attention(**more):
    return lora('q_proj', 'v_proj', task_type='CAUSAL_LM', **more)


CASES = {
    'plain': Case(llama, [attention()], 'llama'),
    'rslora': Case(llama, [attention(r=3, use_rslora=True)], 'llama'),
    'patterns': Case(llama, [lora('q_proj', 'v_proj', 'down_proj', rank_pattern={
        'layers.1.self_attn.q_proj': 4, 'q_proj': 3, r'^model\.layers\.\d\.mlp\..*': 1,
    }, alpha_pattern={'(q|k)_proj': 5, 'layers.0.self_attn.q_proj': 100, 'mlp.down_proj': 7})], 'llama'),
    'rslora_patterns': Case(llama, [lora('q_proj', 'v_proj', use_rslora=True, rank_pattern={'1.self_attn.q_proj': 5},
                                         alpha_pattern={'v_proj': 6})], 'llama'),
    'conv1d': Case(gpt2, [lora('c_attn', 'c_proj', 'c_fc', fan_in_fan_out=True)], 'gpt2'),
    'conv1d_unsaid': Case(gpt2, [lora('c_attn', 'attn.c_proj')], 'gpt2'),
    'conv1d_and_linear': Case(Mixed, [lora('wide', 'square', 'head')], 'mixed', refused='--fan-in-fan-out',
                              options=('--fan-in-fan-out', 'yes')),
    'embedding': Case(llama, [lora('embed_tokens')], 'llama'),
    'embedding_bf16': Case(llama, [lora('embed_tokens', r=3, lora_alpha=1)], 'llama_bf16', torch.bfloat16),
    'convolutions': Case(Convolutions, [lora('one', 'three', 'line', 'space')], 'convolutions'),
    'modules_to_save': Case(llama, [attention(modules_to_save=['lm_head'])], 'llama'),
    'modules_to_save_bf16': Case(llama, [attention(modules_to_save=['lm_head', 'norm'])], 'llama_bf16',
                                 torch.bfloat16),
    'new_head': Case(lambda: llama(kind=LlamaForSequenceClassification), [lora('q_proj', task_type='SEQ_CLS')],
                     'llama'),
    'tied_embedding': Case(lambda: llama(True), [lora('embed_tokens')], 'llama_tied'),
    'tied_head': Case(lambda: llama(True), [lora('lm_head')], 'llama_tied'),
    'tied_both': Case(lambda: llama(True), [lora('lm_head', 'embed_tokens', ensure_weight_tying=True)], 'llama_tied'),
    'tied_both_bf16': Case(lambda: llama(True), [lora('lm_head', 'embed_tokens', ensure_weight_tying=True)],
                           'llama_tied_bf16', torch.bfloat16),
    'tied_saved': Case(lambda: llama(True), [lora('q_proj', modules_to_save=['embed_tokens'],
                                                  ensure_weight_tying=True)], 'llama_tied'),
    'untied_by_saving': Case(lambda: llama(True), [lora('q_proj', modules_to_save=['lm_head'])], 'llama_tied'),
    'dotted_names': Case(Dotted, [lora('b', 'a_b', r'c+d', alpha_pattern={r'^a\.b': 8, 'a_b': 3})], 'dotted'),
    'bias_lora_only': Case(Biased, [lora('first', bias='lora_only')], 'biased', trains_biases=True),
    'bias_all': Case(Biased, [lora('first', bias='all')], 'biased', trains_biases=True),
    'lora_bias': Case(Biased, [lora('first', 'second', lora_bias=True, r=3)], 'biased'),
    'two_in_turn': Case(llama, [attention(), lora('q_proj', 'up_proj', r=3, lora_alpha=6)], 'llama'),
    'bf16': Case(llama, [attention()], 'llama_bf16', torch.bfloat16, torch.bfloat16),
    'f16': Case(llama, [attention(r=3, lora_alpha=5)], 'llama_f16', torch.float16, torch.float16),
    'f32_on_f16': Case(llama, [attention(r=3)], 'llama_f16', torch.float16),
    'random': Case(llama, [lora('q_proj', 'down_proj', r=5)], 'llama', random=True),
    'dora': Case(llama, [attention(use_dora=True)], 'llama', refused='DoRA'),
    'trained_tokens': Case(llama, [attention(trainable_token_indices=[1, 3])], 'llama', refused='trained tokens'),
    'parameters': Case(Mixture, [LoraConfig(r=2, target_modules=[], target_parameters=['experts.up', 'experts.down'])],
                       'mixture', refused='target_parameters'),
    'groups': Case(Grouped, [lora('conv')], 'grouped', refused='groups'),
    'multihead': Case(Attention, [lora('attention')], 'attention', refused='one weight'),
    'pissa': Case(llama, [attention(init_lora_weights='pissa')], 'llama', refused='pissa'),
}


def mcnc(*args, code=0):
    done = subprocess.run([os.environ.get('MCNC', 'mcnc'), *map(str, args)], stderr=subprocess.PIPE, text=True)
    assert done.returncode == code, f'{args}: {done.returncode} {done.stderr}'
    return done.stderr


def eighths(tensor):
    return torch.randint(-16, 17, tensor.shape).to(tensor.dtype) / 8


def make_base(case, path):
    """Weights as save_pretrained leaves them: what is shared stands there once."""
    torch.manual_seed(len(case.base))
    network = case.network()
    names, seen = {}, set()
    for name, tensor in network.state_dict().items():
        if tensor.data_ptr() in seen:
            continue
        seen.add(tensor.data_ptr())
        # Of different magnitudes, and not representable in the next smaller type.
        names[name] = (torch.randn(tensor.shape) * 2.0 ** torch.randint(-3, 3, tensor.shape)).to(case.dtype)
    names.pop('score.weight', None)
    save_file(names, path, {'format': 'pt'})


def load_base(case, path):
    torch.manual_seed(5)  # of a new head
    network = case.network().to(case.dtype)
    weights = load_file(path)
    result = network.load_state_dict(weights, strict=False)
    assert set(result.unexpected_keys) <= {'lm_head.weight'}  # of a network with another head
    # What is missing is shared with something that is there, or a new head.
    own = network.state_dict()
    shared = {own[name].data_ptr() for name in weights if name in own}
    assert all(own[name].data_ptr() in shared or name == 'score.weight' for name in result.missing_keys)
    return network.eval()


def make_adapter(case, config, base, folder):
    """As if trained: every number of the adapter is drawn."""
    torch.manual_seed(7 + len(folder.name))
    model = get_peft_model(base, config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            is_bias = case.trains_biases and name.endswith('bias')
            if 'lora_magnitude' in name:
                parameter.mul_(1.5)
            elif 'lora_' in name and case.random:
                parameter.copy_(torch.randn(parameter.shape))
            elif 'lora_' in name or 'trainable_tokens' in name or 'modules_to_save' in name or is_bias:
                parameter.copy_(eighths(parameter))
    if case.adapter_dtype:
        for name, parameter in model.named_parameters():
            if 'lora_' in name:
                parameter.data = parameter.data.to(case.adapter_dtype)
    model.save_pretrained(folder)
    for extra in folder.iterdir():
        if extra.name == 'README.md':
            extra.unlink()


def merged_by_peft(case, base_path, adapters, scratch):
    network = load_base(case, base_path)
    for adapter in adapters:
        network = PeftModel.from_pretrained(network, adapter).merge_and_unload()
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def check_loaded(case, base_path, adapter, exported):
    """PEFT makes the same of both folders."""
    loaded = []
    for folder in (adapter, exported):
        model = PeftModel.from_pretrained(load_base(case, base_path), folder)
        state = {name: tensor for name, tensor in model.state_dict().items()}
        scalings = {name: module.scaling for name, module in model.named_modules() if hasattr(module, 'scaling')}
        loaded.append((state, scalings, model.peft_config['default'].to_dict()))
    (a, a_scalings, a_config), (b, b_scalings, b_config) = loaded
    assert a_scalings == b_scalings and a_config == b_config
    assert a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def check(name, case, folder, bases):
    base_path = bases / f'{case.base}.safetensors'
    if not base_path.exists():
        make_base(case, base_path)
    adapters = [folder / f'adapter{i or ""}' for i in range(len(case.configs))]
    for config, adapter in zip(case.configs, adapters):
        make_adapter(case, config, load_base(case, base_path), adapter)
        mcnc('import', adapter, '-f', '-o', folder / 'a.mcnc')
        mcnc('verify', '-q', folder / 'a.mcnc')
        exported = folder / 'exported'
        mcnc('export', '--peft', folder / 'a.mcnc', '-f', '-o', exported)
        assert (exported / 'adapter_config.json').read_bytes() == (adapter / 'adapter_config.json').read_bytes()
        before, after = (load_file(each / 'adapter_model.safetensors') for each in (adapter, exported))
        assert before.keys() == after.keys()
        assert all(before[each].dtype == after[each].dtype and torch.equal(before[each], after[each]) for each in before)
        check_loaded(case, base_path, adapter, exported)

    note = ''
    if case.refused:
        error = mcnc('merge', base_path, folder / 'a.mcnc', '-o', folder / 'merged', code=2)
        assert case.refused in error, error
        note = 'merging refused'
    if case.refused and not case.options:
        return adapters, None, note
    merged_path = base_path
    for i, adapter in enumerate(adapters):
        mcnc('import', adapter, '-f', '-o', folder / 'a.mcnc')
        mcnc('merge', merged_path, folder / 'a.mcnc', *case.options, '-f', '-o', folder / f'merged{i}.safetensors')
        merged_path = folder / f'merged{i}.safetensors'
    expected, merged = merged_by_peft(case, base_path, adapters, folder), load_file(merged_path)
    own = load_base(case, base_path).state_dict()
    apart = 0.0
    for key, tensor in expected.items():
        if key not in merged:  # shared: it has the elements of another
            assert any(torch.equal(tensor, other) for other in merged.values() if other.shape == tensor.shape), key
            continue
        assert merged[key].dtype == tensor.dtype and merged[key].shape == tensor.shape, key
        if case.random:
            apart = max(apart, ((merged[key] - tensor).abs().max() / tensor.abs().max()).item())
        else:
            wrong = (merged[key] != tensor).sum().item()
            assert torch.equal(merged[key], tensor), f'{key}: {wrong} of {tensor.numel()} differ'
    assert merged.keys() - expected.keys() <= load_file(base_path).keys() - own.keys(), merged.keys() - expected.keys()
    base = load_file(base_path)
    changed = {key: expected[key] for key, tensor in merged.items()
               if key not in base or not torch.equal(base[key], tensor)}
    assert changed and apart < 2e-6, (list(changed), apart)
    return adapters, changed, note + (f'; {apart:.2g} of the largest weight apart' if case.random else '')


def write_fixture(name, case, adapters, changed):
    """The adapter folders, what of the base PEFT's merge changes, and how mcnc is asked."""
    folder = FIXTURES / name
    for adapter in adapters:
        shutil.copytree(adapter, folder / adapter.name)
    if changed is not None:
        save_file({key: tensor.contiguous().clone() for key, tensor in changed.items()}, folder / 'merged.safetensors')
    (folder / 'case.json').write_text(json.dumps({
        'base': case.base, 'adapters': [adapter.name for adapter in adapters], 'refused': case.refused,
        'options': list(case.options)}, indent=2) + '\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--write', action='store_true', help='tests/peft/ anew')
    parser.add_argument('cases', nargs='*', help='of these names only')
    args = parser.parse_args()
    warnings.filterwarnings('ignore')
    transformers.logging.set_verbosity_error()
    failed = []
    with tempfile.TemporaryDirectory(prefix='mcnc-peft-') as name:
        root = pathlib.Path(name)
        bases = root / 'bases'
        bases.mkdir()
        results = {}
        for name, case in CASES.items():
            if args.cases and name not in args.cases:
                continue
            (root / name).mkdir()
            try:
                results[name] = check(name, case, root / name, bases)
                print(f'ok      {name}{": " + results[name][2] if results[name][2] else ""}')
            except Exception as error:  # of any kind: every case is looked at
                failed.append(name)
                print(f'FAILED  {name}: {type(error).__name__}: {error}')
        if args.write and not failed:
            for old in FIXTURES.iterdir() if FIXTURES.exists() else []:
                if old.is_dir():
                    shutil.rmtree(old)
            for name, (adapters, changed, _) in results.items():
                if not CASES[name].random:
                    write_fixture(name, CASES[name], adapters, changed)
            shutil.copytree(bases, FIXTURES / 'bases')
            (FIXTURES / 'versions.json').write_text(json.dumps({
                'peft': peft.__version__, 'torch': torch.__version__, 'transformers': transformers.__version__,
                'safetensors': safetensors.__version__}, indent=2) + '\n')
    print(f'{len(results)} adapters as PEFT has them, {len(failed)} not')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
