// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/ptx/block.h"

#include <algorithm>
#include <string>

#include "cuda/ptx/fault.h"

namespace mcnc::ptx {
namespace {

std::string text_of(const Dim& dim) {
  return "(" + std::to_string(dim.x) + ", " + std::to_string(dim.y) + ", " + std::to_string(dim.z) + ")";
}

}  // namespace

Block::Block(const Program& program, GlobalMemory& global, const CheckedBytes& parameters, const LaunchShape& shape,
             std::uint64_t instruction_limit)
    : program_(program),
      global_(global),
      parameters_(parameters),
      shape_(shape),
      instruction_limit_(instruction_limit),
      shared_(program.shared_bytes + shape.dynamic_shared_bytes) {
  const std::size_t threads = std::size_t{shape.block.x} * shape.block.y * shape.block.z;
  for (std::size_t first = 0; first < threads; first += kLanes) {
    WarpState state{Warp(program.register_bytes, program.registers)};
    const std::size_t count = std::min(kLanes, threads - first);
    state.exists = static_cast<Mask>((std::uint64_t{1} << count) - 1);
    warps_.push_back(std::move(state));
  }
  if (program.local_bytes > 0) local_.assign(warps_.size() * kLanes, CheckedBytes("local memory", program.local_bytes));
}

void Block::start(WarpState& state, std::uint32_t index, const Dim& position) {
  Warp& warp = state.warp;
  state.next.fill(0);
  state.live = state.exists;
  state.waiting = state.at_barrier = 0;
  warp.epoch = 0;
  warp.forget();
  for (const Program::Constant& constant : program_.constants) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) warp.set_value(constant.where, lane, constant.value);
    warp.written(constant.where) = ~Mask{0};
  }
  for (const auto& [special, where] : program_.specials) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const auto thread = static_cast<std::uint32_t>(index * kLanes + lane);
      std::uint32_t value = 0;
      switch (special) {
        case Special::kTidX:
          value = thread % shape_.block.x;
          break;
        case Special::kTidY:
          value = thread / shape_.block.x % shape_.block.y;
          break;
        case Special::kTidZ:
          value = thread / shape_.block.x / shape_.block.y;
          break;
        case Special::kNtidX:
          value = shape_.block.x;
          break;
        case Special::kNtidY:
          value = shape_.block.y;
          break;
        case Special::kNtidZ:
          value = shape_.block.z;
          break;
        case Special::kCtaidX:
          value = position.x;
          break;
        case Special::kCtaidY:
          value = position.y;
          break;
        case Special::kCtaidZ:
          value = position.z;
          break;
        case Special::kNctaidX:
          value = shape_.grid.x;
          break;
        case Special::kNctaidY:
          value = shape_.grid.y;
          break;
        case Special::kNctaidZ:
          value = shape_.grid.z;
          break;
        case Special::kLaneId:
          value = static_cast<std::uint32_t>(lane);
          break;
      }
      warp.set_value(where, lane, value);
    }
    warp.written(where) = ~Mask{0};
  }
}

void Block::run(const Dim& position) {
  const auto threads = static_cast<GridThread>(shape_.block.x * shape_.block.y * shape_.block.z);
  first_thread_ = 1 + ((position.z * shape_.grid.y + position.y) * shape_.grid.x + position.x) * threads;
  epoch_ = 0;
  shared_.forget();
  for (CheckedBytes& thread : local_) thread.forget();
  for (std::size_t i = 0; i < warps_.size(); ++i) start(warps_[i], static_cast<std::uint32_t>(i), position);
  std::size_t warp = 0;
  try {
    while (std::ranges::any_of(warps_, [](const WarpState& state) { return state.live != 0; })) {
      for (warp = 0; warp < warps_.size(); ++warp) run_warp(warps_[warp]);
      warp = 0;
      pass_barrier();
    }
  } catch (const Fault& fault) {
    throw Fault(program_.name + ", line " + std::to_string(line_) + ", block " + text_of(position) + ", thread " +
                std::to_string(warp * kLanes + lane_) + ": " + fault.what());
  }
}

// All threads stand at one and the same barrier, or all have ended.
void Block::pass_barrier() {
  Mask any_live = 0;
  for (const WarpState& state : warps_) any_live |= state.live;
  if (any_live == 0) return;
  const std::size_t at = warps_[0].next[0];
  for (WarpState& state : warps_) {
    if (state.at_barrier != state.exists) throw Fault("some threads wait at a barrier, and others have ended");
    for_each_lane(state.exists, [&](std::size_t lane) {
      if (state.next[lane] != at) throw Fault("threads wait at different barriers");
      ++state.next[lane];
    });
    state.at_barrier = 0;
  }
  ++epoch_;
}

