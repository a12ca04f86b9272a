// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/backend/cuda_device.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "cuda/backend/kernel_library.h"
#include "util/boundary.h"

namespace mcnc::cuda {
namespace {

constexpr std::size_t kHalfBytes = std::size_t{4} << 20;

CUdeviceptr address(const void* memory) noexcept { return reinterpret_cast<CUdeviceptr>(memory); }

}  // namespace

class CudaDevice::Current {
 public:
  explicit Current(const CudaDevice& device) noexcept : driver_(device.driver_) {
    result_ = driver_->context_push(device.context_);
  }
  ~Current() {
    CUcontext before = nullptr;
    if (result_ == 0) driver_->context_pop(&before);
  }
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;

  Status status() const { return driver_->check(result_, "the device's context cannot be used"); }

 private:
  const Driver* driver_;
  CUresult result_;
};

Result<std::unique_ptr<CudaDevice>> CudaDevice::open(const CudaOptions& options) {
  const Result<const Driver*> driver = load_driver();
  if (!driver.ok()) return driver.status();
  int count = 0;
  if (Status s = (*driver)->check((*driver)->device_count(&count), "no devices are listed"); !s.ok()) return s;
  if (count == 0) return Status(ErrorCode::kDevice, "", "the CUDA driver has no device");
  if (options.device < 0 || options.device >= count) {
    return Status(
        ErrorCode::kArgument, "",
        "there is no CUDA device " + std::to_string(options.device) + ": the driver has " + std::to_string(count));
  }
  CUdevice device = 0;
  if (Status s = (*driver)->check((*driver)->device_get(&device, options.device), "the device is not there"); !s.ok()) {
    return s;
  }
  std::unique_ptr<CudaDevice> opened(new CudaDevice(**driver, device));
  if (Status s = opened->start(options); !s.ok()) return s;
  return opened;
}

Status CudaDevice::start(const CudaOptions& options) {
  std::array<char, 256> name{};
  int processors = 0, major = 0, minor = 0, pools = 0;
  driver_->device_name(name.data(), name.size() - 1, device_);
  if (Status s = driver_->check(driver_->device_attribute(&processors, kMultiprocessorCount, device_),
                                "the device does not say what it is");
      !s.ok()) {
    return s;
  }
  driver_->device_attribute(&major, kComputeCapabilityMajor, device_);
  driver_->device_attribute(&minor, kComputeCapabilityMinor, device_);
  driver_->device_attribute(&pools, kMemoryPoolsSupported, device_);
  name_ = std::string(name.data()) + ", compute capability " + std::to_string(major) + "." + std::to_string(minor);
  processors_ = static_cast<unsigned>(std::max(processors, 1));
  has_pools_ = pools != 0;
  if (Status s = driver_->check(driver_->context_retain(&context_, device_), "the device cannot be used"); !s.ok()) {
    return s;
  }
  const Current current(*this);
  if (Status s = current.status(); !s.ok()) return s;
  if (Status s = load_kernels(); !s.ok()) return s;
  stream_ = options.stream;
  if (stream_ == nullptr) {
    if (Status s = driver_->check(driver_->stream_create(&stream_, kStreamNonBlocking), "no stream"); !s.ok()) return s;
    owns_stream_ = true;
  }
  for (Half& half : staging_) {
    void* memory = nullptr;
    if (Status s = driver_->check(driver_->allocate_host(&memory, kHalfBytes), "no pinned memory"); !s.ok()) return s;
    half.bytes = static_cast<std::byte*>(memory);
    if (Status s = driver_->check(driver_->event_create(&half.copied, kEventDisableTiming), "no event"); !s.ok()) {
      return s;
    }
  }
  return {};
}

Status CudaDevice::load_kernels() {
  const Result<const void*> image = find_kernel_image();
  if (!image.ok()) return image.status();
  const CUresult result = driver_->module_load(&module_, *image);
  if (result == kNoBinaryForGpu || result == kUnsupportedPtxVersion) {
    const Status s = driver_->check(result, "");
    return {ErrorCode::kDevice, "", "the kernels were not built for " + name_ + " and this driver; " + s.message()};
  }
  return driver_->check(result, "the kernels cannot be loaded");
}

CudaDevice::~CudaDevice() {
  if (context_ == nullptr) return;
  {
    const Current current(*this);
    if (stream_ != nullptr) driver_->stream_synchronize(stream_);
    for (const Half& half : staging_) {
      if (half.copied != nullptr) driver_->event_destroy(half.copied);
      if (half.bytes != nullptr) driver_->release_host(half.bytes);
    }
    if (owns_stream_) driver_->stream_destroy(stream_);
    if (module_ != nullptr) driver_->module_unload(module_);
  }
  driver_->context_release(device_);
}

Result<void*> CudaDevice::allocate(std::uint64_t bytes) noexcept {
  return boundary([&]() -> Result<void*> {
    const Current current(*this);
    if (Status s = current.status(); !s.ok()) return s;
    CUdeviceptr memory = 0;
    const auto size = static_cast<std::size_t>(bytes);
    const CUresult result =
        has_pools_ ? driver_->allocate_in_order(&memory, size, stream_) : driver_->allocate(&memory, size);
    if (result == 0) return reinterpret_cast<void*>(memory);
    return driver_->check(result, ("no device memory for " + std::to_string(bytes) + " bytes").c_str());
  });
}

void CudaDevice::release(void* memory) noexcept {
  const Current current(*this);
  if (has_pools_) {
    driver_->release_in_order(address(memory), stream_);
  } else {
    driver_->release(address(memory));  // waits for what uses it
  }
}

Status CudaDevice::upload(std::span<const std::byte> from, void* to) noexcept {
  return boundary([&]() -> Status {
    const Current current(*this);
    if (Status s = current.status(); !s.ok()) return s;
    for (std::size_t done = 0, i = 0; done < from.size(); ++i) {
      Half& half = staging_[i % staging_.size()];
      const std::size_t n = std::min(kHalfBytes, from.size() - done);
      if (Status s = driver_->check(driver_->event_synchronize(half.copied), "a copy failed"); !s.ok()) return s;
      std::copy_n(from.data() + done, n, half.bytes);
      if (Status s =
              driver_->check(driver_->upload(address(to) + done, half.bytes, n, stream_), "no copy to the device");
          !s.ok()) {
        return s;
      }
      if (Status s = driver_->check(driver_->event_record(half.copied, stream_), "no event"); !s.ok()) return s;
      done += n;
    }
    return {};
  });
}

Status CudaDevice::download(const void* from, std::span<std::byte> to) noexcept {
  return boundary([&]() -> Status {
    const Current current(*this);
    if (Status s = current.status(); !s.ok()) return s;
    // Copies are asked for one half ahead of the host that empties them.
    const std::size_t parts = (to.size() + kHalfBytes - 1) / kHalfBytes;
    const auto part = [&](std::size_t i) {
      return to.subspan(i * kHalfBytes).first(std::min(kHalfBytes, to.size() - i * kHalfBytes));
    };
    for (std::size_t i = 0; i <= parts; ++i) {
      if (i < parts) {
        Half& half = staging_[i % staging_.size()];
        if (Status s =
                driver_->check(driver_->download(half.bytes, address(from) + i * kHalfBytes, part(i).size(), stream_),
                               "no copy from the device");
            !s.ok()) {
          return s;
        }
        if (Status s = driver_->check(driver_->event_record(half.copied, stream_), "no event"); !s.ok()) return s;
      }
      if (i == 0) continue;
      Half& half = staging_[(i - 1) % staging_.size()];
      if (Status s = driver_->check(driver_->event_synchronize(half.copied), "what was asked of the device failed");
          !s.ok()) {
        return s;
      }
      std::copy_n(half.bytes, part(i - 1).size(), part(i - 1).data());
    }
    return {};
  });
}

Result<CUfunction> CudaDevice::function(const char* kernel) {
  const auto found = functions_.find(kernel);
  if (found != functions_.end()) return found->second;
  CUfunction function = nullptr;
  if (Status s = driver_->check(driver_->module_function(&function, module_, kernel), kernel); !s.ok()) return s;
  functions_.emplace(kernel, function);
  return function;
}

Status CudaDevice::launch(const char* kernel, const Grid& grid, std::span<const Argument> arguments) noexcept {
  return boundary([&]() -> Status {
    const Current current(*this);
    if (Status s = current.status(); !s.ok()) return s;
    const Result<CUfunction> found = function(kernel);
    if (!found.ok()) return found.status();
    std::vector<void*> parameters;
    for (const Argument& argument : arguments) parameters.push_back(const_cast<void*>(argument.value));
    return driver_->check(driver_->launch(*found, grid.x, grid.y, grid.z, grid.block_x, grid.block_y, 1, 0, stream_,
                                          parameters.data(), nullptr),
                          kernel);
  });
}

Status CudaDevice::check_memory(const void* memory, std::uint64_t bytes) noexcept {
  return boundary([&]() -> Status {
    const Current current(*this);
    if (Status s = current.status(); !s.ok()) return s;
    int device = -1;
    if (driver_->pointer_attribute(&device, kPointerDeviceOrdinal, address(memory)) != 0) {
      return {ErrorCode::kDevice, "", "the output is not memory that CUDA knows"};
    }
    if (device != device_) {
      return {ErrorCode::kDevice, "",
              "the output is memory of CUDA device " + std::to_string(device) + ", the decoder uses device " +
                  std::to_string(device_)};
    }
    CUdeviceptr start = 0;
    std::size_t size = 0;
    if (driver_->pointer_attribute(&start, kPointerRangeStart, address(memory)) == 0 &&
        driver_->pointer_attribute(&size, kPointerRangeSize, address(memory)) == 0 &&
        bytes > size - (address(memory) - start)) {
      return {ErrorCode::kDevice, "",
              "the output needs " + std::to_string(bytes) + " bytes, which its allocation does not have"};
    }
    return {};
  });
}

}  // namespace mcnc::cuda
