# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""PyTorch modules trained in code space: `pip install mcnc[torch]`.

    import mcnc.torch

    model = Net()
    mcnc.torch.compress(model, ratio=100)              # before the optimizer is made
    optimizer = torch.optim.Adam(model.parameters())   # from here on as ever
    ...
    mcnc.torch.save(model, "net.mcnc")
    mcnc.torch.load_into(Net(), "net.mcnc")            # bit for bit what was evaluated

`compress` makes parameters of any module be made of codes; each forward computes them as every decoder will, and
gradients reach the codes as if nothing had been rounded (straight-through). Any optimizer, scheduler, autocast,
checkpointing, DistributedDataParallel and fully_shard (FSDP2; compress first) work as they do with other parameters, and
only the gradients of codes cross the network.
"""

import sys

if sys.byteorder != "little":
    raise ImportError("mcnc.torch needs a little-endian processor")

from ._compress import CompressedParameter, Report, compress
from ._files import load_file, load_into, save
from ._plan import Plan, plan
from ._rate import code_bits

__all__ = ["CompressedParameter", "Plan", "Report", "code_bits", "compress", "load_file", "load_into", "plan", "save"]
