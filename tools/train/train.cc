// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "train/train.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "arithmetic/philox.h"
#include "common/interrupt.h"
#include "train/progress.h"

namespace mcnc::tools {
namespace {

// From 1 to 0 like half a cosine, without a library function that could differ between machines. part: 0 to 1.
double schedule(double part) { return (1 - part) * (1 - part) * (1 + 2 * part); }

// Fisher-Yates. Stream 0 of the domain belongs to the encoder.
void shuffle(std::vector<std::uint32_t>& rows, std::uint64_t seed, std::uint32_t epoch) {
  const RandomStream stream(seed, Domain::kEncoder, 1 + epoch);
  for (std::size_t i = rows.size() - 1; i > 0; --i) {
    const std::uint64_t word = stream.block(i / 4)[i % 4];
    std::swap(rows[i], rows[word * (i + 1) >> 32]);
  }
}

}  // namespace

Result<TrainingResult> train(Trainable& trainable, Mlp& mlp, const LabelledImages& images,
                             const TrainOptions& options) {
  std::vector<std::uint32_t> rows(images.count());
  std::iota(rows.begin(), rows.end(), 0U);
  std::vector<float> weights(mlp.shape().parameters());
  std::vector<float> gradient(weights.size());
  const std::size_t steps_per_epoch = (rows.size() + options.batch_size - 1) / options.batch_size;
  const std::size_t steps = steps_per_epoch * options.epochs;

  TrainingResult result;
  Progress progress(options.epochs, steps_per_epoch);
  std::size_t step = 0;
  for (std::uint32_t epoch = 0; epoch < options.epochs; ++epoch) {
    shuffle(rows, options.seed, epoch);
    Mlp::Loss loss;
    for (std::size_t first = 0; first < rows.size(); first += options.batch_size, ++step) {
      if (Status status = check_interrupt(); !status.ok()) return status;
      if (Status status = trainable.weights(weights); !status.ok()) return status;
      const std::size_t count = std::min<std::size_t>(options.batch_size, rows.size() - first);
      loss = loss + mlp.gradient(weights, images, std::span(rows).subspan(first, count), gradient);
      const double rate = schedule(static_cast<double>(step) / static_cast<double>(steps));
      if (Status status = trainable.step(gradient, rate); !status.ok()) return status;
      const auto seen = static_cast<double>(first + count);
      result.train_accuracy = static_cast<double>(loss.correct) / seen;
      progress.update(step + 1, loss.sum / seen, result.train_accuracy);
    }
  }
  result.seconds = progress.seconds();
  return result;
}

}  // namespace mcnc::tools
