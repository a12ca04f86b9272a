// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Codes trained through mcnc.h with an optimizer that is not the library's.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "mcnc.h"
#include "support/models.h"

namespace mcnc {
namespace {

using Bytes = std::vector<std::byte>;
using Floats = std::vector<float>;

constexpr std::uint32_t kCodeDim = 3;
constexpr std::uint32_t kPerChunk = 2;
constexpr std::size_t kChunks = 3;
constexpr std::size_t kElements = 2 * 16 + 7;  // the last chunk is used in part

class CapiExpanderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    mcnc_encoder_options_init(&options_);
    options_.code_dim = kCodeDim;
    options_.chunk_dim = 16;
    options_.codes_per_chunk = kPerChunk;
    options_.seed = 3;
    options_.alpha_dtype = MCNC_I16;
    options_.beta_dtype = MCNC_F32;
    const int32_t made = mcnc_expander_create(&options_, &expander_, &error_);
    if (made == MCNC_FEATURE) GTEST_SKIP() << "a library without the encoder";
    ASSERT_EQ(made, MCNC_OK) << error_.message;
    for (std::size_t i = 0; i < alpha_.size(); ++i) alpha_[i] = std::sin(static_cast<float>(i));
    for (std::size_t i = 0; i < beta_.size(); ++i) beta_[i] = 0.5F + 0.25F * static_cast<float>(i % 3);
  }
  void TearDown() override { mcnc_expander_destroy(expander_); }

  void ok(int32_t code) { ASSERT_EQ(code, MCNC_OK) << error_.message; }
  void expect_mistake(int32_t code) {
    EXPECT_EQ(code, MCNC_ARGUMENT);
    EXPECT_GT(std::strlen(error_.message), 10u);
    error_ = {};
  }
  Floats weights() {
    Floats out(kElements);
    EXPECT_EQ(mcnc_expander_weights(expander_, alpha_.data(), beta_.data(), kChunks, nullptr, MCNC_F32, out.data(),
                                    out.size() * sizeof(float), &error_),
              MCNC_OK)
        << error_.message;
    return out;
  }

  Floats alpha_ = Floats(kChunks * kPerChunk * kCodeDim);
  Floats beta_ = Floats(kChunks * kPerChunk);
  mcnc_encoder_options options_ = {};
  mcnc_expander* expander_ = nullptr;
  mcnc_error error_ = {};
};

TEST_F(CapiExpanderTest, GradientsLeadToLessLoss) {
  // Weights that are to become those of other codes.
  const Floats wanted = weights();
  for (float& value : alpha_) value += 0.05F;
  for (float& value : beta_) value *= 0.5F;
  Floats of_alpha(alpha_.size());
  Floats of_beta(beta_.size());
  std::vector<double> losses;
  for (int step = 0; step < 200; ++step) {
    Floats gradient = weights();
    losses.push_back(0);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] -= wanted[i];
      losses.back() += static_cast<double>(gradient[i]) * gradient[i];
    }
    ok(mcnc_expander_gradients(expander_, alpha_.data(), beta_.data(), kChunks, gradient.data(), gradient.size(),
                               of_alpha.data(), of_beta.data(), &error_));
    for (std::size_t i = 0; i < of_alpha.size(); ++i) alpha_[i] -= 0.0005F * of_alpha[i];
    for (std::size_t i = 0; i < of_beta.size(); ++i) beta_[i] -= 0.2F * of_beta[i];
  }
  EXPECT_LT(losses.back(), 0.1 * losses.front());
}

