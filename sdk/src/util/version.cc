// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/version.h"

namespace mcnc {

int version() noexcept { return MCNC_VERSION; }
std::string_view version_string() noexcept { return MCNC_VERSION_STRING; }

}  // namespace mcnc
