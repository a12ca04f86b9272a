// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A stand-in for CUDA's driver, libcuda.so.1, for machines without a GPU: the functions that the backend uses, with two
// devices whose memory is the host's and whose kernels are run by cuda/shim. Unlike a GPU it is as late as it may be:
// what a stream is given is carried out when somebody waits for it, never before, so that a copy whose bytes were
// overwritten too early, or a result that nobody waited for, shows. A call of another context's stream, of a device
// that is not the thread's current one, or with memory that does not exist fails as the driver's would.
//
// Environment: MCNC_STAND_IN_FAULT, see control.h. MCNC_STAND_IN_DEVICES: how many devices there are, 2.
// MCNC_STAND_IN_MEMORY: bytes of memory that a device has, 2^30. A program that ends with something left, see
// control.h, says so and ends with 98.

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "cuda/driver/control.h"
#include "cuda/driver/faults.h"
#include "cuda/shim/host_device.h"
#include "cuda/shim/kernel_table.h"

#define MCNC_DRIVER extern "C" __attribute__((visibility("default")))

namespace mcnc::cuda {
namespace {

enum Error : int {
  kSuccess = 0,
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kInvalidDevice = 101,
  kInvalidImage = 200,
  kInvalidContext = 201,
  kNoBinaryForGpu = 209,
  kInvalidHandle = 400,
  kNotFound = 500,
  kIllegalAddress = 700,
};

struct Gpu;

struct Stream {
  Gpu* gpu;
  std::deque<std::function<void()>> work;
  std::uint64_t given = 0, carried_out = 0;
};

struct Event {
  Stream* stream = nullptr;  // nullptr: was never recorded
  std::uint64_t place = 0;   // in the stream
};

// Its address is its context.
struct Gpu {
  Gpu(int the_number, std::byte fill, Order order) : number(the_number), memory(fill, order) {}

  int number;
  HostDevice memory;
  std::map<std::uintptr_t, std::size_t> allocations;
  std::size_t used = 0;
  unsigned context_uses = 0;
  Stream legacy{this, {}, 0, 0};  // the one that handles 0 and 1 stand for
};

// A driver has one state for a process. Every function holds the mutex, but for the time of nothing: it is never long.
struct State {
  State() {
    const char* const text = std::getenv("MCNC_STAND_IN_FAULT");
    faults.set(text != nullptr ? text : "");
    const char* const count = std::getenv("MCNC_STAND_IN_DEVICES");
    const char* const bytes = std::getenv("MCNC_STAND_IN_MEMORY");
    if (bytes != nullptr) capacity = std::strtoul(bytes, nullptr, 10);
    // The two differ in all that a program must not depend on.
    for (int i = 0; i < (count != nullptr ? std::atoi(count) : 2); ++i) {
      gpus.push_back(std::make_unique<Gpu>(i, i % 2 == 0 ? std::byte{0xFF} : std::byte{0x55},
                                           i % 2 == 0 ? Order::kForward : Order::kBackward));
    }
  }

  std::mutex mutex;
  Faults faults;
  int sticky = kSuccess;  // the error of a kernel that ran, which every later call returns
  std::size_t capacity = std::size_t{1} << 30;
  std::size_t range_bytes = 0;  // of which allocations consist, see control.h
  std::vector<std::unique_ptr<Gpu>> gpus;
  std::set<Stream*> streams;
  std::set<Event*> events;
  std::set<void*> pinned;
  unsigned modules = 0;

