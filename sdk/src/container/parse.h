// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CONTAINER_PARSE_H_
#define MCNC_CONTAINER_PARSE_H_

#include <cstddef>
#include <span>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// FlatBuffer to values: what the buffer's structure and the value of each enum alone can show (rules manifest.*, and
// those with code `feature`). Memory stays in proportion to bytes.size(). bytes: copied memory, aligned to 8.
Result<Manifest> parse_manifest(std::span<const std::byte> bytes);

}  // namespace mcnc

#endif  // MCNC_CONTAINER_PARSE_H_
