// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Integer arithmetic: wraps around; nothing saturates.
#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>

#include "cuda/ptx/fault.h"
#include "cuda/ptx/lanewise.h"

namespace mcnc::ptx {
namespace {

// Arithmetic in unsigned numbers wraps around in C++ too; of 16 bits it is done in 32, which C++ would make signed.
template <std::integral T>
using Wrapping = std::conditional_t<sizeof(T) == 2, std::uint32_t, std::make_unsigned_t<T>>;

template <std::integral T>
constexpr T wrap(Wrapping<T> value) {
  return static_cast<T>(value);
}
template <std::integral T>
constexpr Wrapping<T> w(T value) {
  return static_cast<Wrapping<T>>(value);
}

template <std::integral T>
T high_product(T a, T b) {
  if constexpr (sizeof(T) < 8) {
    using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
    return static_cast<T>((static_cast<Wide>(a) * static_cast<Wide>(b)) >> (8 * sizeof(T)));
  } else {
    // By halves, as not every host has integers of 128 bits.
    const auto x = static_cast<std::uint64_t>(a);
    const auto y = static_cast<std::uint64_t>(b);
    const std::uint64_t x0 = x & 0xFFFFFFFFU, x1 = x >> 32, y0 = y & 0xFFFFFFFFU, y1 = y >> 32;
    const std::uint64_t low = x0 * y0;
    const std::uint64_t middle = x1 * y0 + (low >> 32);
    const std::uint64_t other = x0 * y1 + (middle & 0xFFFFFFFFU);
    std::uint64_t high = x1 * y1 + (middle >> 32) + (other >> 32);
    if (std::is_signed_v<T>) high -= (a < 0 ? y : 0) + (b < 0 ? x : 0);
    return static_cast<T>(high);
  }
}

// The instructions that are there for every integer type.
template <std::integral T>
void add_type(OperationTable& table, const std::string& type) {
  table["add." + type] = lanewise<[](T a, T b) { return wrap<T>(w(a) + w(b)); }, T, T, T>();
  table["sub." + type] = lanewise<[](T a, T b) { return wrap<T>(w(a) - w(b)); }, T, T, T>();
  table["mul.lo." + type] = lanewise<[](T a, T b) { return wrap<T>(w(a) * w(b)); }, T, T, T>();
  table["mul.hi." + type] = lanewise<[](T a, T b) { return high_product(a, b); }, T, T, T>();
  table["mad.lo." + type] = lanewise<[](T a, T b, T c) { return wrap<T>(w(a) * w(b) + w(c)); }, T, T, T, T>();
  table["mad.hi." + type] = lanewise<[](T a, T b, T c) { return wrap<T>(w(high_product(a, b)) + w(c)); }, T, T, T, T>();
  table["min." + type] = lanewise<[](T a, T b) { return std::min(a, b); }, T, T, T>();
  table["max." + type] = lanewise<[](T a, T b) { return std::max(a, b); }, T, T, T>();
  table["sad." + type] =
      lanewise<[](T a, T b, T c) { return wrap<T>(w(c) + (a < b ? w(b) - w(a) : w(a) - w(b))); }, T, T, T, T>();
  if constexpr (std::is_signed_v<T>) {
    table["neg." + type] = lanewise<[](T a) { return wrap<T>(0U - w(a)); }, T, T>();
    table["abs." + type] = lanewise<[](T a) { return a < 0 ? wrap<T>(0U - w(a)) : a; }, T, T>();
  }
}

template <std::integral T, std::integral Wide>
void add_wide(OperationTable& table, const std::string& type) {
  table["mul.wide." + type] =
      lanewise<[](T a, T b) { return wrap<Wide>(w(static_cast<Wide>(a)) * w(static_cast<Wide>(b))); }, Wide, T, T>();
  table["mad.wide." + type] =
      lanewise<[](T a, T b, Wide c) { return wrap<Wide>(w(static_cast<Wide>(a)) * w(static_cast<Wide>(b)) + w(c)); },
               Wide, T, T, Wide>();
}

// Division by zero gives "an unspecified, machine-specific value", which here is a fault. Of signed numbers there is no
// division: the text does not say what the most negative one by -1 gives.
template <std::unsigned_integral T, bool kRemainder>
void divide(Warp& warp, const Instruction& instruction) {
  const T* a = warp.lanes<T>(instruction.registers[1]);
  const T* b = warp.lanes<T>(instruction.registers[2]);
  std::array<T, kLanes> results = {};
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (warp.active_words()[lane] == 0) continue;
    if (b[lane] == 0) throw Fault("divides by zero in lane " + std::to_string(lane));
    results[lane] = kRemainder ? a[lane] % b[lane] : a[lane] / b[lane];
  }
  keep_active(warp, results, warp.lanes<T>(instruction.registers[0]));
}

template <std::unsigned_integral T>
void add_division(OperationTable& table, const std::string& type) {
  Operation operation;
  operation.destinations = {width_of<T>()};
  operation.sources = {width_of<T>(), width_of<T>()};
  operation.run = &divide<T, false>;
  table["div." + type] = operation;
  operation.run = &divide<T, true>;
  table["rem." + type] = operation;
}

// Two numbers of 16 bits in a word.
template <std::integral T>
std::uint32_t each_half(std::uint32_t a, std::uint32_t b, T (*function)(T, T)) {
  const auto low = static_cast<std::uint16_t>(function(static_cast<T>(a), static_cast<T>(b)));
  const auto high = static_cast<std::uint16_t>(function(static_cast<T>(a >> 16), static_cast<T>(b >> 16)));
  return low | static_cast<std::uint32_t>(high) << 16;
}

template <std::integral T>
void add_pairs(OperationTable& table, const std::string& type) {
  using Word = std::uint32_t;
  table["add." + type] =
      lanewise<[](Word a, Word b) { return each_half<T>(a, b, [](T x, T y) { return wrap<T>(w(x) + w(y)); }); }, Word,
               Word, Word>();
  table["min." + type] =
      lanewise<[](Word a, Word b) { return each_half<T>(a, b, [](T x, T y) { return std::min(x, y); }); }, Word, Word,
               Word>();
  table["max." + type] =
      lanewise<[](Word a, Word b) { return each_half<T>(a, b, [](T x, T y) { return std::max(x, y); }); }, Word, Word,
               Word>();
}

// c plus four products of bytes, or two of a half and a byte.
template <typename A, typename B>
std::uint32_t dp4a(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  for (unsigned i = 0; i < 32; i += 8) {
    c += static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<A>(a >> i))) *
         static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<B>(b >> i)));
  }
  return c;
}
template <typename A, typename B, unsigned kFirstByte>
std::uint32_t dp2a(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  for (unsigned i = 0; i < 2; ++i) {
    c += static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<A>(a >> (16 * i)))) *
         static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<B>(b >> (8 * (kFirstByte + i)))));
  }
  return c;
}

