// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A SHA-256 digest, as the format uses them for bytes of the file, decoded tensors and whole models.
#ifndef MCNC_DIGEST_H_
#define MCNC_DIGEST_H_

#include <array>
#include <cstddef>
#include <string>

namespace mcnc {

using Digest = std::array<std::byte, 32>;

// 64 lower-case hexadecimal digits.
std::string to_hex(const Digest& digest);

}  // namespace mcnc

#endif  // MCNC_DIGEST_H_
