// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_MANIFEST_VALIDATE_H_
#define MCNC_MANIFEST_VALIDATE_H_

#include <cstdint>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// Every rule that a manifest can break by itself, one function each, in the order of spec section "validation"; the
// first one broken is returned. manifest_end, file_length: bytes from the start of the file.
Status validate(const Manifest& manifest, std::uint64_t manifest_end, std::uint64_t file_length);

}  // namespace mcnc

#endif  // MCNC_MANIFEST_VALIDATE_H_
