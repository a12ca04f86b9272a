// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "manifest/difference.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace mcnc {
namespace {

// The fields of each structure. A structured binding names all of them: one that is added to a structure does not
// compile here before it is compared, too.
auto fields(const Segment& s) {
  const auto& [offset, stored_length, decoded_length, encoding, digest] = s;
  return std::tie(offset, stored_length, decoded_length, encoding, digest);
}
auto fields(const Layer& s) {
  const auto& [width, activation, frequency, weights_segment, turns, weights_scale, weights_type, bias_segment] = s;
  return std::tie(width, activation, frequency, weights_segment, turns, weights_scale, weights_type, bias_segment);
}
auto fields(const Generator& s) {
  const auto& [arithmetic, code_dim, seed, layers, fingerprint, unit_norm] = s;
  return std::tie(arithmetic, code_dim, seed, layers, fingerprint, unit_norm);
}
auto fields(const Codes& s) {
  const auto& [generator, chunks, codes_per_chunk, alpha_type, alpha_segment, beta_type, beta_exponent, beta_segment,
               beta, alpha_scale] = s;
  return std::tie(generator, chunks, codes_per_chunk, alpha_type, alpha_segment, beta_type, beta_exponent, beta_segment,
                  beta, alpha_scale);
}
auto fields(const Constant& s) {
  const auto& [value] = s;
  return std::tie(value);
}
auto fields(const Uniform& s) {
  const auto& [seed, stream, scale] = s;
  return std::tie(seed, stream, scale);
}
auto fields(const StoredTheta0& s) {
  const auto& [segment, dtype] = s;
  return std::tie(segment, dtype);
}
auto fields(const BaseTheta0& s) {
  const auto& [base, tensor, dtype, digest] = s;
  return std::tie(base, tensor, dtype, digest);
}
auto fields(const Generated& s) {
  const auto& [codes, first_element, theta0, slices] = s;
  return std::tie(codes, first_element, theta0, slices);
}
auto fields(const Stored& s) {
  const auto& [segment] = s;
  return std::tie(segment);
}
auto fields(const Shared& s) {
  const auto& [tensor] = s;
  return std::tie(tensor);
}
auto fields(const Product& s) {
  const auto& [b, a, scale, theta0] = s;
  return std::tie(b, a, scale, theta0);
}
auto fields(const Tensor& s) {
  const auto& [name, dtype, shape, source, digest, factor] = s;
  return std::tie(name, dtype, shape, source, digest, factor);
}
auto fields(const Metadata& s) {
  const auto& [key, value] = s;
  return std::tie(key, value);
}
auto fields(const Base& s) {
  const auto& [name, weights_identity] = s;
  return std::tie(name, weights_identity);
}

template <typename T>
bool same(const T& a, const T& b);

template <typename... Ts>
bool same(const std::variant<Ts...>& a, const std::variant<Ts...>& b) {
  if (a.index() != b.index()) return false;
  return std::visit([&]<typename T>(const T& value) { return same(value, std::get<T>(b)); }, a);
}

template <typename T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::ranges::equal(a, b, [](const T& x, const T& y) { return same(x, y); });
}

template <typename... Ts>
bool same(const std::tuple<Ts...>& a, const std::tuple<Ts...>& b) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) { return (same(std::get<I>(a), std::get<I>(b)) && ...); }
  (std::index_sequence_for<Ts...>());
}

template <typename T>
bool same(const T& a, const T& b) {
  if constexpr (requires { fields(a); }) {
    return same(fields(a), fields(b));
  } else if constexpr (std::is_same_v<T, float>) {
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
  } else if constexpr (std::is_same_v<T, double>) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
  } else {
    return a == b;  // no float is in it
  }
}

}  // namespace

std::string first_difference(const Manifest& a, const Manifest& b) {
  std::string found;
  const auto look = [&]<typename T>(const char* what, const std::vector<T>& x, const std::vector<T>& y) {
    for (std::size_t i = 0; i < std::max(x.size(), y.size()) && found.empty(); ++i) {
      if (i < x.size() && i < y.size() && same(x[i], y[i])) continue;
      found = std::string(what) + " " + std::to_string(i);
    }
  };
  const auto& [segments, generators, codes, tensors, metadata, budget, identity, bases] = a;
  look("segment", segments, b.segments);
  look("generator", generators, b.generators);
  look("codes", codes, b.codes);
  look("tensor", tensors, b.tensors);
  look("metadata", metadata, b.metadata);
  look("base", bases, b.bases);
  if (found.empty() && budget != b.budget) found = "the budget";
  if (found.empty() && identity != b.weights_identity) found = "the weights identity";
  return found;
}

}  // namespace mcnc
