# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""mcnc.peft: an adapter of a transformer that is trained in code space comes back from its file, and through
`mcnc export --peft` from PEFT itself, bit for bit; adapters are swapped by decoding; bad input is refused.

    PYTHONPATH=build/sdk/python MCNC=build/tools/mcnc python3 tests/pytorch/adapter_test.py

Ends with 77, "skipped", where torch, transformers or peft is missing.
"""

import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import peft
    import torch
    import transformers
except ImportError as missing:
    print(f'skipped: {missing}')
    sys.exit(77)

import mcnc.peft
import mcnc.torch
from mcnc.torch._generated import compressed_parameters

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'python'))

from support import PackageTest

LAYERS = 3
TOKENS = torch.arange(24).reshape(2, 12) % 40


def make_base(dtype=torch.float32):
    torch.manual_seed(0)
    config = transformers.LlamaConfig(vocab_size=40, hidden_size=32, intermediate_size=48, num_hidden_layers=LAYERS,
                                      num_attention_heads=4, num_key_value_heads=2)
    return transformers.LlamaForCausalLM(config).to(dtype).eval()


def make_adapted(base=None, **options):
    torch.manual_seed(1)
    config = {'r': 4, 'lora_alpha': 8, 'target_modules': ['q_proj', 'down_proj'], **options}
    return peft.get_peft_model(base or make_base(), peft.LoraConfig(**config))


def train(model, steps=8):
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
    losses = []
    for _ in range(steps):
        loss = model(input_ids=TOKENS, labels=TOKENS).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def logits(model):
    with torch.no_grad():
        return model(input_ids=TOKENS).logits


class AdapterTest(PackageTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='mcnc-peft-')
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = self.folder / 'adapter.mcnc'

    def exported(self):
        """The file as a folder of PEFT."""
        folder = self.folder / 'exported'
        subprocess.run([os.environ.get('MCNC', 'mcnc'), 'export', '--peft', self.path, '-o', folder], check=True)
        return folder

    def test_round_trip(self):
        for options in ({}, {'use_rslora': True, 'rank_pattern': {'down_proj': 2}},
                        {'target_modules': ['v_proj', 'embed_tokens'], 'bias': 'all'},
                        {'modules_to_save': ['lm_head']}):
            model = make_adapted(**options)
            before = logits(model)
            report = mcnc.peft.compress(model, chunk_dim=40, code_dim=4, verbose=False)
            self.assertGreater(report.ratio, 4)
            self.assertTrue(torch.equal(logits(model), before))  # lora_B starts at zero
            losses = train(model)
            self.assertLess(losses[-1], losses[0])
            mcnc.peft.save(model, self.path, metadata={'general.name': 'small'})
            loaded = mcnc.peft.load_adapter(make_base(), self.path)
            self.assertTrue(torch.equal(logits(loaded), logits(model)), options)
            by_peft = peft.PeftModel.from_pretrained(make_base(), self.exported())
            self.assertTrue(torch.equal(logits(by_peft.eval()), logits(model)), options)
            self.assertEqual(by_peft.peft_config['default'].r, 4)
            subprocess.run(['rm', '-r', self.folder / 'exported'], check=True)

    def test_layers_are_slices_of_one_tensor(self):
        model = make_adapted()
        mcnc.peft.compress(model, chunk_dim=40, code_dim=4, verbose=False)
        train(model, 2)
        mcnc.peft.save(model, self.path)
        with mcnc.open(self.path) as file:
            shapes = {name: info.shape for name, info in file.tensors.items()}
            self.assertEqual({info.source for info in file.tensors.values()}, {'generated'})
        prefix = 'base_model.model.model.layers.*.'
        self.assertEqual(shapes, {
            prefix + 'self_attn.q_proj.lora_A.weight': (LAYERS, 4, 32),
            prefix + 'self_attn.q_proj.lora_B.weight': (LAYERS, 32, 4),
            prefix + 'mlp.down_proj.lora_A.weight': (LAYERS, 4, 48),
            prefix + 'mlp.down_proj.lora_B.weight': (LAYERS, 32, 4)})
        decoded = mcnc.torch.load_file(self.path)
        for name, part, own_name, _ in compressed_parameters(model):
            layer = int(name.split('.layers.')[1].split('.')[0])
            stack = decoded[name.replace(f'layers.{layer}.', 'layers.*.').replace('.default', '')]
            self.assertTrue(torch.equal(stack[layer], getattr(part, own_name)), name)
        self.refuses('argument', mcnc.torch.save, model, self.path)  # which knows no stacks

    def test_checkpoints(self):
        whole = make_adapted()
        mcnc.peft.compress(whole, chunk_dim=40, verbose=False)
        train(whole, 3)
        state = copy.deepcopy(whole.state_dict())
        mcnc.peft.save(whole, self.path)
        resumed = make_adapted()
        mcnc.peft.compress(resumed, chunk_dim=40, seed=5, verbose=False)
        resumed.load_state_dict(state)
        other = self.folder / 'other.mcnc'
        mcnc.peft.save(resumed, other)
        self.assertEqual(other.read_bytes(), self.path.read_bytes())

    def test_one_adapter_gives_one_file(self):
        # PEFT keeps target_modules as a set, whose order is another one in every process.
        model = make_adapted(target_modules=['q_proj', 'k_proj', 'v_proj', 'o_proj', 'up_proj', 'gate_proj', 'down_proj'])
        mcnc.peft.compress(model, chunk_dim=40, verbose=False)
        mcnc.peft.save(model, self.path)
        with mcnc.open(self.path) as file:
            config = json.loads(file.metadata['peft.adapter_config'])
        self.assertEqual(config['target_modules'], sorted(config['target_modules']))
        self.assertEqual(len(config['target_modules']), 7)

    def test_report_tells_the_size_of_the_file(self):
        for options in ({}, {'modules_to_save': ['lm_head']}):
            model = make_adapted(**options)
            report = mcnc.peft.compress(model, chunk_dim=40, verbose=False)
            train(model, 2)
            mcnc.peft.save(model, self.path)
            size = self.path.stat().st_size
            self.assertTrue(0.7 * size < report.expected_bytes < 1.5 * size, (size, report.expected_bytes))

    def test_adapters_are_swapped(self):
        files, expected = [], []
        for number in range(2):
            model = make_adapted()
            mcnc.peft.compress(model, chunk_dim=40, seed=number, verbose=False)
            train(model, 3 + number)
            files.append(self.folder / f'{number}.mcnc')
            mcnc.peft.save(model, files[-1])
            expected.append(logits(model))
        self.assertFalse(torch.equal(*expected))
        model = mcnc.peft.load_adapter(make_base(), files[0], 'first')
        self.assertIs(mcnc.peft.load_adapter(model, files[1], 'second'), model)
        self.assertTrue(torch.equal(logits(model), expected[0]))
        model.set_adapter('second')
        self.assertTrue(torch.equal(logits(model), expected[1]))
        mcnc.peft.load_adapter(model, files[0], 'second')  # in place
        self.assertTrue(torch.equal(logits(model), expected[0]))

    def test_half_precision(self):
        for dtype in (torch.bfloat16, torch.float16):
            base = make_base(dtype)
            model = peft.get_peft_model(base, peft.LoraConfig(r=4, target_modules=['q_proj']), autocast_adapter_dtype=False)
            mcnc.peft.compress(model, chunk_dim=40, verbose=False)
            train(model, 2)
            mcnc.peft.save(model, self.path)
            for name, tensor in mcnc.torch.load_file(self.path).items():
                self.assertEqual(tensor.dtype, dtype, name)

    def test_what_is_wrong_is_refused(self):
        self.refuses('argument', mcnc.peft.compress, make_base(), chunk_dim=40)
        self.refuses('argument', mcnc.peft.save, make_base(), self.path)
        model = make_adapted()
        self.refuses('argument', mcnc.peft.compress, model, chunk_dim=40, adapter_name='other')
        self.refuses('argument', mcnc.peft.compress, model, chunk_dim=0)
        for name, parameter in model.named_parameters():
            if 'lora_A' in name:
                parameter.requires_grad_(False)
        self.assertIn('frozen', self.refuses('argument', mcnc.peft.compress, model, chunk_dim=40).message)
        model = make_adapted()
        mcnc.peft.compress(model, chunk_dim=40, verbose=False)
        self.refuses('argument', mcnc.peft.compress, model, chunk_dim=40)
        mcnc.peft.save(model, self.path)
        self.refuses('argument', mcnc.peft.load_adapter, model, self.path)
        other = make_adapted(r=8)
        self.refuses('argument', mcnc.peft.load_adapter, other, self.path)
        other = make_adapted(target_modules=['q_proj'])
        self.refuses('argument', mcnc.peft.load_adapter, other, self.path)
        mcnc.torch.save(torch.nn.Linear(2, 2), self.path)
        self.refuses('argument', mcnc.peft.load_adapter, make_base(), self.path)


if __name__ == '__main__':
    transformers.logging.set_verbosity_error()
    unittest.main()
