# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""A convolutional network of 206,736 weights, trained from scratch on Fashion-MNIST in code space.

    python3 cnn.py [--epochs 5] [--ratio 50] [-o cnn.mcnc]

Ctrl-C stops it; started again, it goes on after the last whole epoch, which is in cnn.mcnc.pt, and ends with the same
file. At the end the file is decoded into a fresh network, which has the same bits.

The data come with Debian's package dataset-fashion-mnist, or from https://github.com/zalandoresearch/fashion-mnist.
"""

import argparse
import gzip
import pathlib

import mcnc.torch
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from tqdm import tqdm


def load(folder, part, count):
    def read(name, offset):
        with gzip.open(folder / name) as file:
            return np.frombuffer(file.read(), np.uint8, offset=offset)

    images = read(f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)[:count].copy()
    return torch.from_numpy(images) / 128 - 0.5, torch.from_numpy(read(f"{part}-labels-idx1-ubyte.gz", 8)[:count]).long()


def make_model():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1, bias=False), nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False), nn.ReLU(), nn.Flatten(),
        nn.Linear(1568, 128, bias=False), nn.ReLU(), nn.Linear(128, 10, bias=False))


def accuracy(model, inputs, labels):
    with torch.no_grad():
        return (model(inputs).argmax(1) == labels).float().mean().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--few", type=int, help="train with that many images")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--ratio", type=float, default=50)
    parser.add_argument("-o", "--output", type=pathlib.Path, default="cnn.mcnc")
    options = parser.parse_args()
    inputs, labels = load(options.data, "train", options.few)
    test_inputs, test_labels = load(options.data, "t10k", options.few)

    torch.manual_seed(0)
    model = make_model()
    mcnc.torch.compress(model, ratio=options.ratio)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, options.epochs)
    begin = 0
    checkpoint = options.output.with_suffix(".mcnc.pt")
    if checkpoint.exists():
        state = torch.load(checkpoint)
        begin = state["epochs"]
        for part, name in ((model, "model"), (optimizer, "optimizer"), (scheduler, "scheduler")):
            part.load_state_dict(state[name])
        print(f"going on after {begin} epochs")

    for epoch in range(begin, options.epochs):
        order = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(epoch))
        for batch in tqdm(order.split(128), desc=f"epoch {epoch + 1}", disable=None):
            loss = functional.cross_entropy(model(inputs[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        written = checkpoint.with_suffix(".part")
        torch.save({"epochs": epoch + 1, "model": model.state_dict(), "optimizer": optimizer.state_dict(),
                    "scheduler": scheduler.state_dict()}, written)
        written.replace(checkpoint)
        print(f"epoch {epoch + 1}: test accuracy {accuracy(model, test_inputs, test_labels):.4f}", flush=True)

    mcnc.torch.save(model, options.output)
    checkpoint.unlink(missing_ok=True)
    decoded = make_model()
    mcnc.torch.load_into(decoded, options.output)
    assert all(torch.equal(made.weight, trained.weight) for made, trained in zip(decoded, model) if hasattr(made, "weight"))
    print(f"decoded: test accuracy {accuracy(decoded, test_inputs, test_labels):.4f}, the same bits, from "
          f"{options.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("stopped; start it again and it goes on")