TEST_F(CapiExpanderTest, FilesDecodeToTheWeights) {
  const Floats theta0(kElements, 0.25F);
  Bytes made(kElements * 2);
  ok(mcnc_expander_weights(expander_, alpha_.data(), beta_.data(), kChunks, theta0.data(), MCNC_BF16, made.data(),
                           made.size(), &error_));
  mcnc_writer* writer = nullptr;
  ok(mcnc_writer_create(&writer, &error_));
  uint32_t codes[2] = {9, 9};
  ok(mcnc_expander_add_to(expander_, alpha_.data(), beta_.data(), kChunks, writer, &codes[0], &error_));
  ok(mcnc_expander_add_to(expander_, alpha_.data(), beta_.data(), kChunks, writer, &codes[1], &error_));
  EXPECT_EQ(codes[0], 0u);
  EXPECT_EQ(codes[1], 1u);
  const uint64_t shape[] = {kElements};
  mcnc_new_tensor tensor;
  mcnc_new_tensor_init(&tensor);
  tensor.shape = shape;
  tensor.rank = 1;
  tensor.name = "w";
  tensor.dtype = MCNC_BF16;
  tensor.theta0 = MCNC_THETA0_CONSTANT;
  tensor.theta0_value = 0.25F;
  ok(mcnc_writer_add_generated(writer, &tensor, codes[0], 0, 1, &error_));
  tensor.name = "zero";
  tensor.dtype = MCNC_F32;
  tensor.theta0 = MCNC_THETA0_ZERO;
  ok(mcnc_writer_add_generated(writer, &tensor, codes[1], 0, 1, &error_));
  tensor.name = "kept";
  ok(mcnc_writer_add_stored(writer, &tensor, theta0.data(), kElements * sizeof(float), &error_));

  // Beside them those of an encoder, which has another generator.
  mcnc_encoder_tensor of_encoder;
  mcnc_encoder_tensor_init(&of_encoder);
  of_encoder.name = "encoded";
  of_encoder.shape = shape;
  of_encoder.rank = 1;
  of_encoder.theta0 = MCNC_THETA0_UNIFORM;
  of_encoder.theta0_scale = 1e-5F;
  mcnc_encoder* encoder = nullptr;
  ok(mcnc_encoder_create(&of_encoder, 1, nullptr, &encoder, &error_));
  ok(mcnc_encoder_add_to(encoder, writer, &error_));
  Floats encoded(kElements);
  ok(mcnc_encoder_weights(encoder, encoded.data(), kElements, &error_));
  expect_mistake(mcnc_encoder_add_to(nullptr, writer, &error_));
  expect_mistake(mcnc_encoder_add_to(encoder, nullptr, &error_));
  mcnc_encoder_destroy(encoder);

  Bytes file;
  const auto append = [](void* context, uint64_t, uint64_t, const void* data, size_t bytes) {
    const auto* first = static_cast<const std::byte*>(data);
    static_cast<Bytes*>(context)->assign(first, first + bytes);
    return 0;
  };
  ok(mcnc_writer_write(writer, nullptr, append, &file, &error_));
  mcnc_writer_destroy(writer);
  EXPECT_EQ(testing::open(file)->manifest().generators.size(), 2u);
  EXPECT_EQ(testing::decode(file, "w"), made);
  if constexpr (std::endian::native == std::endian::little) {
    const auto bytes_of = [](const Floats& values) {
      const auto* first = reinterpret_cast<const std::byte*>(values.data());
      return Bytes(first, first + values.size() * sizeof(float));
    };
    EXPECT_EQ(testing::decode(file, "zero"), bytes_of(weights()));
    EXPECT_EQ(testing::decode(file, "encoded"), bytes_of(encoded));
    EXPECT_EQ(testing::decode(file, "kept"), bytes_of(theta0));
  }
}

