// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What can go wrong between a decoder and a GPU: each fault gives a status that says which, leaves nothing behind, and
// the program goes on, on the CPU and, where the device is not lost, on the device.

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "cuda/stand_in.h"
#include "mcnc/checked_math.h"
#include "mcnc/decoder.h"
#include "support/models.h"

namespace mcnc::cuda {
namespace {

// A model with everything in it, open on the CPU and on device 0.
class Faults : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(reader_);
    on_host_ = Decoder::create(*reader_);
    ASSERT_OK(on_host_);
    open();
    tensor_ = *reader_->find_tensor("own.a");
    bytes_ = to_size(reader_->manifest().tensors[tensor_].bytes());
  }
  void TearDown() override {
    decoder_ = Status(ErrorCode::kArgument, "", "closed");
    gpu_ = nullptr;
    EXPECT_EQ(stand_in_.left(), 0U);
  }

  void open() {
    Result<std::shared_ptr<Accelerator>> opened = open_cuda();
    ASSERT_OK(opened);
    gpu_ = *std::move(opened);
    decoder_ = Decoder::create(*reader_, {.accelerator = gpu_});
    ASSERT_OK(decoder_);
  }
  const Tensor& tensor() const { return reader_->manifest().tensors[tensor_]; }
  std::vector<std::byte> expected() {
    std::vector<std::byte> bytes(bytes_);
    EXPECT_OK(on_host_->decode(tensor_, bytes));
    return bytes;
  }
  // That the device works.
  void expect_right() {
    std::vector<std::byte> made(bytes_);
    ASSERT_OK(decoder_->decode(tensor_, made));
    EXPECT_TRUE(made == expected());
  }

  StandIn stand_in_;
  std::vector<std::byte> file_ = testing::file_of(testing::rich_model());
  Result<Reader> reader_ = testing::open(file_);
  Result<Decoder> on_host_ = Status(ErrorCode::kArgument, "", "not open");
  Result<Decoder> decoder_ = Status(ErrorCode::kArgument, "", "not open");
  std::shared_ptr<Accelerator> gpu_;
  std::size_t tensor_ = 0;
  std::size_t bytes_ = 0;
};

void expect_device_error(const Status& status, const std::string& text) {
  EXPECT_EQ(status.code(), ErrorCode::kDevice) << status.to_string();
  EXPECT_NE(status.message().find(text), std::string::npos) << status.to_string();
}

TEST_F(Faults, TheDeviceDecodes) {
  expect_right();
  EXPECT_EQ(gpu_->name(), "Stand-in 0, compute capability 9.0");
}

// Every function of the driver that can fail, wherever it is called while a device is opened and a file decoded: the
// status names CUDA's error, nothing is left, and once the fault is over all is well.
TEST_F(Faults, EveryCallOfTheDriverIsChecked) {
  const std::array functions = {"cuDeviceGetCount",
                                "cuDeviceGet",
                                "cuDeviceGetName",
                                "cuDeviceGetAttribute",
                                "cuDevicePrimaryCtxRetain",
                                "cuModuleLoadData",
                                "cuModuleGetFunction",
                                "cuStreamCreate",
                                "cuEventCreate",
                                "cuEventRecord",
                                "cuEventSynchronize",
                                "cuMemAllocAsync",
                                "cuMemAllocHost",
                                "cuMemcpyHtoDAsync",
                                "cuMemcpyDtoHAsync",
                                "cuLaunchKernel",
                                "kernel"};
  for (const char* const function : functions) {
    bool failed = true;
    int call = 1;
    const unsigned left = stand_in_.left();  // what the fixture has open
    for (; failed && call < 1000; ++call) {
      const std::string fault = std::string(function) + ":" + std::to_string(call) + "=400";
      SCOPED_TRACE(fault);
      stand_in_.fault(fault.c_str());
      Status status;
      {
        const Result<std::shared_ptr<Accelerator>> gpu = open_cuda();
        status = gpu.status();
        if (gpu.ok()) {
          Result<Decoder> decoder = Decoder::create(*reader_, {.accelerator = *gpu});
          ASSERT_OK(decoder);
          std::vector<std::byte> made(bytes_);
          status = decoder->decode(tensor_, made);
          EXPECT_TRUE(!status.ok() || made == expected());
        }
      }
      failed = !status.ok();
      if (failed) expect_device_error(status, "invalid resource handle (CUDA_ERROR_INVALID_HANDLE)");
      stand_in_.fault("");
      ASSERT_EQ(stand_in_.left(), left);
    }
    EXPECT_GT(call, 2) << function << " is not called";
    EXPECT_FALSE(failed) << function;
    expect_right();
  }
}

