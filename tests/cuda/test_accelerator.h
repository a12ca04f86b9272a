// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Any device as the accelerator of a CodeExpander: the shim, or PTX that is interpreted.
#ifndef MCNC_TESTS_CUDA_TEST_ACCELERATOR_H_
#define MCNC_TESTS_CUDA_TEST_ACCELERATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "cuda/backend/device.h"
#include "cuda/backend/expander.h"
#include "mcnc/accelerator.h"
#include "mcnc/fp_environment.h"
#include "model/device_expander.h"

namespace mcnc::cuda {

class TestAccelerator final : public Accelerator {
 public:
  // device: must outlive this.
  TestAccelerator(Device& device, const Batches& batches) : device_(&device), batches_(batches) {}

  std::string_view name() const noexcept override { return "a device of tests"; }
  Result<std::shared_ptr<std::byte>> allocate(std::uint64_t bytes) noexcept override {
    const Result<void*> memory = device_->allocate(bytes);
    if (!memory.ok()) return memory.status();
    return std::shared_ptr<std::byte>(static_cast<std::byte*>(*memory),
                                      [device = device_](std::byte* gone) { device->release(gone); });
  }
  Status upload(std::span<const std::byte> from, std::byte* to) noexcept override {
    return from.empty() ? Status() : device_->upload(from, to);
  }
  Status copy(const std::byte*, std::byte*, std::uint64_t) noexcept override { return unused(); }
  Status download(const std::byte* from, std::span<std::byte> to) noexcept override {
    return device_->download(from, to);
  }
  Status synchronize() noexcept override { return {}; }
  Result<std::shared_ptr<TensorMaker>> open(Parts&) noexcept override { return unused(); }

  Result<std::shared_ptr<DeviceExpander>> expand(const TrainedGenerator& generator) noexcept override {
    const FpEnvironment environment;
    Result<Expander> expander = Expander::create(*device_, generator, batches_);
    if (!expander.ok()) return expander.status();
    return std::shared_ptr<DeviceExpander>(std::make_shared<Unchecked>(*std::move(expander)));
  }

 private:
  // What the accelerator of a GPU does after it has looked at the memory.
  class Unchecked final : public DeviceExpander {
   public:
    explicit Unchecked(Expander expander) : expander_(std::move(expander)) {}
    Status weights(const TrainedCodesOnDevice& codes, const float* theta0, std::uint64_t elements, DType dtype,
                   void* out) noexcept override {
      const FpEnvironment environment;
      return expander_.weights(codes, theta0, elements, dtype, out);
    }
    Status gradients(const TrainedCodesOnDevice& codes, const float* gradient, std::uint64_t elements,
                     float* alpha_gradient, float* beta_gradient) noexcept override {
      const FpEnvironment environment;
      return expander_.gradients(codes, gradient, elements, alpha_gradient, beta_gradient);
    }

   private:
    Expander expander_;
  };

  static Status unused() { return {ErrorCode::kArgument, "", "a CodeExpander does not ask for that"}; }

  Device* device_;
  Batches batches_;
};

}  // namespace mcnc::cuda

#endif  // MCNC_TESTS_CUDA_TEST_ACCELERATOR_H_
