// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Training in code space for frameworks that have optimizers of their own. Where Encoder (encoder.h) owns the codes and
// Adam, a CodeExpander owns neither: it makes weights of the codes that it is given, exactly as a decoder makes them of
// a file with these codes, and takes gradients of weights back to gradients of codes. It does so on the host, or on an
// accelerator (accelerator.h) with all of these in the accelerator's memory.
#ifndef MCNC_CODE_EXPANDER_H_
#define MCNC_CODE_EXPANDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mcnc/accelerator.h"
#include "mcnc/encoder.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// Codes under training, in the units of EncoderOptions: alpha in half turns, beta as norm of a chunk. They are rounded
// to what a file can hold before anything is made of them, those beyond its range to the end of it.
struct TrainedCodes {
  std::span<const float> alpha;  // (chunks, codes_per_chunk, code_dim), finite
  std::span<const float> beta;   // (chunks, codes_per_chunk), finite
};

// The same in memory of an accelerator: alpha (chunks, codes_per_chunk, code_dim), beta (chunks, codes_per_chunk).
struct TrainedCodesOnDevice {
  const float* alpha = nullptr;
  const float* beta = nullptr;
  std::uint64_t chunks = 0;
};

// One thread at a time may use a CodeExpander; different ones are independent, unless they share an accelerator (see
// accelerator.h). Every function of one that was moved
// from returns kArgument.
class CodeExpander {
 public:
  // Of the options count those of the generator (code_dim, chunk_dim, hidden, seed, frequency), codes_per_chunk, the
  // two types and `execution`. kArgument where one of them is out of range, kMemory. accelerator: nullptr, or the
  // device that the functions ending in _on_device compute on. It makes the generator's fingerprint first: kDevice, and
  // kFingerprint where that is not the host's.
  static Result<CodeExpander> create(const EncoderOptions& options,
                                     std::shared_ptr<Accelerator> accelerator = nullptr) noexcept;
  ~CodeExpander();
  CodeExpander(CodeExpander&&) noexcept;
  CodeExpander& operator=(CodeExpander&&) noexcept;

  // One tensor: the first elements of the weights of its chunks, which are as many as it takes, each theta0 + the sum
  // of beta * phi(alpha), rounded to `dtype`, which is f32, f16 or bf16. out: its bytes, little-endian, any alignment.
  // theta0: (elements), or empty for zero. kArgument where sizes do not fit or a code is not finite; kCancelled.
  Status weights(const TrainedCodes& codes, std::span<const float> theta0, DType dtype,
                 std::span<std::byte> out) noexcept;

  // The product of `gradient`, that of a loss with respect to those weights, (elements), with their Jacobian. Rounding
  // counts as the identity (straight-through), also at the ends of the range. Gradients that are not finite give
  // gradients that are not. alpha_gradient and beta_gradient: of the sizes of the codes. Errors as of weights().
  Status gradients(const TrainedCodes& codes, std::span<const float> gradient, std::span<float> alpha_gradient,
                   std::span<float> beta_gradient) noexcept;

  // weights() and gradients() by the accelerator. Everything is in its memory, aligned for what it is: theta0
  // (elements) or nullptr for zero, out (elements) of `dtype`, gradient (elements), alpha_gradient and beta_gradient of
  // the sizes of the codes. They may return before the work is done: what the accelerator is asked for next comes after
  // it. Weights are those of weights(), bit for bit; gradients are those of gradients() up to rounding, and the same
  // bits every time on one device. Nobody waits to learn whether codes are finite: where one is not, the weights of its
  // chunk are NaN, and its gradients too. Errors: kArgument where sizes do not fit, memory is not aligned or there is
  // no accelerator; kDevice, also where memory is too small or not the accelerator's.
  Status weights_on_device(const TrainedCodesOnDevice& codes, const float* theta0, std::uint64_t elements, DType dtype,
                           void* out) noexcept;
  Status gradients_on_device(const TrainedCodesOnDevice& codes, const float* gradient, std::uint64_t elements,
                             float* alpha_gradient, float* beta_gradient) noexcept;

  // Segments and manifest of these codes, without tensors: generators[0], codes[0], alpha as segment 0, beta as 1.
  Result<Model> model(const TrainedCodes& codes) noexcept;

 private:
  struct State;
  explicit CodeExpander(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace mcnc

#endif  // MCNC_CODE_EXPANDER_H_
