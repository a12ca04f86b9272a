// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The generator forwards, on the kernels that a decoder runs it on, and backwards: the product of a gradient with its
// Jacobian. The narrowing between layers counts as the identity (straight-through), the sine as the true sine.
//
// It takes rows of codes, of which none depends on the others: batches and threads do not change a bit.
#ifndef MCNC_ENCODER_VJP_H_
#define MCNC_ENCODER_VJP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/kernels.h"
#include "model/expanded.h"
#include "model/generator.h"

namespace mcnc {

class DifferentiableGenerator {
 public:
  // Sine layers only. wide_alpha: codes are int16, not int8.
  DifferentiableGenerator(const Kernels& kernels, const ExpandedGenerator& generator, bool wide_alpha);

  std::uint32_t code_dim() const noexcept { return phi_.layers.front().n_in; }
  std::uint32_t chunk_dim() const noexcept { return phi_.layers.back().width; }

  // What the codes that went forward leave for the way back, and its scratch; one a thread.
  struct Trace {
    std::vector<RowBuffer<std::byte>> x;  // inputs of each layer, (rows, n_in)
    RowBuffer<float> delta;               // gradient with respect to a layer's accumulators, (rows, width)
    RowBuffer<float> gradient;            // with respect to a layer's inputs, (rows, n_in)
  };
  // For up to `rows` codes. Nothing else allocates.
  Trace make_trace(std::size_t rows) const;
  // The largest number of rows, `most` at most, of which no buffer takes more than 2^15 numbers; at least 1.
  std::size_t rows_together(std::size_t most) const noexcept;

  // Takes codes through all layers but the last. alpha: (rows, k).
  void forward(Rows<const std::int32_t> alpha, Trace& trace) const;

  // Adds up beta * phi(alpha) of the traced codes in the rows of w, (rows, d) in whole blocks.
  void expand(const Trace& trace, const Accumulate& how, float* w, std::size_t w_stride) const;

  // gradient_alpha = transposed Jacobian of phi at each traced alpha * gradient_g. (rows, d) -> (rows, k).
  void backward(Rows<const float> gradient_g, Trace& trace, Rows<float> gradient_alpha) const;

 private:
  // What takes a gradient from a layer's accumulators to its inputs: its weights, as floats.
  struct WayBack {
    std::vector<float> thin;           // (n_in, width), or none
    std::optional<PackedMatrix> wide;  // of its transpose
  };

  PackedInteger phi_;
  std::vector<WayBack> ways_back_;  // of each layer
};

}  // namespace mcnc

#endif  // MCNC_ENCODER_VJP_H_
