// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The stand-in driver (tests/cuda/driver/) as tests see it, and memory of its devices.
#ifndef MCNC_TESTS_CUDA_STAND_IN_H_
#define MCNC_TESTS_CUDA_STAND_IN_H_

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cuda/backend/driver.h"
#include "cuda/driver/control.h"
#include "mcnc/cuda.h"
#include "support/status.h"

namespace mcnc::cuda {

// A program that has the driver of a card in its place finds that nothing is left and nothing pending.
class StandIn {
 public:
  // The program must have been started with the stand-in in LD_LIBRARY_PATH.
  StandIn() : library_(dlopen("libcuda.so.1", RTLD_NOW)) {
    if (library_ == nullptr) ADD_FAILURE() << dlerror();
  }
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;
  ~StandIn() {
    fault("");
    ranges(0);
    dlclose(library_);
  }

  void fault(const char* text) {
    if (const auto set = find<StandInFault>(kStandInFault)) set(text);
  }
  void ranges(std::size_t bytes) {
    if (const auto set = find<StandInRanges>(kStandInRanges)) set(bytes);
  }
  unsigned left() {
    const auto count = find<StandInLeft>(kStandInLeft);
    return count == nullptr ? 0 : count();
  }
  unsigned pending() { return find<StandInPending>(kStandInPending)(); }

 private:
  template <typename Function>
  Function find(const char* name) {
    return reinterpret_cast<Function>(dlsym(library_, name));
  }

  void* library_;
};

// What a program of the caller's would allocate: memory of a device, through the driver.
class DeviceMemory {
 public:
  DeviceMemory(int device, std::size_t bytes) : driver_(*load_driver()), device_(device), bytes_(bytes) {
    EXPECT_EQ(driver_->context_retain(&context_, device), 0);
    in_context([&] { return driver_->allocate(&address_, bytes); });
  }
  DeviceMemory(DeviceMemory&& other) noexcept
      : driver_(other.driver_),
        device_(other.device_),
        bytes_(other.bytes_),
        context_(std::exchange(other.context_, nullptr)),
        address_(other.address_) {}
  DeviceMemory& operator=(DeviceMemory&&) = delete;
  ~DeviceMemory() {
    if (context_ == nullptr) return;
    in_context([&] { return driver_->release(address_); });
    driver_->context_release(device_);
  }

  std::byte* data() const { return reinterpret_cast<std::byte*>(address_); }
  void fill(std::span<const std::byte> bytes) const {
    in_context([&] { return driver_->upload(address_, bytes.data(), bytes.size(), nullptr); });
    in_context([&] { return driver_->stream_synchronize(nullptr); });
  }
  // What is in it once all work that streams were given before is done.
  std::vector<std::byte> bytes() const {
    std::vector<std::byte> host(bytes_);
    in_context([&] { return driver_->download(host.data(), address_, bytes_, nullptr); });
    in_context([&] { return driver_->stream_synchronize(nullptr); });
    return host;
  }

 private:
  template <typename Body>
  void in_context(const Body& body) const {
    CUcontext before = nullptr;
    EXPECT_EQ(driver_->context_push(context_), 0);
    EXPECT_EQ(body(), 0);
    driver_->context_pop(&before);
  }

  const Driver* driver_;
  int device_;
  std::size_t bytes_;
  CUcontext context_ = nullptr;
  CUdeviceptr address_ = 0;
};

}  // namespace mcnc::cuda

#endif  // MCNC_TESTS_CUDA_STAND_IN_H_
