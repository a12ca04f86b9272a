// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cuda/ptx/fault.h"
#include "cuda/ptx/operations.h"
#include "cuda/ptx/program.h"

namespace mcnc::ptx {
namespace {

using Kind = OperandText::Kind;

constexpr std::array<std::pair<std::string_view, Special>, 13> kSpecials{{{"%tid.x", Special::kTidX},
                                                                          {"%tid.y", Special::kTidY},
                                                                          {"%tid.z", Special::kTidZ},
                                                                          {"%ntid.x", Special::kNtidX},
                                                                          {"%ntid.y", Special::kNtidY},
                                                                          {"%ntid.z", Special::kNtidZ},
                                                                          {"%ctaid.x", Special::kCtaidX},
                                                                          {"%ctaid.y", Special::kCtaidY},
                                                                          {"%ctaid.z", Special::kCtaidZ},
                                                                          {"%nctaid.x", Special::kNctaidX},
                                                                          {"%nctaid.y", Special::kNctaidY},
                                                                          {"%nctaid.z", Special::kNctaidZ},
                                                                          {"%laneid", Special::kLaneId}}};

// What an opcode of ld or st says; see memory_access.
struct MemoryAccess {
  Space space = Space::kGeneric;
  bool non_coherent = false;
  std::size_t count = 1;  // of elements
  std::size_t element_size = 0;
  bool is_signed = false;
};

std::vector<std::string_view> split(std::string_view opcode) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= opcode.size();) {
    const std::size_t end = std::min(opcode.find('.', begin), opcode.size());
    parts.push_back(opcode.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

template <std::size_t kSize>
bool is_one_of(std::string_view part, const std::array<std::string_view, kSize>& all) {
  return std::ranges::find(all, part) != all.end();
}

// ld or st, then: a space; nc; hints for caches, which change nothing that can be seen; v2, v4 or v8; a type. Anything
// else is refused: orders and scopes of memory among it.
std::optional<MemoryAccess> memory_access(std::string_view opcode) {
  constexpr std::array<std::pair<std::string_view, Space>, 6> kSpaces{{{"global", Space::kGlobal},
                                                                       {"const", Space::kConst},
                                                                       {"shared", Space::kShared},
                                                                       {"shared::cta", Space::kShared},
                                                                       {"local", Space::kLocal},
                                                                       {"param", Space::kParam}}};
  constexpr std::array<std::string_view, 4> kLoadHints{"ca", "cg", "cs", "lu"};
  constexpr std::array<std::string_view, 4> kStoreHints{"wb", "cg", "cs", "wt"};
  constexpr std::array<std::string_view, 8> kHints{"L1::evict_normal", "L1::evict_unchanged",
                                                   "L1::evict_first",  "L1::evict_last",
                                                   "L1::no_allocate",  "L2::64B",
                                                   "L2::128B",         "L2::256B"};
  constexpr std::array<std::pair<std::string_view, std::size_t>, 3> kVectors{{{"v2", 2}, {"v4", 4}, {"v8", 8}}};
  constexpr std::array<std::string_view, 14> kTypes{"b8",  "u8",  "s8",  "b16", "u16", "s16", "b32",
                                                    "u32", "s32", "f32", "b64", "u64", "s64", "f64"};
  const std::vector<std::string_view> parts = split(opcode);
  const bool is_load = parts[0] == "ld";
  MemoryAccess access;
  std::size_t next = 1;
  const auto at = [&] { return next < parts.size() ? parts[next] : std::string_view(); };
  for (const auto& [name, space] : kSpaces) {
    if (at() == name) access.space = space, ++next;
  }
  if (is_load && access.space == Space::kGlobal && at() == "nc") access.non_coherent = true, ++next;
  if (access.space != Space::kParam) {
    if (is_one_of(at(), is_load ? kLoadHints : kStoreHints)) ++next;
    while (is_one_of(at(), kHints)) ++next;
  }
  for (const auto& [name, count] : kVectors) {
    if (at() == name) access.count = count, ++next;
  }
  if (!is_one_of(at(), kTypes) || next + 1 != parts.size()) return std::nullopt;
  const std::string_view bits = at().substr(1);
  access.element_size = bits == "8" ? 1U : bits == "16" ? 2U : bits == "32" ? 4U : 8U;
  access.is_signed = at()[0] == 's';
  if (!is_load && (access.space == Space::kConst || access.space == Space::kParam)) return std::nullopt;
  if (access.count * access.element_size > (access.space == Space::kGlobal ? 32U : 16U)) return std::nullopt;
  return access;
}

class Compiler {
 public:
  Compiler(const ModuleText& module, const KernelText& kernel, const std::map<std::string, Address>& symbols)
      : module_(module), kernel_(kernel), symbols_(symbols) {}

  Program run() {
    program_.name = kernel_.name;
    program_.max_threads = kernel_.max_threads;
    for (const auto& [name, width] : kernel_.registers) registers_[name] = new_register(width);
    for (const VariableText& parameter : kernel_.parameters) {
      const std::size_t offset = place(parameter, program_.parameter_bytes);
      program_.parameters.push_back({offset, parameter.size});
    }
    std::vector<VariableText> shared;
    for (const auto* variables : {&module_.variables, &kernel_.variables}) {
      for (const VariableText& variable : *variables) {
        if (variable.space == "shared") shared.push_back(variable);
        if (variable.space == "local") place(variable, program_.local_bytes);
      }
    }
    // An array that the launch gives a size follows all others.
    std::stable_partition(shared.begin(), shared.end(),
                          [](const VariableText& variable) { return variable.size != 0; });
    for (const VariableText& variable : shared) place(variable, program_.shared_bytes);
    for (const StatementText& statement : kernel_.statements) program_.code.push_back(instruction(statement));
    return std::move(program_);
  }

 private:
  [[noreturn]] static void refuse(const StatementText& statement, const std::string& why) {
    throw Refused("line " + std::to_string(statement.line) + ", " + statement.opcode + ": " + why);
  }

  std::size_t place(const VariableText& variable, std::size_t& used) {
    if (variable.is_initialized) {
      throw Refused("line " + std::to_string(variable.line) + ": " + variable.space +
                    " variables have no initial value");
    }
    used = (used + variable.alignment - 1) / variable.alignment * variable.alignment;
    const std::size_t offset = used;
    offsets_[variable.name] = {variable.space, offset};
    used += variable.size;
    return offset;
  }

  Register new_register(unsigned width) {
    const std::size_t lane_bytes = width == 64 ? 8 : width == 16 ? 2 : 4;
    Register where;
    where.offset = static_cast<std::uint32_t>(program_.register_bytes);
    where.index = static_cast<std::uint32_t>(program_.registers);
    where.width = width;
    program_.register_bytes += kLanes * lane_bytes;
    ++program_.registers;
    return where;
  }

  Register constant(std::uint64_t value, unsigned width) {
    const auto [found, is_new] = constants_.try_emplace({value, width});
    if (is_new) {
      found->second = new_register(width);
      program_.constants.push_back({found->second, value});
    }
    return found->second;
  }

  // A register, or what may stand for one; width 0: any width.
  Register source(const StatementText& statement, const OperandText& operand, unsigned width) {
    if (operand.kind == Kind::kNumber) {
      const auto value = static_cast<std::int64_t>(operand.number);
      if (width == 1) return constant(value == 0 ? 0 : ~std::uint64_t{0}, 1);  // "interpreted as in C"
      if (width < 64 && (value < -(std::int64_t{1} << (width - 1)) || value >= std::int64_t{1} << width)) {
        refuse(statement, "a number has more than " + std::to_string(width) + " bits");
      }
      return constant(operand.number & (~std::uint64_t{0} >> (64 - width)), width);
    }
    if (operand.kind != Kind::kName) refuse(statement, "an operand of a kind that is not known here");
    for (const auto& [name, special] : kSpecials) {
      if (operand.name != name) continue;
      const auto [found, is_new] = program_.specials.try_emplace(special);
      if (is_new) found->second = new_register(32);
      return found->second;
    }
    const auto found = registers_.find(operand.name);
    if (found != registers_.end()) return found->second;
    const std::optional<std::uint64_t> address = address_of(operand.name);
    if (!address) refuse(statement, "there is no register or variable '" + operand.name + "'");
    if (!statement.opcode.starts_with("mov.")) refuse(statement, "a variable stands for a register");
    return constant(*address, width);
  }

  // Of a variable, in its own space.
  std::optional<std::uint64_t> address_of(const std::string& name) const {
    if (const auto own = offsets_.find(name); own != offsets_.end()) return own->second.second;
    if (const auto global = symbols_.find(name); global != symbols_.end()) return global->second;
    return std::nullopt;
  }

  // width: for _, which takes what nobody wants.
  Register destination(const StatementText& statement, const OperandText& operand, unsigned width) {
    if (operand.kind != Kind::kName) refuse(statement, "what is written must be a register");
    if (operand.name == "_") return new_register(width);
    const auto found = registers_.find(operand.name);
    if (found == registers_.end()) refuse(statement, "there is no register '" + operand.name + "'");
    return found->second;
  }

  Instruction instruction(const StatementText& statement) {
    Instruction result;
    result.line = statement.line;
    if (!statement.guard.empty()) {
      const auto guard = registers_.find(statement.guard);
      if (guard == registers_.end() || guard->second.width != 1) refuse(statement, "the guard is not a predicate");
      result.has_guard = true;
      result.guard_is_negated = statement.guard_is_negated;
      result.guard = guard->second;
    }
    const std::string& opcode = statement.opcode;
    if (opcode == "bra" || opcode == "bra.uni") {
      if (statement.operands.size() != 1) refuse(statement, "one label is expected");
      result.kind = Instruction::Kind::kBranch;
      result.target = kernel_.labels.at(statement.operands[0].name);
    } else if (opcode == "ret" || opcode == "exit") {
      if (!statement.operands.empty()) refuse(statement, "there is nothing to return");
      result.kind = Instruction::Kind::kExit;
    } else if (opcode == "bar.sync" || opcode == "barrier.sync") {
      if (statement.operands.size() != 1 || statement.operands[0].kind != Kind::kNumber) {
        refuse(statement, "barriers of a part of the threads are not known");
      }
      result.kind = Instruction::Kind::kBarrier;
    } else if (opcode.starts_with("ld.")) {
      load(statement, result);
    } else if (opcode.starts_with("st.")) {
      store(statement, result);
    } else if (opcode == "atom.global.or.b32" || opcode == "red.global.or.b32") {
      atomic_or(statement, result);
    } else {
      operation(statement, result);
    }
    return result;
  }

  MemoryAccess access_of(const StatementText& statement) const {
    const std::optional<MemoryAccess> access = memory_access(statement.opcode);
    if (!access) refuse(statement, "the instruction or one of its modifiers is not known");
    if (statement.operands.size() != 2) refuse(statement, "an address and a value are expected");
    return *access;
  }

  static std::vector<OperandText> elements(const StatementText& statement, const OperandText& operand,
                                           std::size_t count) {
    if (count == 1 && operand.kind != Kind::kVector) return {operand};
    if (operand.kind != Kind::kVector || operand.parts.size() != count) {
      refuse(statement, std::to_string(count) + " registers are expected");
    }
    return operand.parts;
  }

  void address(const StatementText& statement, const OperandText& operand, const MemoryAccess& access,
               Instruction& result) {
    if (operand.kind != Kind::kAddress) refuse(statement, "an address is expected");
    result.space = access.space;
    result.non_coherent = access.non_coherent;
    result.element_size = access.element_size;
    result.sign_extends = access.is_signed;
    result.address_offset = operand.number;
    const auto found = registers_.find(operand.name);
    if (found != registers_.end()) {
      if (found->second.width < 32) refuse(statement, "an address has 32 or 64 bits");
      result.registers.push_back(found->second);
      return;
    }
    const std::optional<std::uint64_t> base = operand.name.empty() ? 0 : address_of(operand.name);
    if (!base) refuse(statement, "there is no register or variable '" + operand.name + "'");
    result.registers.push_back(constant(*base, 64));
  }

  void load(const StatementText& statement, Instruction& result) {
    const MemoryAccess access = access_of(statement);
    result.kind = Instruction::Kind::kLoad;
    for (const OperandText& element : elements(statement, statement.operands[0], access.count)) {
      const Register where =
          destination(statement, element, static_cast<unsigned>(std::max<std::size_t>(16, 8 * access.element_size)));
      if (where.width < 8 * access.element_size) refuse(statement, "the register is too narrow");
      result.registers.push_back(where);
    }
    result.destinations = access.count;
    address(statement, statement.operands[1], access, result);
  }

  void store(const StatementText& statement, Instruction& result) {
    const MemoryAccess access = access_of(statement);
    result.kind = Instruction::Kind::kStore;
    address(statement, statement.operands[0], access, result);
    for (const OperandText& element : elements(statement, statement.operands[1], access.count)) {
      const Register where =
          source(statement, element, static_cast<unsigned>(std::max<std::size_t>(16, 8 * access.element_size)));
      if (where.width < 8 * access.element_size) refuse(statement, "the register is too narrow");
      result.registers.push_back(where);
    }
  }

  void atomic_or(const StatementText& statement, Instruction& result) {
    result.kind = Instruction::Kind::kAtomicOr;
    result.destinations = statement.opcode.starts_with("atom") ? 1 : 0;
    if (statement.operands.size() != result.destinations + 2) refuse(statement, "an address and bits are expected");
    if (result.destinations == 1) result.registers.push_back(destination(statement, statement.operands[0], 32));
    MemoryAccess access;
    access.space = Space::kGlobal;
    access.element_size = 4;
    address(statement, statement.operands[result.destinations], access, result);
    result.registers.push_back(source(statement, statement.operands[result.destinations + 1], 32));
    if (result.registers.back().width != 32) refuse(statement, "32 bits are expected");
  }

  // Instructions of the table. What is written with braces or a bar has a name of its own there.
  void operation(const StatementText& statement, Instruction& result) {
    std::vector<OperandText> operands;
    std::string name = statement.opcode;
    for (std::size_t i = 0; i < statement.operands.size(); ++i) {
      const OperandText& operand = statement.operands[i];
      if (operand.kind == Kind::kVector && name.starts_with("mov.")) {
        name = (i == 0 ? "unpack" : "pack") + std::to_string(operand.parts.size()) + name.substr(3);
      } else if (operand.kind == Kind::kVector && name.starts_with("mma.")) {
        name.append(1, '/').append(std::to_string(operand.parts.size()));
      } else if (operand.kind == Kind::kPair && i == 0) {
        name = "pair." + name;
      } else if (operand.kind == Kind::kPair || operand.kind == Kind::kVector) {
        refuse(statement, "an operand of a kind that is not known here");
      } else {
        operands.push_back(operand);
        continue;
      }
      operands.insert(operands.end(), operand.parts.begin(), operand.parts.end());
    }
    const auto found = operations().find(name);
    if (found == operations().end()) refuse(statement, "the instruction or one of its modifiers is not known");
    const Operation& known = found->second;
    if (operands.size() != known.destinations.size() + known.sources.size()) {
      refuse(statement, std::to_string(known.destinations.size() + known.sources.size()) + " operands are expected");
    }
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const bool is_destination = i < known.destinations.size();
      const unsigned wanted = is_destination ? known.destinations[i] : known.sources[i - known.destinations.size()];
      const unsigned width = wanted == 8 ? 16 : wanted;
      const Register where =
          is_destination ? destination(statement, operands[i], width) : source(statement, operands[i], width);
      const bool fits = known.by_width != nullptr ? where.width >= width : where.width == width;
      if (!fits) {
        refuse(statement, "operand " + std::to_string(i + 1) + " has " + std::to_string(where.width) + " bits, not " +
                              std::to_string(width));
      }
      result.registers.push_back(where);
    }
    result.kind = known.kind;
    result.destinations = known.destinations.size();
    result.parameters = known.parameters;
    result.run =
        known.by_width != nullptr ? known.by_width(result.registers[0].width, result.registers[1].width) : known.run;
  }

  const ModuleText& module_;
  const KernelText& kernel_;
  const std::map<std::string, Address>& symbols_;
  Program program_;
  std::map<std::string, Register> registers_;
  std::map<std::string, std::pair<std::string, std::size_t>> offsets_;  // of variables and parameters, with their space
  std::map<std::pair<std::uint64_t, unsigned>, Register> constants_;
};

}  // namespace

Program compile(const ModuleText& module, const KernelText& kernel, const std::map<std::string, Address>& symbols) {
  return Compiler(module, kernel, symbols).run();
}

}  // namespace mcnc::ptx
