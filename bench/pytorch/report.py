#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""What compare.py has measured, as a table and a plot.

    bench/pytorch/report.py docs/comparison.json          # into docs/comparison.md, between its marks, and .svg beside it
"""

import argparse
import json
import pathlib
import statistics

NAMES = {'mlp': '(a) MLP, Fashion-MNIST', 'cnn': '(b) CNN, Fashion-MNIST', 'lora': '(c) MiniLM, tweets'}
REFERENCES = ('dense', 'LoRA rank 4, float32', 'head alone')  # lines across the plot: too large for its axis, or no file
SHOWN = 13  # points of accuracy below the best that the plot shows
BEGIN, END = '<!-- written by bench/pytorch/report.py -->', '<!-- end -->'


def grouped(rows):
    """{(task, method, size): rows of its seeds}, in the order of the file."""
    groups = {}
    for row in rows:
        groups.setdefault((row['task'], row['method'], row['size']), []).append(row)
    return groups


def tasks_of(groups):
    return [task for task in NAMES if any(key[0] == task for key in groups)]


def mean(rows, what):
    return statistics.mean(row[what] for row in rows)


def tables(groups):
    lines = []
    for task in tasks_of(groups):
        epochs = sorted({row['epochs'] for key, rows in groups.items() if key[0] == task for row in rows})
        lines += [f'### {NAMES[task]}', '', f'{epochs[0]} epochs, where the size does not say otherwise.', '',
                  '| size | method | numbers | bytes | accuracy, mean | each seed |', '|---|---|---|---|---|---|']
        sizes = list(dict.fromkeys(key[2] for key in groups if key[0] == task))
        for size in sizes:
            of_size = [(key[1], rows) for key, rows in groups.items() if key[0] == task and key[2] == size]
            best = max(mean(rows, 'accuracy') for _, rows in of_size)
            for method, rows in of_size:
                accuracy = f'{mean(rows, "accuracy"):.2f}'
                if size and mean(rows, 'accuracy') == best:
                    accuracy = f'**{accuracy}**'
                each = ', '.join(f'{row["accuracy"]:.2f}' for row in sorted(rows, key=lambda row: row['seed']))
                lines.append(f'| {size} | {method} | {mean(rows, "numbers"):,.0f} | {mean(rows, "bytes"):,.0f} | '
                             f'{accuracy} | {each} |')
        times = [row['decode_ms'] for key, rows in groups.items() if key[0] == task for row in rows if 'decode_ms' in row]
        if times:
            lines += ['', f'A file of codes is decoded into the model in {statistics.median(times):.0f} ms of the processor.']
        lines.append('')
    return lines


def with_tables(text, groups):
    """The text of a page with these tables between its marks."""
    return text[:text.index(BEGIN)] + '\n'.join([BEGIN, '', *tables(groups), END]) + text[text.index(END) + len(END):]


def plot(groups, path):
    import matplotlib
    matplotlib.use('svg')
    matplotlib.rcParams.update({'svg.hashsalt': 'mcnc', 'svg.fonttype': 'none'})  # the same rows give the same file
    from matplotlib import pyplot
    tasks = tasks_of(groups)
    figure, panels = pyplot.subplots(1, len(tasks), figsize=(5 * len(tasks), 4.5), squeeze=False)
    for task, panel in zip(tasks, panels[0]):
        methods = list(dict.fromkeys(key[1] for key in groups if key[0] == task))
        for number, method in enumerate(methods):
            found = {key[2]: rows for key, rows in groups.items() if key[:2] == (task, method)}
            for rows in (rows for size, rows in found.items() if size.endswith('epochs')):
                panel.plot(mean(rows, 'bytes'), mean(rows, 'accuracy'), marker='*', markersize=10, color=f'C{number}')
            points = sorted((r for s, r in found.items() if not s.endswith('epochs')), key=lambda r: mean(r, 'bytes'))
            if not points:
                continue
            means, sizes = [mean(rows, 'accuracy') for rows in points], [mean(rows, 'bytes') for rows in points]
            if method in REFERENCES:
                panel.axhline(means[0], color=f'C{number}', linestyle='--', linewidth=1,
                              label=f'{method}, {sizes[0] / 1000:,.0f} kB')
                continue
            lowest, highest = [[end(row['accuracy'] for row in rows) for rows in points] for end in (min, max)]
            errors = [[m - low for m, low in zip(means, lowest)], [high - m for m, high in zip(means, highest)]]
            panel.errorbar(sizes, means, errors, marker='o', capsize=3, label=method, color=f'C{number}',
                           linewidth=2.5 if method == 'codes' else 1)
        best = max(mean(rows, 'accuracy') for key, rows in groups.items() if key[0] == task)
        panel.set_ylim(max(panel.get_ylim()[0], best - SHOWN), best + 1)
        panel.set(xlabel='bytes of the file', ylabel='test accuracy, %: mean and range of seeds',
                  title=NAMES[task])
        panel.grid(alpha=0.3)
        panel.legend(fontsize='small')
    figure.tight_layout()
    figure.savefig(path, metadata={'Date': None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('rows', type=pathlib.Path, help='what compare.py wrote')
    options = parser.parse_args()
    groups = grouped(json.loads(options.rows.read_text()))
    page = options.rows.with_suffix('.md')
    page.write_text(with_tables(page.read_text() if page.exists() else f'{BEGIN}{END}\n', groups))
    plot(groups, options.rows.with_suffix('.svg'))


if __name__ == '__main__':
    main()
