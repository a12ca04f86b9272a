// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A kernel ready to be run: names have become registers and addresses, opcodes functions.
#ifndef MCNC_TESTS_CUDA_PTX_PROGRAM_H_
#define MCNC_TESTS_CUDA_PTX_PROGRAM_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cuda/ptx/memory.h"
#include "cuda/ptx/syntax.h"
#include "cuda/ptx/warp.h"

namespace mcnc::ptx {

// Registers that say which thread this is.
enum class Special : std::uint8_t {
  kTidX,
  kTidY,
  kTidZ,
  kNtidX,
  kNtidY,
  kNtidZ,
  kCtaidX,
  kCtaidY,
  kCtaidZ,
  kNctaidX,
  kNctaidY,
  kNctaidZ,
  kLaneId
};

struct Program {
  struct Parameter {
    std::size_t offset = 0;
    std::size_t size = 0;
  };
  struct Constant {
    Register where;
    std::uint64_t value = 0;
  };

  std::string name;
  std::vector<Instruction> code;
  std::vector<Parameter> parameters;
  std::size_t parameter_bytes = 0;
  std::size_t registers = 0;
  std::size_t register_bytes = 0;
  std::vector<Constant> constants;
  std::map<Special, Register> specials;
  std::size_t shared_bytes = 0;  // of variables of a known size; what a launch asks for follows
  std::size_t local_bytes = 0;   // of a thread
  std::size_t max_threads = 1024;
};

// symbols: addresses of the global and constant variables of the module. Throws Refused.
Program compile(const ModuleText& module, const KernelText& kernel, const std::map<std::string, Address>& symbols);

}  // namespace mcnc::ptx

#endif  // MCNC_TESTS_CUDA_PTX_PROGRAM_H_
