// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Decoding on a GPU by the C interface: the whole way of a program, and what it does with wrong handles.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "cuda/stand_in.h"
#include "mcnc.h"
#include "mcnc/checked_math.h"
#include "support/models.h"

namespace mcnc::cuda {
namespace {

class CInterface : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(mcnc_open_memory(bytes_.data(), bytes_.size(), nullptr, &file_, &error_), MCNC_OK) << error_.message;
    ASSERT_EQ(mcnc_find_tensor(file_, "own.a", &tensor_, &error_), MCNC_OK) << error_.message;
    mcnc_cuda_options options;
    mcnc_cuda_options_init(&options);
    options.device = 1;
    ASSERT_EQ(mcnc_open_cuda(&options, &gpu_, &error_), MCNC_OK) << error_.message;
    mcnc_execution execution;
    mcnc_execution_init(&execution);
    execution.accelerator = gpu_;
    ASSERT_EQ(mcnc_decoder_create(file_, &execution, &decoder_, &error_), MCNC_OK) << error_.message;
  }
  void TearDown() override {
    mcnc_decoder_destroy(decoder_);
    mcnc_accelerator_destroy(gpu_);
    mcnc_close(file_);
    EXPECT_EQ(stand_in_.left(), 0U);
  }
  std::size_t tensor_size() const { return to_size(tensor_.bytes); }
  std::vector<std::byte> expected() { return testing::decode(bytes_, tensor_.name); }

  StandIn stand_in_;
  std::vector<std::byte> bytes_ = testing::file_of(testing::rich_model());
  mcnc_error error_{};
  mcnc_file* file_ = nullptr;
  mcnc_tensor tensor_{};
  mcnc_accelerator* gpu_ = nullptr;
  mcnc_decoder* decoder_ = nullptr;
};

TEST_F(CInterface, Decodes) {
  EXPECT_STREQ(mcnc_accelerator_name(gpu_), "Stand-in 1, compute capability 9.0");
  mcnc_accelerator_destroy(gpu_);  // the decoder keeps the device
  gpu_ = nullptr;
  const DeviceMemory whole(1, tensor_size()), parts(1, tensor_size());
  ASSERT_EQ(mcnc_decode_to_device(decoder_, tensor_.index, whole.data(), tensor_.bytes, &error_), MCNC_OK)
      << error_.message;
  EXPECT_TRUE(whole.bytes() == expected());
  const std::uint64_t size = tensor_.bytes / tensor_.elements;
  ASSERT_EQ(mcnc_decode_range_to_device(decoder_, tensor_.index, 0, 7, parts.data(), 7 * size, &error_), MCNC_OK);
  ASSERT_EQ(mcnc_decode_range_to_device(decoder_, tensor_.index, 7, tensor_.elements - 7, parts.data() + 7 * size,
                                        tensor_.bytes - 7 * size, &error_),
            MCNC_OK);
  EXPECT_EQ(mcnc_check_on_device(decoder_, tensor_.index, parts.data(), tensor_.bytes, &error_), MCNC_OK);
  EXPECT_TRUE(parts.bytes() == expected());
  std::vector<std::byte> host(tensor_size());
  ASSERT_EQ(mcnc_decode(decoder_, tensor_.index, host.data(), host.size(), &error_), MCNC_OK) << error_.message;
  EXPECT_TRUE(host == expected());
  EXPECT_EQ(mcnc_verify(decoder_, &error_), MCNC_OK) << error_.message;
}

