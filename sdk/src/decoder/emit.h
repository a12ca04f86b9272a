// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// theta0 plus tiles, narrowed and stored as elements of a tensor. The sums of a tile stay in the nearest cache, from
// their theta0 until they are elements.
#ifndef MCNC_DECODER_EMIT_H_
#define MCNC_DECODER_EMIT_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "decoder/plan.h"
#include "decoder/tiles.h"
#include "kernels/kernels.h"
#include "mcnc/manifest.h"

namespace mcnc {

struct Destination {
  DType dtype = DType::kF32;  // f32, f16 or bf16
  std::byte* bytes = nullptr;
  bool streaming = false;  // see Kernels::narrow
};

// w += weights [position, position + w.size()) of all rows, without theta0 and as floats.
void add_tiles(TileSource& tiles, std::uint64_t position, std::span<float> w);

// theta0_stored: see fill_theta0.
void emit(const Kernels& kernels, TileSource& tiles, const Theta0& theta0, std::span<const std::byte> theta0_stored,
          const Run& run, const Destination& destination);

}  // namespace mcnc

#endif  // MCNC_DECODER_EMIT_H_
