// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/ptx/memory.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "cuda/ptx/fault.h"

namespace mcnc::ptx {
namespace {

// In place of a thread: several of them, or atomic operations of any.
constexpr GridThread kSeveral = ~GridThread{0};
constexpr GridThread kAtomic = ~GridThread{0} - 1;

// Regions begin at multiples of it, the first not at 0.
constexpr Address kRegion = Address{1} << 36;

// Whether nothing orders an access of `later` after one of `earlier`.
bool is_concurrent(const Accessor& earlier, const Accessor& later) {
  if (earlier.thread == later.thread || earlier.block_epoch != later.block_epoch) return false;
  return earlier.warp != later.warp || earlier.warp_epoch == later.warp_epoch;
}

[[noreturn]] void race(Address offset, const char* what, const Accessor& earlier, const Accessor& later) {
  throw Fault("a race at byte " + std::to_string(offset) + " of shared memory: thread " + std::to_string(later.thread) +
              " " + what + " thread " + std::to_string(earlier.thread) + " with no barrier between");
}

}  // namespace

void CheckedBytes::out_of_bounds(Address offset, std::size_t size) const {
  throw Fault("accesses " + std::to_string(size) + " bytes at byte " + std::to_string(offset) + " of " + name_ +
              ", which has " + std::to_string(bytes_.size()));
}

const std::byte* CheckedBytes::read(Address offset, std::size_t size) const {
  constexpr std::array<std::uint8_t, 32> kWritten = [] {
    std::array<std::uint8_t, 32> ones{};
    ones.fill(1);
    return ones;
  }();
  check(offset, size);
  if (std::memcmp(is_written_.data() + offset, kWritten.data(), size) != 0) {
    throw Fault("reads " + std::to_string(size) + " bytes at byte " + std::to_string(offset) + " of " + name_ +
                ", some of which were never written");
  }
  return bytes_.data() + offset;
}

std::byte* CheckedBytes::write(Address offset, std::size_t size) {
  check(offset, size);
  std::memset(is_written_.data() + offset, 1, size);
  return bytes_.data() + offset;
}

void CheckedBytes::forget() { std::ranges::fill(is_written_, std::uint8_t{0}); }

Address GlobalMemory::allocate(std::string name, std::size_t size, Access access, bool is_constant) {
  regions_.push_back(
      {.bytes = CheckedBytes(std::move(name), size), .access = access, .is_constant = is_constant, .touches = {}});
  return regions_.size() * kRegion;
}

void GlobalMemory::release(Address address) {
  Region& where = region(address);
  where.bytes = CheckedBytes("released memory", 0);
  where.is_released = true;
}

GlobalMemory::Region& GlobalMemory::region(Address address) {
  const Address index = address / kRegion;
  if (index == 0 || index > regions_.size()) {
    throw Fault("accesses address " + std::to_string(address) + ", where there is no memory");
  }
  Region& where = regions_[static_cast<std::size_t>(index - 1)];
  if (where.is_released) throw Fault("accesses memory that has been released");
  return where;
}

const std::byte* GlobalMemory::read(Address address, std::size_t size, GridThread thread, bool is_constant,
                                    bool non_coherent) {
  Region& where = region(address);
  const auto offset = static_cast<std::size_t>(address % kRegion);
  if (where.is_constant != is_constant) throw Fault("reads constant memory as global memory, or the reverse");
  const std::byte* bytes = where.bytes.read(offset, size);
  if (where.access == Access::kReadOnly) return bytes;
  if (non_coherent) {
    if (where.is_written_by_launch) throw Fault("ld.global.nc reads a buffer that the same launch writes");
    where.is_read_as_constant_by_launch = true;
  }
  std::vector<Touch>& touches = touches_of(where);
  for (std::size_t i = 0; i < size; ++i) {
    Touch& touch = touches[offset + i];
    if (touch.writer != 0 && touch.writer != thread) throw Fault("reads what another thread of the launch has written");
    touch.reader = touch.reader == 0 || touch.reader == thread ? thread : kSeveral;
  }
  return bytes;
}

std::byte* GlobalMemory::written_by(Region& where, std::size_t offset, std::size_t size, GridThread writer) {
  if (where.access == Access::kReadOnly) throw Fault("writes a buffer that is for reading");
  if (where.is_read_as_constant_by_launch) throw Fault("writes a buffer that ld.global.nc of the same launch has read");
  where.is_written_by_launch = true;
  std::byte* bytes = where.bytes.write(offset, size);
  std::vector<Touch>& touches = touches_of(where);
  for (std::size_t i = 0; i < size; ++i) {
    Touch& touch = touches[offset + i];
    if (touch.writer != 0 && touch.writer != writer)
      throw Fault("writes what another thread of the launch has written");
    if (touch.reader != 0 && touch.reader != writer) throw Fault("writes what another thread of the launch has read");
    touch.writer = writer;
  }
  return bytes;
}

std::byte* GlobalMemory::write(Address address, std::size_t size, GridThread thread) {
  return written_by(region(address), static_cast<std::size_t>(address % kRegion), size, thread);
}

std::byte* GlobalMemory::update(Address address, std::size_t size) {
  Region& where = region(address);
  const auto offset = static_cast<std::size_t>(address % kRegion);
  where.bytes.read(offset, size);
  return written_by(where, offset, size, kAtomic);
}

std::vector<GlobalMemory::Touch>& GlobalMemory::touches_of(Region& where) {
  if (where.touches.empty()) {
    where.touches.resize(where.bytes.size());
    touched_.push_back(static_cast<std::size_t>(&where - regions_.data()));
  }
  return where.touches;
}

void GlobalMemory::begin_launch() {
  for (const std::size_t index : touched_) {
    regions_[index].is_written_by_launch = regions_[index].is_read_as_constant_by_launch = false;
    regions_[index].touches.clear();
  }
  touched_.clear();
}

void GlobalMemory::copy_in(Address address, std::span<const std::byte> bytes) {
  std::ranges::copy(bytes, region(address).bytes.write(address % kRegion, bytes.size()));
}

void GlobalMemory::copy_out(Address address, std::span<std::byte> bytes) {
  const CheckedBytes& from = region(address).bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = *from.read(address % kRegion + i, 1);
}

const std::byte* SharedMemory::read(Address offset, std::size_t size, const Accessor& who) {
  const std::byte* bytes = bytes_.read(offset, size);
  for (std::size_t i = 0; i < size; ++i) {
    History& last = last_[static_cast<std::size_t>(offset) + i];
    if (last.is_written && is_concurrent(last.writer, who))
      race(offset + i, "reads what was written by", last.writer, who);
    if (last.is_read && last.reader.block_epoch == who.block_epoch) {
      last.many_warps |= last.reader.warp != who.warp;
      // Of the same warp but before its last barrier: nothing that the warp does now races with it.
      last.many_threads =
          is_concurrent(last.reader, who) || (last.many_threads && last.reader.warp_epoch == who.warp_epoch);
    } else {
      last.many_warps = last.many_threads = false;
    }
    last.is_read = true;
    last.reader = who;
  }
  return bytes;
}

std::byte* SharedMemory::write(Address offset, std::size_t size, const Accessor& who) {
  std::byte* bytes = bytes_.write(offset, size);
  for (std::size_t i = 0; i < size; ++i) {
    History& last = last_[static_cast<std::size_t>(offset) + i];
    if (last.is_written && is_concurrent(last.writer, who))
      race(offset + i, "overwrites what was written by", last.writer, who);
    if (last.is_read && last.reader.block_epoch == who.block_epoch) {
      const bool same_warp_epoch = last.reader.warp == who.warp && last.reader.warp_epoch == who.warp_epoch;
      if (is_concurrent(last.reader, who) || last.many_warps || (last.many_threads && same_warp_epoch)) {
        race(offset + i, "overwrites what was read by others and", last.reader, who);
      }
    }
    last.is_written = true;
    last.writer = who;
    last.is_read = false;
  }
  return bytes;
}

void SharedMemory::forget() {
  bytes_.forget();
  std::ranges::fill(last_, History{});
}

}  // namespace mcnc::ptx
