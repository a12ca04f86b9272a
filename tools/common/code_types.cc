// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/code_types.h"

#include <algorithm>
#include <cmath>

#include "mcnc/convert.h"
#include "mcnc/little_endian.h"

namespace mcnc::tools {
namespace {

bool is_whole(AlphaType type) { return type == AlphaType::kInt8 || type == AlphaType::kInt16; }

float largest(std::span<const float> numbers) {
  float most = 0;
  for (const float number : numbers) most = std::max(most, std::fabs(number));
  return most;
}

void round_through(DType dtype, std::vector<float>& numbers) {
  std::vector<std::byte> bytes(numbers.size() * size_of(dtype));
  narrow(numbers, dtype, bytes);
  widen(bytes, dtype, numbers);
}

}  // namespace

Status change_type(Alphas& alphas, AlphaType type, Arithmetic arithmetic) {
  const AlphaType before = alphas.type;
  alphas.type = type;
  if (!is_whole(type)) {
    if (arithmetic == Arithmetic::kInteger)
      return {ErrorCode::kArgument, "", "integer arithmetic has int8 or int16 alphas"};
    round_through(dtype_of(type), alphas.numbers);
    return {};
  }
  if (before == type || (before == AlphaType::kInt8 && type == AlphaType::kInt16)) return {};

  const float range = type == AlphaType::kInt8 ? 127 : 32767;
  if (arithmetic == Arithmetic::kInteger) {
    const bool fits = is_whole(before) && std::ranges::all_of(alphas.numbers, [&](float number) {
                        return number >= -range - 1 && number <= range;
                      });
    if (fits) return {};
    return {ErrorCode::kArgument, "",
            "an alpha of integer arithmetic does not fit, and there is no scale to make it fit"};
  }
  const float step = largest(alphas.numbers) / range;
  if (step == 0) return {};
  for (float& number : alphas.numbers) number = std::clamp(std::nearbyint(number / step), -range, range);
  alphas.scale *= step;
  return {};
}

void change_type(Betas& betas, BetaType type) {
  if (betas.type == type) return;
  betas.type = type;
  const float most = largest(betas.numbers);
  if (type == BetaType::kF16 && most > 0) {
    const int least = -64 - betas.exponent;
    const int shift = std::clamp(std::ilogb(most), least, least + 127);
    for (float& number : betas.numbers) number = std::ldexp(number, -shift);
    betas.exponent = static_cast<std::int8_t>(betas.exponent + shift);
  }
  round_through(dtype_of(type), betas.numbers);
}

std::vector<std::byte> bytes_of(const Alphas& alphas) {
  std::vector<std::byte> bytes(alphas.numbers.size() * size_of(alphas.type));
  if (!is_whole(alphas.type)) {
    narrow(alphas.numbers, dtype_of(alphas.type), bytes);
  } else if (alphas.type == AlphaType::kInt8) {
    std::ranges::transform(alphas.numbers, bytes.begin(),
                           [](float number) { return static_cast<std::byte>(static_cast<std::int8_t>(number)); });
  } else {
    for (std::size_t i = 0; i < alphas.numbers.size(); ++i) {
      store_le(bytes.data() + 2 * i, static_cast<std::uint16_t>(static_cast<std::int16_t>(alphas.numbers[i])));
    }
  }
  return bytes;
}

std::vector<std::byte> bytes_of(const Betas& betas) {
  std::vector<std::byte> bytes(betas.numbers.size() * size_of(betas.type));
  narrow(betas.numbers, dtype_of(betas.type), bytes);
  return bytes;
}

std::vector<float> numbers_of(std::span<const std::byte> bytes, AlphaType type) {
  std::vector<float> numbers(bytes.size() / size_of(type));
  if (!is_whole(type)) {
    widen(bytes, dtype_of(type), numbers);
  } else if (type == AlphaType::kInt8) {
    std::ranges::transform(bytes, numbers.begin(), [](std::byte b) { return static_cast<std::int8_t>(b); });
  } else {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      numbers[i] = static_cast<std::int16_t>(load_le<std::uint16_t>(bytes.data() + 2 * i));
    }
  }
  return numbers;
}

std::vector<float> numbers_of(std::span<const std::byte> bytes, BetaType type) {
  std::vector<float> numbers(bytes.size() / size_of(type));
  widen(bytes, dtype_of(type), numbers);
  return numbers;
}

}  // namespace mcnc::tools
