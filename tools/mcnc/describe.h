// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Words for what a manifest holds, the same in every command.
#ifndef MCNC_TOOLS_MCNC_DESCRIBE_H_
#define MCNC_TOOLS_MCNC_DESCRIBE_H_

#include <string>
#include <string_view>
#include <vector>

#include "mcnc/manifest.h"

namespace mcnc::tools {

std::string_view word(Encoding encoding) noexcept;      // raw, zstd
std::string_view word(Arithmetic arithmetic) noexcept;  // integer, float32
std::string_view word(Activation activation) noexcept;  // sine, identity
std::string_view word(AlphaType type) noexcept;         // int8, int16, float32, float16, bfloat16
std::string_view word(BetaType type) noexcept;          // float32, float16, bfloat16

// Of each segment, what refers to it: "codes 0 alpha", "tensor fc1.bias". Names are as in the file.
std::vector<std::string> segment_uses(const Manifest& manifest);

// The value as text: reals in the fewest digits that give the same number.
std::string text_of(const MetadataValue& value);

// The fewest digits that give the same float.
std::string text_of(float value);

// Letters enough to tell digests apart at a glance.
std::string short_hex(const Digest& digest);

// Calls the member of `visitors` that takes what the variant holds.
template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_DESCRIBE_H_
