// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Codes to rows: a chunk is the sum over its codes, in order, of beta * phi(alpha).
#ifndef MCNC_DECODER_CHUNK_TILES_H_
#define MCNC_DECODER_CHUNK_TILES_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "decoder/tiles.h"
#include "model/codes.h"
#include "model/generator.h"

namespace mcnc {

// Chunks of a generator with hidden layers that are best made together: as many share what is loaded of its weights.
inline constexpr std::size_t kRowsTogether = 64;

// Both must outlive the result.
std::unique_ptr<TileSource> make_chunk_tiles(const PackedGenerator& generator, const LoadedCodes& codes,
                                             std::uint32_t codes_per_chunk);

}  // namespace mcnc

#endif  // MCNC_DECODER_CHUNK_TILES_H_
