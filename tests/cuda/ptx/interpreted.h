// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The PTX that MCNC_PTX names as a device, one for all tests of a program: the text is read once.
#ifndef MCNC_TESTS_CUDA_PTX_INTERPRETED_H_
#define MCNC_TESTS_CUDA_PTX_INTERPRETED_H_

#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include "cuda/ptx/ptx_device.h"
#include "support/models.h"

namespace mcnc::cuda {

inline PtxDevice& interpreted() {
  static PtxDevice device([] {
    const std::vector<std::byte> bytes = testing::bytes_of(std::getenv("MCNC_PTX"));
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }());
  return device;
}

}  // namespace mcnc::cuda

#endif  // MCNC_TESTS_CUDA_PTX_INTERPRETED_H_
