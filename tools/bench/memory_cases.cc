// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/memory_cases.h"

#include <cstring>

#include "bench/parts.h"

namespace mcnc::tools {

Case memcpy_case(std::span<const std::byte> in, std::span<std::byte> out, ParallelRunner& threads) {
  return {
      .name = "memcpy", .threads = static_cast<unsigned>(threads.threads()), .bytes = out.size(), .run = [=, &threads] {
        each_part(out.size(), threads, [&](std::size_t first, std::size_t count) {
          std::memcpy(out.data() + first, in.data() + first, count);
        });
        return Status();
      }};
}

Case memset_case(std::span<std::byte> out, ParallelRunner& threads) {
  return {
      .name = "memset", .threads = static_cast<unsigned>(threads.threads()), .bytes = out.size(), .run = [=, &threads] {
        each_part(out.size(), threads,
                  [&](std::size_t first, std::size_t count) { std::memset(out.data() + first, 1, count); });
        return Status();
      }};
}

}  // namespace mcnc::tools