TEST_F(Faults, ContextCannotBeUsed) {
  stand_in_.fault("cuCtxPushCurrent=201");
  expect_device_error(open_cuda().status(), "cannot use the context of the device: invalid device context");
  stand_in_.fault("");
  expect_right();
}

TEST_F(Faults, DeviceMemoryIsExhausted) {
  stand_in_.fault("cuMemAllocAsync=2");
  std::vector<std::byte> made(bytes_);
  const Status status = decoder_->decode(tensor_, made);
  expect_device_error(status, "cannot allocate ");
  expect_device_error(status, " bytes of device memory: out of memory (CUDA_ERROR_OUT_OF_MEMORY)");
  EXPECT_TRUE(expected() == expected());  // the CPU goes on
  stand_in_.fault("");
  expect_right();
}

TEST_F(Faults, KernelsWereNotBuiltForTheDevice) {
  stand_in_.fault("cuModuleLoadData=209");
  const Status status = open_cuda().status();
  expect_device_error(status, "the kernels were not built for Stand-in 0, compute capability 9.0");
  expect_device_error(status, "CUDA_ERROR_NO_BINARY_FOR_GPU");
}

TEST_F(Faults, ThereIsNoSuchDevice) {
  const Status status = open_cuda({.device = 2}).status();
  EXPECT_EQ(status.code(), ErrorCode::kArgument);
  EXPECT_NE(status.message().find("no CUDA device 2: the driver counts 2"), std::string::npos) << status.to_string();
  EXPECT_EQ(open_cuda({.device = -1}).status().code(), ErrorCode::kArgument);
}

TEST_F(Faults, StreamOfAnotherDevice) {
  const Driver& driver = **load_driver();
  CUcontext context = nullptr, before = nullptr;
  CUstream stream = nullptr;
  ASSERT_EQ(driver.context_retain(&context, 1), 0);
  ASSERT_EQ(driver.context_push(context), 0);
  ASSERT_EQ(driver.stream_create(&stream, 0), 0);
  driver.context_pop(&before);
  const Status status = open_cuda({.device = 0, .stream = stream}).status();
  EXPECT_EQ(status.code(), ErrorCode::kArgument) << status.to_string();
  EXPECT_NE(status.message().find("does not belong"), std::string::npos) << status.to_string();
  EXPECT_OK(open_cuda({.device = 1, .stream = stream}).status());
  driver.stream_destroy(stream);
  driver.context_release(1);
}

TEST_F(Faults, StreamIsNotOne) {
  int other = 0;
  expect_device_error(open_cuda({.stream = &other}).status(), "cannot use the stream");
}

// An error of a kernel shows at the call that waits, and at all that come after, as on a GPU.
TEST_F(Faults, StreamIsInError) {
  DeviceMemory out(0, bytes_);
  expect_right();
  stand_in_.fault("kernel:1=700");
  EXPECT_OK(decoder_->decode_range_to_device(tensor_, 0, tensor().elements(), out.data(), bytes_));
  expect_device_error(decoder_->check_on_device(tensor_, out.data(), bytes_), "an illegal memory access");
  expect_device_error(decoder_->decode_to_device(tensor_, out.data(), bytes_), "CUDA_ERROR_ILLEGAL_ADDRESS");
  expect_device_error(open_cuda().status(), "CUDA_ERROR_ILLEGAL_ADDRESS");
  EXPECT_TRUE(expected() == expected());
  stand_in_.fault("");
}

TEST_F(Faults, OutputIsOfAnotherDevice) {
  DeviceMemory out(1, bytes_);
  const Status status = decoder_->decode_to_device(tensor_, out.data(), bytes_);
  expect_device_error(status, "the memory is that of CUDA device 1, the accelerator is device 0");
  expect_right();
}

