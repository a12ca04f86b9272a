// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_UTIL_ALIGNED_VECTOR_H_
#define MCNC_UTIL_ALIGNED_VECTOR_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
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
    // Not the aligned operator new: that of glibc before 2.38 does not find a gap of exactly this size, such as the one
    // that the same vector left a tensor ago, and takes new memory each time. So 64 bytes more are allocated, and where
    // they begin is kept right before the vector.
    auto* const allocated = static_cast<std::byte*>(::operator new(n * sizeof(T) + kAlignedVectorBytes));
    const std::size_t past = reinterpret_cast<std::uintptr_t>(allocated) % kAlignedVectorBytes;
    std::byte* const aligned = allocated + (kAlignedVectorBytes - past);
    std::memcpy(aligned - sizeof(allocated), &allocated, sizeof(allocated));
    return reinterpret_cast<T*>(aligned);
  }
  void deallocate(T* p, std::size_t) noexcept {
    std::byte* allocated = nullptr;
    std::memcpy(&allocated, reinterpret_cast<std::byte*>(p) - sizeof(allocated), sizeof(allocated));
    ::operator delete(allocated);
  }

  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) noexcept { return true; }
};

template <typename T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace mcnc

#endif  // MCNC_UTIL_ALIGNED_VECTOR_H_
