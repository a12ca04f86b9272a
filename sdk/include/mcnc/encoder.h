// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Training in code space. The encoder owns the codes of a set of tensors; a training loop in any framework asks it for
// weights, computes the gradient of its loss with respect to them, and hands it back:
//
//   auto encoder = Encoder::create(tensors, options);
//   for (...) {
//     encoder->weights(w);                    // what a decoder will compute from the codes as they stand, bit for bit
//     encoder->step(gradient_of_loss(w), r);  // chain rule through the generator, then Adam
//   }
//   write_file(path, *encoder->model());
//
// It knows nothing of the network.
#ifndef MCNC_ENCODER_H_
#define MCNC_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mcnc/execution.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"
#include "mcnc/writer.h"

namespace mcnc {

// A tensor to be generated. `dtype` is f32, f16 or bf16; weights() gives what it decodes to, widened to float32.
struct EncoderTensor {
  std::string name;
  std::vector<std::uint64_t> shape;
  DType dtype = DType::kF32;
  Theta0 theta0 = {};  // zero, Constant or Uniform
};

// Alpha is measured in half turns: 1.0 times a weight of 128 turns the phase of the first layer by half a turn. One
// step of a stored code is frequency * 2^-24 of that.
struct EncoderOptions {
  std::uint32_t code_dim = 9;              // k
  std::uint32_t chunk_dim = 1024;          // d
  std::uint32_t codes_per_chunk = 1;       // m
  std::vector<std::uint32_t> hidden = {};  // widths of the sine layers before the last, at most 15
  bool per_tensor = false;                 // every tensor starts a chunk of its own, the tail of its last is ignored
  std::uint64_t seed = 0;                  // of the generator and of random initial codes
  // Of the generator's first layer: the step of the codes. 2^18 is the step 2^-6, 2^20 the step 2^-4; a coarser step
  // makes a smaller file. The frequency of a later layer with n inputs is the power of two below 2^32 / (2 pi * 74 * 90
  // * sqrt(n)): where weights (of root mean square 74) and activations (90) fill their range, its phases spread by
  // about 1 rad, as in a SIREN.
  std::uint32_t frequency = std::uint32_t{1} << 19;
  AlphaType alpha_type = AlphaType::kInt8;
  BetaType beta_type = BetaType::kBf16;
  // Initial alpha is uniform in +-alpha_spread. At 0, where only theta0 breaks symmetry, the first weights are theta0;
  // several codes per chunk need a spread, or all would stay equal.
  float alpha_spread = 0;
  float beta = 1;            // initial beta, as norm of a chunk of one code with spread phases
  float alpha_rate = 0.03F;  // Adam's step for alpha
  float beta_rate = 0.1F;    // Adam's step for beta, in the unit of `beta`
  Execution execution = {};  // results do not depend on it
};

// One thread at a time may use an Encoder; different ones are independent. Every function of an Encoder that was moved
// from returns kArgument, or 0.
class Encoder {
 public:
  // kArgument where an option or tensor is out of range, kMemory.
  static Result<Encoder> create(std::vector<EncoderTensor> tensors, const EncoderOptions& options) noexcept;
  ~Encoder();
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;

  // Of all tensors together.
  std::uint64_t elements() const noexcept;
  // Alphas and betas: n * m * (k + 1).
  std::uint64_t stored_numbers() const noexcept;

  // All tensors one after the other, in the order given to create: (elements()).
  Status weights(std::span<float> out) noexcept;

  // One Adam step from the gradient of the loss with respect to weights(), (elements()). `rate` scales alpha_rate and
  // beta_rate: a schedule from 1 to 0. Rounding of codes and of the generator's integers counts as the identity
  // (straight-through). kArgument, and nothing changed, where the gradient is not finite; kCancelled, and nothing
  // changed.
  Status step(std::span<const float> gradient, double rate) noexcept;

  // The codes as they stand, ready for write_file; more metadata and stored tensors may be added to it.
  Result<Model> model() const noexcept;

 private:
  struct State;
  explicit Encoder(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace mcnc

#endif  // MCNC_ENCODER_H_