TEST_F(CInterface, SaysWhatIsWrong) {
  std::vector<std::byte> host(tensor_size());
  EXPECT_EQ(mcnc_decode_to_device(decoder_, tensor_.index, host.data(), host.size(), &error_), MCNC_DEVICE);
  EXPECT_NE(std::string(error_.message).find("the memory is the host's"), std::string::npos) << error_.message;
  const DeviceMemory other(0, tensor_size());
  EXPECT_EQ(mcnc_decode_to_device(decoder_, tensor_.index, other.data(), tensor_.bytes, &error_), MCNC_DEVICE);
  EXPECT_EQ(mcnc_decode_to_device(nullptr, 0, other.data(), tensor_.bytes, &error_), MCNC_ARGUMENT);
  EXPECT_EQ(mcnc_decode_to_device(decoder_, 9999, other.data(), tensor_.bytes, &error_), MCNC_ARGUMENT);

  mcnc_decoder* on_host = nullptr;
  ASSERT_EQ(mcnc_decoder_create(file_, nullptr, &on_host, &error_), MCNC_OK);
  EXPECT_EQ(mcnc_decode_to_device(on_host, tensor_.index, other.data(), tensor_.bytes, &error_), MCNC_ARGUMENT);
  mcnc_decoder_destroy(on_host);

  mcnc_accelerator* none = gpu_;
  mcnc_cuda_options options;
  mcnc_cuda_options_init(&options);
  options.device = 7;
  EXPECT_EQ(mcnc_open_cuda(&options, &none, &error_), MCNC_ARGUMENT);
  EXPECT_EQ(none, nullptr);
  EXPECT_EQ(mcnc_open_cuda(nullptr, nullptr, &error_), MCNC_ARGUMENT);
  stand_in_.fault("cuModuleLoadData=209");
  EXPECT_EQ(mcnc_open_cuda(nullptr, &none, &error_), MCNC_DEVICE);
  EXPECT_NE(std::string(error_.message).find("the kernels were not built for"), std::string::npos) << error_.message;
  EXPECT_EQ(mcnc_accelerator_name(nullptr), nullptr);

  mcnc_execution execution;
  mcnc_execution_init(&execution);
  execution.accelerator = reinterpret_cast<mcnc_accelerator*>(file_);
  EXPECT_EQ(mcnc_decoder_create(file_, &execution, &on_host, &error_), MCNC_ARGUMENT);
}

// 21 chunks of 100 weights, and codes of nine numbers.
class CExpander : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kChunks = 21, kElements = 2080;

  void SetUp() override {
    mcnc_cuda_options cuda;
    mcnc_cuda_options_init(&cuda);
    cuda.stream = reinterpret_cast<void*>(1);  // CU_STREAM_LEGACY, in which DeviceMemory copies
    ASSERT_EQ(mcnc_open_cuda(&cuda, &gpu_, &error_), MCNC_OK) << error_.message;
    mcnc_encoder_options options;
    mcnc_encoder_options_init(&options);
    options.code_dim = 9;
    options.chunk_dim = 100;
    mcnc_execution execution;
    mcnc_execution_init(&execution);
    execution.accelerator = gpu_;
    options.execution = &execution;
    const int32_t made = mcnc_expander_create(&options, &expander_, &error_);
    if (made == MCNC_FEATURE) GTEST_SKIP() << error_.message;
    ASSERT_EQ(made, MCNC_OK) << error_.message;
  }
  void TearDown() override {
    mcnc_expander_destroy(expander_);
    mcnc_accelerator_destroy(gpu_);
  }
  static float* floats(const DeviceMemory& memory) { return reinterpret_cast<float*>(memory.data()); }

  StandIn stand_in_;
  mcnc_error error_{};
  mcnc_accelerator* gpu_ = nullptr;
  mcnc_expander* expander_ = nullptr;
};

