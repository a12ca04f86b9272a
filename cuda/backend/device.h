// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What decoding and training need of an accelerator: memory, copies and launches of the kernels in cuda/kernels/. Two
// things implement it: a GPU, and the host, through cuda/shim/, for tests.
#ifndef MCNC_CUDA_BACKEND_DEVICE_H_
#define MCNC_CUDA_BACKEND_DEVICE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "mcnc/status.h"

namespace mcnc::cuda {

// A launch: blocks of (block_x, block_y, 1) threads, (x, y, z) of them.
struct Grid {
  unsigned x = 1, y = 1, z = 1;
  unsigned block_x = 1, block_y = 1;
};

// Where a parameter of a kernel stands, and its size.
struct Argument {
  const void* value;
  std::size_t size;
};

// One stream of work: everything happens in the order of the calls. Copies and launches may return before they have
// been carried out; download() returns when it has its bytes. Errors are kDevice, and say what the device says. For one
// thread at a time.
class Device {
 public:
  virtual ~Device() = default;

  // As many as launches are spread over.
  virtual unsigned processors() const noexcept = 0;
  // Memory aligned to 16 bytes, bytes > 0. What is released may still be in use by launches before.
  virtual Result<void*> allocate(std::uint64_t bytes) noexcept = 0;
  virtual void release(void* memory) noexcept = 0;
  // The caller may change `from` once upload() has returned.
  virtual Status upload(std::span<const std::byte> from, void* to) noexcept = 0;
  virtual Status download(const void* from, std::span<std::byte> to) noexcept = 0;
  virtual Status launch(const char* kernel, const Grid& grid, std::span<const Argument> arguments) noexcept = 0;
};

// Memory of a device, released with this.
template <typename T>
class Buffer {
 public:
  Buffer() noexcept = default;
  Buffer(Buffer&& other) noexcept
      : device_(other.device_), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() {
    if (data_ != nullptr) device_->release(data_);
  }

  T* data() const noexcept { return data_; }
  std::uint64_t size() const noexcept { return size_; }

  // Room for `size` numbers at least. What was in it may be gone.
  Status reserve(Device& device, std::uint64_t size) noexcept {
    if (size <= size_) return {};
    *this = Buffer();
    const Result<void*> memory = device.allocate(size * sizeof(T));
    if (!memory.ok()) return memory.status();
    device_ = &device;
    data_ = static_cast<T*>(*memory);
    size_ = size;
    return {};
  }
  // Holds `values`.
  Status upload(Device& device, std::span<const T> values) noexcept {
    if (Status s = reserve(device, values.size()); !s.ok() || values.empty()) return s;
    return device.upload(std::as_bytes(values), data_);
  }

 private:
  Device* device_ = nullptr;
  T* data_ = nullptr;
  std::uint64_t size_ = 0;
};

// arguments: exactly the types of the kernel's parameters, or pointers for pointers.
template <typename... Arguments>
Status launch(Device& device, const char* kernel, const Grid& grid, const Arguments&... arguments) noexcept {
  const std::array<Argument, sizeof...(Arguments)> all = {Argument{&arguments, sizeof(Arguments)}...};
  return device.launch(kernel, grid, all);
}

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_BACKEND_DEVICE_H_
