// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/fp_environment.h"

namespace mcnc {

// The default environment of every libc also clears flush-to-zero and denormals-are-zero, which fesetround would not.
FpEnvironment::FpEnvironment() noexcept {
  std::fegetenv(&saved_);
  std::fesetenv(FE_DFL_ENV);
}

FpEnvironment::~FpEnvironment() { std::fesetenv(&saved_); }

}  // namespace mcnc
