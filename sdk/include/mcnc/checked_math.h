// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Size arithmetic on numbers that come from a file or a user and may be anything. It saturates: once a result does not
// fit 64 bits, all that is computed from it counts as too large.
#ifndef MCNC_CHECKED_MATH_H_
#define MCNC_CHECKED_MATH_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace mcnc {

class Checked {
 public:
  constexpr Checked(std::uint64_t value) noexcept : value_(value) {}  // NOLINT(google-explicit-constructor)

  constexpr bool overflowed() const noexcept { return overflowed_; }
  // kMax after an overflow, so that a comparison with any limit fails.
  constexpr std::uint64_t value() const noexcept { return overflowed_ ? kMax : value_; }

  friend constexpr Checked operator+(Checked a, Checked b) noexcept {
    Checked sum(a.value_ + b.value_);
    sum.overflowed_ = a.overflowed_ || b.overflowed_ || sum.value_ < a.value_;
    return sum;
  }
  friend constexpr Checked operator*(Checked a, Checked b) noexcept {
    Checked product(a.value_ * b.value_);
    product.overflowed_ = (a.overflowed_ && b.value() != 0) || (b.overflowed_ && a.value() != 0) ||
                          (a.value_ != 0 && b.value_ > kMax / a.value_);
    return product;
  }
  constexpr Checked& operator+=(Checked other) noexcept { return *this = *this + other; }
  constexpr Checked& operator*=(Checked other) noexcept { return *this = *this * other; }

 private:
  static constexpr std::uint64_t kMax = ~std::uint64_t{0};

  std::uint64_t value_;
  bool overflowed_ = false;
};

// A length from a file as a size in memory. Where the addresses of this machine do not reach that far, there is no
// memory for it: std::bad_array_new_length is thrown, a std::bad_alloc.
constexpr std::size_t to_size(std::uint64_t length) {
  if (!std::in_range<std::size_t>(length)) throw std::bad_array_new_length();
  return static_cast<std::size_t>(length);
}

}  // namespace mcnc

#endif  // MCNC_CHECKED_MATH_H_
