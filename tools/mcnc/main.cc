// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The mcnc program: what its command line may say, and which command answers.

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <memory>
#include <new>
#include <sstream>

#include "arguments.h"
#include "commands.h"
#include "common/code_types.h"
#include "common/output.h"
#include "common/report.h"
#include "common/shard.h"
#include "common/units.h"

namespace mcnc::tools {
namespace {

// An input or output opened below must not become a standard stream that the caller has closed, or a message would
// land in it. What stands there instead refuses every use.
void occupy_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
    if (::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) == -1) _exit(exit_code(Code::kRead));
  }
}

void add_limit(CLI::App& command, const std::string& name, std::uint64_t step, std::uint64_t& limit,
               const std::string& what) {
  const auto parse = [&limit, name, step](const std::string& text) {
    const std::optional<std::uint64_t> quantity = parse_quantity(text, step);
    if (!quantity) throw CLI::ValidationError(name, text + " is no quantity such as 500, 64M or 2G");
    limit = *quantity;
  };
  command.add_option_function<std::string>(name, parse, what)->type_name("N");
}

void add_limits(CLI::App& command, Limits& limits) {
  const auto at_most = [](const std::string& what, const std::string& value) {
    return "Refuse files that " + what + " [" + value + "]";
  };
  add_limit(command, "--max-output-bytes", 1024, limits.output_bytes,
            at_most("decode to more bytes", human_bytes(limits.output_bytes)));
  add_limit(command, "--max-multiply-adds", 1000, limits.multiply_adds,
            at_most("take more multiply-adds", human_count(limits.multiply_adds)));
  add_limit(command, "--max-scratch-bytes", 1024, limits.scratch_bytes,
            at_most("need more memory beside their output", human_bytes(limits.scratch_bytes)));
}

void add_bases(CLI::App& command, std::vector<std::string>& bases) {
  command
      .add_option("-b,--base", bases,
                  "A model that the file starts from: safetensors, a folder or index of shards, or a .mcnc file; may "
                  "be given again")
      ->type_name("PATH")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
}

void add_decoding(CLI::App& command, DecoderOptions& decoding) {
  add_threads(command, decoding.threads);
  add_target(command, decoding.target);
}

CLI::App& add_command(CLI::App& program, const std::string& name, const std::string& what, const std::string& more) {
  CLI::App& command = *program.add_subcommand(name, what);
  command.group("Commands");
  command.footer(more + (more.empty() ? "" : "\n\n") + kExitCodes);
  return command;
}

void add_file(CLI::App& command, std::string& file) {
  command.add_option("FILE", file, "A .mcnc file; - or a named pipe: a stream")->required()->type_name("");
}

// "I/N", 1 <= I <= N.
bool parse_shard(const std::string& text, DecodeOptions& options) {
  std::istringstream stream(text);
  char slash = 0;
  stream >> options.shard >> slash >> options.shards;
  return !stream.fail() && stream.peek() == EOF && slash == '/' && options.shard >= 1 &&
         options.shard <= options.shards && options.shards <= kMaxShards;
}

// For commands that write a .mcnc file.
void add_output(CLI::App& command, std::string& output, bool& force) {
  command.add_option("-o,--output", output, "Where to write; - is standard output")->required()->type_name("OUT");
  command.add_flag("-f,--force", force, "Replace an output that exists");
}

void add_zstd_level(CLI::App& command, int& level) {
  command.add_option("--zstd-level", level, "How hard to compress, 1 to 19 [19]")
      ->check(CLI::Range(1, 19))
      ->type_name("N");
}

void add_import(CLI::App& program, int& code) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App& command =
      add_command(program, "import", "Make a file of codes and weights in safetensors files",
                  "The recipe says, in JSON, what the tensors of the safetensors files are: generators,\n"
                  "codes, theta0, weights kept as they are. spec/import.md describes it, with examples.\n"
                  "What goes to standard output is put together in the temporary folder first.");
  command.add_option("RECIPE", options->recipe, "A .json file")->required()->type_name("");
  command.add_option("--tensors", options->tensors, "More safetensors files, beside those that the recipe names")
      ->type_name("FILE");
  add_output(command, options->output, options->force);
  add_zstd_level(command, options->zstd_level);
  command.callback([options, &code] { code = import_file(*options); });
}