  unsigned left() const {
    std::uint64_t count = streams.size() + events.size() + pinned.size() + modules;
    for (const auto& gpu : gpus) count += gpu->allocations.size() + gpu->context_uses + gpu->memory.damaged();
    return static_cast<unsigned>(count);
  }
};

// Never destroyed: programs release what they have while they end.
State& state() {
  static State* const the_state = new State;
  return *the_state;
}

thread_local std::vector<Gpu*> contexts;

Gpu* current() { return contexts.empty() ? nullptr : contexts.back(); }

// A function of the driver: body(), unless the function is to fail.
template <typename Body>
int call(const char* name, const Body& body) {
  const std::lock_guard lock(state().mutex);
  if (const int error = state().faults.take(name); error != kSuccess) return error;
  if (state().sticky != kSuccess) return state().sticky;
  return body();
}

// The same for functions that need a current context: body(gpu).
template <typename Body>
int call_in_context(const char* name, const Body& body) {
  return call(name, [&]() -> int { return current() == nullptr ? kInvalidContext : body(*current()); });
}

Stream* stream_of(void* handle) {
  if (reinterpret_cast<std::uintptr_t>(handle) <= 1) return current() == nullptr ? nullptr : &current()->legacy;
  auto* const stream = static_cast<Stream*>(handle);
  return state().streams.contains(stream) ? stream : nullptr;
}

// Carries out the stream's work up to a place. Once a kernel has failed, copies and kernels do nothing.
void carry_out(Stream& stream, std::uint64_t place) {
  while (stream.carried_out < place) {
    const std::function<void()> next = std::move(stream.work.front());
    stream.work.pop_front();
    ++stream.carried_out;
    next();
  }
}

int give(void* handle, const Gpu& gpu, std::function<void()> work) {
  Stream* const stream = stream_of(handle);
  if (stream == nullptr || stream->gpu != &gpu) return kInvalidHandle;
  stream->work.push_back(std::move(work));
  ++stream->given;
  return kSuccess;
}

// Whether `bytes` bytes from `memory` on are one allocation's; else memory, or nullptr.
const std::pair<const std::uintptr_t, std::size_t>* allocation_of(const Gpu& gpu, std::uintptr_t memory,
                                                                  std::size_t bytes) {
  auto found = gpu.allocations.upper_bound(memory);
  if (found == gpu.allocations.begin()) return nullptr;
  --found;
  const std::size_t offset = memory - found->first;
  return offset < found->second && bytes <= found->second - offset ? &*found : nullptr;
}

int allocate(Gpu& gpu, std::uintptr_t* memory, std::size_t bytes) {
  if (bytes == 0) return kInvalidValue;
  if (bytes > state().capacity - gpu.used) return kOutOfMemory;
  const Result<void*> made = gpu.memory.allocate(bytes);
  if (!made.ok()) return kOutOfMemory;
  *memory = reinterpret_cast<std::uintptr_t>(*made);
  gpu.allocations.emplace(*memory, bytes);
  gpu.used += bytes;
  return kSuccess;
}

int release(Gpu& gpu, std::uintptr_t memory) {
  const auto found = gpu.allocations.find(memory);
  if (found == gpu.allocations.end()) return kInvalidValue;
  gpu.used -= found->second;
  gpu.allocations.erase(found);
  gpu.memory.release(reinterpret_cast<void*>(memory));
  return kSuccess;
}

void finish(Gpu& gpu) {
  carry_out(gpu.legacy, gpu.legacy.given);
  for (Stream* const stream : state().streams) {
    if (stream->gpu == &gpu) carry_out(*stream, stream->given);
  }
}

void fail(int error) {
  if (state().sticky == kSuccess) state().sticky = error;
}

__attribute__((destructor)) void look_for_left() {
  const unsigned left = state().left();
  if (left == 0 || state().sticky != kSuccess) return;
  std::fprintf(stderr, "stand-in driver: %u things were not released\n", left);
  _exit(98);
}

}  // namespace
}  // namespace mcnc::cuda

using namespace mcnc::cuda;  // NOLINT(google-build-using-namespace): functions of C have none of their own

MCNC_DRIVER void mcnc_stand_in_fault(const char* text) {
  const std::lock_guard lock(state().mutex);
  state().faults.set(text);
  state().sticky = kSuccess;
}
MCNC_DRIVER unsigned mcnc_stand_in_left() {
  const std::lock_guard lock(state().mutex);
  return state().left();
}
MCNC_DRIVER void mcnc_stand_in_ranges(std::size_t bytes) {
  const std::lock_guard lock(state().mutex);
  state().range_bytes = bytes;
}
MCNC_DRIVER unsigned mcnc_stand_in_pending() {
  const std::lock_guard lock(state().mutex);
  std::size_t count = 0;
  for (const auto& gpu : state().gpus) count += gpu->legacy.work.size();
  for (const Stream* const stream : state().streams) count += stream->work.size();
  return static_cast<unsigned>(count);
}

MCNC_DRIVER int cuInit(unsigned) {
  return call("cuInit", [] { return state().gpus.empty() ? 100 : kSuccess; });
}

