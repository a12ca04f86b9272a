// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/product_tiles.h"

#include <algorithm>
#include <vector>

namespace mcnc {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kColumns = 256;

// A product is a layer whose weights are A and whose inputs are the rows of B.
class ProductTiles final : public TileSource {
 public:
  ProductTiles(std::span<const float> b, const PackedMatrix& a, float scale)
      : b_(b), a_(&a), scales_(kBatch, scale), stride_(whole_blocks(a.layer.n_in)), x_(kBatch * stride_) {}

  std::uint64_t width() const noexcept override { return a_->layer.width; }
  std::size_t batch() const noexcept override { return kBatch; }
  Tile tile() const noexcept override { return {kBatch, kColumns}; }

  void begin(std::uint64_t row, std::size_t count) override {
    const std::size_t rank = a_->layer.n_in;
    for (std::size_t r = 0; r < count; ++r) {
      std::ranges::copy(b_.subspan((static_cast<std::size_t>(row) + r) * rank, rank),
                        x_.begin() + static_cast<std::ptrdiff_t>(r * stride_));
    }
  }

  void add(std::size_t from, std::size_t count, std::size_t first, std::size_t n, Accumulate how, float* w,
           std::size_t w_stride) override {
    const std::size_t stride = whole_blocks(n);
    acc_.resize(count * stride);
    a_->kernels->float_layer(a_->layer, {x_.data() + from * stride_, stride_, count}, first, n, acc_.data(), stride);
    how.beta = scales_.data();
    a_->kernels->add_scaled({acc_.data(), stride, count}, n, how, w, w_stride);
  }

 private:
  std::span<const float> b_;
  const PackedMatrix* a_;
  std::vector<float> scales_;
  std::size_t stride_;
  AlignedVector<float> x_;
  AlignedVector<float> acc_;
};

}  // namespace

std::unique_ptr<TileSource> make_product_tiles(std::span<const float> b, const PackedMatrix& a, float scale) {
  return std::make_unique<ProductTiles>(b, a, scale);
}

}  // namespace mcnc
