// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// float32, as IEEE 754 has it: round to nearest even, subnormals kept; a NaN result is 0x7fffffff. Instructions
// without a rounding mode (add.f32, mul.f32) may be contracted to fma by whatever compiles PTX further: they are not in
// the table, and neither is anything with .ftz, .sat or .approx. The host computes in round-to-nearest-even, which is
// what C++ programs start with.
#include <bit>
#include <cmath>
#include <cstdint>

#include "cuda/ptx/lanewise.h"

namespace mcnc::ptx {
namespace {

float canonical(float value) { return std::isnan(value) ? std::bit_cast<float>(0x7FFFFFFFU) : value; }

// Where one operand is a NaN, the other one; -0 is less than +0.
float minimum(float a, float b) {
  if (std::isnan(a)) return canonical(b);
  if (std::isnan(b)) return a;
  if (a == b) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}
float maximum(float a, float b) {
  if (std::isnan(a)) return canonical(b);
  if (std::isnan(b)) return a;
  if (a == b) return std::signbit(a) ? b : a;
  return a < b ? b : a;
}

}  // namespace

void add_float_operations(OperationTable& table) {
  using F = float;
  table["add.rn.f32"] = lanewise<[](F a, F b) { return canonical(a + b); }, F, F, F>();
  table["sub.rn.f32"] = lanewise<[](F a, F b) { return canonical(a - b); }, F, F, F>();
  table["mul.rn.f32"] = lanewise<[](F a, F b) { return canonical(a * b); }, F, F, F>();
  table["div.rn.f32"] = lanewise<[](F a, F b) { return canonical(a / b); }, F, F, F>();
  table["fma.rn.f32"] = lanewise<[](F a, F b, F c) { return canonical(std::fma(a, b, c)); }, F, F, F, F>();
  table["sqrt.rn.f32"] = lanewise<[](F a) { return canonical(std::sqrt(a)); }, F, F>();
  table["rcp.rn.f32"] = lanewise<[](F a) { return canonical(1 / a); }, F, F>();
  table["neg.f32"] = lanewise<[](F a) { return canonical(-a); }, F, F>();
  table["abs.f32"] = lanewise<[](F a) { return canonical(std::fabs(a)); }, F, F>();
  table["min.f32"] = lanewise<&minimum, F, F, F>();
  table["max.f32"] = lanewise<&maximum, F, F, F>();
}

}  // namespace mcnc::ptx
