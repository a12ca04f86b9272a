// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/ptx/syntax.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "cuda/ptx/fault.h"
#include "cuda/ptx/tokens.h"

namespace mcnc::ptx {
namespace {

// Bytes of an element of a type, 0 where it is not known.
std::size_t size_of_type(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 15> kSizes{{{".b8", 1},
                                                                             {".u8", 1},
                                                                             {".s8", 1},
                                                                             {".b16", 2},
                                                                             {".u16", 2},
                                                                             {".s16", 2},
                                                                             {".f16", 2},
                                                                             {".b32", 4},
                                                                             {".u32", 4},
                                                                             {".s32", 4},
                                                                             {".f32", 4},
                                                                             {".b64", 8},
                                                                             {".u64", 8},
                                                                             {".s64", 8},
                                                                             {".f64", 8}}};
  for (const auto& [name, size] : kSizes) {
    if (name == type) return size;
  }
  return 0;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(tokenize(text)) {}

  ModuleText module() {
    ModuleText module;
    tokens_.expect(".version");
    tokens_.take();
    tokens_.expect(".target");
    module.target = tokens_.take();
    tokens_.expect(".address_size");
    tokens_.expect("64");
    while (!tokens_.is_at_end()) {
      while (tokens_.take_if(".visible") || tokens_.take_if(".extern") || tokens_.take_if(".weak")) {
      }
      if (tokens_.take_if(".entry")) {
        module.kernels.push_back(kernel());
      } else if (is_space(tokens_.peek())) {
        module.variables.push_back(variable());
      } else {
        tokens_.refuse("neither a kernel nor a variable; functions that are not inlined are not run");
      }
    }
    return module;
  }

 private:
  // Registers and labels of braces inside a function are its own: they are renamed where they would hide others.
  struct Scope {
    std::map<std::string, std::string> names;
  };

  static bool is_space(std::string_view token) {
    return token == ".global" || token == ".const" || token == ".shared" || token == ".local";
  }

  std::size_t integer(const std::string& token) const {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (error != std::errc() || end != token.data() + token.size()) tokens_.refuse("'" + token + "' is not a size");
    return value;
  }

  // .space [.align n] .type name [ [count] ] [= {..} | = x]; the caller has taken what precedes it.
  VariableText variable() {
    VariableText variable = typed_name(tokens_.take().substr(1));
    if (tokens_.take_if("=")) {
      variable.is_initialized = true;
      const bool is_list = tokens_.take_if("{");
      do {
        append(variable, number());
      } while (is_list && tokens_.take_if(","));
      if (is_list) tokens_.expect("}");
      if (variable.initial.size() > variable.size) tokens_.refuse("more values than the variable has room for");
    }
    tokens_.expect(";");
    return variable;
  }

  VariableText typed_name(std::string space) {
    VariableText variable;
    variable.line = tokens_.line();
    variable.space = std::move(space);
    std::optional<std::size_t> alignment;
    if (tokens_.take_if(".align")) alignment = integer(tokens_.take());
    element_size_ = size_of_type(tokens_.peek());
    if (element_size_ == 0) tokens_.refuse("a type is expected here");
    tokens_.take();
    variable.alignment = alignment.value_or(element_size_);
    // What is said of the memory that a parameter points to.
    if (tokens_.take_if(".ptr")) {
      if (is_space(tokens_.peek())) tokens_.take();
      if (tokens_.take_if(".align")) tokens_.take();
    }
    if (!is_name(tokens_.peek())) tokens_.refuse("a name is expected here");
    variable.name = tokens_.take();
    variable.size = element_size_;
    if (tokens_.take_if("[")) {
      variable.size = tokens_.peek() == "]" ? 0 : element_size_ * integer(tokens_.take());
      tokens_.expect("]");
    }
    return variable;
  }

  void append(VariableText& variable, const OperandText& value) const {
    for (std::size_t i = 0; i < element_size_; ++i) {
      variable.initial.push_back(static_cast<std::uint8_t>(value.number >> (8 * i)));
    }
  }

  KernelText kernel() {
    KernelText kernel;
    kernel.line = tokens_.line();
    kernel.name = tokens_.take();
    tokens_.expect("(");
    while (!tokens_.take_if(")")) {
      tokens_.expect(".param");
      kernel.parameters.push_back(typed_name("param"));
      if (tokens_.peek() != ")") tokens_.expect(",");
    }
    while (!tokens_.take_if("{")) bounds(kernel);
    scopes_.assign(1, {});
    while (!scopes_.empty()) body(kernel);
    for (StatementText& statement : kernel.statements) {
      if (statement.opcode.starts_with("bra") && statement.operands.size() == 1 &&
          !kernel.labels.contains(statement.operands[0].name)) {
        throw Refused("line " + std::to_string(statement.line) + ": there is no label " + statement.operands[0].name);
      }
    }
    return kernel;
  }

  // What stands between the parameters and the body.
  void bounds(KernelText& kernel) {
    const std::string directive = tokens_.take();
    if (directive != ".maxntid" && directive != ".reqntid" && directive != ".minnctapersm" && directive != ".maxnreg") {
      tokens_.refuse("after '" + directive + "', which is not known");
    }
    std::size_t product = 1;
    do {
      product *= integer(tokens_.take());
    } while (tokens_.take_if(","));
    if (directive == ".maxntid" || directive == ".reqntid") kernel.max_threads = product;
  }

  // One statement, declaration, label or brace.
  void body(KernelText& kernel) {
    if (tokens_.take_if("{")) {
      scopes_.emplace_back();
    } else if (tokens_.take_if("}")) {
      scopes_.pop_back();
    } else if (tokens_.take_if(".reg")) {
      registers(kernel);
    } else if (is_space(tokens_.peek())) {
      kernel.variables.push_back(variable());
    } else if (tokens_.take_if(".pragma")) {
      if (tokens_.take() != "\"nounroll\"") tokens_.refuse("a pragma that is not known");
      tokens_.expect(";");
    } else {
      statement(kernel);
    }
  }

  void registers(KernelText& kernel) {
    const std::string type = tokens_.take();
    const unsigned width = type == ".pred" ? 1U : static_cast<unsigned>(8 * size_of_type(type));
    if (width == 0 || width == 8) tokens_.refuse("registers of type " + type + " are not known");
    do {
      const std::string name = tokens_.take();
      if (tokens_.take_if("<")) {
        const std::size_t count = integer(tokens_.take());
        for (std::size_t i = 0; i < count; ++i) kernel.registers[declare(name + std::to_string(i), kernel)] = width;
        tokens_.expect(">");
      } else {
        kernel.registers[declare(name, kernel)] = width;
      }
    } while (tokens_.take_if(","));
    tokens_.expect(";");
  }

  std::string declare(const std::string& name, const KernelText& kernel) {
    std::string unique = name;
    while (kernel.registers.contains(unique)) unique += "'";
    scopes_.back().names[name] = unique;
    return unique;
  }

  std::string resolve(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto found = scope->names.find(name);
      if (found != scope->names.end()) return found->second;
    }
    return name;
  }

