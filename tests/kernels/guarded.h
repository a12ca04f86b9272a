// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TESTS_KERNELS_GUARDED_H_
#define MCNC_TESTS_KERNELS_GUARDED_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "kernels/kernels.h"

namespace mcnc {

// `size` numbers, `offset` bytes past a multiple of kAlignment, between two zones that must stay as they are.
template <typename T>
class Guarded {
 public:
  explicit Guarded(std::size_t size, std::size_t offset = 0)
      : size_(size), bytes_(size * sizeof(T) + 4 * kZone, kMark) {
    const std::size_t past = reinterpret_cast<std::uintptr_t>(bytes_.data()) % kAlignment;
    start_ = kZone + (kAlignment - past) % kAlignment + offset % kAlignment;
  }

  T* data() { return reinterpret_cast<T*>(bytes_.data() + start_); }
  T& operator[](std::size_t i) { return data()[i]; }
  std::span<T> span() { return {data(), size_}; }

  // Nothing was written but numbers [0, size).
  void expect_intact() const {
    for (std::size_t b = 0; b < bytes_.size(); ++b) {
      const bool outside = b < start_ || b >= start_ + size_ * sizeof(T);
      ASSERT_TRUE(!outside || bytes_[b] == kMark) << b << " of " << start_;
    }
  }

  // The same bytes as `expected`.
  void expect_equal(std::span<const T> expected) {
    ASSERT_EQ(expected.size(), size_);
    if (size_ == 0 || std::memcmp(data(), expected.data(), size_ * sizeof(T)) == 0) return;
    std::size_t i = 0;
    while (std::memcmp(&expected[i], data() + i, sizeof(T)) == 0) ++i;
    FAIL() << "number " << i << " of " << size_ << ": " << testing::PrintToString(data()[i]) << ", not "
           << testing::PrintToString(expected[i]);
  }

 private:
  static constexpr std::size_t kZone = 2 * kAlignment;
  static constexpr unsigned char kMark = 0xA5;

  std::size_t size_;
  std::vector<unsigned char> bytes_;
  std::size_t start_ = 0;
};

}  // namespace mcnc

#endif  // MCNC_TESTS_KERNELS_GUARDED_H_
