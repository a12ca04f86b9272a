// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_TRAIN_TRAIN_H_
#define MCNC_TOOLS_TRAIN_TRAIN_H_

#include <vector>

#include "mcnc/status.h"
#include "train/idx.h"
#include "train/mlp.h"
#include "train/options.h"
#include "train/trainable.h"

namespace mcnc::tools {

// What was seen of the training images in an epoch, while the weights changed.
struct Epoch {
  double loss = 0;  // mean
  double accuracy = 0;
};

struct TrainingResult {
  std::vector<Epoch> epochs;  // at least one
  double seconds = 0;
};

// Runs all epochs. The same options and data give the same weights on any number of threads. kCancelled on Ctrl-C.
Result<TrainingResult> train(Trainable& trainable, Mlp& mlp, const LabelledImages& images, const TrainOptions& options);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_TRAIN_TRAIN_H_
