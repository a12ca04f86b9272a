// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The memories of a device. Every access is checked: alignment, bounds, whether what is read was ever written, and in
// shared memory whether another thread may be at the same byte.
#ifndef MCNC_TESTS_CUDA_PTX_MEMORY_H_
#define MCNC_TESTS_CUDA_PTX_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mcnc::ptx {

using Address = std::uint64_t;

// Where shared and local memory are in the generic address space.
inline constexpr Address kSharedWindow = Address{1} << 60;
inline constexpr Address kLocalWindow = Address{1} << 61;

// Bytes that know whether they were written. What is out of bounds or read before it is written throws Fault; at most
// 32 bytes are accessed at once. `name` is for messages.
class CheckedBytes {
 public:
  CheckedBytes(std::string name, std::size_t size) : name_(std::move(name)), bytes_(size), is_written_(size) {}

  const std::byte* read(Address offset, std::size_t size) const;
  std::byte* write(Address offset, std::size_t size);
  std::size_t size() const { return bytes_.size(); }
  // As if nothing had been written.
  void forget();

 private:
  void check(Address offset, std::size_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) out_of_bounds(offset, size);
  }
  [[noreturn]] void out_of_bounds(Address offset, std::size_t size) const;

  std::string name_;
  std::vector<std::byte> bytes_;
  std::vector<std::uint8_t> is_written_;
};

enum class Access : std::uint8_t { kReadOnly, kReadWrite };

// Threads of a grid, from 1 on.
using GridThread = std::uint32_t;

// Global and constant memory: regions far from one another, so that no index leads from one into the next. Threads of a
// launch must not see what others of it write: nothing orders them, since kernels end where others need their results.
class GlobalMemory {
 public:
  Address allocate(std::string name, std::size_t size, Access access, bool is_constant);
  // Nothing may access the region that begins there any more.
  void release(Address address);

  // For launches: `is_constant` for ld.const; `non_coherent` for ld.global.nc, whose region nothing may write to in the
  // same launch.
  const std::byte* read(Address address, std::size_t size, GridThread thread, bool is_constant, bool non_coherent);
  std::byte* write(Address address, std::size_t size, GridThread thread);
  // What an atomic operation reads and writes: other atomic operations of the launch may be there too.
  std::byte* update(Address address, std::size_t size);
  void begin_launch();

  // For the host: nothing is refused but bounds and, to read, what was never written.
  void copy_in(Address address, std::span<const std::byte> bytes);
  void copy_out(Address address, std::span<std::byte> bytes);

 private:
  // Who accessed a byte during the launch.
  struct Touch {
    GridThread writer = 0;  // 0: nobody
    GridThread reader = 0;
  };
  struct Region {
    CheckedBytes bytes;
    Access access;
    bool is_constant;
    bool is_released = false;
    bool is_written_by_launch = false;
    bool is_read_as_constant_by_launch = false;
    std::vector<Touch> touches;  // empty where the launch has accessed nothing
  };

  Region& region(Address address);
  // `touches` of the region, with room for all of its bytes.
  std::vector<Touch>& touches_of(Region& where);
  std::byte* written_by(Region& where, std::size_t offset, std::size_t size, GridThread writer);

  std::vector<Region> regions_;
  std::vector<std::size_t> touched_;  // which of them the launch has accessed
};

// Who accesses shared memory, and after which barriers.
struct Accessor {
  std::uint32_t thread = 0;
  std::uint32_t warp = 0;
  std::uint32_t block_epoch = 0;  // barriers of the block
  std::uint32_t warp_epoch = 0;   // bar.warp.sync of the warp
};

// The shared memory of a block. Two accesses of one byte by different threads are a race if one of them writes and no
// barrier of the block, or of the warp if both are in it, is between them.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t size) : bytes_("shared memory", size), last_(size) {}

  const std::byte* read(Address offset, std::size_t size, const Accessor& who);
  std::byte* write(Address offset, std::size_t size, const Accessor& who);
  // For the next block.
  void forget();

 private:
  // The last accesses of a byte. Of readers the latest is enough, and whether there were others since the last barrier
  // of the block: `many_warps` and, among lanes of one warp since its last barrier, `many_threads`.
  struct History {
    bool is_written = false;
    bool is_read = false;
    bool many_threads = false;
    bool many_warps = false;
    Accessor writer;
    Accessor reader;
  };

  CheckedBytes bytes_;
  std::vector<History> last_;
};

}  // namespace mcnc::ptx

#endif  // MCNC_TESTS_CUDA_PTX_MEMORY_H_