template <typename T, std::size_t N>
void add_choice(CLI::App& command, const std::string& name, const std::pair<std::string_view, T> (&choices)[N],
                std::optional<T>& chosen, const std::string& what) {
  std::string words;
  for (const auto& [word, value] : choices) words += (words.empty() ? "" : ", ") + std::string(word);
  const auto choose = [&choices, &chosen, name, words](const std::string& text) {
    const auto* choice = std::ranges::find(choices, text, &std::pair<std::string_view, T>::first);
    if (choice == std::end(choices)) throw CLI::ValidationError(name, text + " is none of " + words);
    chosen = choice->second;
  };
  command.add_option_function<std::string>(name, choose, what + ": " + words)->type_name("TYPE");
}

void add_transcode(CLI::App& program, int& code) {
  const auto options = std::make_shared<TranscodeOptions>();
  CLI::App& command =
      add_command(program, "transcode", "Write a file with codes of another precision or compression",
                  "Says on standard error whether the weights changed, and how far each tensor moved. Alphas that\n"
                  "become int8 or int16 are rounded to steps that take the largest of their codes table to 127 or\n"
                  "32767; generators of integer arithmetic have int8 or int16 alphas only.\n"
                  "What goes to standard output is put together in the temporary folder first.");
  add_file(command, options->file);
  add_output(command, options->output, options->force);
  add_choice(command, "--alpha-type", kAlphaTypes, options->alpha_type, "Of every alpha");
  add_choice(command, "--beta-type", kBetaTypes, options->beta_type, "Of every beta that a segment holds");
  command.add_option("--zstd-level", options->zstd_level, "How hard to compress, 1 to 19 [19]")
      ->check(CLI::Range(1, 19))
      ->type_name("N");
  add_bases(command, options->bases);
  add_decoding(command, options->decoding);
  add_limits(command, options->limits);
  command.callback([options, &code] { code = transcode(*options); });
}

void add_meta(CLI::App& program, int& code) {
  const auto options = std::make_shared<MetaOptions>();
  CLI::App& command = add_command(
      program, "meta", "Read or change what a file says about itself",
      "Metadata never changes a weight, and the weights identity stays. Keys are lower-case words joined by\n"
      "dots; where GGUF has a name, use it: general.name, general.author, general.organization,\n"
      "general.version, general.description, general.license (SPDX), general.url, general.architecture,\n"
      "general.basename, general.finetune, general.size_label.");
  add_file(command, options->file);
  command.require_subcommand(1);

  CLI::App& get = *command.add_subcommand("get", "Print the value of KEY, or every key, type and value");
  get.add_option("KEY", options->key, "Only this one")->type_name("");
  get.callback([options, &code] { code = meta(*options); });

  CLI::App& set = *command.add_subcommand("set", "Write the file with other metadata");
  set.add_option("KEY=VALUE", options->assignments,
                 "A text; KEY:int=VALUE, KEY:real=VALUE and KEY:bool=VALUE are numbers and truth values")
      ->type_name("");
  set.add_option("--remove", options->removed, "Take KEY away; may be given again")
      ->type_name("KEY")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  add_output(set, options->output, options->force);
  set.callback([options, &code] {
    options->set = true;
    code = meta(*options);
  });
}

void add_lora_alpha(CLI::App& command, std::optional<double>& lora_alpha) {
  command
      .add_option("--alpha", lora_alpha,
                  "PEFT's lora_alpha: pairs are scaled by it divided by their rank [the metadata peft.lora_alpha]; "
                  "products say their scale")
      ->type_name("N");
}

