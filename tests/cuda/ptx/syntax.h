// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The text of a PTX module as a tree: what stands where, without knowing what instructions mean.
#ifndef MCNC_TESTS_CUDA_PTX_SYNTAX_H_
#define MCNC_TESTS_CUDA_PTX_SYNTAX_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mcnc::ptx {

// An operand as it is written.
struct OperandText {
  enum class Kind : std::uint8_t {
    kName,     // %r1, a variable or a label: `name`
    kNumber,   // 5, -7, 0x1F, 0f3F800000: `number`
    kAddress,  // [name+number], or [number] where `name` is empty
    kVector,   // {a, b}: `parts`
    kPair,     // a|b: `parts`
    kNegated,  // !a: `parts` has one
  };
  Kind kind = Kind::kName;
  std::string name;
  std::uint64_t number = 0;
  bool is_float = false;  // the number is the bits of a float32
  std::vector<OperandText> parts;
};

struct StatementText {
  std::size_t line = 0;
  std::string guard;  // the predicate of @p, or empty
  bool guard_is_negated = false;
  std::string opcode;  // with all modifiers, as "ld.global.nc.u32"
  std::vector<OperandText> operands;
};

// A variable of a module or a function, or a parameter of a kernel.
struct VariableText {
  std::size_t line = 0;
  std::string space;  // "global", "const", "shared", "local" or "param"
  std::string name;
  std::size_t alignment = 1;
  std::size_t size = 0;                    // in bytes; 0 for an array that the launch gives a size
  bool is_initialized = false;             // by the module; zeros follow what is written out
  std::vector<std::uint8_t> initial = {};  // little-endian
};

struct KernelText {
  std::size_t line = 0;
  std::string name;
  std::vector<VariableText> parameters;
  std::vector<VariableText> variables;        // shared and local
  std::map<std::string, unsigned> registers;  // width in bits; 1 for a predicate
  std::map<std::string, std::size_t> labels;  // index of the statement that follows
  std::vector<StatementText> statements;
  std::size_t max_threads = 1024;  // of a block
};

struct ModuleText {
  std::string target;  // "sm_90"
  std::vector<VariableText> variables;
  std::vector<KernelText> kernels;
};

// Throws Refused.
ModuleText parse_module(std::string_view text);

}  // namespace mcnc::ptx

#endif  // MCNC_TESTS_CUDA_PTX_SYNTAX_H_
