// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_TRAIN_TRAIN_H_
#define MCNC_TOOLS_TRAIN_TRAIN_H_

#include "mcnc/status.h"
#include "train/idx.h"
#include "train/mlp.h"
#include "train/options.h"
#include "train/trainable.h"

namespace mcnc::tools {

struct TrainingResult {
  double train_accuracy = 0;  // over the last epoch, while it was trained
  double seconds = 0;
};

// Runs all epochs. The same options and data give the same weights on any number of threads. kCancelled on Ctrl-C.
Result<TrainingResult> train(Trainable& trainable, Mlp& mlp, const LabelledImages& images, const TrainOptions& options);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_TRAIN_TRAIN_H_