void add_export(CLI::App& program, int& code) {
  const auto options = std::make_shared<ExportOptions>();
  CLI::App& command = add_command(
      program, "export", "Write an adapter for another program",
      "The file must hold an adapter and nothing else: products of two factors called MODULE.weight, or pairs of\n"
      "tensors called MODULE.lora_A.weight and MODULE.lora_B.weight, also sliced ones with a * in MODULE.");
  add_file(command, options->file);
  command.add_flag("--peft", options->peft, "As the folder that Hugging Face PEFT loads, the only choice")->required();
  command.add_option("-o,--output", options->output, "The folder")->required()->type_name("FOLDER");
  command.add_flag("-f,--force", options->force, "Replace files that exist there");
  command.add_option("--base-name", options->base_name, "The model it is for [as the file calls its base]")
      ->type_name("NAME");
  add_lora_alpha(command, options->lora_alpha);
  command
      .add_option_function<std::string>(
          "--rank",
          [options](const std::string& text) {
            if (text == "auto") return;
            options->rank = parse_quantity(text, 1000);
            if (!options->rank) throw CLI::ValidationError("--rank", text + " is no rank");
          },
          "What the configuration calls the usual rank; others are listed [auto: the one most modules have]")
      ->type_name("N");
  command
      .add_option("--target-modules", options->target_modules,
                  "Names, separated by commas, that the modules' paths end with [auto: the paths]")
      ->delimiter(',')
      ->type_name("NAMES");
  add_bases(command, options->bases);
  add_decoding(command, options->decoding);
  add_limits(command, options->limits);
  command.callback([options, &code] {
    if (options->target_modules == std::vector<std::string>{"auto"}) options->target_modules.clear();
    code = export_peft(*options);
  });
}

void add_merge(CLI::App& program, int& code) {
  const auto options = std::make_shared<MergeOptions>();
  CLI::App& command = add_command(
      program, "merge", "Work an adapter into its base model",
      "The adapter: products of two factors called MODULE.weight, or pairs of tensors called MODULE.lora_A.weight\n"
      "and MODULE.lora_B.weight, or any file that starts from the base model. Other tensors are copied.");
  command.add_option("BASE", options->base, "safetensors, or a folder or index of shards")->required()->type_name("");
  command.add_option("ADAPTER", options->adapter, "A .mcnc file; - or a named pipe: a stream")
      ->required()
      ->type_name("");
  command.add_option("-o,--output", options->output, "A safetensors file; - is standard output")
      ->required()
      ->type_name("OUT");
  command.add_flag("-f,--force", options->force, "Replace an output that exists");
  add_lora_alpha(command, options->lora_alpha);
  add_bases(command, options->bases);
  add_decoding(command, options->decoding);
  add_limits(command, options->limits);
  command.callback([options, &code] { code = merge(*options); });
}

void add_diff(CLI::App& program, int& code) {
  const auto options = std::make_shared<DiffOptions>();
  CLI::App& command = add_command(
      program, "diff", "Say how far the weights of two models are apart",
      "Of each tensor that differs: how many elements do, the largest difference, its root mean square, and its norm\n"
      "divided by the norm of A. Ends with 0 where all is the same, else with 1.");
  command.add_option("A", options->a, "A .mcnc file, safetensors, or a folder or index of shards")
      ->required()
      ->type_name("");
  command.add_option("B", options->b, "Likewise")->required()->type_name("");
  command.add_flag("--json", options->json, "Print one JSON object");
  add_bases(command, options->bases);
  add_decoding(command, options->decoding);
  add_limits(command, options->limits);
  command.callback([options, &code] { code = diff(*options); });
}

