// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/code_expander.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "support/api.h"
#include "support/models.h"

namespace mcnc {
namespace {

using testing::is_refused;

constexpr std::size_t kElements = 3 * 37;  // three chunks of 50, the last of them with a tail

EncoderOptions some_options(std::uint32_t codes_per_chunk = 1) {
  return {.code_dim = 4, .chunk_dim = 50, .codes_per_chunk = codes_per_chunk, .hidden = {8}, .seed = 99};
}

// Codes of three chunks; some beyond the range of a file.
struct SomeCodes {
  explicit SomeCodes(const EncoderOptions& options)
      : alpha(3 * options.codes_per_chunk * options.code_dim), beta(3 * options.codes_per_chunk) {
    for (std::size_t i = 0; i < alpha.size(); ++i) alpha[i] = std::sin(static_cast<float>(i)) * 3;
    for (std::size_t i = 0; i < beta.size(); ++i) beta[i] = 0.5F + 0.1F * static_cast<float>(i);
    alpha[1] = 1e9F;
  }
  TrainedCodes codes() const { return {alpha, beta}; }

  std::vector<float> alpha;
  std::vector<float> beta;
};

CodeExpander make(const EncoderOptions& options) {
  Result<CodeExpander> expander = CodeExpander::create(options);
  EXPECT_TRUE(expander.ok()) << expander.status().to_string();
  return *std::move(expander);
}

std::vector<float> weights_of(CodeExpander& expander, const SomeCodes& codes) {
  std::vector<float> weights(kElements);
  const Status status = expander.weights(codes.codes(), {}, DType::kF32, std::as_writable_bytes(std::span(weights)));
  EXPECT_TRUE(status.ok()) << status.to_string();
  return weights;
}

TEST(CodeExpander, MakesWhatTheFileDecodesTo) {
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBf16}) {
    for (const std::uint32_t codes_per_chunk : {1U, 3U}) {
      const EncoderOptions options = some_options(codes_per_chunk);
      CodeExpander expander = make(options);
      const SomeCodes codes(options);
      std::vector<std::byte> weights(kElements * size_of(dtype));
      const std::vector<float> theta0(kElements, 0.25F);
      ASSERT_TRUE(expander.weights(codes.codes(), theta0, dtype, weights).ok());
      Result<Model> model = expander.model(codes.codes());
      ASSERT_TRUE(model.ok());
      model->manifest.tensors.push_back({"w", dtype, {3, 37}, Generated{0, 0, Constant{0.25F}}, {}});
      EXPECT_EQ(weights, testing::decode(testing::file_of(*std::move(model)), "w"));
    }
  }
}

TEST(CodeExpander, ThreadsDoNotMatter) {
  EncoderOptions options = some_options();
  const SomeCodes codes(options);
  CodeExpander one = make(options);
  options.execution.threads = 3;
  CodeExpander three = make(options);
  const std::vector<float> weights = weights_of(one, codes);
  EXPECT_EQ(weights, weights_of(three, codes));
  const auto gradients_of = [&](CodeExpander& expander) {
    std::vector<float> alpha(codes.alpha.size());
    std::vector<float> beta(codes.beta.size());
    EXPECT_TRUE(expander.gradients(codes.codes(), weights, alpha, beta).ok());
    return std::pair(alpha, beta);
  };
  EXPECT_EQ(gradients_of(one), gradients_of(three));
}

// Weights are linear in beta: half the squared norm of the weights grows along beta by the gradient times the change.
TEST(CodeExpander, GradientOfBetaIsThatOfTheWeights) {
  const EncoderOptions options = some_options();
  CodeExpander expander = make(options);
  SomeCodes codes(options);
  const std::vector<float> weights = weights_of(expander, codes);
  std::vector<float> alpha(codes.alpha.size());
  std::vector<float> beta(codes.beta.size());
  ASSERT_TRUE(expander.gradients(codes.codes(), weights, alpha, beta).ok());
  double norm = 0;
  for (std::size_t i = 0; i < 50; ++i) norm += double{weights[i]} * weights[i];
  EXPECT_NEAR(beta[0] * codes.beta[0], norm, norm * 1e-2);  // beta is rounded to bfloat16
}

