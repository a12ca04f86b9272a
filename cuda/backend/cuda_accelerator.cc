// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/backend/cuda_accelerator.h"

#include <cstdint>
#include <string>
#include <utility>

#include "cuda/backend/expander.h"
#include "cuda/backend/tensor_decoder.h"
#include "decoder/tensor_maker.h"
#include "mcnc/boundary.h"
#include "mcnc/fp_environment.h"
#include "mcnc/manifest.h"
#include "model/device_expander.h"

namespace mcnc::cuda {
namespace {

// Memory that a caller gave for `bytes` bytes.
Status check_memory(CudaDevice& device, const void* memory, std::uint64_t bytes, std::size_t alignment) {
  if (bytes == 0) return {};
  if (reinterpret_cast<std::uintptr_t>(memory) % alignment != 0) {
    return {ErrorCode::kArgument, "", "memory of the device is not aligned to " + std::to_string(alignment) + " bytes"};
  }
  return device.check_memory(memory, bytes);
}

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
      if (Status s = check_memory(*device_, out, bytes, size_of(dtype(range.tensor))); !s.ok()) return s;
      return decoder_.decode(range.tensor, range.first, range.count, out);
    });
  }

  Status hash_on_device(const void* data, std::uint64_t bytes, std::vector<Digest>& leaves) noexcept override {
    return boundary([&]() -> Status {
      if (Status s = check_memory(*device_, data, bytes, kHashAlignment); !s.ok()) return s;
      return decoder_.hash_leaves(data, bytes, leaves);
    });
  }

 private:
  static constexpr std::size_t kHashAlignment = 16;

  DType dtype(std::size_t tensor) const { return parts_->reader().manifest().tensors[tensor].dtype; }

  CudaDevice* device_;
  Parts* parts_;
  TensorDecoder decoder_;
  Buffer<std::byte> made_;
};

class CudaExpander final : public DeviceExpander {
 public:
  CudaExpander(CudaDevice& device, const TrainedGenerator& units, Expander expander)
      : device_(&device),
        code_dim_(units.generator.code_dim),
        codes_per_chunk_(units.codes_per_chunk),
        expander_(std::move(expander)) {}

  Status weights(const TrainedCodesOnDevice& codes, const float* theta0, std::uint64_t elements, DType dtype,
                 void* out) noexcept override {
    return boundary([&]() -> Status {
      const FpEnvironment environment;
      if (Status s = check(codes); !s.ok()) return s;
      if (theta0 != nullptr) {
        if (Status s = check_floats(theta0, elements); !s.ok()) return s;
      }
      if (Status s = check_memory(*device_, out, elements * size_of(dtype), size_of(dtype)); !s.ok()) return s;
      return expander_.weights(codes, theta0, elements, dtype, out);
    });
  }

  Status gradients(const TrainedCodesOnDevice& codes, const float* gradient, std::uint64_t elements,
                   float* alpha_gradient, float* beta_gradient) noexcept override {
    return boundary([&]() -> Status {
      const FpEnvironment environment;
      if (Status s = check(codes); !s.ok()) return s;
      if (Status s = check_floats(gradient, elements); !s.ok()) return s;
      if (Status s = check_floats(alpha_gradient, count(codes) * code_dim_); !s.ok()) return s;
      if (Status s = check_floats(beta_gradient, count(codes)); !s.ok()) return s;
      return expander_.gradients(codes, gradient, elements, alpha_gradient, beta_gradient);
    });
  }

 private:
  std::uint64_t count(const TrainedCodesOnDevice& codes) const noexcept { return codes.chunks * codes_per_chunk_; }
  Status check_floats(const float* memory, std::uint64_t numbers) const {
    return check_memory(*device_, memory, numbers * sizeof(float), sizeof(float));
  }
  Status check(const TrainedCodesOnDevice& codes) const {
    if (Status s = check_floats(codes.alpha, count(codes) * code_dim_); !s.ok()) return s;
    return check_floats(codes.beta, count(codes));
  }

  CudaDevice* device_;
  std::uint64_t code_dim_, codes_per_chunk_;
  Expander expander_;
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

Result<std::shared_ptr<DeviceExpander>> CudaAccelerator::expand(const TrainedGenerator& generator) noexcept {
  return boundary([&]() -> Result<std::shared_ptr<DeviceExpander>> {
    const FpEnvironment environment;
    Result<Expander> expander = Expander::create(*device_, generator, Batches{});
    if (!expander.ok()) return expander.status();
    return std::shared_ptr<DeviceExpander>(std::make_shared<CudaExpander>(*device_, generator, *std::move(expander)));
  });
}

}  // namespace mcnc::cuda
