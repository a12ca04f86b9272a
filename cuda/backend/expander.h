// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Codes under training in the memory of a device. CPU counterpart: CodeExpander of sdk/src/encoder/code_expander.cc.
#ifndef MCNC_CUDA_BACKEND_EXPANDER_H_
#define MCNC_CUDA_BACKEND_EXPANDER_H_

#include <cstddef>
#include <cstdint>

#include "cuda/backend/device.h"
#include "cuda/backend/generator.h"
#include "cuda/backend/target.h"
#include "mcnc/code_expander.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"
#include "model/device_expander.h"

namespace mcnc::cuda {

// See DeviceExpander for what the functions take. A number of a code that is not finite is found on the device, where
// nobody waits for it: the weights of its chunk become NaN, and so do the gradients of that code.
class Expander {
 public:
  // device: must outlive this.
  static Result<Expander> create(Device& device, const TrainedGenerator& generator, const Batches& batches);

  Status weights(const TrainedCodesOnDevice& codes, const float* theta0, std::uint64_t elements, DType dtype,
                 void* out);
  Status gradients(const TrainedCodesOnDevice& codes, const float* gradient, std::uint64_t elements,
                   float* alpha_gradient, float* beta_gradient);

 private:
  Expander(Device& device, const TrainedGenerator& units, const Batches& batches, IntegerGenerator phi);
  // The codes to alpha_ and betas_, as a file stores the first and a decoder uses the second.
  Status round(const TrainedCodesOnDevice& codes);
  bool is_wide() const noexcept { return units_.alpha_type == AlphaType::kInt16; }
  float beta_scale() const noexcept;
  std::uint64_t count(const TrainedCodesOnDevice& codes) const noexcept {
    return codes.chunks * units_.codes_per_chunk;
  }

  Device* device_;
  TrainedGenerator units_;
  Batches batches_;
  IntegerGenerator phi_;
  Buffer<std::byte> alpha_;  // (code_dim, count), int8 or int16
  Buffer<float> betas_;      // (count)
  Buffer<float> sums_;
};

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_BACKEND_EXPANDER_H_