void Block::run_warp(WarpState& state) {
  while (true) {
    const Mask runnable = state.live & ~state.waiting & ~state.at_barrier;
    if (runnable == 0) {
      if (state.waiting != 0) {
        lane_ = first_lane(state.waiting);
        line_ = program_.code[state.next[lane_]].line;
        throw Fault("waits for lanes of its warp that wait elsewhere");
      }
      return;
    }
    std::size_t next = program_.code.size();
    std::size_t stop = program_.code.size();  // where the lanes that are next to first stand
    Mask group = 0;
    for_each_lane(runnable, [&](std::size_t lane) {
      const std::size_t at = state.next[lane];
      if (at < next) {
        stop = next;
        next = at;
        group = 0;
      } else if (at > next) {
        stop = std::min(stop, at);
      }
      if (at == next) group |= Mask{1} << lane;
    });
    if (group == 0 || next == program_.code.size()) throw Fault("runs past the end of the kernel");
    run_group(state, group, next, stop);
  }
}

Block::Mask Block::guarded(WarpState& state, const Instruction& instruction, Mask group) const {
  if (!instruction.has_guard) return group;
  if ((group & ~state.warp.written(instruction.guard)) != 0) throw Fault("the guard was never written");
  const std::uint32_t* predicate = state.warp.lanes<std::uint32_t>(instruction.guard);
  const std::uint32_t flip = instruction.guard_is_negated ? 1 : 0;
  Mask taken = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) taken |= ((predicate[lane] & 1U) ^ flip) << lane;
  return group & taken;
}

void Block::check_written(WarpState& state, const Instruction& instruction, Mask active) const {
  for (std::size_t i = instruction.destinations; i < instruction.registers.size(); ++i) {
    if ((active & ~state.warp.written(instruction.registers[i])) != 0) {
      throw Fault("operand " + std::to_string(i + 1) + " is a register that was never written");
    }
  }
}

void Block::execute(WarpState& state, const Instruction& instruction, Mask active) const {
  check_written(state, instruction, active);
  state.warp.set_active(active);
  instruction.run(state.warp, instruction);
  for (std::size_t i = 0; i < instruction.destinations; ++i) state.warp.written(instruction.registers[i]) |= active;
}

void Block::run_group(WarpState& state, Mask group, std::size_t next, std::size_t stop) {
  const auto move_to = [&](Mask lanes, std::size_t where) {
    for_each_lane(lanes, [&](std::size_t lane) { state.next[lane] = where; });
  };
  while (next < stop) {
    const Instruction& instruction = program_.code[next];
    line_ = instruction.line;
    lane_ = first_lane(group);
    if (++instructions_ > instruction_limit_) throw Fault("runs longer than the limit of the launch allows");
    const Mask active = guarded(state, instruction, group);
    switch (instruction.kind) {
      case Instruction::Kind::kLanewise:
        if (active != 0) execute(state, instruction, active);
        break;
      case Instruction::Kind::kAligned:
        if (active != ~Mask{0}) throw Fault("not all 32 lanes of the warp are here");
        execute(state, instruction, active);
        break;
      case Instruction::Kind::kLoad:
        if (active != 0) load(state, instruction, active);
        break;
      case Instruction::Kind::kStore:
        if (active != 0) store(state, instruction, active);
        break;
      case Instruction::Kind::kAtomicOr:
        if (active != 0) atomic_or(state, instruction, active);
        break;
      case Instruction::Kind::kBranch:
        if (active == group) {
          next = instruction.target;
          continue;
        }
        if (active == 0) break;
        move_to(active, instruction.target);
        move_to(group & ~active, next + 1);
        return;
      case Instruction::Kind::kExit:
        state.live &= ~active;
        group &= ~active;
        if (group == 0) return;
        break;
      case Instruction::Kind::kBarrier:
      case Instruction::Kind::kCollective:
        if (active == 0) break;
        move_to(active, next);
        move_to(group & ~active, next + 1);
        if (instruction.kind == Instruction::Kind::kBarrier) {
          state.at_barrier |= active;
          return;
        }
        if (!collect(state, instruction, active, next) || active != group) return;
        break;
    }
    ++next;
  }
  move_to(group, next);
}

bool Block::collect(WarpState& state, const Instruction& instruction, Mask active, std::size_t at) {
  Mask arrived = active;
  for_each_lane(state.waiting, [&](std::size_t lane) {
    if (state.next[lane] == at) arrived |= Mask{1} << lane;
  });
  check_written(state, instruction, arrived);
  const std::uint32_t* masks = state.warp.lanes<std::uint32_t>(instruction.registers.back());
  const Mask members = masks[first_lane(active)];
  for_each_lane(arrived, [&](std::size_t lane) {
    lane_ = lane;
    if (masks[lane] != members) throw Fault("lanes that meet have different member masks");
    if (((members >> lane) & 1U) == 0) throw Fault("a lane is not in its own member mask");
  });
  if ((members & ~state.live) != 0) {
    throw Fault("waits for lane " + std::to_string(first_lane(members & ~state.live)) +
                ", which does not exist or has ended");
  }
  if (arrived != members) {
    state.waiting |= active;
    return false;
  }
  execute(state, instruction, members);
  for_each_lane(members, [&](std::size_t lane) { state.next[lane] = at + 1; });
  const bool had_all = members == active;
  state.waiting &= ~members;
  return had_all;
}

}  // namespace mcnc::ptx
