// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A file whose tensors are made by the kernels of cuda/, run by the shim.
#ifndef MCNC_TESTS_CUDA_ON_DEVICE_H_
#define MCNC_TESTS_CUDA_ON_DEVICE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cuda/backend/tensor_decoder.h"
#include "cuda/one_row.h"
#include "cuda/shim/host_device.h"
#include "kernels/scalar.h"
#include "mcnc/base.h"
#include "mcnc/fp_environment.h"
#include "mcnc/reader.h"
#include "mcnc/thread_pool.h"
#include "support/status.h"

namespace mcnc::cuda {

// How a device may be, and what a test of it must not depend on.
struct Way {
  std::byte fill;  // of memory that was not written
  Order order;     // of threads
  Batches batches;
  bool one_row = false;  // every launch has one row of threads
};

// Two ways in which everything is different: what is in memory that was not written, the order of threads, and how much
// is made at a time.
inline std::vector<Way> two_ways() {
  return {{std::byte{0xFF}, Order::kForward, {}},
          {std::byte{0x55}, Order::kBackward, {.elements = 100, .scratch_bytes = 1000}}};
}

class FileOnDevice {
 public:
  FileOnDevice(const Reader& reader, const Way& way)
      : reader_(reader),
        device_(way.fill, way.order),
        parts_(reader_, kScalarKernels, pool_),
        decoder_(way.one_row ? static_cast<Device&>(one_row_) : device_, parts_, way.batches) {}

  void set_base(std::size_t base, BaseModel* model) { parts_.set_base(base, model); }
  HostDevice& device() { return device_; }

  Result<std::vector<std::byte>> decode(std::size_t tensor, std::uint64_t first, std::uint64_t count) {
    const FpEnvironment environment;
    std::vector<std::byte> bytes(static_cast<std::size_t>(count) * size_of(tensors()[tensor].dtype));
    Buffer<std::byte> out;
    if (Status s = out.reserve(device_, std::max<std::uint64_t>(bytes.size(), 1)); !s.ok()) return s;
    if (Status s = decoder_.decode(tensor, first, count, out.data()); !s.ok()) return s;
    if (Status s = device_.download(out.data(), bytes); !s.ok()) return s;
    return bytes;
  }

  // The whole tensor, whose digest on the device must be the manifest's.
  Result<std::vector<std::byte>> decode(std::size_t tensor) {
    Result<std::vector<std::byte>> bytes = decode(tensor, 0, tensors()[tensor].elements());
    if (!bytes.ok()) return bytes;
    Buffer<std::byte> again;
    if (Status s = again.upload(device_, *bytes); !s.ok()) return s;
    const Result<Digest> digest = decoder_.digest(again.data(), bytes->size());
    if (!digest.ok()) return digest.status();
    EXPECT_EQ(to_hex(*digest), to_hex(tensors()[tensor].digest));
    return bytes;
  }

  const std::vector<Tensor>& tensors() { return reader_.manifest().tensors; }

 private:
  Reader reader_;
  ThreadPool pool_{1};
  HostDevice device_;
  OneRow one_row_{device_};
  Parts parts_;
  TensorDecoder decoder_;
};

// Whether only codes under training need a kernel, and no file.
inline bool is_for_training(const std::string& kernel) {
  return kernel.starts_with("mcnc_gradient_") || kernel.starts_with("mcnc_round_");
}

// The first difference is part of the failure.
inline void expect_same(std::span<const std::byte> made, std::span<const std::byte> expected, const std::string& what) {
  ASSERT_EQ(made.size(), expected.size()) << what;
  const auto [at, other] = std::ranges::mismatch(made, expected);
  EXPECT_TRUE(at == made.end()) << what << ": byte " << (at - made.begin()) << " of " << made.size() << " is "
                                << std::to_integer<int>(*at) << ", not " << std::to_integer<int>(*other);
}

}  // namespace mcnc::cuda

#endif  // MCNC_TESTS_CUDA_ON_DEVICE_H_