TEST_F(CExpander, ExpandsOnTheDevice) {
  std::vector<float> alpha(9 * kChunks), beta(kChunks), weights(kElements), of_alpha(alpha.size()), of_beta(kChunks);
  for (std::size_t i = 0; i < alpha.size(); ++i) alpha[i] = 0.01F * static_cast<float>(i % 83);
  for (std::size_t i = 0; i < beta.size(); ++i) beta[i] = 0.1F * static_cast<float>(i);
  const auto put = [&](const std::vector<float>& values) {
    DeviceMemory memory(0, values.size() * sizeof(float));
    memory.fill(std::as_bytes(std::span(values)));
    return memory;
  };
  const DeviceMemory alphas = put(alpha), betas = put(beta), out(0, kElements * sizeof(float));
  ASSERT_EQ(mcnc_expander_weights_on_device(expander_, floats(alphas), floats(betas), kChunks, nullptr, MCNC_F32,
                                            out.data(), kElements * sizeof(float), &error_),
            MCNC_OK)
      << error_.message;
  ASSERT_EQ(mcnc_expander_weights(expander_, alpha.data(), beta.data(), kChunks, nullptr, MCNC_F32, weights.data(),
                                  kElements * sizeof(float), &error_),
            MCNC_OK);
  EXPECT_TRUE(std::ranges::equal(out.bytes(), std::as_bytes(std::span(weights))));

  const DeviceMemory alpha_gradient(0, alpha.size() * sizeof(float)), beta_gradient(0, kChunks * sizeof(float));
  ASSERT_EQ(mcnc_expander_gradients_on_device(expander_, floats(alphas), floats(betas), kChunks, floats(out), kElements,
                                              floats(alpha_gradient), floats(beta_gradient), &error_),
            MCNC_OK)
      << error_.message;
  ASSERT_EQ(mcnc_expander_gradients(expander_, alpha.data(), beta.data(), kChunks, weights.data(), kElements,
                                    of_alpha.data(), of_beta.data(), &error_),
            MCNC_OK);
  std::vector<float> made(kChunks);
  std::ranges::copy(beta_gradient.bytes(), std::as_writable_bytes(std::span(made)).begin());
  for (std::size_t i = 0; i < made.size(); ++i) EXPECT_NEAR(made[i], of_beta[i], 1e-3F * of_beta.back());
}

TEST_F(CExpander, SaysWhatIsWrong) {
  const DeviceMemory alpha(0, 4 * 9 * kChunks), beta(0, 4 * kChunks), out(0, 4 * kElements);
  const auto weights = [&](mcnc_expander* expander, std::uint64_t chunks, int32_t dtype, void* to,
                           std::uint64_t bytes) {
    return mcnc_expander_weights_on_device(expander, floats(alpha), floats(beta), chunks, nullptr, dtype, to, bytes,
                                           &error_);
  };
  EXPECT_EQ(weights(expander_, kChunks, MCNC_F32, out.data(), 4 * kElements), MCNC_OK) << error_.message;
  EXPECT_EQ(weights(nullptr, kChunks, MCNC_F32, out.data(), 4 * kElements), MCNC_ARGUMENT);
  EXPECT_EQ(weights(expander_, 20, MCNC_F32, out.data(), 4 * kElements), MCNC_ARGUMENT);
  EXPECT_EQ(weights(expander_, kChunks, 17, out.data(), 4 * kElements), MCNC_ARGUMENT);
  EXPECT_EQ(weights(expander_, kChunks, MCNC_F32, out.data(), 4 * kElements - 1), MCNC_ARGUMENT);
  EXPECT_EQ(weights(expander_, kChunks, MCNC_F32, nullptr, 4 * kElements), MCNC_ARGUMENT);
  std::vector<float> host(kElements);
  EXPECT_EQ(weights(expander_, kChunks, MCNC_F32, host.data(), 4 * kElements), MCNC_DEVICE);
  EXPECT_EQ(mcnc_expander_gradients_on_device(expander_, floats(alpha), floats(beta), kChunks, floats(out), kElements,
                                              nullptr, floats(beta), &error_),
            MCNC_ARGUMENT);
  EXPECT_EQ(mcnc_expander_gradients_on_device(expander_, floats(alpha), floats(beta), kChunks, floats(out), kElements,
                                              floats(beta), floats(beta), &error_),
            MCNC_DEVICE);
  mcnc_expander* on_host = nullptr;
  ASSERT_EQ(mcnc_expander_create(nullptr, &on_host, &error_), MCNC_OK);
  EXPECT_EQ(weights(on_host, 3, MCNC_F32, out.data(), 4 * kElements), MCNC_ARGUMENT);
  EXPECT_NE(std::string(error_.message).find("without an accelerator"), std::string::npos) << error_.message;
  mcnc_expander_destroy(on_host);
}

// A context of CUDA does not live on in a child.
TEST_F(CInterface, IsRefusedAfterAFork) {
  const pid_t child = fork();
  if (child == 0) {
    std::vector<std::byte> host(tensor_size());
    const int code = mcnc_decode(decoder_, tensor_.index, host.data(), host.size(), nullptr);
    mcnc_decoder_destroy(decoder_);
    mcnc_accelerator_destroy(gpu_);
    _exit(code == MCNC_ARGUMENT ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace mcnc::cuda
