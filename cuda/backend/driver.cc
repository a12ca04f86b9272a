// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/backend/driver.h"

#include <dlfcn.h>

#include <string>
#include <utility>

namespace mcnc::cuda {
namespace {

constexpr char kLibrary[] = "libcuda.so.1";

// Finds functions until one is missing.
class Symbols {
 public:
  explicit Symbols(void* library) noexcept : library_(library) {}

  template <typename Function>
  Symbols& find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(library_, name));
    if (function == nullptr && missing_ == nullptr) missing_ = name;
    return *this;
  }
  const char* missing() const noexcept { return missing_; }

 private:
  void* library_;
  const char* missing_ = nullptr;
};

Result<Driver> open_driver() {
  void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* const why = dlerror();
    return Status(ErrorCode::kDevice, "", std::string("there is no CUDA driver: ") + (why != nullptr ? why : kLibrary));
  }
  Driver driver{};
  Symbols symbols(library);
  symbols.find(driver.init, "cuInit")
      .find(driver.error_name, "cuGetErrorName")
      .find(driver.error_string, "cuGetErrorString")
      .find(driver.device_count, "cuDeviceGetCount")
      .find(driver.device_get, "cuDeviceGet")
      .find(driver.device_name, "cuDeviceGetName")
      .find(driver.device_attribute, "cuDeviceGetAttribute")
      .find(driver.context_retain, "cuDevicePrimaryCtxRetain")
      .find(driver.context_release, "cuDevicePrimaryCtxRelease_v2")
      .find(driver.context_push, "cuCtxPushCurrent_v2")
      .find(driver.context_pop, "cuCtxPopCurrent_v2")
      .find(driver.module_load, "cuModuleLoadData")
      .find(driver.module_unload, "cuModuleUnload")
      .find(driver.module_function, "cuModuleGetFunction")
      .find(driver.stream_create, "cuStreamCreate")
      .find(driver.stream_context, "cuStreamGetCtx")
      .find(driver.stream_destroy, "cuStreamDestroy_v2")
      .find(driver.stream_synchronize, "cuStreamSynchronize")
      .find(driver.event_create, "cuEventCreate")
      .find(driver.event_destroy, "cuEventDestroy_v2")
      .find(driver.event_record, "cuEventRecord")
      .find(driver.event_synchronize, "cuEventSynchronize")
      .find(driver.allocate, "cuMemAlloc_v2")
      .find(driver.release, "cuMemFree_v2")
      .find(driver.allocate_in_order, "cuMemAllocAsync")
      .find(driver.release_in_order, "cuMemFreeAsync")
      .find(driver.allocate_host, "cuMemAllocHost_v2")
      .find(driver.release_host, "cuMemFreeHost")
      .find(driver.upload, "cuMemcpyHtoDAsync_v2")
      .find(driver.download, "cuMemcpyDtoHAsync_v2")
      .find(driver.copy, "cuMemcpyDtoDAsync_v2")
      .find(driver.pointer_attribute, "cuPointerGetAttribute")
      .find(driver.launch, "cuLaunchKernel");
  if (symbols.missing() != nullptr) {
    return Status(ErrorCode::kDevice, "",
                  std::string("the CUDA driver is older than CUDA 11.2: it has no ") + symbols.missing());
  }
  if (Status s = driver.check(driver.init(0), "the driver cannot be started"); !s.ok()) return s;
  return driver;
}

}  // namespace

Status Driver::check(CUresult result, const char* what) const {
  if (result == 0) return {};
  const char* name = nullptr;
  const char* text = nullptr;
  error_name(result, &name);
  error_string(result, &text);
  return {ErrorCode::kDevice, "",
          std::string("CUDA: ") + what + ": " + (text != nullptr ? text : "an error it has no text for") + " (" +
              (name != nullptr ? name : std::to_string(result)) + ")"};
}

Result<const Driver*> load_driver() {
  static const Result<Driver> driver = open_driver();
  if (!driver.ok()) return driver.status();
  return &*driver;
}

}  // namespace mcnc::cuda
