// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// `mcnc conform --pipe` and nothing else: little enough to be built once for each platform.

#include "mcnc/commands.h"

int main() {
  mcnc::tools::ConformOptions options;
  options.pipe = true;
  return mcnc::tools::conform(options);
}
