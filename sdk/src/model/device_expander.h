// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What an accelerator does for a CodeExpander: it makes weights of codes under training, and gradients of these codes,
// in its own memory.
#ifndef MCNC_MODEL_DEVICE_EXPANDER_H_
#define MCNC_MODEL_DEVICE_EXPANDER_H_

#include <cstdint>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// A generator whose weights are drawn, of sine layers of integer arithmetic, with its fingerprint; and what the numbers
// of the codes that it is trained with mean.
struct TrainedGenerator {
  Generator generator;
  std::uint32_t codes_per_chunk = 1;
  AlphaType alpha_type = AlphaType::kInt8;  // or kInt16
  BetaType beta_type = BetaType::kBf16;
  float alpha_step = 1;  // a stored alpha of 1
  float beta_norm = 1;   // a stored beta of 1
  std::int8_t beta_exponent = 0;
};

struct TrainedCodesOnDevice;  // mcnc/code_expander.h

// One thread at a time. Everything is in memory of the device, float32 but for weights, of the sizes that CodeExpander
// states. Calls may return before the work is done: what the device is asked for next comes after it. Errors: kArgument
// where memory is not aligned for what it holds, kDevice.
class DeviceExpander {
 public:
  virtual ~DeviceExpander() = default;

  // The weights of `elements` elements to `out`, of `dtype`. theta0: (elements), or nullptr for zero.
  virtual Status weights(const TrainedCodesOnDevice& codes, const float* theta0, std::uint64_t elements, DType dtype,
                         void* out) noexcept = 0;
  // gradient: (elements). Those of the codes go to alpha_gradient and beta_gradient.
  virtual Status gradients(const TrainedCodesOnDevice& codes, const float* gradient, std::uint64_t elements,
                           float* alpha_gradient, float* beta_gradient) noexcept = 0;
};

}  // namespace mcnc

#endif  // MCNC_MODEL_DEVICE_EXPANDER_H_
