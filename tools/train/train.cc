// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "train/train.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "common/interrupt.h"
#include "mcnc/draw.h"
#include "train/progress.h"

namespace mcnc::tools {
namespace {

// From 1 to 0 like half a cosine, without a library function that could differ between machines. part: 0 to 1.
double schedule(double part) { return (1 - part) * (1 - part) * (1 + 2 * part); }

// Fisher-Yates. Stream 0 belongs to the encoder.
Status shuffle(std::vector<std::uint32_t>& rows, std::uint64_t seed, std::uint32_t epoch) {
  std::vector<std::uint32_t> words(rows.size());
  if (Status s = draw_words(seed, 1 + epoch, 0, words); !s.ok()) return s;
  for (std::size_t i = rows.size() - 1; i > 0; --i) std::swap(rows[i], rows[std::uint64_t{words[i]} * (i + 1) >> 32]);
  return {};
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
    if (Status s = shuffle(rows, options.seed, epoch); !s.ok()) return s;
    Mlp::Loss loss;
    Epoch& now = result.epochs.emplace_back();
    for (std::size_t first = 0; first < rows.size(); first += options.batch_size, ++step) {
      if (Status status = check_interrupt(); !status.ok()) return status;
      if (Status status = trainable.weights(weights); !status.ok()) return status;
      const std::size_t count = std::min<std::size_t>(options.batch_size, rows.size() - first);
      loss = loss + mlp.gradient(weights, images, std::span(rows).subspan(first, count), gradient);
      const double rate = schedule(static_cast<double>(step) / static_cast<double>(steps));
      if (Status status = trainable.step(gradient, rate); !status.ok()) return status;
      const auto seen = static_cast<double>(first + count);
      now = {.loss = loss.sum / seen, .accuracy = static_cast<double>(loss.correct) / seen};
      progress.update(step + 1, now.loss, now.accuracy);
    }
  }
  result.seconds = progress.seconds();
  return result;
}

}  // namespace mcnc::tools
