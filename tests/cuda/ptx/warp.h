// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The registers of 32 threads that run together, and the instruction as they run it.
#ifndef MCNC_TESTS_CUDA_PTX_WARP_H_
#define MCNC_TESTS_CUDA_PTX_WARP_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcnc::ptx {

inline constexpr std::size_t kLanes = 32;

// Where a register of all lanes is: 32 values side by side. Predicates and values of up to 32 bits but 16 take 4 bytes
// each, of 16 bits 2, of 64 bits 8. Constants and special registers are registers that are filled before a block runs.
struct Register {
  std::uint32_t offset = 0;  // in bytes
  std::uint32_t index = 0;   // among all registers
  unsigned width = 0;        // in bits; 1 for a predicate
};

class Warp;
struct Instruction;

// The lowest lane of a mask that is not empty.
inline std::size_t first_lane(std::uint32_t mask) { return static_cast<std::size_t>(std::countr_zero(mask)); }

// Calls function(lane) for each lane of a mask.
template <typename F>
void for_each_lane(std::uint32_t mask, F&& function) {
  for (; mask != 0; mask &= mask - 1) function(first_lane(mask));
}

// What an instruction makes of registers, in the lanes of Warp::active().
using LaneOperation = void (*)(Warp& warp, const Instruction& instruction);

enum class Space : std::uint8_t { kGeneric, kGlobal, kConst, kShared, kLocal, kParam };

struct Instruction {
  enum class Kind : std::uint8_t {
    kLanewise,    // registers of a lane from registers of the same lane
    kCollective,  // lanes read one another: they wait for each other, those of the mask that is the last source
    kAligned,     // lanes read one another: all 32 are here, together
    kLoad,        // sources: the address
    kStore,       // sources: the address, then what is stored
    kAtomicOr,    // of a 32-bit word in global memory; sources: the address, the bits
    kBranch,
    kExit,
    kBarrier,  // of the whole block
  };
  Kind kind = Kind::kLanewise;
  std::size_t line = 0;
  LaneOperation run = nullptr;
  std::vector<Register> registers;  // destinations, then sources
  std::size_t destinations = 0;
  bool has_guard = false;
  bool guard_is_negated = false;
  Register guard;
  std::size_t target = 0;  // of a branch
  // For loads and stores.
  Space space = Space::kGeneric;
  bool non_coherent = false;     // ld.global.nc: nobody may write there while the kernel runs
  bool sign_extends = false;     // into a register that is wider than the element
  std::size_t element_size = 0;  // in bytes
  std::uint64_t address_offset = 0;
  // Of operations that have a parameter, as cvt: bits of source and destination, and so on.
  std::array<std::uint8_t, 4> parameters = {};
};

// Registers are read and written by the kernels of operations; the machine decides which lanes are active.
class Warp {
 public:
  using Mask = std::uint32_t;

  Warp(std::size_t register_bytes, std::size_t registers) : file_(register_bytes / sizeof(Row)), written_(registers) {}

  // The 32 values of a register. T has its width; a predicate is a std::uint32_t, 0 or ~0.
  template <typename T>
  T* lanes(const Register& where) {
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(file_.data()) + where.offset);
  }

  // The value of one lane, as 64 bits; of a value that is set, the low bits.
  std::uint64_t value(const Register& where, std::size_t lane) {
    switch (where.width) {
      case 64:
        return lanes<std::uint64_t>(where)[lane];
      case 16:
        return lanes<std::uint16_t>(where)[lane];
      default:
        return lanes<std::uint32_t>(where)[lane];
    }
  }
  void set_value(const Register& where, std::size_t lane, std::uint64_t value) {
    switch (where.width) {
      case 64:
        lanes<std::uint64_t>(where)[lane] = value;
        break;
      case 16:
        lanes<std::uint16_t>(where)[lane] = static_cast<std::uint16_t>(value);
        break;
      default:
        lanes<std::uint32_t>(where)[lane] = static_cast<std::uint32_t>(value);
        break;
    }
  }

  // The lanes that an instruction writes, as bits and as words of 0 or ~0.
  Mask active() const { return active_; }
  const std::array<std::uint32_t, kLanes>& active_words() const { return active_words_; }
  void set_active(Mask mask) {
    if (mask == active_) return;
    active_ = mask;
    for (std::size_t lane = 0; lane < kLanes; ++lane) active_words_[lane] = 0U - ((mask >> lane) & 1U);
  }

  // The lanes in which a register has been written.
  Mask& written(const Register& where) { return written_[where.index]; }

  // As if no register had been written.
  void forget() { std::ranges::fill(written_, 0); }

  // Counts bar.warp.sync: what a lane did before one is ordered before what another lane of the warp does after it.
  std::uint32_t epoch = 0;

 private:
  struct alignas(64) Row {
    std::array<std::byte, 64> bytes;
  };

  std::vector<Row> file_;
  std::vector<Mask> written_;
  Mask active_ = 0;
  std::array<std::uint32_t, kLanes> active_words_ = {};
};

}  // namespace mcnc::ptx

#endif  // MCNC_TESTS_CUDA_PTX_WARP_H_
