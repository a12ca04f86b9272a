// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/product.h"

#include <string>
#include <utility>

#include "decoder/emit.h"
#include "decoder/product_tiles.h"
#include "mcnc/boundary.h"
#include "mcnc/fp_environment.h"
#include "mcnc/ranges.h"

namespace mcnc {

struct ScaledProduct::State {
  State(std::vector<float> factor, std::span<const float> a, std::size_t rank, float scale)
      : b(std::move(factor)),
        packed(default_kernels(), a.data(), rank, a.size() / rank),
        rows(make_product_tiles(b, packed, scale)) {}

  std::uint64_t elements() const noexcept {
    return b.size() / packed.layer.n_in * static_cast<std::uint64_t>(packed.layer.width);
  }

  std::vector<float> b;
  PackedMatrix packed;
  std::unique_ptr<TileSource> rows;  // of the two above
};

Result<ScaledProduct> ScaledProduct::create(std::vector<float> b, std::span<const float> a, std::uint64_t rank,
                                            float scale) noexcept {
  return boundary([&]() -> Result<ScaledProduct> {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 28;
    if (rank < 1 || rank > kMost || a.empty() || a.size() / rank > kMost || a.size() % rank != 0 ||
        b.size() % rank != 0) {
      return Status(ErrorCode::kArgument, "",
                    "factors of " + std::to_string(b.size()) + " and " + std::to_string(a.size()) +
                        " numbers are not those of a product of rank " + std::to_string(rank));
    }
    return ScaledProduct(std::make_unique<State>(std::move(b), a, static_cast<std::size_t>(rank), scale));
  });
}

ScaledProduct::ScaledProduct(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
ScaledProduct::~ScaledProduct() = default;
ScaledProduct::ScaledProduct(ScaledProduct&&) noexcept = default;
ScaledProduct& ScaledProduct::operator=(ScaledProduct&&) noexcept = default;

Status ScaledProduct::add(std::uint64_t first, std::span<float> w) const noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return {ErrorCode::kArgument, "", "this product was moved from"};
    if (first > state_->elements() || w.size() > state_->elements() - first) {
      return {ErrorCode::kArgument, "",
              "the product has " + std::to_string(state_->elements()) + " elements, not " + std::to_string(w.size()) +
                  " from " + std::to_string(first) + " on"};
    }
    const FpEnvironment environment;
    add_tiles(*state_->rows, first, w);
    return {};
  });
}

}  // namespace mcnc
