// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <vector>

#include "manifest/slices.h"
#include "manifest/validate_rules.h"
#include "mcnc/checked_math.h"
#include "mcnc/ranges.h"
#include "util/power_of_two.h"

namespace mcnc::rules {

Status codes_generator(const Manifest& m) {
  for (std::size_t i = 0; i < m.codes.size(); ++i) {
    if (m.codes[i].generator >= m.generators.size()) {
      return refuse("codes.generator", numbered("codes", i) + ": no generator of that index");
    }
  }
  return {};
}

Status codes_count(const Manifest& m) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 48;
  constexpr std::uint32_t kMaxCodesPerChunk = 65536;
  for (std::size_t i = 0; i < m.codes.size(); ++i) {
    const Codes& codes = m.codes[i];
    const Generator& generator = m.generators[codes.generator];
    const Checked numbers = Checked(codes.chunks) * codes.codes_per_chunk * generator.code_dim;
    const Checked weights = Checked(codes.chunks) * generator.chunk_dim();
    if (codes.chunks < 1 || codes.codes_per_chunk < 1 || codes.codes_per_chunk > kMaxCodesPerChunk ||
        numbers.value() >= kLimit || weights.value() >= kLimit) {
      return refuse("codes.count", numbered("codes", i) + ": chunks or codes_per_chunk out of range");
    }
  }
  return {};
}

Status codes_alpha_type(const Manifest& m) {
  for (std::size_t i = 0; i < m.codes.size(); ++i) {
    const Codes& codes = m.codes[i];
    const bool integer = m.generators[codes.generator].arithmetic == Arithmetic::kInteger;
    const bool whole = codes.alpha_type == AlphaType::kInt8 || codes.alpha_type == AlphaType::kInt16;
    if (integer ? !whole || codes.alpha_scale != 1 : !(codes.alpha_scale > 0 && codes.alpha_scale <= kMaxFloat)) {
      return refuse("codes.alpha_type",
                    numbered("codes", i) + ": alpha_type or alpha_scale do not fit the generator's arithmetic");
    }
  }
  return {};
}

Status codes_exponent(const Manifest& m) {
  for (std::size_t i = 0; i < m.codes.size(); ++i) {
    if (m.codes[i].beta_exponent < -64 || m.codes[i].beta_exponent > 63) {
      return refuse("codes.exponent", numbered("codes", i) + ": beta_exponent must be -64 to 63");
    }
  }
  return {};
}

Status codes_beta(const Manifest& m) {
  for (std::size_t i = 0; i < m.codes.size(); ++i) {
    const Codes& codes = m.codes[i];
    const float scaled = std::fabs(codes.beta * power_of_two(codes.beta_exponent));
    if (!(scaled <= max_beta(m.generators[codes.generator].arithmetic)) || (codes.beta_segment && codes.beta != 0)) {
      return {ErrorCode::kValue, "codes.beta",
              numbered("codes", i) +
                  ": beta must be finite, at most 2^64 (float32 generators: 2^48), and 0 beside a segment"};
    }
  }
  return {};
}

// Which weights of a codes table the tensors take. No chunk without a user, no weight with two.
Status codes_coverage(const Manifest& m) {
  struct Range {
    std::uint32_t codes;
    std::uint64_t first;
    std::uint64_t count;
    auto operator<=>(const Range&) const = default;
  };
  std::vector<Range> ranges;
  for (const Tensor& tensor : m.tensors) {
    const auto* generated = std::get_if<Generated>(&tensor.source);
    if (generated == nullptr) continue;
    const std::uint64_t d = m.generators[m.codes[generated->codes].generator].chunk_dim();
    ranges.push_back({generated->codes, generated->first_element, slices_of(tensor, *generated, d).extent()});
  }
  std::ranges::sort(ranges);

  auto range = ranges.begin();
  for (std::uint32_t c = 0; c < m.codes.size(); ++c) {
    const std::uint64_t d = m.generators[m.codes[c].generator].chunk_dim();
    std::uint64_t end = 0;
    bool tiled = true;
    for (; range != ranges.end() && range->codes == c && tiled; ++range) {
      const std::uint64_t next_chunk = (end + d - 1) / d * d;
      tiled =
          (range->first == end || range->first == next_chunk) && range->count <= m.codes[c].chunks * d - range->first;
      end = range->first + range->count;
    }
    if (!tiled || (end + d - 1) / d != m.codes[c].chunks) {
      return refuse("codes.coverage", numbered("codes", c) + ": the tensors do not take its chunks one after another");
    }
  }
  return {};
}

}  // namespace mcnc::rules
