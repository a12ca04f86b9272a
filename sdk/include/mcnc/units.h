// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Numbers as people write and read them, for messages and command lines. All functions are thread-safe; those that
// return a string may throw std::bad_alloc.
#ifndef MCNC_UNITS_H_
#define MCNC_UNITS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcnc {

std::string grouped(std::uint64_t value);                         // 1,048,576
std::string human_bytes(std::uint64_t bytes);                     // 1,023 B, 5.32 KiB, 1.03 MiB
std::string human_count(std::uint64_t count);                     // 999, 2.42 M, 1.00 P
std::string counted(std::uint64_t count, std::string_view noun);  // 1 tensor, 2 tensors
std::string shape_text(const std::vector<std::uint64_t>& shape);  // 784 x 256, scalar

// A whole number with an optional suffix K, M, G, T or P, each `step` (1000 or 1024) times the one before; of
// bytes (1024), KiB and so on too. Nothing where it is not such a number or is 2^64 or more.
std::optional<std::uint64_t> parse_quantity(std::string_view text, std::uint64_t step);

}  // namespace mcnc

#endif  // MCNC_UNITS_H_
