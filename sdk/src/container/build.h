// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CONTAINER_BUILD_H_
#define MCNC_CONTAINER_BUILD_H_

#include <cstddef>
#include <vector>

#include "mcnc/manifest.h"

namespace mcnc {

// The reverse of parse_manifest. The same manifest gives the same bytes.
std::vector<std::byte> build_manifest(const Manifest& manifest);

}  // namespace mcnc

#endif  // MCNC_CONTAINER_BUILD_H_
