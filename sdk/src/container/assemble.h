// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CONTAINER_ASSEMBLE_H_
#define MCNC_CONTAINER_ASSEMBLE_H_

#include <cstddef>
#include <span>
#include <vector>

#include "mcnc/manifest.h"

namespace mcnc {

// Preamble and manifest of a file with these segments, whose offsets are filled in; everything else of the manifest
// stands.
std::vector<std::byte> assemble_head(Manifest& manifest);

// The same, and the segments: the whole file. stored[i]: the stored bytes of manifest.segments[i].
std::vector<std::byte> assemble(Manifest& manifest, std::span<const std::vector<std::byte>> stored);

}  // namespace mcnc

#endif  // MCNC_CONTAINER_ASSEMBLE_H_
