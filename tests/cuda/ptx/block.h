// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A block of threads. Lanes of a warp that are at the same instruction run it together; of several instructions the
// first in the text comes first, which lets lanes that went different ways meet again. No result depends on that: what
// would is a race, or a barrier that not all threads come to, and both are faults.
#ifndef MCNC_TESTS_CUDA_PTX_BLOCK_H_
#define MCNC_TESTS_CUDA_PTX_BLOCK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "cuda/ptx/device.h"
#include "cuda/ptx/memory.h"
#include "cuda/ptx/program.h"
#include "cuda/ptx/warp.h"

namespace mcnc::ptx {

class Block {
 public:
  // All but `shape` outlive the block.
  Block(const Program& program, GlobalMemory& global, const CheckedBytes& parameters, const LaunchShape& shape,
        std::uint64_t instruction_limit);

  // Runs the block at `position` in the grid to its end. Throws Fault.
  void run(const Dim& position);

  std::uint64_t instructions() const { return instructions_; }

 private:
  using Mask = Warp::Mask;

  struct WarpState {
    Warp warp;
    std::array<std::size_t, kLanes> next = {};  // the instruction of each lane
    Mask exists = 0;
    Mask live = 0;
    Mask waiting = 0;     // for other lanes, at a collective instruction
    Mask at_barrier = 0;  // for the whole block
  };

  void start(WarpState& state, std::uint32_t index, const Dim& position);
  void run_warp(WarpState& state);
  // Runs the lanes of `group` from `next` on, until they part, wait, end, or come to `stop`, where others are.
  void run_group(WarpState& state, Mask group, std::size_t next, std::size_t stop);
  Mask guarded(WarpState& state, const Instruction& instruction, Mask group) const;
  void check_written(WarpState& state, const Instruction& instruction, Mask active) const;
  void execute(WarpState& state, const Instruction& instruction, Mask active) const;
  // Lets lanes wait for the others of their member mask, and runs the instruction once all are there. Returns whether
  // they were all in `active`; if not, the lanes that go on are others than before.
  bool collect(WarpState& state, const Instruction& instruction, Mask active, std::size_t at);
  void load(WarpState& state, const Instruction& instruction, Mask active);
  void atomic_or(WarpState& state, const Instruction& instruction, Mask active);
  void store(WarpState& state, const Instruction& instruction, Mask active);
  const std::byte* read(const WarpState& state, const Instruction& instruction, Address address, std::size_t size,
                        std::size_t lane);
  std::byte* write(const WarpState& state, const Instruction& instruction, Address address, std::size_t size,
                   std::size_t lane);
  // The space of an address, which becomes one in that space.
  static Space resolve(Space space, Address& address);
  CheckedBytes& local(const WarpState& state, std::size_t lane);
  GridThread grid_thread(const WarpState& state, std::size_t lane) const;
  Accessor accessor(const WarpState& state, std::size_t lane) const;
  void pass_barrier();

  const Program& program_;
  GlobalMemory& global_;
  const CheckedBytes& parameters_;
  LaunchShape shape_;
  std::uint64_t instruction_limit_;
  std::uint64_t instructions_ = 0;
  SharedMemory shared_;
  std::vector<CheckedBytes> local_;  // of each thread
  std::vector<WarpState> warps_;
  GridThread first_thread_ = 1;
  std::uint32_t epoch_ = 0;  // counts barriers
  // Where a fault happened, for its message.
  std::size_t line_ = 0;
  std::size_t lane_ = 0;
};

}  // namespace mcnc::ptx

#endif  // MCNC_TESTS_CUDA_PTX_BLOCK_H_
