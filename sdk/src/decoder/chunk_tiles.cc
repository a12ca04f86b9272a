// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/chunk_tiles.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "arithmetic/unit_norm.h"

namespace mcnc {
namespace {

constexpr std::size_t kTileWeights = 4096;                 // of a shallow generator: they stay in the first cache
constexpr std::size_t kInputBytes = std::size_t{1} << 22;  // of layers, kept at a time
constexpr std::size_t kShallowColumns = 1024;
constexpr std::size_t kDeepColumns = 256;

class IntegerExpander {
 public:
  using Packed = PackedInteger;
  using Element = std::byte;

  explicit IntegerExpander(const PackedInteger& phi) : phi_(&phi) {}

  void set_codes(const LoadedCodes& codes, std::uint64_t first, std::uint64_t step, RowBuffer<std::byte>& x) {
    if (phi_->code_size() == 1) {
      codes.alphas(first, step, x.count, reinterpret_cast<std::int8_t*>(x.data.data()), x.stride);
    } else {
      codes.alphas(first, step, x.count, reinterpret_cast<std::int16_t*>(x.data.data()), x.stride / 2);
    }
  }
  void add(Rows<const std::byte> x, std::size_t first, std::size_t n, const Accumulate& how, float* w,
           std::size_t w_stride) {
    phi_->kernels->integer_expand(phi_->layers.back(), x, first, n, how, w, w_stride);
  }
  static bool needs_whole_rows(const PackedInteger&) { return false; }
  static bool draws_anew(const PackedInteger&) { return false; }
  static bool streams_elements(const PackedInteger& phi, FloatType type) {
    return phi.kernels->streams_elements(phi.layers.back(), type);
  }

 private:
  const PackedInteger* phi_;
};

class FloatExpander {
 public:
  using Packed = PackedFloat;
  using Element = float;

  explicit FloatExpander(const PackedFloat& phi) : phi_(&phi) {}

  void set_codes(const LoadedCodes& codes, std::uint64_t first, std::uint64_t step, RowBuffer<float>& x) {
    codes.alphas(first, step, x.count, x.data.data(), x.stride);
  }
  void add(Rows<const float> x, std::size_t first, std::size_t n, const Accumulate& how, float* w,
           std::size_t w_stride) {
    const FloatLayer& last = phi_->layers.back();
    const std::size_t from = phi_->unit_norm ? 0 : first;  // the norm is that of the whole chunk
    const std::size_t columns = phi_->unit_norm ? last.width : n;
    const std::size_t stride = whole_blocks(columns);
    g_.resize(x.count * stride);
    phi_->kernels->float_layer(last, x, from, columns, g_.data(), stride);
    if (phi_->unit_norm) normalize(std::span(g_).first(last.width));
    phi_->kernels->add_scaled({g_.data() + (first - from), stride, x.count}, n, how, w, w_stride);
  }
  static bool needs_whole_rows(const PackedFloat& phi) { return phi.unit_norm; }
  static bool draws_anew(const PackedFloat& phi) { return phi.layers.back().is_drawn; }
  static bool streams_elements(const PackedFloat&, FloatType) { return false; }

 private:
  const PackedFloat* phi_;
  AlignedVector<float> g_;
};

template <typename Expander>
class ChunkTiles final : public TileSource {
  using Packed = typename Expander::Packed;
  using Element = typename Expander::Element;

