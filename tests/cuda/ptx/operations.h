// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What instructions compute, one entry for each opcode with all its modifiers: what has no entry is refused. The
// semantics are those of NVIDIA's "Parallel Thread Execution ISA", chapter "Instruction Set".
#ifndef MCNC_TESTS_CUDA_PTX_OPERATIONS_H_
#define MCNC_TESTS_CUDA_PTX_OPERATIONS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cuda/ptx/warp.h"

namespace mcnc::ptx {

// An operand's place: the width of the register that stands there.
struct Operation {
  LaneOperation run = nullptr;
  std::vector<unsigned> destinations;  // in bits; 1 for a predicate
  std::vector<unsigned> sources;
  Instruction::Kind kind = Instruction::Kind::kLanewise;  // or kCollective, or kAligned
  // For cvt, whose registers may be wider than its types: picks `run` by the widths of the registers, which are at
  // least those above.
  LaneOperation (*by_width)(unsigned destination, unsigned source) = nullptr;
  std::array<std::uint8_t, 4> parameters = {};
};

using OperationTable = std::map<std::string, Operation, std::less<>>;

// All of them.
const OperationTable& operations();

// Parts of the table, each in a file of its name.
void add_integer_operations(OperationTable& table);
void add_bit_operations(OperationTable& table);
void add_float_operations(OperationTable& table);
void add_conversions(OperationTable& table);
void add_comparisons(OperationTable& table);
void add_collectives(OperationTable& table);
void add_matrices(OperationTable& table);

}  // namespace mcnc::ptx

#endif  // MCNC_TESTS_CUDA_PTX_OPERATIONS_H_
