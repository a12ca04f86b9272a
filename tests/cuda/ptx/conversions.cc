// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// cvt: between integers, from integers to float32 and back, and from float32 to 16-bit floats and back. Registers may
// be wider than the types: their low bits are read, and they are written sign- or zero-extended.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

#include "cuda/ptx/lanewise.h"

namespace mcnc::ptx {
namespace {

struct IntegerType {
  const char* name;
  unsigned width;
  bool is_signed;
};
constexpr std::array<IntegerType, 8> kIntegers{{{"u8", 8, false},
                                                {"s8", 8, true},
                                                {"u16", 16, false},
                                                {"s16", 16, true},
                                                {"u32", 32, false},
                                                {"s32", 32, true},
                                                {"u64", 64, false},
                                                {"s64", 64, true}}};

// The low `width` bits of a number, extended to 64.
std::uint64_t extend(std::uint64_t bits, unsigned width, bool is_signed) {
  const unsigned above = 64 - width;
  const std::uint64_t high = bits << above;
  return is_signed ? static_cast<std::uint64_t>(static_cast<std::int64_t>(high) >> above) : high >> above;
}

// parameters: width and signedness of the source type, then of the destination type.
template <typename D, typename S>
void convert_integer(Warp& warp, const Instruction& instruction) {
  const auto& p = instruction.parameters;
  const S* source = warp.lanes<S>(instruction.registers[1]);
  std::array<D, kLanes> results;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    results[lane] = static_cast<D>(extend(extend(source[lane], p[0], p[1] != 0), p[2], p[3] != 0));
  }
  keep_active(warp, results, warp.lanes<D>(instruction.registers[0]));
}

template <typename D>
LaneOperation convert_integer_from(unsigned source) {
  switch (source) {
    case 16:
      return &convert_integer<D, std::uint16_t>;
    case 32:
      return &convert_integer<D, std::uint32_t>;
    default:
      return &convert_integer<D, std::uint64_t>;
  }
}

LaneOperation integer_by_width(unsigned destination, unsigned source) {
  switch (destination) {
    case 16:
      return convert_integer_from<std::uint16_t>(source);
    case 32:
      return convert_integer_from<std::uint32_t>(source);
    default:
      return convert_integer_from<std::uint64_t>(source);
  }
}

// cvt.rn.f32.<integer>
template <typename S>
void float_from_integer(Warp& warp, const Instruction& instruction) {
  const auto& p = instruction.parameters;
  const S* source = warp.lanes<S>(instruction.registers[1]);
  std::array<float, kLanes> results;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::uint64_t extended = extend(source[lane], p[0], p[1] != 0);
    results[lane] = p[1] != 0 ? static_cast<float>(static_cast<std::int64_t>(extended)) : static_cast<float>(extended);
  }
  keep_active(warp, results, warp.lanes<float>(instruction.registers[0]));
}

LaneOperation float_from_integer_by_width(unsigned, unsigned source) {
  switch (source) {
    case 16:
      return &float_from_integer<std::uint16_t>;
    case 32:
      return &float_from_integer<std::uint32_t>;
    default:
      return &float_from_integer<std::uint64_t>;
  }
}

enum class Rounding : std::uint8_t { kNearestEven, kZero, kDown, kUp };

template <Rounding kRounding>
float to_whole(float value) {
  switch (kRounding) {
    case Rounding::kNearestEven:
      return std::nearbyint(value);
    case Rounding::kZero:
      return std::trunc(value);
    case Rounding::kDown:
      return std::floor(value);
    case Rounding::kUp:
      return std::ceil(value);
  }
}

// Numbers that are out of range become the nearest that is in range; NaN becomes 0.
template <typename T, Rounding kRounding>
T integer_from_float(float value) {
  if (std::isnan(value)) return 0;
  const double whole = to_whole<kRounding>(value);
  return static_cast<T>(std::clamp(whole, static_cast<double>(std::numeric_limits<T>::min()),
                                   static_cast<double>(std::numeric_limits<T>::max())));
}

template <Rounding kRounding>
void add_rounding(OperationTable& table, const std::string& mode) {
  table["cvt." + mode + ".s32.f32"] = lanewise<&integer_from_float<std::int32_t, kRounding>, std::int32_t, float>();
  table["cvt." + mode + ".u32.f32"] = lanewise<&integer_from_float<std::uint32_t, kRounding>, std::uint32_t, float>();
  table["cvt." + mode + ".f32.f32"] =
      lanewise<[](float a) { return std::isnan(a) ? std::bit_cast<float>(0x7FFFFFFFU) : to_whole<kRounding>(a); },
               float, float>();
}

