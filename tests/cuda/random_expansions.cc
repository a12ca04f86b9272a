// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/random_expansions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <span>

#include "support/status.h"

namespace mcnc::testing {
namespace {

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  Expansion make() {
    Expansion made;
    EncoderOptions& options = made.options;
    const bool is_shallow = chance(2);
    options.code_dim = is_shallow || chance(2) ? 1 + below(16) : 1 + below(70);
    options.chunk_dim = chance(2) ? 4 * (1 + below(75)) : 1 + below(300);
    options.codes_per_chunk = chance(2) ? 1 : 1 + below(4);
    for (std::uint32_t l = is_shallow ? 0 : below(3); l > 0; --l) options.hidden.push_back(1 + below(100));
    options.seed = random_();
    options.frequency = chance(2) ? 1U << (10 + below(10)) : 1 + below(1U << 20);
    options.alpha_type = chance(3) ? AlphaType::kInt16 : AlphaType::kInt8;
    options.beta_type = std::array{BetaType::kF32, BetaType::kF16, BetaType::kBf16}[below(3)];
    made.dtype = std::array{DType::kF32, DType::kF16, DType::kBf16}[below(3)];

    const std::size_t chunks = 1 + below(30);
    const std::size_t count = chunks * options.codes_per_chunk;
    // Of stored numbers about as many as fit, and some more.
    const float most_alpha =
        static_cast<float>(options.frequency) * 0x1p-24F * (options.alpha_type == AlphaType::kInt8 ? 150 : 40000);
    for (std::size_t i = 0; i < count * options.code_dim; ++i) made.alpha.push_back(number(most_alpha));
    for (std::size_t i = 0; i < count; ++i) made.beta.push_back(chance(20) ? number(1e9F) : number(2));
    const std::size_t elements = chunks * options.chunk_dim - (chance(2) ? 0 : below(options.chunk_dim));
    for (std::size_t i = 0; i < elements; ++i) made.gradient.push_back(number(1));
    for (std::size_t i = 0; i < elements && elements % 2 == 0; ++i) made.theta0.push_back(number(1));
    return made;
  }

 private:
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
  bool chance(std::uint32_t one_in) { return below(one_in) == 0; }
  float number(float most) { return most * (static_cast<float>(random_() % (1U << 24)) * 0x1p-23F - 1); }

  std::mt19937 random_;
};

// Floats in memory of an accelerator, which is released with this.
class DeviceFloats {
 public:
  // Room for `count` floats, `offset` floats behind the beginning of an allocation.
  static Result<DeviceFloats> of(Accelerator& accelerator, std::size_t count, std::size_t offset) {
    Result<std::shared_ptr<std::byte>> memory = accelerator.allocate((count + offset) * sizeof(float));
    if (!memory.ok()) return memory.status();
    DeviceFloats made;
    made.memory_ = *std::move(memory);
    made.offset_ = offset;
    return made;
  }
  static Result<DeviceFloats> copy(Accelerator& accelerator, std::span<const float> values, std::size_t offset) {
    Result<DeviceFloats> made = of(accelerator, values.size(), offset);
    if (!made.ok()) return made;
    if (Status s = accelerator.upload(std::as_bytes(values), made->bytes()); !s.ok()) return s;
    return made;
  }

  std::byte* bytes() const { return memory_.get() + offset_ * sizeof(float); }
  float* data() const { return reinterpret_cast<float*>(bytes()); }
  Status download(Accelerator& accelerator, std::span<std::byte> to) const { return accelerator.download(bytes(), to); }

 private:
  std::shared_ptr<std::byte> memory_;
  std::size_t offset_ = 0;
};

// Sums of some hundred products, of random signs, in another order: their differences are of the size of the largest
// sums, of those `beside` each other of one code, and for the rare one whose products cancel, of all.
void expect_near(std::span<const float> made, std::span<const float> expected, std::size_t beside, const char* what) {
  ASSERT_EQ(made.size(), expected.size());
  const auto largest = [](std::span<const float> numbers) {
    float most = 0;
    for (const float number : numbers) most = std::max(most, std::fabs(number));
    return most;
  };
  const float of_all = largest(expected);
  for (std::size_t i = 0; i < made.size(); ++i) {
    const float near = 5e-5F * largest(expected.subspan(i / beside * beside, beside)) + 5e-7F * of_all;
    ASSERT_NEAR(made[i], expected[i], near) << what << ", number " << i;
  }
}

}  // namespace