// Central differences over two steps of a code, against the gradient of the first alpha of a code with small phases.
TEST(CodeExpander, GradientOfAlphaIsThatOfTheWeights) {
  EncoderOptions options = some_options();
  options.hidden = {};
  options.frequency = 1U << 16;
  CodeExpander expander = make(options);
  SomeCodes codes(options);
  for (float& alpha : codes.alpha) alpha = std::fmod(alpha, 0.05F);
  const std::vector<float> direction = weights_of(expander, codes);
  std::vector<float> alpha(codes.alpha.size());
  std::vector<float> beta(codes.beta.size());
  ASSERT_TRUE(expander.gradients(codes.codes(), direction, alpha, beta).ok());
  const float step = 4.0F * static_cast<float>(options.frequency) / static_cast<float>(1 << 24);
  double difference = 0;
  for (const float sign : {1.0F, -1.0F}) {
    SomeCodes moved = codes;
    moved.alpha[0] += sign * step;
    const std::vector<float> weights = weights_of(expander, moved);
    for (std::size_t i = 0; i < kElements; ++i) difference += double{sign} * weights[i] * direction[i];
  }
  EXPECT_NEAR(difference / (2 * step), alpha[0], std::abs(alpha[0]) * 0.05);
}

TEST(CodeExpander, PassesGradientsThatAreNotFinite) {
  const EncoderOptions options = some_options();
  CodeExpander expander = make(options);
  const SomeCodes codes(options);
  std::vector<float> gradient(kElements, 1.0F);
  gradient[60] = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> alpha(codes.alpha.size());
  std::vector<float> beta(codes.beta.size());
  ASSERT_TRUE(expander.gradients(codes.codes(), gradient, alpha, beta).ok());
  EXPECT_TRUE(std::isfinite(beta[0]));
  EXPECT_TRUE(std::isnan(beta[1]));
  EXPECT_TRUE(std::isfinite(beta[2]));
}

TEST(CodeExpander, RefusesWhatDoesNotFit) {
  const EncoderOptions options = some_options();
  EXPECT_TRUE(is_refused(CodeExpander::create({.code_dim = 0})));
  EXPECT_TRUE(is_refused(CodeExpander::create({.execution = {.threads = 0}})));
  CodeExpander expander = make(options);
  SomeCodes codes(options);
  std::vector<float> numbers(kElements);
  const auto bytes = std::as_writable_bytes(std::span(numbers));
  EXPECT_TRUE(is_refused(expander.weights(codes.codes(), {}, DType::kF64, bytes)));
  EXPECT_TRUE(is_refused(expander.weights(codes.codes(), {}, DType::kF32, bytes.first(5))));
  EXPECT_TRUE(is_refused(expander.weights(codes.codes(), {}, DType::kF32, bytes.first(0))));
  EXPECT_TRUE(is_refused(expander.weights(codes.codes(), {}, DType::kF32, bytes.first(100 * 4))));
  EXPECT_TRUE(is_refused(expander.weights(codes.codes(), std::span(numbers).first(3), DType::kF32, bytes)));
  EXPECT_TRUE(is_refused(expander.weights({codes.alpha, {}}, {}, DType::kF32, bytes)));
  EXPECT_TRUE(is_refused(expander.weights({std::span(codes.alpha).first(11), codes.beta}, {}, DType::kF32, bytes)));
  EXPECT_TRUE(is_refused(expander.gradients(codes.codes(), numbers, codes.beta, codes.beta)));
  codes.beta[2] = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(is_refused(expander.weights(codes.codes(), {}, DType::kF32, bytes)));
  EXPECT_TRUE(is_refused(expander.model(codes.codes())));
  codes.beta[2] = 1;
  codes.alpha[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(is_refused(expander.weights(codes.codes(), {}, DType::kF32, bytes)));
  const CodeExpander moved = std::move(expander);
  EXPECT_TRUE(is_refused(expander.weights(codes.codes(), {}, DType::kF32, bytes)));
  EXPECT_TRUE(is_refused(expander.gradients(codes.codes(), numbers, numbers, numbers)));
  EXPECT_TRUE(is_refused(expander.model(codes.codes())));
}

}  // namespace
}  // namespace mcnc
