// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The hot loops of decoding and of training in code space: one table a target, the same bits from each. They allocate
// nothing and cannot fail; what they need is laid out by whoever calls them. The floating-point environment must be
// FpEnvironment's.
#ifndef MCNC_KERNELS_KERNELS_H_
#define MCNC_KERNELS_KERNELS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "mcnc/convert.h"
#include "mcnc/manifest.h"

namespace mcnc {

// Outputs of layers come in blocks. Ranges of outputs start at a multiple of kBlock, and a row of outputs has room for
// whole blocks: what is written there past the last output means nothing.
inline constexpr std::size_t kBlock = 64;
constexpr std::size_t whole_blocks(std::size_t outputs) noexcept { return (outputs + kBlock - 1) / kBlock * kBlock; }

// Packed weights and every row of inputs or outputs are aligned so, and strides are a multiple of it, in bytes.
inline constexpr std::size_t kAlignment = 64;

// A dense layer of integer arithmetic (spec section "integer arithmetic").
struct IntegerLayer {
  std::uint32_t n_in = 0;
  std::uint32_t width = 0;
  Activation activation = Activation::kSine;
  std::uint32_t frequency = 0;  // of sine
  bool wide_inputs = false;     // inputs are int16 whatever the target takes: int16 codes
  const std::byte* packed = nullptr;
};

// Where the weights of a layer that nobody keeps come from: `scale` times uniform numbers of (seed, generator weights,
// stream), drawn whenever they are needed.
struct DrawnWeights {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;
  float scale = 0;
};

// A dense layer of float32 arithmetic (spec section "float32 arithmetic").
struct FloatLayer {
  std::size_t n_in = 0;
  std::size_t width = 0;
  Activation activation = Activation::kSine;
  float turns = 0;  // of sine
  bool has_bias = false;
  bool is_drawn = false;  // its weights are `drawn`, and only its bias is packed
  DrawnWeights drawn = {};
  const float* packed = nullptr;
};

// Outputs of a drawn layer that are best made together.
inline constexpr std::size_t kDrawnColumns = 960;
static_assert(kDrawnColumns % kBlock == 0);

// Rows of a matrix; stride in elements.
template <typename T>
struct Rows {
  T* data = nullptr;
  std::size_t stride = 0;
  std::size_t count = 0;

  T* operator[](std::size_t row) const noexcept { return data + row * stride; }
};

// What is added up in w: w = start + beta * g, or w += beta * g.
struct Accumulate {
  const float* beta = nullptr;  // one a row
  bool from_constant = false;   // w starts as `constant`; else it holds what is added to
  float constant = 0;
  // Where the sums go instead, narrowed and past the caches, see Kernels::narrow. A multiple of 4 bytes, as are the
  // bytes from one row to the next; n is a multiple of kBlock, and w is scratch memory then, of one row if sums start
  // from a constant.
  std::byte* elements = nullptr;
  std::size_t elements_stride = 0;
  FloatType type = FloatType::kF32;
};

// SHA-256 (FIPS 180-4) of independent messages side by side.
struct Sha256Kernel {
  std::size_t lanes;  // how many messages `blocks` takes, at most kMaxSha256Lanes; 0: `blocks` is a null pointer
  // Adds the next `count` blocks of 64 bytes of each message to its hash. hashes: (8, lanes), so that word i of the
  // hash of message m is hashes[i * lanes + m]; messages: where the blocks of each begin, any alignment.
  void (*blocks)(std::uint32_t* hashes, const std::byte* const* messages, std::size_t count);
};

inline constexpr std::size_t kMaxSha256Lanes = 16;

struct Kernels {
  std::string_view name;

  // --- integer arithmetic
  // Bytes of an activation, and of the inputs of a layer without wide_inputs: 1 or 2. Zeros follow
  // a row of inputs up to its alignment.
  std::size_t activation_size;
  // Bytes of `layer`'s packed weights.
  std::size_t (*integer_packed_size)(const IntegerLayer& layer);
  // weights: (n_in, width), input-major.
  void (*pack_integer)(const IntegerLayer& layer, const std::int8_t* weights, std::byte* packed);
  // All activations of a sine layer, for each row of inputs. Strides in bytes. Weights past the width are packed as 0,
  // so that the activations there are 0: what the next layer needs.
  void (*integer_hidden)(const IntegerLayer& layer, Rows<const std::byte> x, Rows<std::byte> h);
  // Outputs [first, first + n) of the last layer, beta times them added up in the rows of w.
  void (*integer_expand)(const IntegerLayer& layer, Rows<const std::byte> x, std::size_t first, std::size_t n,
                         const Accumulate& how, float* w, std::size_t w_stride);
  // Whether integer_expand takes elements of this type.
  bool (*streams_elements)(const IntegerLayer& layer, FloatType type);
  // How fast the outputs of a sine layer grow with its sums: scale * float(sine a quarter turn ahead), rounded once,
  // for each row of inputs.
  void (*integer_slopes)(const IntegerLayer& layer, Rows<const std::byte> x, float scale, Rows<float> slopes);

  // --- float32 arithmetic
  // Floats of `layer`'s packed weights and bias.
  std::size_t (*float_packed_size)(const FloatLayer& layer);
  // weights: (n_in, width), input-major, or nullptr where is_drawn is true; bias: (width), or nullptr where has_bias is
  // false.
  void (*pack_float)(const FloatLayer& layer, const float* weights, const float* bias, float* packed);
  // Outputs [first, first + n) for each row of x.
  void (*float_layer)(const FloatLayer& layer, Rows<const float> x, std::size_t first, std::size_t n, float* y,
                      std::size_t y_stride);
  // beta times n numbers of each row of g added up in the rows of w.
  void (*add_scaled)(Rows<const float> g, std::size_t n, const Accumulate& how, float* w, std::size_t w_stride);

  // --- random numbers (spec section "random numbers"); any first and n, any alignment
  // Odd int8 [0, n) of (seed, generator weights, stream).
  void (*draw_int8)(std::uint64_t seed, std::uint32_t stream, std::size_t n, std::int8_t* out);
  // scale * uniform float32 [0, n) of (seed, generator weights, stream).
  void (*draw_float)(std::uint64_t seed, std::uint32_t stream, float scale, std::size_t n, float* out);
  // scale * float(int16 [first, first + n)) of (seed, theta0, stream).
  void (*draw_theta0)(std::uint64_t seed, std::uint32_t stream, float scale, std::uint64_t first, std::size_t n,
                      float* out);

  // --- element types; any n, any alignment; little-endian elements
  // streaming: the output is not read again soon, and may bypass the caches; finish_streaming() comes before anyone
  // else reads it.
  void (*narrow)(const float* values, std::size_t n, FloatType type, bool streaming, std::byte* out);
  void (*finish_streaming)();
  void (*widen)(const std::byte* in, std::size_t n, FloatType type, float* values);

  // No lanes where the target has nothing faster than one message after the other.
  Sha256Kernel sha256;
};

// Those this processor can run, the best first; the last is "scalar".
std::span<const Kernels* const> supported_kernels() noexcept;

// The one of that name, or the best for ""; nullptr where this processor cannot run it.
const Kernels* find_kernels(std::string_view name) noexcept;

// SHA-256 by the instructions that the processor has for it, whichever target computes weights; nullptr where it has
// none or this library was built without them.
const Sha256Kernel* sha256_instructions() noexcept;

// The best, or the one that the environment variable MCNC_TARGET names where it can run.
const Kernels& default_kernels() noexcept;

}  // namespace mcnc

#endif  // MCNC_KERNELS_KERNELS_H_
