// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/backend/cuda_device.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "mcnc/boundary.h"
#include "util/ceil_div.h"

namespace mcnc::cuda {
namespace {

constexpr std::size_t kSlotBytes = std::size_t{512} << 10;

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

  Status status() const { return driver_->check(result_, "cannot use the context of the device"); }

 private:
  const Driver* driver_;
  CUresult result_;
};

Result<std::unique_ptr<CudaDevice>> CudaDevice::open(const CudaOptions& options, const void* kernels) {
  const Result<const Driver*> loaded = load_driver();
  if (!loaded.ok()) return loaded.status();
  const Driver& driver = **loaded;
  int count = 0;
  if (Status s = driver.check(driver.device_count(&count), "cannot count the devices"); !s.ok()) return s;
  if (count == 0) return Status(ErrorCode::kDevice, "", "the CUDA driver has no device");
  if (options.device < 0 || options.device >= count) {
    return Status(ErrorCode::kArgument, "",
                  "there is no CUDA device " + std::to_string(options.device) + ": the driver counts " +
                      std::to_string(count) + ", from 0 on");
  }
  CUdevice device = 0;
  if (Status s = driver.check(driver.device_get(&device, options.device), "cannot find the device"); !s.ok()) return s;
  std::unique_ptr<CudaDevice> opened(new CudaDevice(driver, device));
  if (Status s = opened->describe(); !s.ok()) return s;
  if (Status s = opened->check(driver.context_retain(&opened->context_, device), "cannot use the device"); !s.ok()) {
    return s;
  }
  const Current current(*opened);
  if (Status s = current.status(); !s.ok()) return s;
  if (Status s = opened->load_kernels(kernels); !s.ok()) return s;
  if (Status s = opened->take_stream(options.stream); !s.ok()) return s;
  if (Status s = opened->allocate_staging(); !s.ok()) return s;
  return opened;
}

Status CudaDevice::check(CUresult result, const char* what) const { return driver_->check(result, what); }

Status CudaDevice::describe() {
  std::array<char, 256> name{};
  if (Status s = check(driver_->device_name(name.data(), static_cast<int>(name.size()) - 1, device_),
                       "cannot ask for the device's name");
      !s.ok()) {
    return s;
  }
  const auto attribute = [&](int number, int& value) {
    return check(driver_->device_attribute(&value, number, device_), "cannot ask what the device is");
  };
  int processors = 0, major = 0, minor = 0, pools = 0;
  if (Status s = attribute(kMultiprocessorCount, processors); !s.ok()) return s;
  if (Status s = attribute(kComputeCapabilityMajor, major); !s.ok()) return s;
  if (Status s = attribute(kComputeCapabilityMinor, minor); !s.ok()) return s;
  if (Status s = attribute(kMemoryPoolsSupported, pools); !s.ok()) return s;
  name_ = std::string(name.data()) + ", compute capability " + std::to_string(major) + "." + std::to_string(minor);
  processors_ = static_cast<unsigned>(std::max(processors, 1));
  has_pools_ = pools != 0;
  return {};
}

Status CudaDevice::load_kernels(const void* image) {
  const CUresult result = driver_->module_load(&module_, image);
  if (result != kNoBinaryForGpu && result != kUnsupportedPtxVersion) return check(result, "cannot load the kernels");
  return check(result, ("the kernels were not built for " + name_ + ", or for a newer driver").c_str());
}

Status CudaDevice::take_stream(void* stream) {
  if (stream == nullptr) {
    owns_stream_ = true;
    return check(driver_->stream_create(&stream_, kStreamNonBlocking), "cannot create a stream");
  }
  CUcontext context = nullptr;
  if (Status s = check(driver_->stream_context(stream, &context), "cannot use the stream"); !s.ok()) return s;
  if (context != context_) {
    return {ErrorCode::kArgument, "", "the stream does not belong to the primary context of the device " + name_};
  }
  stream_ = stream;
  return {};
}

Status CudaDevice::allocate_staging() {
  for (Slot& slot : staging_) {
    void* memory = nullptr;
    if (Status s = check(driver_->allocate_host(&memory, kSlotBytes), "cannot allocate pinned memory"); !s.ok()) {
      return s;
    }
    slot.bytes = static_cast<std::byte*>(memory);
    if (Status s = check(driver_->event_create(&slot.copied, kEventDisableTiming), "cannot create an event"); !s.ok()) {
      return s;
    }
  }
  return {};
}

// What fails here has no one to be told: an error of the device shows at the calls before.
CudaDevice::~CudaDevice() {
  if (context_ == nullptr) return;
  {
    const Current current(*this);
    if (stream_ != nullptr) driver_->stream_synchronize(stream_);
    for (const Slot& slot : staging_) {
      if (slot.copied != nullptr) driver_->event_destroy(slot.copied);
      if (slot.bytes != nullptr) driver_->release_host(slot.bytes);
    }
    if (owns_stream_ && stream_ != nullptr) driver_->stream_destroy(stream_);
    if (module_ != nullptr) driver_->module_unload(module_);
  }
  driver_->context_release(device_);
}

template <typename Body>
auto CudaDevice::in_context(const Body& body) noexcept -> decltype(body()) {
  return boundary([&]() -> decltype(body()) {
    const Current current(*this);
    if (Status s = current.status(); !s.ok()) return s;
    return body();
  });
}

Result<void*> CudaDevice::allocate(std::uint64_t bytes) noexcept {
  return in_context([&]() -> Result<void*> {
    CUdeviceptr memory = 0;
    if (bytes > std::numeric_limits<std::size_t>::max())
      return Status(ErrorCode::kMemory, "", "more than memory can be");
    const auto size = static_cast<std::size_t>(bytes);
    const CUresult result =
        has_pools_ ? driver_->allocate_in_order(&memory, size, stream_) : driver_->allocate(&memory, size);
    const std::string what = "cannot allocate " + std::to_string(bytes) + " bytes of device memory";
    if (Status s = check(result, what.c_str()); !s.ok()) return s;
    return reinterpret_cast<void*>(memory);
  });
}

// What fails here fails again at the next call, which says it.
void CudaDevice::release(void* memory) noexcept {
  const Current current(*this);
  if (has_pools_) {
    driver_->release_in_order(address(memory), stream_);
  } else {
    driver_->release(address(memory));  // waits for what uses it
  }
}

Status CudaDevice::upload(std::span<const std::byte> from, void* to) noexcept {
  return in_context([&]() -> Status {
    for (std::size_t done = 0; done < from.size();) {
      Slot& slot = staging_[next_slot_++ % staging_.size()];
      const std::size_t n = std::min(kSlotBytes, from.size() - done);
      if (Status s = check(driver_->event_synchronize(slot.copied), "a copy to the device failed"); !s.ok()) return s;
      std::copy_n(from.data() + done, n, slot.bytes);
      if (Status s = check(driver_->upload(address(to) + done, slot.bytes, n, stream_), "cannot copy to the device");
          !s.ok()) {
        return s;
      }
      if (Status s = check(driver_->event_record(slot.copied, stream_), "cannot record an event"); !s.ok()) return s;
      done += n;
    }
    return {};
  });
}

Status CudaDevice::download(const void* from, std::span<std::byte> to) noexcept {
  return in_context([&]() -> Status {
    const std::size_t parts = ceil_div(to.size(), kSlotBytes);
    const auto part = [&](std::size_t i) {
      return to.subspan(i * kSlotBytes).first(std::min(kSlotBytes, to.size() - i * kSlotBytes));
    };
    // Uploads that still read a slot come before its download in the stream.
    std::size_t asked = 0;
    for (std::size_t done = 0; done < parts; ++done) {
      for (; asked < std::min(parts, done + staging_.size()); ++asked) {
        const Slot& slot = staging_[asked % staging_.size()];
        const CUdeviceptr source = address(from) + asked * kSlotBytes;
        if (Status s = check(driver_->download(slot.bytes, source, part(asked).size(), stream_),
                             "cannot copy from the device");
            !s.ok())
          return s;
        if (Status s = check(driver_->event_record(slot.copied, stream_), "cannot record an event"); !s.ok()) return s;
      }
      const Slot& slot = staging_[done % staging_.size()];
      if (Status s = check(driver_->event_synchronize(slot.copied), "the device failed at what it was given"); !s.ok())
        return s;
      std::copy_n(slot.bytes, part(done).size(), part(done).data());
    }
    return {};
  });
}

Status CudaDevice::copy(const void* from, void* to, std::uint64_t bytes) noexcept {
  return in_context([&] {
    const auto size = static_cast<std::size_t>(bytes);
    return check(driver_->copy(address(to), address(from), size, stream_), "cannot copy within the device");
  });
}

Status CudaDevice::synchronize() noexcept {
  return in_context(
      [&] { return check(driver_->stream_synchronize(stream_), "the device failed at what it was given"); });
}

Result<CUfunction> CudaDevice::function(const char* kernel) {
  const auto found = functions_.find(std::string_view(kernel));
  if (found != functions_.end()) return found->second;
  CUfunction function = nullptr;
  const std::string what = "cannot find the kernel " + std::string(kernel);
  if (Status s = check(driver_->module_function(&function, module_, kernel), what.c_str()); !s.ok()) return s;
  functions_.emplace(kernel, function);
  return function;
}

Status CudaDevice::launch(const char* kernel, const Grid& grid, std::span<const Argument> arguments) noexcept {
  return in_context([&]() -> Status {
    const Result<CUfunction> found = function(kernel);
    if (!found.ok()) return found.status();
    std::vector<void*> parameters;
    for (const Argument& argument : arguments) parameters.push_back(const_cast<void*>(argument.value));
    const CUresult result = driver_->launch(*found, grid.x, grid.y, grid.z, grid.block_x, grid.block_y, 1, 0, stream_,
                                            parameters.data(), nullptr);
    return result == 0 ? Status() : check(result, ("cannot launch " + std::string(kernel)).c_str());
  });
}

Result<std::uint64_t> CudaDevice::bytes_from(CUdeviceptr memory) const {
  unsigned type = kMemoryTypeHost;
  const CUresult known = driver_->pointer_attribute(&type, kPointerMemoryType, memory);
  if (known == kInvalidValue || (known == 0 && type == kMemoryTypeHost)) {
    return Status(ErrorCode::kDevice, "", "the memory is the host's, not that of a CUDA device");
  }
  if (Status s = check(known, "cannot tell what memory it is"); !s.ok()) return s;
  int device = -1;
  if (Status s =
          check(driver_->pointer_attribute(&device, kPointerDeviceOrdinal, memory), "cannot tell whose memory it is");
      !s.ok()) {
    return s;
  }
  if (device != device_) {
    return Status(ErrorCode::kDevice, "",
                  "the memory is that of CUDA device " + std::to_string(device) + ", the accelerator is device " +
                      std::to_string(device_));
  }
  CUdeviceptr start = 0;
  std::size_t size = 0;
  if (Status s =
          check(driver_->pointer_attribute(&start, kPointerRangeStart, memory), "cannot tell where the memory begins");
      !s.ok()) {
    return s;
  }
  if (Status s =
          check(driver_->pointer_attribute(&size, kPointerRangeSize, memory), "cannot tell how large the memory is");
      !s.ok()) {
    return s;
  }
  return std::uint64_t{size - (memory - start)};
}

Status CudaDevice::check_memory(const void* memory, std::uint64_t bytes) noexcept {
  return in_context([&]() -> Status {
    const Result<std::uint64_t> first = bytes_from(address(memory));
    if (!first.ok()) return first.status();
    // An allocation may be mapped in parts, one behind the other, of which CUDA knows one at a time: so do PyTorch's
    // expandable segments.
    std::uint64_t left = *first;
    while (left < bytes) {
      const Result<std::uint64_t> next = bytes_from(address(memory) + static_cast<CUdeviceptr>(left));
      if (!next.ok()) break;
      left += *next;
    }
    if (bytes <= left) return {};
    return {ErrorCode::kDevice, "",
            "the memory has " + std::to_string(left) + " bytes left in its allocation, " + std::to_string(bytes) +
                " are needed"};
  });
}

}  // namespace mcnc::cuda
