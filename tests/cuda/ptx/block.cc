// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/ptx/block.h"

#include <algorithm>
#include <bit>
#include <string>

#include "cuda/ptx/fault.h"
#include "mcnc/little_endian.h"

namespace mcnc::ptx {
namespace {

std::string text_of(const Dim& dim) {
  return "(" + std::to_string(dim.x) + ", " + std::to_string(dim.y) + ", " + std::to_string(dim.z) + ")";
}

// The lowest lane of a mask that is not empty.
std::size_t first_lane(Warp::Mask mask) { return static_cast<std::size_t>(std::countr_zero(mask)); }

template <typename F>
void for_each_lane(Warp::Mask mask, F&& function) {
  for (; mask != 0; mask &= mask - 1) function(first_lane(mask));
}

// A register of any width, as 64 bits.
std::uint64_t get(Warp& warp, const Register& where, std::size_t lane) {
  switch (where.width) {
    case 64:
      return warp.lanes<std::uint64_t>(where)[lane];
    case 16:
      return warp.lanes<std::uint16_t>(where)[lane];
    default:
      return warp.lanes<std::uint32_t>(where)[lane];
  }
}

void set(Warp& warp, const Register& where, std::size_t lane, std::uint64_t value) {
  switch (where.width) {
    case 64:
      warp.lanes<std::uint64_t>(where)[lane] = value;
      break;
    case 16:
      warp.lanes<std::uint16_t>(where)[lane] = static_cast<std::uint16_t>(value);
      break;
    default:
      warp.lanes<std::uint32_t>(where)[lane] = static_cast<std::uint32_t>(value);
      break;
  }
}

std::uint64_t load_element(const std::byte* bytes, std::size_t size, bool sign_extends) {
  switch (size) {
    case 1: {
      const auto value = load_le<std::uint8_t>(bytes);
      return sign_extends ? static_cast<std::uint64_t>(static_cast<std::int8_t>(value)) : value;
    }
    case 2: {
      const auto value = load_le<std::uint16_t>(bytes);
      return sign_extends ? static_cast<std::uint64_t>(static_cast<std::int16_t>(value)) : value;
    }
    case 4: {
      const auto value = load_le<std::uint32_t>(bytes);
      return sign_extends ? static_cast<std::uint64_t>(static_cast<std::int32_t>(value)) : value;
    }
    default:
      return load_le<std::uint64_t>(bytes);
  }
}

void store_element(std::byte* bytes, std::size_t size, std::uint64_t value) {
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(static_cast<std::uint8_t>(value >> (8 * i)));
}

void check_alignment(Address address, std::size_t size) {
  if ((address & (size - 1)) == 0) return;
  throw Fault("accesses " + std::to_string(size) + " bytes at address " + std::to_string(address) +
              ", which is not a multiple of that");
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
    for (std::size_t lane = 0; lane < kLanes; ++lane) set(warp, constant.where, lane, constant.value);
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
      set(warp, where, lane, value);
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

Space Block::resolve(Space space, Address& address) {
  if (space != Space::kGeneric) return space;
  if (address >= kLocalWindow) {
    address -= kLocalWindow;
    return Space::kLocal;
  }
  if (address >= kSharedWindow) {
    address -= kSharedWindow;
    return Space::kShared;
  }
  return Space::kGlobal;
}

CheckedBytes& Block::local(const WarpState& state, std::size_t lane) {
  if (local_.empty()) throw Fault("accesses local memory, and the kernel has none");
  return local_[static_cast<std::size_t>(&state - warps_.data()) * kLanes + lane];
}

GridThread Block::grid_thread(const WarpState& state, std::size_t lane) const {
  return first_thread_ + static_cast<GridThread>(static_cast<std::size_t>(&state - warps_.data()) * kLanes + lane);
}

Accessor Block::accessor(const WarpState& state, std::size_t lane) const {
  const auto warp = static_cast<std::uint32_t>(&state - warps_.data());
  return {static_cast<std::uint32_t>(warp * kLanes + lane), warp, epoch_, state.warp.epoch};
}

const std::byte* Block::read(const WarpState& state, const Instruction& instruction, Address address, std::size_t size,
                             std::size_t lane) {
  check_alignment(address, size);
  switch (resolve(instruction.space, address)) {
    case Space::kShared:
      return shared_.read(address, size, accessor(state, lane));
    case Space::kLocal:
      return local(state, lane).read(address, size);
    case Space::kParam:
      return parameters_.read(address, size);
    case Space::kConst:
      return global_.read(address, size, grid_thread(state, lane), true, false);
    case Space::kGeneric:
    case Space::kGlobal:
      break;
  }
  return global_.read(address, size, grid_thread(state, lane), false, instruction.non_coherent);
}

std::byte* Block::write(const WarpState& state, const Instruction& instruction, Address address, std::size_t size,
                        std::size_t lane) {
  check_alignment(address, size);
  switch (resolve(instruction.space, address)) {
    case Space::kShared:
      return shared_.write(address, size, accessor(state, lane));
    case Space::kLocal:
      return local(state, lane).write(address, size);
    default:
      break;
  }
  return global_.write(address, size, grid_thread(state, lane));
}

void Block::load(WarpState& state, const Instruction& instruction, Mask active) {
  check_written(state, instruction, active);
  const std::size_t count = instruction.destinations;
  for_each_lane(active, [&](std::size_t lane) {
    lane_ = lane;
    const Address address = get(state.warp, instruction.registers[count], lane) + instruction.address_offset;
    const std::byte* bytes = read(state, instruction, address, count * instruction.element_size, lane);
    for (std::size_t i = 0; i < count; ++i) {
      set(state.warp, instruction.registers[i], lane,
          load_element(bytes + i * instruction.element_size, instruction.element_size, instruction.sign_extends));
    }
  });
  for (std::size_t i = 0; i < count; ++i) state.warp.written(instruction.registers[i]) |= active;
}

void Block::store(WarpState& state, const Instruction& instruction, Mask active) {
  check_written(state, instruction, active);
  const std::size_t count = instruction.registers.size() - 1;
  for_each_lane(active, [&](std::size_t lane) {
    lane_ = lane;
    const Address address = get(state.warp, instruction.registers[0], lane) + instruction.address_offset;
    std::byte* bytes = write(state, instruction, address, count * instruction.element_size, lane);
    for (std::size_t i = 0; i < count; ++i) {
      store_element(bytes + i * instruction.element_size, instruction.element_size,
                    get(state.warp, instruction.registers[1 + i], lane));
    }
  });
}

void Block::atomic_or(WarpState& state, const Instruction& instruction, Mask active) {
  check_written(state, instruction, active);
  const std::size_t first = instruction.destinations;
  for_each_lane(active, [&](std::size_t lane) {
    lane_ = lane;
    const Address address = get(state.warp, instruction.registers[first], lane) + instruction.address_offset;
    check_alignment(address, instruction.element_size);
    std::byte* bytes = global_.update(address, instruction.element_size);
    store_element(
        bytes, instruction.element_size,
        load_element(bytes, instruction.element_size, false) | get(state.warp, instruction.registers[first + 1], lane));
  });
  // What was there before depends on the order of the threads: to read it is a fault.
  for (std::size_t i = 0; i < first; ++i) state.warp.written(instruction.registers[i]) &= ~active;
}

}  // namespace mcnc::ptx
