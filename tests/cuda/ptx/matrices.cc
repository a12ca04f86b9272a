// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Products of matrices by whole warps: D = A * B + C of int8 and int32, which wraps. Each matrix is put together from
// what the lanes hold of it, as "PTX ISA" draws it, and D taken apart again. An operand in braces has the number of its
// registers behind the opcode's name here.
#include <array>
#include <cstdint>
#include <string>

#include "cuda/ptx/operations.h"

namespace mcnc::ptx {
namespace {

using Word = std::uint32_t;

template <std::size_t kRows, std::size_t kColumns>
using Matrix = std::array<std::array<Word, kColumns>, kRows>;

// registers: D, A, B, C; kDepth: columns of A, rows of B; B has eight columns.
template <std::size_t kRows, std::size_t kDepth>
struct Multiply {
  // Registers of a lane.
  static constexpr std::size_t kOfD = kRows / 4;
  static constexpr std::size_t kOfA = kRows * kDepth / 128;
  static constexpr std::size_t kOfB = kDepth / 16;

  static void run(Warp& warp, const Instruction& instruction) {
    const auto word = [&](std::size_t at, std::size_t lane) {
      return warp.lanes<Word>(instruction.registers[at])[lane];
    };
    const auto octet = [](Word bits, std::size_t i) {
      return static_cast<Word>(static_cast<std::int8_t>(static_cast<std::uint8_t>(bits >> (8 * i))));
    };
    Matrix<kRows, kDepth> a = {};
    Matrix<kDepth, 8> b = {};
    Matrix<kRows, 8> d = {};
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t group = lane / 4;
      const std::size_t place = lane % 4;
      // The registers of A go down its rows first, eight at a time, then along its columns, 16 at a time.
      for (std::size_t i = 0; i < 4 * kOfA; ++i) {
        const std::size_t r = i / 4;
        const std::size_t below = r % (kRows / 8);
        const std::size_t beside = r / (kRows / 8);
        a[group + 8 * below][4 * place + i % 4 + 16 * beside] = octet(word(kOfD + r, lane), i % 4);
      }
      for (std::size_t i = 0; i < 4 * kOfB; ++i) {
        b[4 * place + i % 4 + 16 * (i / 4)][group] = octet(word(kOfD + kOfA + i / 4, lane), i % 4);
      }
      for (std::size_t i = 0; i < kOfD; ++i) {
        d[group + 8 * (i / 2)][2 * place + i % 2] = word(kOfD + kOfA + kOfB + i, lane);
      }
    }
    for (std::size_t row = 0; row < kRows; ++row) {
      for (std::size_t column = 0; column < 8; ++column) {
        for (std::size_t k = 0; k < kDepth; ++k) d[row][column] += a[row][k] * b[k][column];
      }
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      for (std::size_t i = 0; i < kOfD; ++i) {
        warp.lanes<Word>(instruction.registers[i])[lane] = d[lane / 4 + 8 * (i / 2)][2 * (lane % 4) + i % 2];
      }
    }
  }

  static void add(OperationTable& table, const std::string& opcode) {
    Operation operation;
    operation.run = &run;
    operation.destinations.assign(kOfD, 32);
    operation.sources.assign(kOfA + kOfB + kOfD, 32);
    operation.kind = Instruction::Kind::kAligned;
    std::string name = opcode;
    for (const std::size_t count : {kOfD, kOfA, kOfB, kOfD}) name.append(1, '/').append(std::to_string(count));
    table[name] = operation;
  }
};

}  // namespace

void add_matrices(OperationTable& table) {
  Multiply<16, 32>::add(table, "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32");
  Multiply<8, 16>::add(table, "mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32");  // all that sm_75 has
}

}  // namespace mcnc::ptx
