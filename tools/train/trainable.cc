// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "train/trainable.h"

#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "mcnc/adam.h"
#include "mcnc/convert.h"
#include "mcnc/draw.h"
#include "mcnc/encoder.h"

namespace mcnc::tools {
namespace {

// The recipe, beside the rates that are defaults of EncoderOptions: found on Fashion-MNIST, where none of it is
// critical.
constexpr float kDenseRate = 1e-3F;
constexpr float kAlphaSpread = 0.5F;         // only where a chunk has several codes
constexpr float kTheta0Scale = 0.70710678F;  // of the bound of He et al., sqrt(6 / inputs)

// Where training starts: weights uniform, biases zero (none). Stream numbers follow the tensors' order.
std::optional<Uniform> initial_values(const MlpTensor& tensor, std::uint32_t stream, const TrainOptions& options) {
  if (tensor.shape.size() == 1) return std::nullopt;
  const float bound = kTheta0Scale * std::sqrt(6.0F / static_cast<float>(tensor.inputs));
  return Uniform{options.seed, stream, bound / 32768};
}

class Encoded final : public Trainable {
 public:
  explicit Encoded(Encoder encoder) : encoder_(std::move(encoder)) {}

  Status weights(std::span<float> out) override { return encoder_.weights(out); }
  Status step(std::span<const float> gradient, double rate) override { return encoder_.step(gradient, rate); }
  std::uint64_t stored_numbers() const override { return encoder_.stored_numbers(); }
  Result<Model> model() const override { return encoder_.model(); }

 private:
  Encoder encoder_;
};

class Dense final : public Trainable {
 public:
  Dense(std::vector<MlpTensor> tensors, const TrainOptions& options, std::vector<float> masters)
      : tensors_(std::move(tensors)),
        dtype_(options.dtype),
        masters_(std::move(masters)),
        narrowed_(masters_.size() * size_of(dtype_)),
        adam_(masters_.size()) {
    narrow(masters_, dtype_, narrowed_);
  }

  Status weights(std::span<float> out) override {
    widen(narrowed_, dtype_, out);
    return {};
  }
  Status step(std::span<const float> gradient, double rate) override {
    adam_.step(masters_, gradient, rate * kDenseRate);
    narrow(masters_, dtype_, narrowed_);
    return {};
  }
  std::uint64_t stored_numbers() const override { return masters_.size(); }
  Result<Model> model() const override {
    Model model;
    for (std::uint32_t t = 0; t < tensors_.size(); ++t) {
      const auto bytes =
          std::span(narrowed_).subspan(tensors_[t].offset * size_of(dtype_), tensors_[t].count * size_of(dtype_));
      model.segments.emplace_back(std::vector<std::byte>(bytes.begin(), bytes.end()));
      model.manifest.tensors.push_back({tensors_[t].name, dtype_, tensors_[t].shape, Stored{t}, {}});
    }
    return model;
  }

 private:
  std::vector<MlpTensor> tensors_;
  DType dtype_;
  std::vector<float> masters_;
  std::vector<std::byte> narrowed_;
  Adam adam_;
};

}  // namespace

Result<std::unique_ptr<Trainable>> make_trainable(const MlpShape& shape, const TrainOptions& options) {
  std::vector<MlpTensor> tensors = mlp_tensors(shape);
  if (options.dense) {
    std::vector<float> weights(tensors.back().offset + tensors.back().count);
    for (std::uint32_t t = 0; t < tensors.size(); ++t) {
      const std::optional<Uniform> start = initial_values(tensors[t], t, options);
      if (!start) continue;
      const std::span<float> of_tensor = std::span(weights).subspan(tensors[t].offset, tensors[t].count);
      if (Status s = draw_theta0(*start, 0, of_tensor); !s.ok()) return s;
    }
    return std::unique_ptr<Trainable>(std::make_unique<Dense>(std::move(tensors), options, std::move(weights)));
  }

  EncoderOptions encoder_options = options.encoder;
  encoder_options.seed = options.seed;
  encoder_options.execution.threads = options.threads;
  if (encoder_options.codes_per_chunk > 1) encoder_options.alpha_spread = kAlphaSpread;
  std::vector<EncoderTensor> encoder_tensors;
  for (std::uint32_t t = 0; t < tensors.size(); ++t) {
    const std::optional<Uniform> start = initial_values(tensors[t], t, options);
    encoder_tensors.push_back({tensors[t].name, tensors[t].shape, options.dtype, start ? Theta0(*start) : Theta0()});
  }
  Result<Encoder> encoder = Encoder::create(std::move(encoder_tensors), encoder_options);
  if (!encoder.ok()) return encoder.status();
  return std::unique_ptr<Trainable>(std::make_unique<Encoded>(*std::move(encoder)));
}

}  // namespace mcnc::tools
