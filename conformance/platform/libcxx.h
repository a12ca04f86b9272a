// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What the library of Debian 12's Emscripten (libc++ 13) lacks of C++20, as far as this project uses it; included
// before anything else in builds for WebAssembly. Later versions have all of it.
#ifndef MCNC_CONFORMANCE_PLATFORM_LIBCXX_H_
#define MCNC_CONFORMANCE_PLATFORM_LIBCXX_H_

#include <cstddef>
#if __cplusplus > 201703L && defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 14000

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iterator>
#include <ranges>
#include <type_traits>
#include <utility>

namespace std {

template <typename To, typename From>
constexpr To bit_cast(const From& from) noexcept {
  return __builtin_bit_cast(To, from);
}

// The fewest digits that give the same number, in whichever notation is shorter.
template <std::floating_point Real>
to_chars_result to_chars(char* first, char* last, Real value) {
  char text[400];
  int digits = 1;
  for (; digits <= 17; ++digits) {
    snprintf(text, sizeof text, "%.*e", digits - 1, static_cast<double>(value));
    if (static_cast<Real>(strtod(text, nullptr)) == value) break;
  }
  if (const char* e = strchr(text, 'e'); e != nullptr) {
    char fixed[400];
    snprintf(fixed, sizeof fixed, "%.*f", std::max(0, digits - 1 - atoi(e + 1)), static_cast<double>(value));
    if (strlen(fixed) <= strlen(text)) strcpy(text, fixed);
  }
  const size_t size = strlen(text);
  if (static_cast<size_t>(last - first) < size) return {last, errc::value_too_large};
  memcpy(first, text, size);
  return {first + size, errc()};
}

namespace ranges {

// The algorithms take ranges and projections; their results are those that this project uses.

template <typename Range, typename Out>
constexpr void copy(Range&& range, Out out) {
  std::copy(ranges::begin(range), ranges::end(range), out);
}

template <typename Range, typename Out>
constexpr void move(Range&& range, Out out) {
  std::move(ranges::begin(range), ranges::end(range), out);
}

template <typename Range, typename Value>
constexpr void fill(Range&& range, const Value& value) {
  std::fill(ranges::begin(range), ranges::end(range), value);
}

template <typename Range, typename Value>
constexpr void replace(Range&& range, const Value& from, const Value& to) {
  std::replace(ranges::begin(range), ranges::end(range), from, to);
}

template <typename Range, typename Out, typename Function>
constexpr void transform(Range&& range, Out out, Function function) {
  std::transform(ranges::begin(range), ranges::end(range), out,
                 [&](auto&& each) { return std::invoke(function, std::forward<decltype(each)>(each)); });
}

template <typename Range, typename Predicate, typename Projection = identity>
constexpr auto find_if(Range&& range, Predicate predicate, Projection projection = {}) {
  return std::find_if(ranges::begin(range), ranges::end(range),
                      [&](auto&& each) { return std::invoke(predicate, std::invoke(projection, each)); });
}

template <typename Range, typename Value, typename Projection = identity>
constexpr auto find(Range&& range, const Value& value, Projection projection = {}) {
  return ranges::find_if(
      range, [&](auto&& each) { return each == value; }, projection);
}

template <typename Range, typename Predicate>
constexpr bool any_of(Range&& range, Predicate predicate) {
  return ranges::find_if(range, predicate) != ranges::end(range);
}

template <typename Range, typename Predicate>
constexpr bool none_of(Range&& range, Predicate predicate) {
  return !ranges::any_of(range, predicate);
}

template <typename Range, typename Predicate>
constexpr bool all_of(Range&& range, Predicate predicate) {
  return !ranges::any_of(range, [&](auto&& each) { return !std::invoke(predicate, each); });
}

template <typename Range, typename Predicate>
constexpr auto count_if(Range&& range, Predicate predicate) {
  return std::count_if(ranges::begin(range), ranges::end(range),
                       [&](auto&& each) { return std::invoke(predicate, each); });
}

template <typename Range, typename Value>
constexpr auto count(Range&& range, const Value& value) {
  return std::count(ranges::begin(range), ranges::end(range), value);
}

template <typename Range1, typename Range2, typename Predicate = ranges::equal_to>
constexpr bool equal(Range1&& a, Range2&& b, Predicate predicate = {}) {
  return std::equal(ranges::begin(a), ranges::end(a), ranges::begin(b), ranges::end(b), predicate);
}

// `less` of what `projection` makes of its arguments.
template <typename Less, typename Projection>
constexpr auto projected_less(Less& less, Projection& projection) {
  return [&](auto&& a, auto&& b) { return std::invoke(less, std::invoke(projection, a), std::invoke(projection, b)); };
}

template <typename Range, typename Less = ranges::less, typename Projection = identity>
constexpr void sort(Range&& range, Less less = {}, Projection projection = {}) {
  std::sort(ranges::begin(range), ranges::end(range), ranges::projected_less(less, projection));
}

template <typename Range, typename Less = ranges::less, typename Projection = identity>
void stable_sort(Range&& range, Less less = {}, Projection projection = {}) {
  std::stable_sort(ranges::begin(range), ranges::end(range), ranges::projected_less(less, projection));
}

template <typename Range, typename Less = ranges::less, typename Projection = identity>
constexpr auto max_element(Range&& range, Less less = {}, Projection projection = {}) {
  return std::max_element(ranges::begin(range), ranges::end(range), ranges::projected_less(less, projection));
}

template <typename Range, typename Less = ranges::less, typename Projection = identity>
constexpr auto min_element(Range&& range, Less less = {}, Projection projection = {}) {
  return std::min_element(ranges::begin(range), ranges::end(range), ranges::projected_less(less, projection));
}

template <typename Range>
constexpr auto min(Range&& range) {
  return *ranges::min_element(range);
}

template <typename Range, typename Value, typename Less = ranges::less, typename Projection = identity>
constexpr auto lower_bound(Range&& range, const Value& value, Less less = {}, Projection projection = {}) {
  return std::lower_bound(ranges::begin(range), ranges::end(range), value, [&](auto&& each, const Value& wanted) {
    return std::invoke(less, std::invoke(projection, each), wanted);
  });
}

template <typename Range, typename Equal = ranges::equal_to, typename Projection = identity>
constexpr auto adjacent_find(Range&& range, Equal equal = {}, Projection projection = {}) {
  return std::adjacent_find(ranges::begin(range), ranges::end(range), ranges::projected_less(equal, projection));
}

template <typename Range1, typename Range2, typename Out>
constexpr void set_difference(Range1&& a, Range2&& b, Out out) {
  std::set_difference(ranges::begin(a), ranges::end(a), ranges::begin(b), ranges::end(b), out);
}

template <typename Range1, typename Range2, typename Out>
constexpr void set_intersection(Range1&& a, Range2&& b, Out out) {
  std::set_intersection(ranges::begin(a), ranges::end(a), ranges::begin(b), ranges::end(b), out);
}

}  // namespace ranges
}  // namespace std

#endif
#endif  // MCNC_CONFORMANCE_PLATFORM_LIBCXX_H_