  void statement(KernelText& kernel) {
    StatementText statement;
    statement.line = tokens_.line();
    if (tokens_.take_if("@")) {
      statement.guard_is_negated = tokens_.take_if("!");
      statement.guard = resolve(tokens_.take());
    }
    statement.opcode = tokens_.take();
    if (tokens_.take_if(":")) {
      if (scopes_.size() > 1) tokens_.refuse("labels inside braces are not known");
      if (!kernel.labels.emplace(statement.opcode, kernel.statements.size()).second) {
        tokens_.refuse("the label stands twice");
      }
      return;
    }
    if (!is_name(statement.opcode)) tokens_.refuse("'" + statement.opcode + "' is not an instruction");
    if (!tokens_.take_if(";")) {
      do {
        statement.operands.push_back(operand());
      } while (tokens_.take_if(","));
      tokens_.expect(";");
    }
    kernel.statements.push_back(std::move(statement));
  }

  OperandText operand() {
    OperandText first = single_operand();
    if (!tokens_.take_if("|")) return first;
    OperandText pair;
    pair.kind = OperandText::Kind::kPair;
    pair.parts.push_back(std::move(first));
    pair.parts.push_back(single_operand());
    return pair;
  }

  OperandText single_operand() {
    OperandText operand;
    if (tokens_.take_if("!")) {
      operand.kind = OperandText::Kind::kNegated;
      operand.parts.push_back(single_operand());
    } else if (tokens_.take_if("{")) {
      operand.kind = OperandText::Kind::kVector;
      do {
        operand.parts.push_back(single_operand());
      } while (tokens_.take_if(","));
      tokens_.expect("}");
    } else if (tokens_.take_if("[")) {
      if (is_name(tokens_.peek())) operand.name = resolve(tokens_.take());
      if (operand.name.empty() || tokens_.take_if("+")) operand.number = number().number;
      operand.kind = OperandText::Kind::kAddress;
      tokens_.expect("]");
    } else if (is_name(tokens_.peek())) {
      operand.name = resolve(tokens_.take());
    } else {
      operand = number();
    }
    return operand;
  }

  // An integer, decimal or hexadecimal, or the bits of a float32.
  OperandText number() {
    OperandText operand;
    operand.kind = OperandText::Kind::kNumber;
    const bool negative = tokens_.take_if("-");
    std::string token = tokens_.take();
    int base = 10;
    if (token.starts_with("0f") || token.starts_with("0F") || token.starts_with("0x")) {
      operand.is_float = token[1] != 'x';
      if (operand.is_float && (token.size() != 10 || negative)) tokens_.refuse("'" + token + "' is not a float32");
      token.erase(0, 2);
      base = 16;
    } else if (token.ends_with("U")) {
      token.pop_back();
    }
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), operand.number, base);
    if (error != std::errc() || end != token.data() + token.size()) tokens_.refuse("'" + token + "' is not a number");
    if (negative) operand.number = 0 - operand.number;
    return operand;
  }

  Tokens tokens_;
  std::size_t element_size_ = 0;  // of the variable that is being read
  std::vector<Scope> scopes_;
};

}  // namespace

ModuleText parse_module(std::string_view text) { return Parser(text).module(); }

}  // namespace mcnc::ptx