Expansion random_expansion(std::uint32_t seed) { return Maker(seed).make(); }

Result<Expanded> expand_on(const std::shared_ptr<Accelerator>& accelerator, const Expansion& expansion,
                           std::size_t offset) {
  Accelerator& device = *accelerator;
  Result<CodeExpander> expander = CodeExpander::create(expansion.options, accelerator);
  if (!expander.ok()) return expander.status();
  const Result<DeviceFloats> alpha = DeviceFloats::copy(device, expansion.alpha, offset);
  const Result<DeviceFloats> beta = DeviceFloats::copy(device, expansion.beta, offset);
  const Result<DeviceFloats> theta0 = DeviceFloats::copy(device, expansion.theta0, offset + 1);
  const Result<DeviceFloats> gradient = DeviceFloats::copy(device, expansion.gradient, offset);
  const Result<DeviceFloats> weights = DeviceFloats::of(device, expansion.gradient.size(), offset);
  const Result<DeviceFloats> alpha_gradient = DeviceFloats::of(device, expansion.alpha.size(), offset);
  const Result<DeviceFloats> beta_gradient = DeviceFloats::of(device, expansion.beta.size(), offset);
  for (const auto* each : {&alpha, &beta, &theta0, &gradient, &weights, &alpha_gradient, &beta_gradient}) {
    if (!each->ok()) return each->status();
  }
  const TrainedCodesOnDevice codes{alpha->data(), beta->data(), expansion.chunks()};
  const float* const starts = expansion.theta0.empty() ? nullptr : theta0->data();
  if (Status s = expander->weights_on_device(codes, starts, expansion.elements(), expansion.dtype, weights->bytes());
      !s.ok()) {
    return s;
  }
  if (Status s = expander->gradients_on_device(codes, gradient->data(), expansion.elements(), alpha_gradient->data(),
                                               beta_gradient->data());
      !s.ok()) {
    return s;
  }
  Expanded made{std::vector<std::byte>(static_cast<std::size_t>(expansion.elements()) * size_of(expansion.dtype)),
                std::vector<float>(expansion.alpha.size()), std::vector<float>(expansion.beta.size())};
  if (Status s = weights->download(device, made.weights); !s.ok()) return s;
  if (Status s = alpha_gradient->download(device, std::as_writable_bytes(std::span(made.alpha_gradient))); !s.ok()) {
    return s;
  }
  if (Status s = beta_gradient->download(device, std::as_writable_bytes(std::span(made.beta_gradient))); !s.ok()) {
    return s;
  }
  return made;
}

Result<Expanded> expand_on_host(const Expansion& expansion) {
  Result<CodeExpander> expander = CodeExpander::create(expansion.options);
  if (!expander.ok()) return expander.status();
  Expanded made{std::vector<std::byte>(static_cast<std::size_t>(expansion.elements()) * size_of(expansion.dtype)),
                std::vector<float>(expansion.alpha.size()), std::vector<float>(expansion.beta.size())};
  const TrainedCodes codes{expansion.alpha, expansion.beta};
  if (Status s = expander->weights(codes, expansion.theta0, expansion.dtype, made.weights); !s.ok()) return s;
  if (Status s = expander->gradients(codes, expansion.gradient, made.alpha_gradient, made.beta_gradient); !s.ok()) {
    return s;
  }
  return made;
}

void expect_same_expanded(const Expansion& expansion, const Expanded& made, const Expanded& expected) {
  ASSERT_EQ(made.weights.size(), expected.weights.size());
  const auto [at, other] = std::ranges::mismatch(made.weights, expected.weights);
  EXPECT_TRUE(at == made.weights.end()) << "byte " << (at - made.weights.begin()) << " of the weights differs";
  expect_near(made.alpha_gradient, expected.alpha_gradient, expansion.options.code_dim, "the gradient of alpha");
  expect_near(made.beta_gradient, expected.beta_gradient, 1, "the gradient of beta");
}

}  // namespace mcnc::testing
