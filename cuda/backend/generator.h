// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A generator in the memory of a device. CPU counterparts: PackedInteger and PackedFloat of sdk/src/model/generator.h,
// and the tiles of sdk/src/decoder/chunk_tiles.cc.
#ifndef MCNC_CUDA_BACKEND_GENERATOR_H_
#define MCNC_CUDA_BACKEND_GENERATOR_H_

#include <array>
#include <cstdint>
#include <variant>
#include <vector>

#include "cuda/backend/device.h"
#include "cuda/backend/target.h"
#include "kernels/kernels.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"
#include "model/parts.h"

namespace mcnc::cuda {

// Numbers that layers of a batch of codes hand on, kept from batch to batch.
template <typename T>
struct Hidden {
  std::array<Buffer<T>, 2> layers;
};

// The gradient with respect to the elements of a tensor, whose chunks are those of all codes.
struct Gradient {
  const float* data = nullptr;
  std::uint64_t elements = 0;
};

// Where gradients of codes go, for codes from the first of all on: alpha (count, code_dim), beta (count). They come out
// with respect to a stored alpha and to an unscaled beta; the factors make them those of the numbers that are trained.
struct CodeGradients {
  float* alpha = nullptr;
  float* beta = nullptr;
  float alpha_factor = 1, beta_factor = 1;
};

class IntegerGenerator {
 public:
  // A generator of a file, whose fingerprint is checked.
  static Result<IntegerGenerator> load(Device& device, Parts& parts, std::size_t index);
  // The same of weights that are given: of each layer (n_in, width), or none where they are drawn.
  static Result<IntegerGenerator> make(Device& device, const Generator& generator,
                                       std::span<const std::vector<std::int8_t>> stored);

  std::uint64_t width() const noexcept { return layers_.back().width; }
  // Bytes of memory that a code takes on its way, and on its way there and back.
  std::uint64_t bytes_of_code() const noexcept;
  std::uint64_t bytes_of_gradient() const noexcept;

  // Elements of a window, of alpha (code_dim, count) on the device, int16 where is_wide is true, else int8.
  Status expand(Device& device, const void* alpha, bool is_wide, std::uint64_t count, const Window& window,
                const CodeRange& codes, const Target& target);

  // Gradients of codes [codes.first, codes.first + rows), alpha as of expand(). Sine layers only. Rounding counts as
  // the identity (straight-through), the sine as the true sine. CPU counterpart: DifferentiableGenerator of
  // sdk/src/encoder/vjp.h.
  Status differentiate(Device& device, const void* alpha, bool is_wide, std::uint64_t count, const CodeRange& codes,
                       unsigned rows, const Gradient& gradient, const CodeGradients& to);

 private:
  struct Layer {
    unsigned n_in, width, stride, frequency;
    unsigned groups, even_groups, matrix_groups;  // fours of inputs, as many as kernels take of rows
    Buffer<int> weights;                          // (matrix_groups, stride), see mcnc_pack_weights

    // Of rows for IntegerTile of cuda/kernels/integer_sums.h.
    unsigned groups_of(bool is_wide) const { return is_wide ? even_groups : matrix_groups; }
  };
  // Inputs of a layer as words, of int16 where is_wide is true.
  struct Inputs {
    const int* words;
    bool is_wide;
  };

