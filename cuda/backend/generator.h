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

class IntegerGenerator {
 public:
  static Result<IntegerGenerator> load(Device& device, Parts& parts, std::size_t index);

  std::uint64_t width() const noexcept { return layers_.back().width; }
  // Bytes of memory that a code takes on its way.
  std::uint64_t bytes_of_code() const noexcept;

  // Elements of a window, of alpha (code_dim, count) on the device, int16 where is_wide is true, else int8.
  Status expand(Device& device, const void* alpha, bool is_wide, std::uint64_t count, const Window& window,
                const CodeRange& codes, const Target& target);

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
  // What the last layer takes, of `rows` codes from `first` on. groups: what the first layer takes of a code.
  Result<Inputs> run_hidden(Device& device, const void* alpha, bool is_wide, unsigned groups, std::uint64_t count,
                            std::uint64_t first, unsigned rows);

  std::vector<Layer> layers_;
  Buffer<int> codes_;
  Hidden<int> hidden_;
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
