// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/encoder.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "mcnc/convert.h"
#include "support/models.h"

namespace mcnc {
namespace {

std::vector<EncoderTensor> some_tensors(DType dtype) {
  return {
      {"z.weight", {13, 11}, dtype, Uniform{5, 0, 1e-5F}},
      {"a.bias", {13}, dtype, {}},
      {"scale", {}, dtype, Constant{1.5F}},
      {"m.weight", {3, 29}, dtype, Uniform{5, 1, 2e-5F}},
  };
}

EncoderOptions some_options() {
  EncoderOptions options;
  options.code_dim = 4;
  options.chunk_dim = 50;
  options.seed = 99;
  return options;
}

Encoder make(const EncoderOptions& options, DType dtype = DType::kF32) {
  Result<Encoder> encoder = Encoder::create(some_tensors(dtype), options);
  EXPECT_TRUE(encoder.ok()) << encoder.status().to_string();
  return *std::move(encoder);
}

std::vector<float> weights_of(Encoder& encoder) {
  std::vector<float> weights(encoder.elements());
  const Status status = encoder.weights(weights);
  EXPECT_TRUE(status.ok()) << status.to_string();
  return weights;
}

// Steps towards a target; returns the squared distance from it before the last step.
double train(Encoder& encoder, int steps) {
  std::vector<float> gradient(encoder.elements());
  double distance = 0;
  for (int step = 0; step < steps; ++step) {
    const std::vector<float> weights = weights_of(encoder);
    distance = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      gradient[i] = weights[i] - 0.1F * static_cast<float>(i % 7);
      distance += double{gradient[i]} * gradient[i];
    }
    const Status status = encoder.step(gradient, 1);
    EXPECT_TRUE(status.ok()) << status.to_string();
  }
  return distance;
}

std::vector<std::byte> file_of(const Encoder& encoder) {
  Result<Model> model = encoder.model();
  EXPECT_TRUE(model.ok()) << model.status().to_string();
  return testing::file_of(*std::move(model));
}

void expect_decodes_to_weights(Encoder& encoder, DType dtype) {
  const std::vector<float> weights = weights_of(encoder);
  const std::vector<std::byte> file = file_of(encoder);
  std::size_t offset = 0;
  for (const EncoderTensor& tensor : some_tensors(dtype)) {
    const std::vector<std::byte> bytes = testing::decode(file, tensor.name);
    std::vector<float> decoded(bytes.size() / size_of(dtype));
    widen(bytes, dtype, decoded);
    ASSERT_LE(offset + decoded.size(), weights.size());
    EXPECT_EQ(std::memcmp(decoded.data(), weights.data() + offset, decoded.size() * sizeof(float)), 0) << tensor.name;
    offset += decoded.size();
  }
  EXPECT_EQ(offset, weights.size());
}

// dtype, per_tensor, codes_per_chunk, hidden layers.
using Case = std::tuple<DType, bool, std::uint32_t, std::vector<std::uint32_t>>;

class EncoderCase : public ::testing::TestWithParam<Case> {
 protected:
  EncoderOptions options() const {
    EncoderOptions options = some_options();
    options.per_tensor = std::get<1>(GetParam());
    options.codes_per_chunk = std::get<2>(GetParam());
    options.alpha_spread = options.codes_per_chunk > 1 ? 1.0F : 0.0F;
    options.hidden = std::get<3>(GetParam());
    return options;
  }
  DType dtype() const { return std::get<0>(GetParam()); }
};

TEST_P(EncoderCase, WeightsAreWhatTheFileDecodesTo) {
  Encoder encoder = make(options(), dtype());
  expect_decodes_to_weights(encoder, dtype());
  const double before = train(encoder, 1);
  const double after = train(encoder, 40);
  EXPECT_LT(after, before);
  expect_decodes_to_weights(encoder, dtype());
}

TEST_P(EncoderCase, ThreadsDoNotMatter) {
  EncoderOptions threaded = options();
  threaded.execution.threads = 3;
  Encoder a = make(options(), dtype());
  Encoder b = make(threaded, dtype());
  train(a, 10);
  train(b, 10);
  EXPECT_EQ(file_of(a), file_of(b));
}

INSTANTIATE_TEST_SUITE_P(All, EncoderCase,
                         ::testing::Combine(::testing::Values(DType::kF32, DType::kF16, DType::kBf16),
                                            ::testing::Bool(), ::testing::Values(1U, 3U),
                                            ::testing::Values(std::vector<std::uint32_t>{},
                                                              std::vector<std::uint32_t>{8, 12})));

TEST(Encoder, StoredTypesDecodeToWeights) {
  for (const AlphaType alpha_type : {AlphaType::kInt8, AlphaType::kInt16}) {
    for (const BetaType beta_type : {BetaType::kF32, BetaType::kF16, BetaType::kBf16}) {
      EncoderOptions options = some_options();
      options.alpha_type = alpha_type;
      options.beta_type = beta_type;
      options.frequency = alpha_type == AlphaType::kInt8 ? 1U << 20 : 1U << 12;
      Encoder encoder = make(options);
      train(encoder, 5);
      expect_decodes_to_weights(encoder, DType::kF32);
    }
  }
}

TEST(Encoder, CountsWhatItStores) {
  const Encoder encoder = make(some_options());
  EXPECT_EQ(encoder.elements(), 13U * 11 + 13 + 1 + 3 * 29);
  EXPECT_EQ(encoder.stored_numbers(), 5U * (4 + 1));
}

TEST(Encoder, StartsAtTheta0) {
  Encoder encoder = make(some_options());
  const std::vector<float> weights = weights_of(encoder);
  EXPECT_EQ(weights[13 * 11], 0.0F);
  EXPECT_EQ(weights[13 * 11 + 13], 1.5F);
}

TEST(Encoder, RefusesGradientsThatAreNotFinite) {
  Encoder encoder = make(some_options());
  const std::vector<std::byte> before = file_of(encoder);
  std::vector<float> gradient(encoder.elements(), 1.0F);
  gradient[17] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(encoder.step(gradient, 1).code(), ErrorCode::kArgument);
  gradient[17] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(encoder.step(gradient, 1).code(), ErrorCode::kArgument);
  EXPECT_EQ(file_of(encoder), before);
}

TEST(Encoder, RefusesSizesThatDoNotFit) {
  Encoder encoder = make(some_options());
  std::vector<float> wrong(encoder.elements() - 1);
  EXPECT_EQ(encoder.weights(wrong).code(), ErrorCode::kArgument);
  EXPECT_EQ(encoder.step(wrong, 1).code(), ErrorCode::kArgument);
}

TEST(Encoder, RefusesOptionsOutOfRange) {
  const auto refused = [](auto change) {
    EncoderOptions options = some_options();
    change(options);
    return Encoder::create(some_tensors(DType::kF32), options).status().code() == ErrorCode::kArgument;
  };
  EXPECT_TRUE(refused([](EncoderOptions& o) { o.code_dim = 0; }));
  EXPECT_TRUE(refused([](EncoderOptions& o) { o.chunk_dim = 0; }));
  EXPECT_TRUE(refused([](EncoderOptions& o) { o.chunk_dim = ~0U; }));
  EXPECT_TRUE(refused([](EncoderOptions& o) { o.hidden.assign(16, 4); }));
  EXPECT_TRUE(refused([](EncoderOptions& o) { o.hidden = {0}; }));
  EXPECT_TRUE(refused([](EncoderOptions& o) { o.codes_per_chunk = 0; }));
  EXPECT_TRUE(refused([](EncoderOptions& o) { o.codes_per_chunk = 2; }));
  EXPECT_TRUE(refused([](EncoderOptions& o) { o.frequency = 0; }));
  EXPECT_TRUE(refused([](EncoderOptions& o) { o.execution.threads = 0; }));
  EXPECT_TRUE(refused([](EncoderOptions& o) { o.alpha_rate = std::numeric_limits<float>::infinity(); }));
  EXPECT_TRUE(refused([](EncoderOptions& o) { o.beta = std::numeric_limits<float>::quiet_NaN(); }));
  EXPECT_FALSE(refused([](EncoderOptions& o) { o.beta = -1; }));
}

TEST(Encoder, RefusesTensorsItCannotMake) {
  const auto code = [](EncoderTensor tensor) {
    return Encoder::create({std::move(tensor)}, some_options()).status().code();
  };
  EXPECT_EQ(code({"t", {4}, DType::kI32, {}}), ErrorCode::kArgument);
  EXPECT_EQ(code({"t", {4}, DType::kF32, StoredTheta0{}}), ErrorCode::kArgument);
  EXPECT_EQ(code({"t", {0}, DType::kF32, {}}), ErrorCode::kArgument);
  EXPECT_EQ(Encoder::create({}, some_options()).status().code(), ErrorCode::kArgument);
}

}  // namespace
}  // namespace mcnc
