# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""A plain training script of PyTorch, without a line about .mcnc: README.md has the diff that makes it train in code
space. The data are drawn here: ten classes, each a cloud of points in 64 dimensions."""

import torch
from torch import nn
from torch.nn import functional


def make_model():
    return nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))


def make_data(count):
    centres = 0.4 * torch.randn(10, 64, generator=torch.Generator().manual_seed(1))
    labels = torch.randint(10, (count,))
    return centres[labels] + torch.randn(count, 64), labels


def accuracy(model, inputs, labels):
    with torch.no_grad():
        return (model(inputs).argmax(1) == labels).float().mean().item()


torch.manual_seed(0)
inputs, labels = make_data(4096)
test_inputs, test_labels = make_data(1024)
model = make_model()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 8)
for epoch in range(8):
    for batch in torch.randperm(len(inputs)).split(128):
        loss = functional.cross_entropy(model(inputs[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()
print(f"trained: {accuracy(model, test_inputs, test_labels):.4f}")
torch.save(model.state_dict(), "model.pt")

model = make_model()
model.load_state_dict(torch.load("model.pt"))
print(f"loaded:  {accuracy(model, test_inputs, test_labels):.4f}")
