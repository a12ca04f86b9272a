// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_UTIL_ALIGNED_VECTOR_H_
#define MCNC_UTIL_ALIGNED_VECTOR_H_

#include <cstddef>
#include <new>
#include <vector>

namespace mcnc {

// What kernels read and write starts at a multiple of this many bytes: a vector of the widest registers, a cache line.
inline constexpr std::size_t kAlignedVectorBytes = 64;

template <typename T>
struct AlignedAllocator {
  using value_type = T;

  AlignedAllocator() noexcept = default;
  template <typename U>
  AlignedAllocator(const AlignedAllocator<U>&) noexcept {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t n) {
    if (n > static_cast<std::size_t>(-1) / 2 / sizeof(T)) throw std::bad_array_new_length();
    return static_cast<T*>(::operator new (n * sizeof(T), std::align_val_t{kAlignedVectorBytes}));
  }
  void deallocate(T* p, std::size_t) noexcept { ::operator delete (p, std::align_val_t{kAlignedVectorBytes}); }

  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) noexcept { return true; }
};

template <typename T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace mcnc

#endif  // MCNC_UTIL_ALIGNED_VECTOR_H_