// A float with `kDigits` binary digits after the leading one and exponents of `kExponentBits` bits, rounded to nearest
// even by arithmetic in float64, which holds every quotient below exactly.
template <int kDigits, int kExponentBits>
std::uint16_t narrow(float value) {
  constexpr int kBias = (1 << (kExponentBits - 1)) - 1;
  constexpr std::uint16_t kInfinity = ((1U << kExponentBits) - 1) << kDigits;
  if (std::isnan(value)) return 0x7FFF;
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const double magnitude = std::fabs(static_cast<double>(value));
  if (magnitude == 0) return sign;
  if (std::isinf(magnitude)) return sign | kInfinity;
  const int exponent = std::max(std::ilogb(magnitude), 1 - kBias);
  const double units = std::nearbyint(std::ldexp(magnitude, kDigits - exponent));
  // A carry out of the digits goes into the exponent, up to infinity.
  const auto digits = static_cast<std::uint32_t>(units);
  const auto encoded = static_cast<std::uint32_t>(exponent + kBias - 1) << kDigits;
  return sign | static_cast<std::uint16_t>(std::min<std::uint32_t>(encoded + digits, kInfinity));
}

template <int kDigits, int kExponentBits>
float widen(std::uint16_t bits) {
  constexpr int kBias = (1 << (kExponentBits - 1)) - 1;
  constexpr unsigned kTop = (1U << kExponentBits) - 1;
  const unsigned digits = bits & ((1U << kDigits) - 1);
  const unsigned exponent = (bits >> kDigits) & kTop;
  const float sign = (bits & 0x8000U) != 0 ? -1.0F : 1.0F;
  if (exponent == kTop) {
    return digits == 0 ? sign * std::numeric_limits<float>::infinity() : std::bit_cast<float>(0x7FFFFFFFU);
  }
  const double magnitude = exponent == 0
                               ? std::ldexp(digits, 1 - kBias - kDigits)
                               : std::ldexp(digits + (1U << kDigits), static_cast<int>(exponent) - kBias - kDigits);
  return sign * static_cast<float>(magnitude);
}

template <int kDigits, int kExponentBits>
void add_narrow_float(OperationTable& table, const std::string& type) {
  constexpr auto kNarrow = &narrow<kDigits, kExponentBits>;
  table["cvt.rn." + type + ".f32"] = lanewise<kNarrow, std::uint16_t, float>();
  // The first operand goes to the upper half.
  table["cvt.rn." + type + "x2.f32"] =
      lanewise<[](float a, float b) { return static_cast<std::uint32_t>(kNarrow(a)) << 16 | kNarrow(b); },
               std::uint32_t, float, float>();
  table["cvt.f32." + type] = lanewise<&widen<kDigits, kExponentBits>, float, std::uint16_t>();
}

}  // namespace

void add_conversions(OperationTable& table) {
  for (const IntegerType& source : kIntegers) {
    for (const IntegerType& destination : kIntegers) {
      Operation operation;
      operation.by_width = &integer_by_width;
      operation.destinations = {destination.width};
      operation.sources = {source.width};
      operation.parameters = {static_cast<std::uint8_t>(source.width), source.is_signed,
                              static_cast<std::uint8_t>(destination.width), destination.is_signed};
      table[std::string("cvt.") + destination.name + "." + source.name] = operation;
    }
    Operation operation;
    operation.by_width = &float_from_integer_by_width;
    operation.destinations = {32};
    operation.sources = {source.width};
    operation.parameters = {static_cast<std::uint8_t>(source.width), source.is_signed};
    table[std::string("cvt.rn.f32.") + source.name] = operation;
  }
  add_rounding<Rounding::kNearestEven>(table, "rni");
  add_rounding<Rounding::kZero>(table, "rzi");
  add_rounding<Rounding::kDown>(table, "rmi");
  add_rounding<Rounding::kUp>(table, "rpi");
  add_narrow_float<10, 5>(table, "f16");
  add_narrow_float<7, 8>(table, "bf16");
}

}  // namespace mcnc::ptx
