// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The generator forwards, exactly as a decoder runs it, and backwards: the product of a gradient with its Jacobian.
// The narrowing between layers counts as the identity (straight-through), the sine as the true sine.
#ifndef MCNC_ENCODER_VJP_H_
#define MCNC_ENCODER_VJP_H_

#include <cstdint>
#include <span>
#include <vector>

#include "generator/expanded.h"

namespace mcnc {

class DifferentiableGenerator {
 public:
  // Sine layers only.
  explicit DifferentiableGenerator(ExpandedGenerator generator);

  std::uint32_t code_dim() const noexcept { return generator_.code_dim(); }
  std::uint32_t chunk_dim() const noexcept { return generator_.chunk_dim(); }

  // What one evaluation leaves for the way back, and its scratch; one a thread.
  struct Trace {
    std::vector<std::vector<std::uint16_t>> phases;  // of each layer, (width)
    std::vector<std::int32_t> x;                     // inputs of a layer
    std::vector<std::uint32_t> acc;
    std::vector<float> delta;     // gradient with respect to a layer's accumulators
    std::vector<float> gradient;  // gradient with respect to a layer's inputs
  };
  Trace make_trace() const;

  // g = phi(alpha), the bits of generate(). alpha: (k), g: (d).
  void forward(std::span<const std::int32_t> alpha, Trace& trace, std::span<std::int32_t> g) const;

  // gradient_alpha = transposed Jacobian of phi at the traced alpha * gradient_g. (d) -> (k).
  void backward(std::span<const float> gradient_g, Trace& trace, std::span<float> gradient_alpha) const;

 private:
  ExpandedGenerator generator_;
  std::vector<std::vector<float>> weights_;  // of each layer, as floats, (n_in, width)
};

}  // namespace mcnc

#endif  // MCNC_ENCODER_VJP_H_