void add_bench(CLI::App& program, int& code) {
  const auto options = std::make_shared<BenchOptions>();
  CLI::App& command = add_command(
      program, "bench", "Measure how fast this machine decodes",
      "Decodes models of several shapes into memory, with digests checked and without, beside memcpy, memset, zstd,\n"
      "and a safetensors file that the system has in memory. Every number moves with what else the machine does;\n"
      "the ratios to memcpy, each to one measured right before, move less.");
  command
      .add_option_function<std::string>(
          "--size",
          [options](const std::string& text) {
            const std::optional<std::uint64_t> size = parse_quantity(text, 1024);
            if (!size || *size < kLeastBenchSize || *size > kMostBenchSize) {
              throw CLI::ValidationError("--size", text + " is no size from " + human_bytes(kLeastBenchSize) + " to " +
                                                       human_bytes(kMostBenchSize));
            }
            options->size = *size;
          },
          "Bytes that a case writes; slow ones write a part of it [" + human_bytes(options->size) + "]")
      ->type_name("BYTES");
  command.add_option("--threads", options->threads, "Numbers of threads, separated by commas [1 and one a core]")
      ->delimiter(',')
      ->check(CLI::Range(1U, kMostThreads))
      ->type_name("N,...");
  add_target(command, options->target);
  command
      .add_option("--rounds", options->rounds,
                  "How often each case is measured [" + std::to_string(options->rounds) + "]")
      ->check(CLI::Range(1U, kMostBenchRounds))
      ->type_name("N");
  command.add_option("--cases", options->cases, "Only those whose names match this, such as 'sine1*'; and memcpy")
      ->type_name("PATTERN");
  command.add_flag("--json", options->json, "Print a JSON array of one object a case");
  command.callback([options, &code] {
    if (options->threads.empty()) {
      options->threads = {1};
      if (all_cores() > 1) options->threads.push_back(all_cores());
    }
    code = bench(*options);
  });
}

