// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Codes in another precision.
#ifndef MCNC_TOOLS_COMMON_CODE_TYPES_H_
#define MCNC_TOOLS_COMMON_CODE_TYPES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// How people write them.
inline constexpr std::pair<std::string_view, AlphaType> kAlphaTypes[] = {{"f32", AlphaType::kF32},
                                                                         {"f16", AlphaType::kF16},
                                                                         {"bf16", AlphaType::kBf16},
                                                                         {"int8", AlphaType::kInt8},
                                                                         {"int16", AlphaType::kInt16}};
inline constexpr std::pair<std::string_view, BetaType> kBetaTypes[] = {
    {"f32", BetaType::kF32}, {"f16", BetaType::kF16}, {"bf16", BetaType::kBf16}};

// Numbers as a file keeps them: alpha is number * scale, beta number * 2^exponent.
struct Alphas {
  AlphaType type = AlphaType::kF32;
  float scale = 1;
  std::vector<float> numbers;  // whole ones for int8 and int16
};
struct Betas {
  BetaType type = BetaType::kF32;
  std::int8_t exponent = 0;
  std::vector<float> numbers;
};

// The same alphas as near as `type` can say them. Numbers that `type` has stay, and the scale with them; what becomes
// int8 or int16 otherwise is rounded to steps of a new scale, the one that takes the largest alpha to 127 or 32767.
// Integer arithmetic has no scale: kArgument where a number has no place in `type`.
Status change_type(Alphas& alphas, AlphaType type, Arithmetic arithmetic);

// Likewise. Numbers that become f16 take a new exponent: the one that puts the largest in 1 to 2, far from the ends of
// that type's range.
void change_type(Betas& betas, BetaType type);

// Little-endian, as a segment has them, and the reverse.
std::vector<std::byte> bytes_of(const Alphas& alphas);
std::vector<std::byte> bytes_of(const Betas& betas);
std::vector<float> numbers_of(std::span<const std::byte> bytes, AlphaType type);
std::vector<float> numbers_of(std::span<const std::byte> bytes, BetaType type);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_CODE_TYPES_H_
