// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The door to libmcnc-cuda.so, which is everything of CUDA that a program without a GPU does not need.

#include <dlfcn.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "decoder/cuda_library.h"
#include "mcnc/boundary.h"
#include "mcnc/cuda.h"
#include "mcnc/version.h"

namespace mcnc {
namespace {

Result<const CudaLibrary*> load_library() {
  const char* const named = std::getenv("MCNC_CUDA_LIBRARY");
  const char* const path = named != nullptr && *named != 0 ? named : "libmcnc-cuda.so";
  void* const handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const why = dlerror();
    return Status(
        ErrorCode::kDevice, "",
        std::string(
            "the library that decodes on CUDA devices cannot be loaded; -Dcuda=enabled builds it, where nvcc is: ") +
            (why != nullptr ? why : path));
  }
  const auto* const library = static_cast<const CudaLibrary*>(dlsym(handle, kCudaLibrarySymbol));
  if (library == nullptr || std::string_view(library->build) != kCudaLibraryBuild) {
    return Status(ErrorCode::kDevice, "",
                  std::string(path) + " was not built together with this library, version " + MCNC_VERSION_STRING);
  }
  return library;
}

// Loaded once, and kept.
const Result<const CudaLibrary*>& found_library() {
  static const Result<const CudaLibrary*> library = load_library();
  return library;
}

}  // namespace

Status find_cuda() noexcept {
  return boundary([]() -> Status { return found_library().status(); });
}

Result<std::shared_ptr<Accelerator>> open_cuda(const CudaOptions& options) noexcept {
  return boundary([&]() -> Result<std::shared_ptr<Accelerator>> {
    const Result<const CudaLibrary*>& library = found_library();
    if (!library.ok()) return library.status();
    return (*library)->open(options);
  });
}

}  // namespace mcnc