MCNC_DRIVER int cuGetErrorName(int error, const char** text) {
  static const std::map<int, const char*> kNames = {
      {kOutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY"},        {100, "CUDA_ERROR_NO_DEVICE"},
      {kNoBinaryForGpu, "CUDA_ERROR_NO_BINARY_FOR_GPU"}, {kInvalidHandle, "CUDA_ERROR_INVALID_HANDLE"},
      {kIllegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS"},   {kInvalidImage, "CUDA_ERROR_INVALID_IMAGE"},
      {kInvalidContext, "CUDA_ERROR_INVALID_CONTEXT"},
  };
  const auto found = kNames.find(error);
  *text = found != kNames.end() ? found->second : nullptr;
  return found != kNames.end() ? kSuccess : kInvalidValue;
}

MCNC_DRIVER int cuGetErrorString(int error, const char** text) {
  static const std::map<int, const char*> kTexts = {
      {kOutOfMemory, "out of memory"},
      {100, "no CUDA-capable device is detected"},
      {kNoBinaryForGpu, "no kernel image is available for execution on the device"},
      {kInvalidHandle, "invalid resource handle"},
      {kIllegalAddress, "an illegal memory access was encountered"},
      {kInvalidImage, "device kernel image is invalid"},
      {kInvalidContext, "invalid device context"},
  };
  const auto found = kTexts.find(error);
  *text = found != kTexts.end() ? found->second : nullptr;
  return found != kTexts.end() ? kSuccess : kInvalidValue;
}

MCNC_DRIVER int cuDeviceGetCount(int* count) {
  return call("cuDeviceGetCount", [&] {
    *count = static_cast<int>(state().gpus.size());
    return kSuccess;
  });
}
MCNC_DRIVER int cuDeviceGet(int* device, int ordinal) {
  return call("cuDeviceGet", [&]() -> int {
    if (ordinal < 0 || static_cast<std::size_t>(ordinal) >= state().gpus.size()) return kInvalidDevice;
    *device = ordinal;
    return kSuccess;
  });
}
MCNC_DRIVER int cuDeviceGetName(char* name, int length, int device) {
  return call("cuDeviceGetName", [&] {
    std::snprintf(name, static_cast<std::size_t>(length), "Stand-in %d", device);
    return kSuccess;
  });
}
MCNC_DRIVER int cuDeviceGetAttribute(int* value, int attribute, int device) {
  return call("cuDeviceGetAttribute", [&]() -> int {
    switch (attribute) {
      case 16:  // multiprocessors
        *value = 1 + device;
        return kSuccess;
      case 75:  // compute capability 9.0
        *value = 9;
        return kSuccess;
      case 76:
        *value = 0;
        return kSuccess;
      case 115:  // memory pools: device 0 has them
        *value = device == 0 ? 1 : 0;
        return kSuccess;
      default:
        return kInvalidValue;
    }
  });
}

MCNC_DRIVER int cuDevicePrimaryCtxRetain(void** context, int device) {
  return call("cuDevicePrimaryCtxRetain", [&] {
    Gpu& gpu = *state().gpus[static_cast<std::size_t>(device)];
    ++gpu.context_uses;
    *context = &gpu;
    return kSuccess;
  });
}
MCNC_DRIVER int cuDevicePrimaryCtxRelease_v2(int device) {
  const std::lock_guard lock(state().mutex);
  Gpu& gpu = *state().gpus[static_cast<std::size_t>(device)];
  finish(gpu);
  --gpu.context_uses;
  return kSuccess;
}
MCNC_DRIVER int cuCtxPushCurrent_v2(void* context) {
  const std::lock_guard lock(state().mutex);
  if (const int error = state().faults.take("cuCtxPushCurrent"); error != kSuccess) return error;
  contexts.push_back(static_cast<Gpu*>(context));
  return kSuccess;
}
MCNC_DRIVER int cuCtxPopCurrent_v2(void** context) {
  if (contexts.empty()) return kInvalidContext;
  *context = contexts.back();
  contexts.pop_back();
  return kSuccess;
}

MCNC_DRIVER int cuModuleLoadData(void** module, const void* image) {
  return call_in_context("cuModuleLoadData", [&](const Gpu&) -> int {
    // The magic number of what nvcc makes, or the word that the library has which stands in for it.
    const bool is_image = std::memcmp(image, "\x50\xed\x55\xba", 4) == 0 || std::memcmp(image, "stand-in", 8) == 0;
    if (!is_image) return kInvalidImage;
    ++state().modules;
    *module = &state();
    return kSuccess;
  });
}
MCNC_DRIVER int cuModuleUnload(void*) {
  const std::lock_guard lock(state().mutex);
  --state().modules;
  return kSuccess;
}
MCNC_DRIVER int cuModuleGetFunction(void** function, void*, const char* name) {
  return call_in_context("cuModuleGetFunction", [&](const Gpu&) -> int {
    for (const KernelEntry& entry : kernel_table()) {
      if (std::strcmp(entry.name, name) != 0) continue;
      *function = const_cast<KernelEntry*>(&entry);
      return kSuccess;
    }
    return kNotFound;
  });
}

MCNC_DRIVER int cuStreamCreate(void** stream, unsigned) {
  return call_in_context("cuStreamCreate", [&](Gpu& gpu) {
    auto* const made = new Stream{&gpu, {}, 0, 0};
    state().streams.insert(made);
    *stream = made;
    return kSuccess;
  });
}
MCNC_DRIVER int cuStreamGetCtx(void* stream, void** context) {
  return call_in_context("cuStreamGetCtx", [&](const Gpu&) -> int {
    const Stream* const found = stream_of(stream);
    if (found == nullptr) return kInvalidHandle;
    *context = found->gpu;
    return kSuccess;
  });
}
MCNC_DRIVER int cuStreamDestroy_v2(void* stream) {
  const std::lock_guard lock(state().mutex);
  Stream* const found = stream_of(stream);
  if (found == nullptr) return kInvalidHandle;
  carry_out(*found, found->given);
  state().streams.erase(found);
  delete found;
  return kSuccess;
}
MCNC_DRIVER int cuStreamSynchronize(void* stream) {
  return call_in_context("cuStreamSynchronize", [&](const Gpu&) -> int {
    Stream* const found = stream_of(stream);
    if (found == nullptr) return kInvalidHandle;
    carry_out(*found, found->given);
    return state().sticky;
  });
}

MCNC_DRIVER int cuEventCreate(void** event, unsigned) {
  return call_in_context("cuEventCreate", [&](const Gpu&) {
    auto* const made = new Event;
    state().events.insert(made);
    *event = made;
    return kSuccess;
  });
}
MCNC_DRIVER int cuEventDestroy_v2(void* event) {
  const std::lock_guard lock(state().mutex);
  if (state().events.erase(static_cast<Event*>(event)) == 0) return kInvalidHandle;
  delete static_cast<Event*>(event);
  return kSuccess;
}
MCNC_DRIVER int cuEventRecord(void* event, void* stream) {
  return call_in_context("cuEventRecord", [&](const Gpu& gpu) -> int {
    Stream* const found = stream_of(stream);
    if (found == nullptr || found->gpu != &gpu) return kInvalidHandle;
    *static_cast<Event*>(event) = {found, found->given};
    return kSuccess;
  });
}
MCNC_DRIVER int cuEventSynchronize(void* event) {
  return call_in_context("cuEventSynchronize", [&](const Gpu&) -> int {
    const Event& found = *static_cast<Event*>(event);
    if (found.stream != nullptr) carry_out(*found.stream, found.place);
    return state().sticky;
  });
}

MCNC_DRIVER int cuMemAlloc_v2(std::uintptr_t* memory, std::size_t bytes) {
  return call_in_context("cuMemAlloc", [&](Gpu& gpu) { return allocate(gpu, memory, bytes); });
}
MCNC_DRIVER int cuMemFree_v2(std::uintptr_t memory) {
  const std::lock_guard lock(state().mutex);
  if (current() == nullptr) return kInvalidContext;
  finish(*current());
  return release(*current(), memory);
}
MCNC_DRIVER int cuMemAllocAsync(std::uintptr_t* memory, std::size_t bytes, void*) {
  return call_in_context("cuMemAllocAsync", [&](Gpu& gpu) -> int {
    if (gpu.number != 0) return 801;  // not supported: it has no pools
    return allocate(gpu, memory, bytes);
  });
}
MCNC_DRIVER int cuMemFreeAsync(std::uintptr_t memory, void* stream) {
  const std::lock_guard lock(state().mutex);
  if (current() == nullptr) return kInvalidContext;
  Gpu& gpu = *current();
  return give(stream, gpu, [&gpu, memory] {
    if (release(gpu, memory) != kSuccess) fail(kIllegalAddress);
  });
}
MCNC_DRIVER int cuMemAllocHost_v2(void** memory, std::size_t bytes) {
  return call_in_context("cuMemAllocHost", [&](const Gpu&) -> int {
    *memory = std::malloc(bytes);
    if (*memory == nullptr) return kOutOfMemory;
    state().pinned.insert(*memory);
    return kSuccess;
  });
}
MCNC_DRIVER int cuMemFreeHost(void* memory) {
  const std::lock_guard lock(state().mutex);
  if (state().pinned.erase(memory) == 0) return kInvalidValue;
  std::free(memory);
  return kSuccess;
}

MCNC_DRIVER int cuMemcpyHtoDAsync_v2(std::uintptr_t to, const void* from, std::size_t bytes, void* stream) {
  return call_in_context("cuMemcpyHtoDAsync", [&](Gpu& gpu) {
    return give(stream, gpu, [&gpu, to, from, bytes] {
      if (state().sticky != kSuccess) return;
      if (allocation_of(gpu, to, bytes) == nullptr) return fail(kIllegalAddress);
      std::memcpy(reinterpret_cast<void*>(to), from, bytes);
    });
  });
}
MCNC_DRIVER int cuMemcpyDtoHAsync_v2(void* to, std::uintptr_t from, std::size_t bytes, void* stream) {
  return call_in_context("cuMemcpyDtoHAsync", [&](Gpu& gpu) {
    return give(stream, gpu, [&gpu, to, from, bytes] {
      if (state().sticky != kSuccess) return;
      if (allocation_of(gpu, from, bytes) == nullptr) return fail(kIllegalAddress);
      std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
    });
  });
}

MCNC_DRIVER int cuMemcpyDtoDAsync_v2(std::uintptr_t to, std::uintptr_t from, std::size_t bytes, void* stream) {
  return call_in_context("cuMemcpyDtoDAsync", [&](Gpu& gpu) {
    return give(stream, gpu, [&gpu, to, from, bytes] {
      if (state().sticky != kSuccess) return;
      if (allocation_of(gpu, from, bytes) == nullptr || allocation_of(gpu, to, bytes) == nullptr) {
        return fail(kIllegalAddress);
      }
      std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes);
    });
  });
}

MCNC_DRIVER int cuPointerGetAttribute(void* value, int attribute, std::uintptr_t pointer) {
  return call("cuPointerGetAttribute", [&]() -> int {
    for (const auto& gpu : state().gpus) {
      const auto* const found = allocation_of(*gpu, pointer, 1);
      if (found == nullptr) continue;
      const std::size_t range = state().range_bytes == 0 ? found->second : state().range_bytes;
      const std::size_t before = (pointer - found->first) / range * range;
      switch (attribute) {
        case 2:
          *static_cast<unsigned*>(value) = 2;  // memory of a device
          return kSuccess;
        case 9:
          *static_cast<int*>(value) = gpu->number;
          return kSuccess;
        case 11:
          *static_cast<std::uintptr_t*>(value) = found->first + before;
          return kSuccess;
        case 12:
          *static_cast<std::size_t*>(value) = std::min(range, found->second - before);
          return kSuccess;
        default:
          return kInvalidValue;
      }
    }
    if (attribute != 2 || !state().pinned.contains(reinterpret_cast<void*>(pointer))) return kInvalidValue;
    *static_cast<unsigned*>(value) = 1;  // memory of the host
    return kSuccess;
  });
}

MCNC_DRIVER int cuLaunchKernel(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                               unsigned block_y, unsigned block_z, unsigned shared_bytes, void* stream,
                               void** parameters, void**) {
  return call_in_context("cuLaunchKernel", [&](Gpu& gpu) -> int {
    const auto* const entry = static_cast<const KernelEntry*>(function);
    const bool is_grid = grid_x > 0 && grid_y > 0 && grid_z > 0 && grid_y < 65536 && grid_z < 65536;
    const bool is_block = block_x > 0 && block_y > 0 && block_z == 1 && block_x * block_y <= 1024;
    if (!is_grid || !is_block || shared_bytes != 0) return kInvalidValue;
    // Parameters are copied while the call lasts, and not later.
    auto values = std::make_shared<std::vector<std::vector<std::byte>>>();
    for (std::size_t i = 0; i < entry->parameters.size(); ++i) {
      const auto* const bytes = static_cast<const std::byte*>(parameters[i]);
      values->emplace_back(bytes, bytes + entry->parameters[i]);
    }
    return give(stream, gpu, [&gpu, entry, values, grid_x, grid_y, grid_z, block_x, block_y] {
      if (state().sticky != kSuccess) return;
      if (const int error = state().faults.take("kernel"); error != kSuccess) return fail(error);
      std::vector<Argument> arguments;
      for (const std::vector<std::byte>& value : *values) arguments.push_back({value.data(), value.size()});
      const Grid grid{.x = grid_x, .y = grid_y, .z = grid_z, .block_x = block_x, .block_y = block_y};
      if (!gpu.memory.launch(entry->name, grid, arguments).ok()) fail(kIllegalAddress);
    });
  });
}
