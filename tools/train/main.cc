// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The mcnc-train program: what its command line may say.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <sstream>
#include <system_error>
#include <thread>

#include "common/command_line.h"
#include "common/description.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/program.h"
#include "common/report.h"
#include "train/mlp.h"
#include "train/options.h"
#include "train/run.h"
#include "version.h"

namespace mcnc::tools {
namespace {

constexpr std::uint32_t kMaxHidden = 32;

// The frequency of a code step: a power of two from 2^-24 to 2^7, written 0.03125, 1/32 or 2^-5.
std::optional<std::uint32_t> frequency_of(std::string_view text) {
  const auto number = [](std::string_view digits) -> std::optional<double> {
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const std::size_t sign = text.find_first_of("/^");
  const std::optional<double> left = number(text.substr(0, sign));
  const std::optional<double> right = sign == std::string_view::npos ? 1.0 : number(text.substr(sign + 1));
  if (!left || !right) return std::nullopt;
  const bool is_power = sign != std::string_view::npos && text[sign] == '^';
  const double frequency = (is_power ? std::pow(*left, *right) : *left / *right) * 0x1p24;
  if (!(frequency >= 1 && frequency <= 0x1p31)) return std::nullopt;
  const auto whole = static_cast<std::uint32_t>(frequency);
  if (frequency != whole || !std::has_single_bit(whole)) return std::nullopt;
  return whole;
}

template <typename Value>
CLI::Option* add_choice(CLI::App& program, const std::string& name, const std::map<std::string, Value>& choices,
                        Value& value, const std::string& what) {
  std::string list;
  std::string chosen;
  for (const auto& [text, choice] : choices) {
    list += (list.empty() ? "" : " ") + text;
    if (choice == value) chosen = text;
  }
  const auto parse = [&value, choices, name](const std::string& text) { value = choose(name, text, choices); };
  return program.add_option_function<std::string>(name, parse, what + ": " + list)
      ->type_name("TYPE")
      ->default_str(chosen);
}

void add_network(CLI::App& program, TrainOptions& options) {
  const std::string group = "Network";
  program.add_option("--hidden", options.hidden, "Widths of the hidden layers")
      ->type_name("N,N,...")
      ->delimiter(',')
      ->expected(1, static_cast<int>(kMaxHidden))
      ->check(whole_number(1, kLargestWidth))
      ->capture_default_str()
      ->group(group);
  add_choice<DType>(program, "--dtype", {{"f32", DType::kF32}, {"f16", DType::kF16}, {"bf16", DType::kBf16}},
                    options.dtype, "What the weights decode to")
      ->group(group);
}

void add_codes(CLI::App& program, TrainOptions& options, std::vector<CLI::Option*>& added) {
  EncoderOptions& encoder = options.encoder;
  const auto number = [&](const std::string& name, std::uint32_t& value, std::uint32_t most, const std::string& what) {
    added.push_back(program.add_option(name, value, what)->type_name("N")->check(whole_number(1, most)));
    added.back()->capture_default_str();
  };
  number("--code-dim", encoder.code_dim, 65536, "k, numbers in a code");
  number("--chunk-dim", encoder.chunk_dim, 1U << 24, "d, weights made of one code");
  number("--codes-per-chunk", encoder.codes_per_chunk, 65536, "m, codes summed in one chunk");
  added.push_back(
      program.add_option("--generator-hidden", encoder.hidden, "Widths of more sine layers before the last")
          ->type_name("N,N,...")
          ->delimiter(',')
          ->expected(1, 15)
          ->check(whole_number(1, 65536)));
  const auto parse_step = [&encoder](const std::string& text) {
    const std::optional<std::uint32_t> frequency = frequency_of(text);
    if (!frequency) {
      throw CLI::ValidationError("--code-step", "\"" + text + "\" is not a power of two such as 1/32 or 2^-5");
    }
    encoder.frequency = *frequency;
  };
  added.push_back(program
                      .add_option_function<std::string>("--code-step", parse_step,
                                                        "What one step of a code is; larger: smaller file")
                      ->type_name("2^N")
                      ->default_str("2^" + std::to_string(std::countr_zero(encoder.frequency) - 24)));
  added.push_back(add_choice<AlphaType>(program, "--alpha-type",
                                        {{"int8", AlphaType::kInt8}, {"int16", AlphaType::kInt16}}, encoder.alpha_type,
                                        "Type of the codes"));
  added.push_back(add_choice<BetaType>(program, "--beta-type",
                                       {{"f32", BetaType::kF32}, {"f16", BetaType::kF16}, {"bf16", BetaType::kBf16}},
                                       encoder.beta_type, "Type of the scale of each code"));
  added.push_back(program.add_flag("--per-tensor", encoder.per_tensor, "Start every tensor with a chunk of its own"));
  for (CLI::Option* option : added) option->group("Codes");
}

void add_training(CLI::App& program, TrainOptions& options) {
  const std::string group = "Training";
  program.add_option("--epochs", options.epochs, "Times that every image is seen")
      ->type_name("N")
      ->check(whole_number(1, 100'000))
      ->capture_default_str()
      ->group(group);
  program.add_option("--batch-size", options.batch_size, "Images in a step")
      ->type_name("N")
      ->check(whole_number(1, 65536))
      ->capture_default_str()
      ->group(group);
  program.add_option("--seed", options.seed, "Of the generator, the first weights and the order of the images")
      ->type_name("N")
      ->check(whole_number(0, std::numeric_limits<std::int64_t>::max()))
      ->capture_default_str()
      ->group(group);
  program.add_option("--threads", options.threads, "Threads; the result does not depend on them")
      ->type_name("N")
      ->check(whole_number(1, 1024))
      ->default_str("all cores")
      ->group(group);
}

void add_output(CLI::App& program, TrainOptions& options) {
  const std::string group = "Output";
  program.add_option("-o,--output", options.output, "The .mcnc file; with --dense also a .safetensors file")
      ->type_name("FILE")
      ->group(group);
  program.add_flag("-f,--force", options.force, "Replace files that exist")->group(group);
  program
      .add_option("--report", options.report, "A page of HTML: loss and accuracy by epoch, how codes are distributed")
      ->type_name("FILE")
      ->group(group);
  program.add_option("--name", options.name, "general.name in the file")->type_name("TEXT")->group(group);
  program.add_option("--license", options.license, "general.license in the file, an SPDX expression")
      ->type_name("SPDX")
      ->group(group);
  program.add_flag("--json", options.json, "Print the result as one JSON object")->group(group);
}

void refuse_given(const std::vector<CLI::Option*>& options, const std::string& other) {
  for (const CLI::Option* option : options) {
    if (option->count() > 0) throw CLI::ExcludesError(option->get_name(), other);
  }
}

int run(int argc, char** argv) {
  CLI::App program("Trains a classifier of images as a seed and codes, and writes a .mcnc file.", kProgram);
  program.set_version_flag("-v,--version", std::string(kProgram) + " " + kVersion + " (format 1.0)");
  program.set_help_flag("-h,--help", "Print this help");
  add_describe(program);
  program.get_formatter()->label("REQUIRED", "");
  program.get_formatter()->column_width(36);
  program.footer(
      std::string("Without --output the file is made in memory only. Images are IDX files as of MNIST:\n"
                  "DIR/train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and\n"
                  "t10k-labels-idx1-ubyte, each with or without .gz.\n\n"
                  "The network is an MLP, x -> relu(W x + b) in each layer but the last; the largest output is\n"
                  "the class. Its inputs are the pixels of an image row by row, each as ") +
      kInputText +
      ". A file for\n--evaluate holds fc1.weight (width x inputs, as torch.nn.Linear has it), fc1.bias, "
      "fc2.weight, ...,\nnothing else, as F32, F16 or BF16, trained on inputs of that scale.\n\n" +
      kExitCodes);
  TrainOptions options;
  options.threads = std::max(1U, std::thread::hardware_concurrency());

  program.add_option("--data", options.data, "Directory of the data set")->required()->type_name("DIR");
  program.add_option("--evaluate", options.evaluate, "Measure this .mcnc or .safetensors file instead of training")
      ->type_name("FILE");
  program.add_flag("--dense", options.dense, "Train the weights themselves: no codes");
  std::vector<CLI::Option*> codes;
  add_network(program, options);
  add_codes(program, options, codes);
  add_training(program, options);
  add_output(program, options);

  try {
    program.parse(argc, argv);
    if (options.dense) refuse_given(codes, "--dense");
    if (!options.evaluate.empty())
      refuse_given({program.get_option("--dense"), program.get_option("--output"), program.get_option("--report")},
                   "--evaluate");
  } catch (const CLI::Success& help_or_version) {
    std::ostringstream text;
    program.exit(help_or_version, text, text);
    return report(kProgram, "", print(text.str()));
  } catch (const CLI::ParseError& error) {
    return report(kProgram, "", {ErrorCode::kArgument, "", mistake_text(program, error)});
  }
  hold_interrupts();
  return options.evaluate.empty() ? report(kProgram, "", run_training(options))
                                  : report(kProgram, options.evaluate, run_evaluation(options));
}

}  // namespace
}  // namespace mcnc::tools

int main(int argc, char** argv) {
  return mcnc::tools::run_program(mcnc::tools::kProgram, mcnc::tools::run, argc, argv);
}
