// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Runs one instruction in the lanes of a warp, for operations_test.py, which knows what must come out.
//
// With no argument it prints what the table of instructions has: an opcode a line, then the widths of its destinations
// and, after '=', of its sources. With one, whatever it is, it reads lines from standard input:
//   text of a PTX kernel body # widths of results # widths of inputs # numbers of lane 0, of lane 1, ...
// where the body computes %o0, %o1 ... from %i0, %i1 ..., and every number is hexadecimal. For each it prints a line
// with the results of all lanes. Registers are %i and %o of 16, 32 or 64 bits, and predicates for width 1.
#include <cstdint>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "cuda/ptx/device.h"
#include "cuda/ptx/fault.h"
#include "cuda/ptx/operations.h"

namespace {

using mcnc::ptx::Address;
using mcnc::ptx::Device;
using mcnc::ptx::kLanes;

void list() {
  for (const auto& [name, operation] : mcnc::ptx::operations()) {
    std::cout << name;
    for (const unsigned width : operation.destinations) std::cout << ' ' << width;
    std::cout << " =";
    for (const unsigned width : operation.sources) std::cout << ' ' << width;
    std::cout << '\n';
  }
}

std::vector<unsigned> widths_of(const std::string& text) {
  std::vector<unsigned> widths;
  std::istringstream in(text);
  for (unsigned width; in >> width;) widths.push_back(width);
  return widths;
}

// Inputs and results are (lane, number) arrays of 64-bit numbers in global memory.
std::string kernel_of(const std::string& body, const std::vector<unsigned>& results,
                      const std::vector<unsigned>& inputs) {
  std::ostringstream ptx;
  ptx << ".version 9.0\n.target sm_90\n.address_size 64\n"
         ".visible .entry lanes(.param .u64 in, .param .u64 out)\n{\n"
         ".reg .b32 %t; .reg .b64 %p, %q, %w;\n";
  const auto declare = [&](const char* prefix, const std::vector<unsigned>& widths) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      ptx << ".reg " << (widths[i] == 1 ? ".pred" : ".b" + std::to_string(widths[i])) << ' ' << prefix << i << ";\n";
    }
  };
  declare("%i", inputs);
  declare("%o", results);
  ptx << "mov.u32 %t, %tid.x;\nld.param.u64 %p, [in];\nld.param.u64 %q, [out];\n";
  ptx << "mad.wide.u32 %p, %t, " << 8 * inputs.size() << ", %p;\n";
  ptx << "mad.wide.u32 %q, %t, " << 8 * results.size() << ", %q;\n";
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == 1) {
      ptx << "ld.global.u64 %w, [%p+" << 8 * i << "];\nsetp.ne.u64 %i" << i << ", %w, 0;\n";
    } else {
      ptx << "ld.global.b" << inputs[i] << " %i" << i << ", [%p+" << 8 * i << "];\n";
    }
  }
  ptx << body << '\n';
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i] == 1) {
      ptx << "selp.u64 %w, 1, 0, %o" << i << ";\n";
    } else {
      ptx << "cvt.u64.u" << results[i] << " %w, %o" << i << ";\n";
    }
    ptx << "st.global.u64 [%q+" << 8 * i << "], %w;\n";
  }
  ptx << "ret;\n}\n";
  return ptx.str();
}

void run(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, '#');) fields.push_back(field);
  if (fields.size() != 4) throw mcnc::ptx::Refused("four fields are expected: " + line);
  const std::vector<unsigned> results = widths_of(fields[1]);
  const std::vector<unsigned> inputs = widths_of(fields[2]);
  std::vector<std::uint64_t> numbers;
  std::istringstream list(fields[3]);
  for (std::string number; list >> number;) numbers.push_back(std::stoull(number, nullptr, 16));
  if (numbers.size() != inputs.size() * kLanes) throw mcnc::ptx::Refused("32 lanes are expected: " + line);
  Device device(kernel_of(fields[0], results, inputs));
  const Address from = device.upload<std::uint64_t>("inputs", numbers);
  const Address to = device.allocate("results", results.size() * kLanes * 8);
  device.launch("lanes", {.grid = {}, .block = {.x = kLanes}}, from, to);
  for (const std::uint64_t number : device.download<std::uint64_t>(to, results.size() * kLanes)) {
    std::cout << std::hex << number << ' ';
  }
  std::cout << '\n';
}

}  // namespace

int main(int argc, char**) {
  try {
    if (argc == 1) {
      list();
    } else {
      for (std::string line; std::getline(std::cin, line);) run(line);
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
