// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Codes to weights: the sum over a chunk's codes.
#ifndef MCNC_DECODER_EXPAND_H_
#define MCNC_DECODER_EXPAND_H_

#include <cstdint>
#include <span>
#include <variant>

#include "codes/codes.h"
#include "generator/expanded.h"
#include "generator/float_generator.h"

namespace mcnc {

// A generator of either arithmetic, with its weights in memory.
using LoadedGenerator = std::variant<ExpandedGenerator, FloatGenerator>;

// w += sum over the m codes of its chunk, in order, of beta * phi(alpha), for the weights [first, first + w.size()) of
// the chunks * chunk_dim weights of `codes`. w holds theta0. The floating-point environment must be FpEnvironment's.
void add_chunks(const LoadedGenerator& generator, const LoadedCodes& codes, std::uint32_t codes_per_chunk,
                std::uint64_t first, std::span<float> w);

}  // namespace mcnc

#endif  // MCNC_DECODER_EXPAND_H_
