// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/backend/cuda_accelerator.h"

#include <cstdint>
#include <string>

#include "cuda/backend/tensor_decoder.h"
#include "decoder/tensor_maker.h"
#include "mcnc/boundary.h"
#include "mcnc/fp_environment.h"
#include "mcnc/manifest.h"

namespace mcnc::cuda {
namespace {

class DeviceTensorMaker final : public TensorMaker {
 public:
  DeviceTensorMaker(CudaDevice& device, Parts& parts)
      : device_(&device), parts_(&parts), decoder_(device, parts, Batches{}) {}

  Status make(const TensorRange& range, std::span<std::byte> out, std::vector<Digest>* leaves) noexcept override {
    return boundary([&]() -> Status {
      const FpEnvironment environment;
      const std::uint64_t bytes = range.count * size_of(dtype(range.tensor));
      if (Status s = made_.reserve(*device_, bytes); !s.ok()) return s;
      if (Status s = decoder_.decode(range.tensor, range.first, range.count, made_.data()); !s.ok()) return s;
      if (leaves != nullptr) {
        if (Status s = decoder_.hash_leaves(made_.data(), bytes, *leaves); !s.ok()) return s;
      }
      return device_->download(made_.data(), out);
    });
  }

  Status make_on_device(const TensorRange& range, void* out, std::uint64_t bytes) noexcept override {
    return boundary([&]() -> Status {
      const FpEnvironment environment;
      if (Status s = check_memory(out, bytes, size_of(dtype(range.tensor))); !s.ok()) return s;
      return decoder_.decode(range.tensor, range.first, range.count, out);
    });
  }

  Status hash_on_device(const void* data, std::uint64_t bytes, std::vector<Digest>& leaves) noexcept override {
    return boundary([&]() -> Status {
      if (Status s = check_memory(data, bytes, kHashAlignment); !s.ok()) return s;
      return decoder_.hash_leaves(data, bytes, leaves);
    });
  }

 private:
  static constexpr std::size_t kHashAlignment = 16;

  DType dtype(std::size_t tensor) const { return parts_->reader().manifest().tensors[tensor].dtype; }
  // Memory that a caller gave for `bytes` bytes.
  Status check_memory(const void* memory, std::uint64_t bytes, std::size_t alignment) const {
    if (bytes == 0) return {};
    if (reinterpret_cast<std::uintptr_t>(memory) % alignment != 0) {
      return {ErrorCode::kArgument, "",
              "memory of the device is not aligned to " + std::to_string(alignment) + " bytes"};
    }
    return device_->check_memory(memory, bytes);
  }

  CudaDevice* device_;
  Parts* parts_;
  TensorDecoder decoder_;
  Buffer<std::byte> made_;
};

}  // namespace

Result<std::shared_ptr<std::byte>> CudaAccelerator::allocate(std::uint64_t bytes) noexcept {
  return boundary([&]() -> Result<std::shared_ptr<std::byte>> {
    const Result<void*> memory = device_->allocate(bytes);
    if (!memory.ok()) return memory.status();
    return std::shared_ptr<std::byte>(static_cast<std::byte*>(*memory),
                                      [this](std::byte* gone) { device_->release(gone); });
  });
}

Result<std::shared_ptr<TensorMaker>> CudaAccelerator::open(Parts& parts) noexcept {
  return boundary([&]() -> Result<std::shared_ptr<TensorMaker>> {
    return std::shared_ptr<TensorMaker>(std::make_shared<DeviceTensorMaker>(*device_, parts));
  });
}

}  // namespace mcnc::cuda