TEST_F(CapiExpanderTest, MistakesAreSentences) {
  Floats out(kElements);
  const auto bytes = out.size() * sizeof(float);
  const auto make = [&](mcnc_expander* expander, const float* alpha, const float* beta, std::uint64_t chunks,
                        int32_t dtype, void* to, std::size_t size) {
    return mcnc_expander_weights(expander, alpha, beta, chunks, nullptr, dtype, to, size, &error_);
  };
  const float* a = alpha_.data();
  const float* b = beta_.data();
  expect_mistake(make(nullptr, a, b, kChunks, MCNC_F32, out.data(), bytes));
  expect_mistake(make(reinterpret_cast<mcnc_expander*>(this), a, b, kChunks, MCNC_F32, out.data(), bytes));
  expect_mistake(make(expander_, nullptr, b, kChunks, MCNC_F32, out.data(), bytes));
  expect_mistake(make(expander_, a, nullptr, kChunks, MCNC_F32, out.data(), bytes));
  expect_mistake(make(expander_, a, b, 0, MCNC_F32, out.data(), bytes));
  expect_mistake(make(expander_, a, b, kChunks - 1, MCNC_F32, out.data(), bytes));
  expect_mistake(make(expander_, a, b, UINT64_MAX, MCNC_F32, out.data(), bytes));
  expect_mistake(make(expander_, a, b, kChunks, MCNC_F64, out.data(), bytes));
  expect_mistake(make(expander_, a, b, kChunks, MCNC_F32, nullptr, bytes));
  expect_mistake(make(expander_, a, b, kChunks, MCNC_F32, out.data(), bytes - 1));
  Floats gradient(kElements, 1.0F);
  const auto differentiate = [&](const float* of_weights, std::uint64_t elements, float* of_alpha, float* of_beta) {
    return mcnc_expander_gradients(expander_, a, b, kChunks, of_weights, elements, of_alpha, of_beta, &error_);
  };
  Floats of_alpha(alpha_.size());
  Floats of_beta(beta_.size());
  expect_mistake(differentiate(nullptr, kElements, of_alpha.data(), of_beta.data()));
  expect_mistake(differentiate(gradient.data(), kElements, nullptr, of_beta.data()));
  expect_mistake(differentiate(gradient.data(), kElements, of_alpha.data(), nullptr));
  expect_mistake(differentiate(gradient.data(), 16, of_alpha.data(), of_beta.data()));
  expect_mistake(differentiate(gradient.data(), UINT64_MAX, of_alpha.data(), of_beta.data()));
  alpha_[0] = std::numeric_limits<float>::quiet_NaN();
  expect_mistake(make(expander_, a, b, kChunks, MCNC_F32, out.data(), bytes));
  expect_mistake(mcnc_expander_add_to(expander_, a, b, kChunks, nullptr, nullptr, &error_));
  expect_mistake(mcnc_expander_create(&options_, nullptr, &error_));
  mcnc_expander* other = nullptr;
  options_.alpha_dtype = MCNC_F32;
  expect_mistake(mcnc_expander_create(&options_, &other, &error_));
  options_.alpha_dtype = MCNC_I8;
  options_.beta_dtype = MCNC_I8;
  expect_mistake(mcnc_expander_create(&options_, &other, &error_));
  EXPECT_EQ(other, nullptr);
  mcnc_expander_destroy(nullptr);
}

TEST_F(CapiExpanderTest, ChildrenOfAFork) {
  mcnc_execution execution;
  mcnc_execution_init(&execution);
  execution.threads = 2;
  options_.execution = &execution;
  options_.alpha_spread = 1;  // which an encoder of several codes per chunk needs
  mcnc_expander* other = nullptr;
  ok(mcnc_expander_create(&options_, &other, &error_));
  const uint64_t shape[] = {kElements};
  mcnc_encoder_tensor tensor;
  mcnc_encoder_tensor_init(&tensor);
  tensor.name = "w";
  tensor.shape = shape;
  tensor.rank = 1;
  mcnc_encoder* encoder = nullptr;
  ok(mcnc_encoder_create(&tensor, 1, &options_, &encoder, &error_));
  Floats out(kElements);
  const pid_t child = ::fork();
  if (child == 0) {
    const int32_t code = mcnc_expander_weights(other, alpha_.data(), beta_.data(), kChunks, nullptr, MCNC_F32,
                                               out.data(), out.size() * sizeof(float), nullptr);
    const int32_t same = mcnc_encoder_weights(encoder, out.data(), kElements, nullptr);
    mcnc_expander_destroy(other);  // would wait for threads that are not there
    mcnc_encoder_destroy(encoder);
    ::_exit(code == same ? code / 100 : 99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, MCNC_ARGUMENT / 100);
  mcnc_expander_destroy(other);
  mcnc_encoder_destroy(encoder);
}

}  // namespace
}  // namespace mcnc
