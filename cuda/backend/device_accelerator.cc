// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/backend/device_accelerator.h"

#include "util/boundary.h"
#include "util/fp_environment.h"

namespace mcnc::cuda {
namespace {

class DeviceTensorMaker final : public TensorMaker {
 public:
  DeviceTensorMaker(Device& device, Parts& parts, const Batches& batches)
      : device_(&device), parts_(&parts), decoder_(device, parts, batches) {}

  Status make(std::size_t tensor, std::uint64_t first, std::uint64_t count, std::span<std::byte> out,
              std::vector<Digest>* leaves) noexcept override {
    return boundary([&]() -> Status {
      const FpEnvironment environment;
      const std::uint64_t bytes = count * size_of(parts_->reader().manifest().tensors[tensor].dtype);
      if (Status s = made_.reserve(*device_, bytes); !s.ok()) return s;
      if (Status s = decoder_.decode(tensor, first, count, made_.data()); !s.ok()) return s;
      if (leaves != nullptr) {
        if (Status s = decoder_.hash_leaves(made_.data(), bytes, *leaves); !s.ok()) return s;
      }
      return out.empty() ? Status() : device_->download(made_.data(), out);
    });
  }

  Status make_there(std::size_t tensor, std::uint64_t first, std::uint64_t count, void* out,
                    std::uint64_t bytes) noexcept override {
    return boundary([&]() -> Status {
      const FpEnvironment environment;
      if (Status s = device_->check_memory(out, bytes); !s.ok()) return s;
      return decoder_.decode(tensor, first, count, out);
    });
  }

 private:
  Device* device_;
  Parts* parts_;
  TensorDecoder decoder_;
  Buffer<std::byte> made_;
};

}  // namespace

Result<std::unique_ptr<TensorMaker>> DeviceAccelerator::open(Parts& parts) noexcept {
  return boundary([&]() -> Result<std::unique_ptr<TensorMaker>> {
    return std::unique_ptr<TensorMaker>(std::make_unique<DeviceTensorMaker>(*device_, parts, batches_));
  });
}

}  // namespace mcnc::cuda
