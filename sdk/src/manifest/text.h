// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What names and keys may look like.
#ifndef MCNC_MANIFEST_TEXT_H_
#define MCNC_MANIFEST_TEXT_H_

#include <string_view>

namespace mcnc {

// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, surrogates or values above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

// Rule tensor.name.
bool is_tensor_name(std::string_view name) noexcept;

// Rule metadata.key.
bool is_metadata_key(std::string_view key) noexcept;

}  // namespace mcnc

#endif  // MCNC_MANIFEST_TEXT_H_