int run(int argc, char** argv) {
  CLI::App program("Reads .mcnc files: neural networks as seeds and codes.", kProgram);
  CLI::Option* version = program.set_version_flag(
      "-v,--version", [&] { return version_text(version->count() > 1); },
      "Print the version; twice, the instruction sets of this processor too");
  program.set_help_flag("-h,--help", "Print this help");
  program.require_subcommand(1);
  program.get_formatter()->label("SUBCOMMAND", "COMMAND");
  program.get_formatter()->label("REQUIRED", "");
  program.footer(std::string("mcnc COMMAND --help says more about a command.\n\n") + kExitCodes);
  int code = 0;

  InfoOptions info_options;
  CLI::App& info_command = add_command(program, "info", "Say what a file holds",
                                       "Reads only the first bytes of the file, checks them, and decodes nothing.");
  add_file(info_command, info_options.file);
  info_command.add_flag("--json", info_options.json, "Print one JSON object that says everything");
  info_command.callback([&] { code = info(info_options); });

  VerifyOptions verify_options;
  CLI::App& verify_command =
      add_command(program, "verify", "Check everything in files",
                  "Checks every checksum, decodes everything and compares the digests of the weights.\n"
                  "Of several files, the largest exit code is the answer.");
  verify_command.add_option("FILE", verify_options.files, ".mcnc files; -: standard input")->required()->type_name("");
  add_bases(verify_command, verify_options.bases);
  verify_command.add_flag("-q,--quiet", verify_options.quiet, "Say nothing about files that are well");
  add_decoding(verify_command, verify_options.decoding);
  add_limits(verify_command, verify_options.limits);
  verify_command.callback([&] { code = verify(verify_options); });

  DecodeOptions decode_options;
  CLI::App& decode_command =
      add_command(program, "decode", "Turn a file back into weights",
                  "Writes a safetensors file, wider elements first. The output appears when it is whole and its\n"
                  "digests are right; of a stream, believe it only where the exit code is 0.");
  add_file(decode_command, decode_options.file);
  decode_command.add_option("-o,--output", decode_options.output, "Where to write; - is standard output")
      ->type_name("OUT");
  decode_command.add_option("-t,--tensor", decode_options.tensors, "Only this tensor; may be given again")
      ->type_name("NAME")
      ->expected(1)
      ->take_all();
  add_bases(decode_command, decode_options.bases);
  decode_command.add_flag("--factors", decode_options.factors, "The factors of products too");
  decode_command.add_flag("--unstack", decode_options.unstack,
                          "In place of a sliced tensor with a * in its name: what each slice stands for, 0, 1, ... in "
                          "place of the *");
  CLI::Option* shards = decode_command
                            .add_option("--shards", decode_options.shards,
                                        "This many files and an index in the folder OUT, as Hugging Face has them")
                            ->type_name("N")
                            ->check(CLI::Range(1U, kMaxShards));
  decode_command
      .add_option_function<std::string>(
          "--shard",
          [&](const std::string& text) {
            if (!parse_shard(text, decode_options)) {
              throw CLI::ValidationError("--shard", text + " is no part such as 1/3");
            }
          },
          "Only file I of N; machines that write one each agree on the rest")
      ->type_name("I/N")
      ->excludes(shards);
  decode_command.add_flag("--raw", decode_options.raw, "The bytes of one tensor, little-endian, row-major");
  decode_command.add_flag("-f,--force", decode_options.force, "Replace an output that exists");
  add_decoding(decode_command, decode_options.decoding);
  add_limits(decode_command, decode_options.limits);
  decode_command.callback([&] { code = decode(decode_options); });

  DigestOptions digest_options;
  CLI::App& digest_command =
      add_command(program, "digest", "List digests of decoded weights, or check such a list",
                  "A line for the weights of the file and one for each tensor: kind, digest, name. All is decoded\n"
                  "and compared first. Files with the same weights have the same digests, however they are coded.");
  CLI::Option* digest_files =
      digest_command.add_option("FILE", digest_options.files, ".mcnc files; -: standard input")->type_name("");
  CLI::Option* sums = digest_command
                          .add_option("-c,--check", digest_options.sums,
                                      "Compare with this list: its files, or one FILE of another name")
                          ->type_name("LIST");
  add_bases(digest_command, digest_options.bases);
  digest_command.add_flag("-w,--weights", digest_options.weights_only, "No lines for tensors")->excludes(sums);
  add_decoding(digest_command, digest_options.decoding);
  add_limits(digest_command, digest_options.limits);
  digest_command.callback([&] {
    if (digest_files->empty() && sums->empty()) throw CLI::RequiredError("FILE");
    code = digest(digest_options);
  });

  DumpOptions dump_options;
  CLI::App& dump_command = add_command(program, "dump", "Show a file byte range by byte range",
                                       "Of a damaged file, shows as much as can be told, then what is wrong.");
  add_file(dump_command, dump_options.file);
  dump_command.callback([&] { code = dump(dump_options); });

  ConformOptions conform_options;
  CLI::App& conform_command =
      add_command(program, "conform", "Answer the conformance suite",
                  "Prints what a file decodes to, or why it is refused, as one line of JSON: see\n"
                  "conformance/PROTOCOL.md.");
  CLI::Option* conform_file = conform_command.add_option("FILE", conform_options.file, "A .mcnc file")->type_name("");
  CLI::Option* pipe =
      conform_command.add_flag("--pipe", conform_options.pipe, "Answer requests, lines of JSON on standard input")
          ->excludes(conform_file);
  add_bases(conform_command, conform_options.bases);
  conform_command.add_flag("--stages", conform_options.stages, "Say what was computed on the way")->excludes(pipe);
  add_limits(conform_command, conform_options.limits);
  conform_command.callback([&] {
    if (conform_file->empty() && pipe->empty()) throw CLI::RequiredError("FILE or --pipe");
    code = conform(conform_options);
  });

  add_bench(program, code);
  add_export(program, code);
  add_merge(program, code);
  add_diff(program, code);
  add_import(program, code);
  add_transcode(program, code);
  add_meta(program, code);

  if (argc == 1) {
    std::cerr << program.help();
    return exit_code(Code::kArgument);
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    std::ostringstream text;
    program.exit(help_or_version, text, text);
    return report(kProgram, "", print(text.str()));
  } catch (const CLI::ParseError& error) {
    const bool no_command = program.get_subcommands().empty() && argv[1][0] != '-';
    const std::string mistake = no_command ? std::string("there is no command ") + argv[1] : error.what();
    return report(kProgram, "", {Code::kArgument, "", mistake + " (--help says what is possible)"});
  }
  return code;
}

}  // namespace
}  // namespace mcnc::tools

int main(int argc, char** argv) {
  mcnc::tools::occupy_standard_streams();
  // A reader that has seen enough ends us silently, whatever our parent ignored.
  std::signal(SIGPIPE, SIG_DFL);
  try {
    return mcnc::tools::run(argc, argv);
  } catch (const std::bad_alloc&) {
    return mcnc::tools::report(mcnc::tools::kProgram, "", {mcnc::Code::kMemory, "", ""});
  }
}
