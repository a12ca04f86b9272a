// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Loads and stores of a block.
#include <string>

#include "cuda/ptx/block.h"
#include "cuda/ptx/fault.h"
#include "mcnc/little_endian.h"

namespace mcnc::ptx {
namespace {

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
    const Address address = state.warp.value(instruction.registers[count], lane) + instruction.address_offset;
    const std::byte* bytes = read(state, instruction, address, count * instruction.element_size, lane);
    for (std::size_t i = 0; i < count; ++i) {
      state.warp.set_value(
          instruction.registers[i], lane,
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
    const Address address = state.warp.value(instruction.registers[0], lane) + instruction.address_offset;
    std::byte* bytes = write(state, instruction, address, count * instruction.element_size, lane);
    for (std::size_t i = 0; i < count; ++i) {
      store_element(bytes + i * instruction.element_size, instruction.element_size,
                    state.warp.value(instruction.registers[1 + i], lane));
    }
  });
}

void Block::atomic_or(WarpState& state, const Instruction& instruction, Mask active) {
  check_written(state, instruction, active);
  const std::size_t first = instruction.destinations;
  for_each_lane(active, [&](std::size_t lane) {
    lane_ = lane;
    const Address address = state.warp.value(instruction.registers[first], lane) + instruction.address_offset;
    check_alignment(address, instruction.element_size);
    std::byte* bytes = global_.update(address, instruction.element_size);
    store_element(bytes, instruction.element_size,
                  load_element(bytes, instruction.element_size, false) |
                      state.warp.value(instruction.registers[first + 1], lane));
  });
  // What was there before depends on the order of the threads: to read it is a fault.
  for (std::size_t i = 0; i < first; ++i) state.warp.written(instruction.registers[i]) &= ~active;
}

}  // namespace mcnc::ptx