template <typename A8, typename A16, typename B8>
void add_dot_products(OperationTable& table, const std::string& types) {
  using Word = std::uint32_t;
  table["dp4a." + types] = lanewise<&dp4a<A8, B8>, Word, Word, Word, Word>();
  table["dp2a.lo." + types] = lanewise<&dp2a<A16, B8, 0>, Word, Word, Word, Word>();
  table["dp2a.hi." + types] = lanewise<&dp2a<A16, B8, 2>, Word, Word, Word, Word>();
}

}  // namespace

void add_integer_operations(OperationTable& table) {
  add_type<std::int16_t>(table, "s16");
  add_type<std::uint16_t>(table, "u16");
  add_type<std::int32_t>(table, "s32");
  add_type<std::uint32_t>(table, "u32");
  add_type<std::int64_t>(table, "s64");
  add_type<std::uint64_t>(table, "u64");
  add_wide<std::int16_t, std::int32_t>(table, "s16");
  add_wide<std::uint16_t, std::uint32_t>(table, "u16");
  add_wide<std::int32_t, std::int64_t>(table, "s32");
  add_wide<std::uint32_t, std::uint64_t>(table, "u32");
  add_division<std::uint32_t>(table, "u32");
  add_division<std::uint64_t>(table, "u64");
  add_pairs<std::int16_t>(table, "s16x2");
  add_pairs<std::uint16_t>(table, "u16x2");
  add_dot_products<std::int8_t, std::int16_t, std::int8_t>(table, "s32.s32");
  add_dot_products<std::int8_t, std::int16_t, std::uint8_t>(table, "s32.u32");
  add_dot_products<std::uint8_t, std::uint16_t, std::int8_t>(table, "u32.s32");
  add_dot_products<std::uint8_t, std::uint16_t, std::uint8_t>(table, "u32.u32");
}

}  // namespace mcnc::ptx
