# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""An MCNC checkpoint made by plain PyTorch, imported with its generator stored, decodes to what PyTorch computes.

    MCNC=build/tools/mcnc python3 tests/pytorch/import_matches.py

The paper's generator (9-1000-1000-5000, sine, torch's random numbers) and codes trained for some steps on a regression.
Needs torch and safetensors; ends with 77, "skipped", where one of them is missing.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

SIZES = [9, 1000, 1000, 5000]
OMEGAS = [30.0, 30.0, 30.0]
SHAPES = {'0.weight': (100, 60), '0.bias': (100,), '2.weight': (50, 100), '2.bias': (50,)}
TOLERANCE = 2e-6  # of the largest weight


def main():
    try:
        import torch
        from safetensors.torch import load_file, save_file
    except ImportError as missing:
        print(f'skipped: {missing}')
        return 77

    torch.manual_seed(0)
    generator = [(torch.rand(n_out, n_in) * 2 - 1) / n_in for n_in, n_out in zip(SIZES, SIZES[1:])]
    count = sum(torch.Size(shape).numel() for shape in SHAPES.values())
    chunks = -(-count // SIZES[-1])
    theta0 = {name: (torch.rand(shape) * 2 - 1) * shape[-1]**-0.5 for name, shape in SHAPES.items()}
    alpha = torch.zeros(chunks, SIZES[0], requires_grad=True)
    beta = torch.full((chunks,), 0.1, requires_grad=True)

    def weights():
        x = alpha
        for weight, omega in zip(generator, OMEGAS):
            x = torch.sin(omega * (x @ weight.T))
        change = (beta[:, None] * x).flatten()
        made, at = {}, 0
        for name, shape in SHAPES.items():
            n = torch.Size(shape).numel()
            made[name] = theta0[name] + change[at:at + n].reshape(shape)
            at += n
        return made

    inputs, targets = torch.randn(256, 60), torch.randn(256, 50)
    adam = torch.optim.Adam([alpha, beta], lr=0.01)
    losses = []
    for _ in range(100):
        w = weights()
        hidden = torch.relu(inputs @ w['0.weight'].T + w['0.bias'])
        loss = ((hidden @ w['2.weight'].T + w['2.bias'] - targets)**2).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    with torch.no_grad():
        expected = weights()

    with tempfile.TemporaryDirectory(prefix='mcnc-torch-') as name:
        folder = pathlib.Path(name)
        save_file({f'generator.{i}': w for i, w in enumerate(generator)}
                  | {'alpha': alpha.detach()[:, None, :].contiguous(), 'beta': beta.detach()[:, None].contiguous()}
                  | {f'theta0.{key}': value for key, value in theta0.items()}, folder / 'checkpoint.safetensors')
        (folder / 'recipe.json').write_text(json.dumps({
            'recipe': 1,
            'files': ['checkpoint.safetensors'],
            'generators': [{'arithmetic': 'float32', 'code_dim': SIZES[0], 'layers': [
                {'weights': f'generator.{i}', 'layout': 'torch', 'omega': omega} for i, omega in enumerate(OMEGAS)]}],
            'codes': [{'alpha': 'alpha', 'beta': 'beta'}],
            'tensors': [{'name': key, 'shape': list(shape), 'generated': {'theta0': {'stored': f'theta0.{key}'}}}
                        for key, shape in SHAPES.items()],
        }))
        mcnc = os.environ.get('MCNC', 'mcnc')
        subprocess.run([mcnc, 'import', folder / 'recipe.json', '-o', folder / 'model.mcnc'], check=True)
        subprocess.run([mcnc, 'verify', folder / 'model.mcnc'], check=True)
        subprocess.run([mcnc, 'decode', folder / 'model.mcnc', '-o', folder / 'model.safetensors'], check=True)
        decoded = load_file(folder / 'model.safetensors')

    largest = max(value.abs().max().item() for value in expected.values())
    apart = max((decoded[key] - expected[key]).abs().max().item() for key in SHAPES) / largest
    print(f'loss {losses[0]:.4f} -> {losses[-1]:.4f}; decoded and PyTorch are {apart:.2g} of the largest weight apart')
    return 0 if apart <= TOLERANCE and losses[-1] < losses[0] else 1


if __name__ == '__main__':
    sys.exit(main())
