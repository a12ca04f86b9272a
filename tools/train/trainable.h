// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The two ways to hold the parameters of a network while they are trained.
#ifndef MCNC_TOOLS_TRAIN_TRAINABLE_H_
#define MCNC_TOOLS_TRAIN_TRAINABLE_H_

#include <cstdint>
#include <memory>
#include <span>

#include "mcnc/status.h"
#include "mcnc/writer.h"
#include "train/mlp.h"
#include "train/options.h"

namespace mcnc::tools {

class Trainable {
 public:
  virtual ~Trainable() = default;
  // What the file written of it will decode to, in the order of mlp_tensors.
  virtual Status weights(std::span<float> out) = 0;
  // One step against the gradient with respect to the weights; rate: 1 to 0.
  virtual Status step(std::span<const float> gradient, double rate) = 0;
  virtual std::uint64_t stored_numbers() const = 0;
  virtual Result<Model> model() const = 0;
};

// Codes of a generator; or, where options.dense is set, the weights themselves.
Result<std::unique_ptr<Trainable>> make_trainable(const MlpShape& shape, const TrainOptions& options);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_TRAIN_TRAINABLE_H_
