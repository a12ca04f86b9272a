// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_UTIL_MEMORY_INPUT_H_
#define MCNC_UTIL_MEMORY_INPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "mcnc/boundary.h"
#include "mcnc/file.h"
#include "mcnc/input.h"

namespace mcnc {

// An input of bytes in memory: the caller's, which stay unchanged while the input lives, or its own.
class MemoryInput final : public Input {
 public:
  explicit MemoryInput(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}
  explicit MemoryInput(std::vector<std::byte> owned) noexcept : owned_(std::move(owned)), bytes_(owned_) {}

  bool overlaps(std::span<const std::byte> bytes) const noexcept override {
    const std::less<const std::byte*> before;
    return before(bytes.data(), bytes_.data() + bytes_.size()) && before(bytes_.data(), bytes.data() + bytes.size());
  }
  std::uint64_t size() const noexcept override { return bytes_.size(); }

  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    return boundary([&]() -> Status {
      if (offset > bytes_.size() || out.size() > bytes_.size() - offset) return ends_early(bytes_.size());
      std::ranges::copy(bytes_.subspan(static_cast<std::size_t>(offset), out.size()), out.begin());
      return {};
    });
  }

 private:
  std::vector<std::byte> owned_;
  std::span<const std::byte> bytes_;
};

}  // namespace mcnc

#endif  // MCNC_UTIL_MEMORY_INPUT_H_