 public:
  ChunkTiles(const Packed& phi, const LoadedCodes& codes, std::uint32_t codes_per_chunk)
      : phi_(&phi), codes_(&codes), codes_per_chunk_(codes_per_chunk), expander_(phi) {
    const std::size_t width = phi.layers.back().width;
    const bool shallow = phi.layers.size() == 1;
    std::size_t row_bytes = phi.code_stride() * sizeof(Element);
    for (std::size_t l = 0; l + 1 < phi.layers.size(); ++l) {
      row_bytes += whole_blocks(phi.layers[l].width) * sizeof(float);
    }
    const std::size_t rows = kInputBytes / codes_per_chunk / row_bytes;
    keeps_inputs_ = rows > 0;
    inputs_.resize(keeps_inputs_ ? codes_per_chunk : 1);
    if (Expander::needs_whole_rows(phi) || !keeps_inputs_) {
      tile_ = {1, whole_blocks(width)};
    } else {
      batch_ = std::min(rows, kRowsTogether);
      if (Expander::draws_anew(phi)) {
        tile_ = {batch_, kDrawnColumns};  // all rows share what is drawn
        return;
      }
      tile_.rows = shallow ? std::clamp<std::size_t>(kTileWeights / width, 4, kRowsTogether) : batch_;
      tile_.columns = shallow ? kShallowColumns : kDeepColumns;
    }
  }

  std::uint64_t width() const noexcept override { return phi_->layers.back().width; }
  std::size_t batch() const noexcept override { return batch_; }
  Tile tile() const noexcept override { return tile_; }
  bool streams_elements(FloatType type) const noexcept override { return Expander::streams_elements(*phi_, type); }
  bool sums_in_w() const noexcept override { return codes_per_chunk_ > 1; }

  void begin(std::uint64_t row, std::size_t count) override {
    row_ = row;
    if (!keeps_inputs_) return;
    for (std::uint32_t m = 0; m < codes_per_chunk_; ++m) load(m, count, inputs_[m]);
  }

  void add(std::size_t from, std::size_t count, std::size_t first, std::size_t n, Accumulate how, float* w,
           std::size_t w_stride) override {
    std::byte* const elements = std::exchange(how.elements, nullptr);
    for (std::uint32_t m = 0; m < codes_per_chunk_; ++m) {
      if (!keeps_inputs_) load(m, 1, inputs_.front());
      const Inputs& inputs = inputs_[keeps_inputs_ ? m : 0];
      how.beta = inputs.beta.data() + from;
      if (m + 1 == codes_per_chunk_) how.elements = elements;
      const Rows<const Element> all = inputs.last->rows();
      expander_.add({all[from], all.stride, count}, first, n, how, w, w_stride);
      how.from_constant = false;
    }
  }

 private:
  // Of one code of each chunk.
  struct Inputs {
    RowBuffer<Element> x;
    std::array<RowBuffer<Element>, 2> hidden;
    const RowBuffer<Element>* last = nullptr;  // what the last layer takes
    std::vector<float> beta;
  };

  // Code m of each of `count` chunks.
  void load(std::uint32_t m, std::size_t count, Inputs& inputs) {
    const std::uint64_t first = row_ * codes_per_chunk_ + m;
    inputs.x.resize(count, phi_->code_stride());
    expander_.set_codes(*codes_, first, codes_per_chunk_, inputs.x);
    inputs.beta.resize(count);
    for (std::size_t r = 0; r < count; ++r) inputs.beta[r] = codes_->beta(first + r * codes_per_chunk_);
    inputs.last = &phi_->run_hidden(inputs.x, inputs.hidden);
  }

  const Packed* phi_;
  const LoadedCodes* codes_;
  std::uint32_t codes_per_chunk_;
  Expander expander_;
  std::size_t batch_ = 1;
  Tile tile_;
  // Whether all codes of a batch are loaded once, for all its tiles; else there are too many, and each is loaded when
  // it is added, to whole rows.
  bool keeps_inputs_ = true;
  std::vector<Inputs> inputs_;
  std::uint64_t row_ = 0;
};

}  // namespace

std::unique_ptr<TileSource> make_chunk_tiles(const PackedGenerator& generator, const LoadedCodes& codes,
                                             std::uint32_t codes_per_chunk) {
  if (const auto* integer = std::get_if<PackedInteger>(&generator)) {
    return std::make_unique<ChunkTiles<IntegerExpander>>(*integer, codes, codes_per_chunk);
  }
  return std::make_unique<ChunkTiles<FloatExpander>>(std::get<PackedFloat>(generator), codes, codes_per_chunk);
}

}  // namespace mcnc
