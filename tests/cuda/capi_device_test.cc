// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Decoding on a GPU by the C interface: the whole way of a program, and what it does with wrong handles.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
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
