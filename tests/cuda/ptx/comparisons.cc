// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// setp with one result.
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>

#include "cuda/ptx/lanewise.h"

namespace mcnc::ptx {
namespace {

template <typename T>
void add_equality(OperationTable& table, const std::string& type) {
  table["setp.eq." + type] = lanewise<[](T a, T b) { return a == b; }, bool, T, T>();
  table["setp.ne." + type] = lanewise<[](T a, T b) { return a != b; }, bool, T, T>();
}

template <typename T>
void add_order(OperationTable& table, const std::string& type) {
  add_equality<T>(table, type);
  table["setp.lt." + type] = lanewise<[](T a, T b) { return a < b; }, bool, T, T>();
  table["setp.le." + type] = lanewise<[](T a, T b) { return a <= b; }, bool, T, T>();
  table["setp.gt." + type] = lanewise<[](T a, T b) { return b < a; }, bool, T, T>();
  table["setp.ge." + type] = lanewise<[](T a, T b) { return a >= b; }, bool, T, T>();
}

// Names of their own for unsigned numbers.
template <std::unsigned_integral T>
void add_unsigned(OperationTable& table, const std::string& type) {
  add_order<T>(table, type);
  table["setp.lo." + type] = table["setp.lt." + type];
  table["setp.ls." + type] = table["setp.le." + type];
  table["setp.hi." + type] = table["setp.gt." + type];
  table["setp.hs." + type] = table["setp.ge." + type];
}

// eq, lt and so on are false where an operand is a NaN; with a u, true.
void add_float(OperationTable& table) {
  using F = float;
  add_order<F>(table, "f32");
  // Unlike C++, PTX has ne as an ordered comparison.
  table["setp.ne.f32"] = lanewise<[](F a, F b) { return a < b || b < a; }, bool, F, F>();
  table["setp.equ.f32"] = lanewise<[](F a, F b) { return !(a < b || b < a); }, bool, F, F>();
  table["setp.neu.f32"] = lanewise<[](F a, F b) { return !(a == b); }, bool, F, F>();
  table["setp.ltu.f32"] = lanewise<[](F a, F b) { return !(a >= b); }, bool, F, F>();
  table["setp.leu.f32"] = lanewise<[](F a, F b) { return !(b < a); }, bool, F, F>();
  table["setp.gtu.f32"] = lanewise<[](F a, F b) { return !(a <= b); }, bool, F, F>();
  table["setp.geu.f32"] = lanewise<[](F a, F b) { return !(a < b); }, bool, F, F>();
  table["setp.num.f32"] = lanewise<[](F a, F b) { return !std::isnan(a) && !std::isnan(b); }, bool, F, F>();
  table["setp.nan.f32"] = lanewise<[](F a, F b) { return std::isnan(a) || std::isnan(b); }, bool, F, F>();
}

}  // namespace

void add_comparisons(OperationTable& table) {
  add_equality<std::uint16_t>(table, "b16");
  add_equality<std::uint32_t>(table, "b32");
  add_equality<std::uint64_t>(table, "b64");
  add_order<std::int16_t>(table, "s16");
  add_order<std::int32_t>(table, "s32");
  add_order<std::int64_t>(table, "s64");
  add_unsigned<std::uint16_t>(table, "u16");
  add_unsigned<std::uint32_t>(table, "u32");
  add_unsigned<std::uint64_t>(table, "u64");
  add_float(table);
}

}  // namespace mcnc::ptx
