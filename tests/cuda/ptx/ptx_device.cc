// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/ptx/ptx_device.h"

#include <exception>
#include <vector>

#include "cuda/ptx/fault.h"

namespace mcnc::cuda {
namespace {

static_assert(sizeof(void*) == sizeof(ptx::Address));

ptx::Address address_of(const void* memory) noexcept { return reinterpret_cast<std::uintptr_t>(memory); }

// What the interpreter throws becomes a status.
template <typename F>
Status guarded(const F& action) noexcept {
  try {
    action();
    return {};
  } catch (const std::exception& error) {
    return {ErrorCode::kDevice, "", error.what()};
  }
}

}  // namespace

Result<void*> PtxDevice::allocate(std::uint64_t bytes) noexcept {
  ptx::Address address = 0;
  const Status status = guarded(
      [&] { address = device_.allocate("buffer " + std::to_string(++allocations_), static_cast<std::size_t>(bytes)); });
  if (!status.ok()) return status;
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(address));
}

void PtxDevice::release(void* memory) noexcept {
  static_cast<void>(guarded([&] { device_.release(address_of(memory)); }));
}

Status PtxDevice::upload(std::span<const std::byte> from, void* to) noexcept {
  return guarded([&] { device_.copy_in(address_of(to), from); });
}

Status PtxDevice::download(const void* from, std::span<std::byte> to) noexcept {
  return guarded([&] { device_.copy_out(address_of(from), to); });
}

Status PtxDevice::launch(const char* kernel, const Grid& grid, std::span<const Argument> arguments) noexcept {
  return guarded([&] {
    ++launches_[kernel];
    std::vector<std::vector<std::byte>> bytes;
    for (const Argument& argument : arguments) {
      const auto* first = static_cast<const std::byte*>(argument.value);
      bytes.emplace_back(first, first + argument.size);
    }
    const ptx::LaunchShape shape{.grid = {grid.x, grid.y, grid.z}, .block = {grid.block_x, grid.block_y}};
    device_.launch_bytes(kernel, shape, bytes);
  });
}

}  // namespace mcnc::cuda
