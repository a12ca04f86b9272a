// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/shim/host_device.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "cuda/shim/kernel_table.h"
#include "util/ceil_div.h"

namespace mcnc::cuda {
namespace {

constexpr std::size_t kAlignment = 16;
constexpr std::byte kMark{0xC3};  // of bytes around an allocation

std::size_t page_size() noexcept { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

// Where an allocation of `size` bytes stands: it ends, but for its alignment, where `pages` bytes end.
struct Place {
  explicit Place(std::uint64_t size) noexcept
      : pages(round_up(static_cast<std::size_t>(size), page_size())),
        padding(round_up(static_cast<std::size_t>(size), kAlignment) - static_cast<std::size_t>(size)),
        before(pages - padding - static_cast<std::size_t>(size)) {}

  std::size_t pages, padding, before;
};

bool is_marked(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == kMark; });
}

}  // namespace

HostDevice::~HostDevice() {
  while (!sizes_.empty()) release(sizes_.begin()->first);
}

Result<void*> HostDevice::allocate(std::uint64_t bytes) noexcept {
  const Place place(bytes);
  void* const map =
      mmap(nullptr, place.pages + page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) return Status(ErrorCode::kDevice, "", "the host has no memory left for its device");
  auto* const first = static_cast<std::byte*>(map);
  mprotect(first + place.pages, page_size(), PROT_NONE);
  std::fill_n(first, place.pages, kMark);
  std::byte* const start = first + place.before;
  std::fill_n(start, static_cast<std::size_t>(bytes), fill_);
  sizes_.emplace(start, bytes);
  return static_cast<void*>(start);
}

void HostDevice::release(void* memory) noexcept {
  const auto found = sizes_.find(memory);
  if (found == sizes_.end()) {
    ++damaged_;
    return;
  }
  const Place place(found->second);
  auto* const start = static_cast<std::byte*>(memory);
  const bool intact = is_marked({start - place.before, place.before}) &&
                      is_marked({start + static_cast<std::size_t>(found->second), place.padding});
  if (!intact) ++damaged_;
  munmap(start - place.before, place.pages + page_size());
  sizes_.erase(found);
}

Status HostDevice::upload(std::span<const std::byte> from, void* to) noexcept {
  std::ranges::copy(from, static_cast<std::byte*>(to));
  return {};
}

Status HostDevice::download(const void* from, std::span<std::byte> to) noexcept {
  std::copy_n(static_cast<const std::byte*>(from), to.size(), to.data());
  return {};
}

Status HostDevice::launch(const char* kernel, const Grid& grid, std::span<const Argument> arguments) noexcept {
  const std::span<const KernelEntry> table = kernel_table();
  const auto entry =
      std::ranges::find_if(table, [&](const KernelEntry& each) { return std::string_view(each.name) == kernel; });
  if (entry == table.end()) return {ErrorCode::kDevice, "", std::string("there is no kernel ") + kernel};
  ++launches_[kernel];
  if (entry->run(grid, order_, arguments)) return {};
  return {ErrorCode::kDevice, "", std::string("a launch does not have the arguments that the kernel takes: ") + kernel};
}

std::vector<std::string> kernel_names() {
  std::vector<std::string> names;
  for (const KernelEntry& entry : kernel_table()) names.emplace_back(entry.name);
  return names;
}

}  // namespace mcnc::cuda
