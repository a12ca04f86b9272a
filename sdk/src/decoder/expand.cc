// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "decoder/expand.h"

#include <algorithm>
#include <vector>

#include "generator/reference.h"

namespace mcnc {

namespace {

template <typename Number, typename AnyGenerator>
void add(const AnyGenerator& generator, const LoadedCodes& codes, std::uint32_t codes_per_chunk, std::uint64_t first,
         std::span<float> w) {
  const std::uint64_t d = generator.chunk_dim();
  std::vector<Number> alpha(generator.code_dim());
  std::vector<Number> g;
  while (!w.empty()) {
    const std::uint64_t chunk = first / d;
    const std::uint64_t within = first % d;
    const std::span part = w.first(static_cast<std::size_t>(std::min<std::uint64_t>(w.size(), d - within)));
    g.resize(part.size());
    for (std::uint64_t code = chunk * codes_per_chunk; code < (chunk + 1) * codes_per_chunk; ++code) {
      codes.alpha(code, std::span(alpha));
      generate(generator, alpha, within, g);
      add_scaled(codes.beta(code), g, part);
    }
    first += part.size();
    w = w.subspan(part.size());
  }
}

}  // namespace

void add_chunks(const LoadedGenerator& generator, const LoadedCodes& codes, std::uint32_t codes_per_chunk,
                std::uint64_t first, std::span<float> w) {
  if (const auto* integer = std::get_if<ExpandedGenerator>(&generator)) {
    add<std::int32_t>(*integer, codes, codes_per_chunk, first, w);
  } else {
    add<float>(std::get<FloatGenerator>(generator), codes, codes_per_chunk, first, w);
  }
}

}  // namespace mcnc
