// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/ptx/device.h"

#include <algorithm>

#include "cuda/ptx/block.h"
#include "cuda/ptx/fault.h"

namespace mcnc::ptx {

Device::Device(std::string_view ptx) {
  const ModuleText module = parse_module(ptx);
  std::map<std::string, Address> symbols;
  for (const VariableText& variable : module.variables) {
    if (variable.space == "shared") continue;
    const bool is_constant = variable.space == "const";
    const Address address = memory_.allocate(variable.name, variable.size,
                                             is_constant ? Access::kReadOnly : Access::kReadWrite, is_constant);
    // Variables without a value begin as zeros.
    std::vector<std::uint8_t> initial = variable.initial;
    initial.resize(variable.size);
    memory_.copy_in(address, std::as_bytes(std::span(initial)));
    symbols[variable.name] = address;
  }
  for (const KernelText& kernel : module.kernels) programs_.emplace(kernel.name, compile(module, kernel, symbols));
}

std::vector<std::string> Device::kernel_names() const {
  std::vector<std::string> names;
  for (const auto& [name, program] : programs_) names.push_back(name);
  return names;
}

void Device::launch_bytes(const std::string& kernel, const LaunchShape& shape,
                          const std::vector<std::vector<std::byte>>& arguments) {
  const auto found = programs_.find(kernel);
  if (found == programs_.end()) throw Fault("there is no kernel '" + kernel + "'");
  const Program& program = found->second;
  if (arguments.size() != program.parameters.size()) {
    throw Fault(kernel + " has " + std::to_string(program.parameters.size()) + " parameters, not " +
                std::to_string(arguments.size()));
  }
  CheckedBytes parameters("the parameters", program.parameter_bytes);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& [offset, size] = program.parameters[i];
    if (arguments[i].size() != size) {
      throw Fault("parameter " + std::to_string(i) + " of " + kernel + " has " + std::to_string(size) + " bytes, not " +
                  std::to_string(arguments[i].size()));
    }
    std::ranges::copy(arguments[i], parameters.write(offset, size));
  }
  const std::size_t threads = std::size_t{shape.block.x} * shape.block.y * shape.block.z;
  if (threads == 0 || threads > program.max_threads) {
    throw Fault(kernel + " runs at most " + std::to_string(program.max_threads) + " threads a block, not " +
                std::to_string(threads));
  }
  if (std::uint64_t{shape.grid.x} * shape.grid.y * shape.grid.z * threads >= (std::uint64_t{1} << 32) - 2) {
    throw Fault("a grid of more threads than the interpreter numbers");
  }
  if (shape.grid.y > 65535 || shape.grid.z > 65535) throw Fault("a grid has at most 65535 blocks in y and z");
  memory_.begin_launch();
  Block block(program, memory_, parameters, shape, instruction_limit_);
  for (std::uint32_t z = 0; z < shape.grid.z; ++z) {
    for (std::uint32_t y = 0; y < shape.grid.y; ++y) {
      for (std::uint32_t x = 0; x < shape.grid.x; ++x) block.run({x, y, z});
    }
  }
  instructions_ += block.instructions();
}

}  // namespace mcnc::ptx
