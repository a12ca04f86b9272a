// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CONTAINER_ASSEMBLE_H_
#define MCNC_CONTAINER_ASSEMBLE_H_

#include <cstddef>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// Preamble and manifest of a file with these segments, whose offsets are filled in; everything else of the manifest
// stands. kLayout where the manifest would be longer than a reader accepts.
Result<std::vector<std::byte>> assemble_head(Manifest& manifest);

}  // namespace mcnc

#endif  // MCNC_CONTAINER_ASSEMBLE_H_
