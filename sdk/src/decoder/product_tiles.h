// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Rows of scale * B * A (spec section "products").
#ifndef MCNC_DECODER_PRODUCT_TILES_H_
#define MCNC_DECODER_PRODUCT_TILES_H_

#include <memory>
#include <span>

#include "decoder/tiles.h"
#include "model/generator.h"

namespace mcnc {

// b: (rows, rank), row-major; a: (rank, columns), packed. Both must outlive the result.
std::unique_ptr<TileSource> make_product_tiles(std::span<const float> b, const PackedMatrix& a, float scale);

}  // namespace mcnc

#endif  // MCNC_DECODER_PRODUCT_TILES_H_
