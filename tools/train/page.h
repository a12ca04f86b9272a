// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_TRAIN_PAGE_H_
#define MCNC_TOOLS_TRAIN_PAGE_H_

#include <cstddef>
#include <span>

#include "mcnc/status.h"
#include "train/options.h"
#include "train/outcome.h"

namespace mcnc::tools {

// Writes the page of HTML that options.report names: what came of a training, loss and accuracy of its epochs, how its
// codes are distributed, and how it was done. file: the bytes of the .mcnc or safetensors file that was trained.
Status write_training_page(const TrainOptions& options, const Outcome& outcome, std::span<const std::byte> file);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_TRAIN_PAGE_H_