TEST_F(Faults, OutputIsTooSmall) {
  DeviceMemory out(0, bytes_);
  const Status status = decoder_->decode_to_device(tensor_, out.data() + 16, bytes_);
  expect_device_error(status, "the memory has " + std::to_string(bytes_ - 16) + " bytes left in its allocation, " +
                                  std::to_string(bytes_) + " are needed");
  EXPECT_EQ(decoder_->decode_to_device(tensor_, out.data(), bytes_ - 4).code(), ErrorCode::kArgument);
  expect_right();
}

// As that of PyTorch with expandable segments.
TEST_F(Faults, OutputIsMappedInParts) {
  DeviceMemory out(0, bytes_);
  stand_in_.ranges(32);
  ASSERT_GT(bytes_, 64U);
  EXPECT_OK(decoder_->decode_to_device(tensor_, out.data(), bytes_));
  EXPECT_TRUE(out.bytes() == expected());
  expect_device_error(decoder_->decode_to_device(tensor_, out.data() + 16, bytes_),
                      "the memory has " + std::to_string(bytes_ - 16) + " bytes left in its allocation");
}

TEST_F(Faults, OutputIsOfTheHost) {
  std::vector<std::byte> host(bytes_);
  expect_device_error(decoder_->decode_to_device(tensor_, host.data(), bytes_), "the memory is the host's");
  expect_device_error(decoder_->check_on_device(tensor_, host.data(), bytes_), "the memory is the host's");
  const Driver& driver = **load_driver();
  CUcontext context = nullptr, before = nullptr;
  void* pinned = nullptr;
  ASSERT_EQ(driver.context_retain(&context, 0), 0);
  ASSERT_EQ(driver.context_push(context), 0);
  ASSERT_EQ(driver.allocate_host(&pinned, bytes_), 0);
  expect_device_error(decoder_->decode_to_device(tensor_, pinned, bytes_), "the memory is the host's");
  driver.release_host(pinned);
  driver.context_pop(&before);
  driver.context_release(0);
  expect_right();
}

TEST_F(Faults, OutputIsNotAligned) {
  DeviceMemory out(0, bytes_ + 16);
  EXPECT_EQ(decoder_->decode_to_device(tensor_, out.data() + 1, bytes_).code(), ErrorCode::kArgument);
  EXPECT_OK(decoder_->decode_range_to_device(tensor_, 0, tensor().elements(), out.data() + 4, bytes_));
  const Status status = decoder_->check_on_device(tensor_, out.data() + 4, bytes_);
  EXPECT_EQ(status.code(), ErrorCode::kArgument);
  EXPECT_NE(status.message().find("aligned to 16 bytes"), std::string::npos) << status.to_string();
}

TEST_F(Faults, WrongBytesOnTheDevice) {
  DeviceMemory out(0, bytes_);
  EXPECT_EQ(decoder_->check_on_device(tensor_, out.data(), bytes_).code(), ErrorCode::kTensorDigest);
}

TEST_F(Faults, DecoderWithoutAnAccelerator) {
  DeviceMemory out(0, bytes_);
  EXPECT_EQ(on_host_->decode_to_device(tensor_, out.data(), bytes_).code(), ErrorCode::kArgument);
  EXPECT_EQ(on_host_->check_on_device(tensor_, out.data(), bytes_).code(), ErrorCode::kArgument);
}

// What is decoded into memory of the device is not waited for, once the parts of the file are there.
TEST_F(Faults, NothingIsWaitedForInSecret) {
  DeviceMemory out(0, bytes_);
  ASSERT_OK(decoder_->decode_to_device(tensor_, out.data(), bytes_));
  ASSERT_EQ(stand_in_.pending(), 0U);
  unsigned before = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(decoder_->decode_range_to_device(tensor_, 0, tensor().elements(), out.data(), bytes_));
    EXPECT_GT(stand_in_.pending(), before);
    before = stand_in_.pending();
  }
  ASSERT_OK(decoder_->check_on_device(tensor_, out.data(), bytes_));
}

TEST_F(Faults, TheCurrentContextIsLeftAlone) {
  const Driver& driver = **load_driver();
  CUcontext context = nullptr, before = nullptr;
  ASSERT_EQ(driver.context_retain(&context, 1), 0);
  ASSERT_EQ(driver.context_push(context), 0);
  expect_right();
  driver.context_pop(&before);
  EXPECT_EQ(before, context);
  driver.context_release(1);
}

}  // namespace
}  // namespace mcnc::cuda
