// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What names of tensors and keys of metadata may look like. A writer refuses a model that breaks these rules; a program
// that takes names from elsewhere can ask beforehand. All functions are thread-safe.
#ifndef MCNC_NAMES_H_
#define MCNC_NAMES_H_

#include <string_view>

namespace mcnc {

// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, surrogates or values above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

// Whether a tensor may be called `name` (rule tensor.name of the specification).
bool is_tensor_name(std::string_view name) noexcept;

// Whether `name` may be the key of an entry of the metadata (rule metadata.key).
bool is_metadata_key(std::string_view key) noexcept;

}  // namespace mcnc

#endif  // MCNC_NAMES_H_
