// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_TRAIN_RUN_H_
#define MCNC_TOOLS_TRAIN_RUN_H_

#include "mcnc/status.h"
#include "train/options.h"

namespace mcnc::tools {

// Trains, writes the file, reads it back and prints what came out.
Status run_training(const TrainOptions& options);

// Prints the accuracy of the network in options.evaluate.
Status run_evaluation(const TrainOptions& options);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_TRAIN_RUN_H_
