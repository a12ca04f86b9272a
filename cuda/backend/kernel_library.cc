// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/backend/kernel_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "mcnc/version.h"

namespace mcnc::cuda {
namespace {

Result<const void*> open_library() {
  const char* const named = std::getenv("MCNC_CUDA_LIBRARY");
  const char* const path = named != nullptr ? named : "libmcnc-cuda.so";
  void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* const why = dlerror();
    return Status(
        ErrorCode::kDevice, "",
        std::string("there are no kernels for CUDA; they are built where nvcc is: ") + (why != nullptr ? why : path));
  }
  const auto* const image = dlsym(library, "mcnc_cuda_kernels");
  const auto* const version = static_cast<const char*>(dlsym(library, "mcnc_cuda_kernels_version"));
  if (image == nullptr || version == nullptr || std::string_view(version) != MCNC_VERSION_STRING) {
    return Status(ErrorCode::kDevice, "",
                  std::string(path) + " does not have the kernels of this version, " + MCNC_VERSION_STRING);
  }
  return image;
}

}  // namespace

Result<const void*> find_kernel_image() {
  static const Result<const void*> image = open_library();
  return image;
}

}  // namespace mcnc::cuda
