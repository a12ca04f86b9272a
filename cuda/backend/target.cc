// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/backend/target.h"

#include "kernels/kernels.h"
#include "mcnc/convert.h"

namespace mcnc::cuda {
namespace {

const char* name_of(FloatType type) noexcept {
  switch (type) {
    case FloatType::kF16:
      return "f16";
    case FloatType::kBf16:
      return "bf16";
    case FloatType::kF32:
      break;
  }
  return "f32";
}

}  // namespace

std::string kernel_for(const char* prefix, DType dtype, const char* suffix) {
  return std::string(prefix) + name_of(float_type_of(dtype)) + suffix;
}

}  // namespace mcnc::cuda
