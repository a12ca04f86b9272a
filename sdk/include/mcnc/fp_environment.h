// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_FP_ENVIRONMENT_H_
#define MCNC_FP_ENVIRONMENT_H_

#include <cfenv>

namespace mcnc {

// While it lives, the calling thread rounds to nearest even and keeps subnormals, whatever its host had set; then the
// host's environment, its flags included, is back.
class FpEnvironment {
 public:
  FpEnvironment() noexcept;
  ~FpEnvironment();
  FpEnvironment(const FpEnvironment&) = delete;
  FpEnvironment& operator=(const FpEnvironment&) = delete;

 private:
  std::fenv_t saved_;
};

}  // namespace mcnc

#endif  // MCNC_FP_ENVIRONMENT_H_