  Status load_layer(Device& device, const Generator& generator, std::size_t l, std::span<const std::int8_t> stored);
  Result<Digest> fingerprint(Device& device, std::uint64_t seed);
  // Whether codes become weights in one step, by mcnc_expand_sine_*, and gradients by mcnc_gradient_sine_*.
  bool is_shallow(bool is_wide) const noexcept;
  // Words of four numbers that the first layer takes of a code.
  unsigned groups_of_code(bool is_wide) const noexcept;
  // `rows` codes from `first` on, packed to codes_, `groups` words of four numbers a code.
  Result<Inputs> pack_codes(Device& device, const void* alpha, bool is_wide, unsigned groups, std::uint64_t count,
                            std::uint64_t first, unsigned rows);
  // What layer l + 1 takes of what layer l does.
  Result<Inputs> run_layer(Device& device, std::size_t l, const Inputs& inputs, unsigned rows, Buffer<int>& out);
  // What the last layer takes of the codes that pack_codes() takes.
  Result<Inputs> run_hidden(Device& device, const void* alpha, bool is_wide, unsigned groups, std::uint64_t count,
                            std::uint64_t first, unsigned rows);
  // Gradients of a layer's outputs: see GradientRows in cuda/kernels/gradient.h.
  struct OutputGradient {
    const float* data;
    std::uint64_t first, stride, count;
    unsigned per_row;
  };
  // These, times the sine of the layer's accumulators, or its slope, and `factor`, to products_.
  enum class Times { kSine, kSlope };
  Status multiply(Device& device, std::size_t l, const Inputs& inputs, unsigned rows, Times times, float factor,
                  const OutputGradient& gradient);
  // Both ways of differentiate(): by mcnc_gradient_sine_*, and layer by layer.
  Status differentiate_sine(Device& device, const Inputs& codes, const CodeRange& range, unsigned rows,
                            const Gradient& gradient, const CodeGradients& to);
  Status differentiate_layers(Device& device, const Inputs& codes, const CodeRange& range, unsigned rows,
                              const Gradient& gradient, const CodeGradients& to);

  std::vector<Layer> layers_;
  Buffer<int> codes_;
  Hidden<int> hidden_;
  std::vector<Buffer<int>> trace_;            // outputs of each layer but the last, kept for the way back
  Buffer<float> products_, inputs_gradient_;  // see multiply(); with respect to a layer's inputs
};

class FloatGenerator {
 public:
  static Result<FloatGenerator> load(Device& device, Parts& parts, std::size_t index);
  // The identity layer of a matrix (n_in, stride), on the device: a product is made by it.
  static FloatGenerator of_matrix(Buffer<float> weights, unsigned n_in, unsigned width);

  std::uint64_t width() const noexcept { return layers_.back().width; }
  std::uint64_t bytes_of_code() const noexcept;

  // Where number i of code c stands: data[i * step + c * code_step].
  struct Codes {
    const float* data;
    std::uint64_t step, code_step;
  };
  Status expand(Device& device, const Codes& alpha, const Window& window, const CodeRange& codes, const Target& target);

 private:
  struct Layer {
    unsigned n_in, width, stride;
    bool is_sine;
    float turns;
    bool is_drawn;  // its weights are drawn whenever they are needed, some columns at a time
    DrawnWeights drawn;
    Buffer<float> weights;  // (n_in, stride), zeros past the width
    Buffer<float> bias;     // (stride), or none
  };
  // Some columns of a layer, whose weights are there.
  struct Columns {
    unsigned first, count, stride;
    const float* weights;
    const float* bias;
  };

  Status load_layer(Device& device, const Generator& generator, std::size_t l, const StoredLayer& stored);
  Result<Digest> fingerprint(Device& device, std::uint64_t seed);
  // The columns from `first` on that are made together, at most `most`.
  Result<Columns> columns(Device& device, const Layer& layer, unsigned first, unsigned most);
  // Their outputs to y, whose rows begin `stride` numbers apart.
  Status run_columns(Device& device, const Layer& layer, const Columns& part, const Codes& x, unsigned rows, float* y,
                     std::uint64_t stride);
  // All outputs of a layer to y (rows, stride).
  Status run_layer(Device& device, const Layer& layer, const Codes& x, unsigned rows, float* y);
  // What the last layer takes: alpha itself or in `hidden_`, where code 0 is the first of the batch.
  Result<Codes> run_hidden(Device& device, const Codes& alpha, unsigned rows);
  // The outputs of the last layer of `rows` codes to y_, and their norms to norms_.
  Status run_normed(Device& device, const Codes& inputs, unsigned rows);

  bool unit_norm_ = false;
  std::vector<Layer> layers_;
  Hidden<float> hidden_;
  Buffer<float> drawn_, y_, sums_, norms_;
};

using DeviceGenerator = std::variant<IntegerGenerator, FloatGenerator>;

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_BACKEND_GENERATOR_H_
