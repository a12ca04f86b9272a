// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The command lines of commands that read files.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <sstream>

#include "arguments.h"
#include "command_lines.h"
#include "commands.h"
#include "common/command_line.h"
#include "device.h"
#include "mcnc/shard.h"
#include "mcnc/units.h"

namespace mcnc::tools {
namespace {

// "I/N", 1 <= I <= N.
bool parse_shard(const std::string& text, DecodeOptions& options) {
  std::istringstream stream(text);
  char slash = 0;
  stream >> options.shard >> slash >> options.shards;
  return !stream.fail() && stream.peek() == EOF && slash == '/' && options.shard >= 1 &&
         options.shard <= options.shards && options.shards <= kMaxShards;
}

void add_info(CLI::App& program, int& code) {
  const auto options = std::make_shared<InfoOptions>();
  CLI::App& command = add_command(program, "info", "Say what a file holds",
                                  "Reads only the first bytes of the file, checks them, and decodes nothing.");
  add_file(command, options->file);
  command.add_flag("--json", options->json, "Print one JSON object that says everything");
  command.callback([options, &code] { code = info(*options); });
}

void add_signature(CLI::App& command, VerifyOptions& options) {
  CLI::Option* signature =
      command.add_option("--signature", options.signature, "The signature that the one FILE must have")
          ->type_name("FILE.sig");
  CLI::Option* key =
      command.add_option("--public-key", options.believed.public_key, "The key to believe, of a key pair, as PEM")
          ->type_name("PEM")
          ->needs(signature);
  CLI::Option* trust =
      command
          .add_option("--trust", options.believed.trusted,
                      "A certificate to believe, and those that it certifies, as PEM; may be given again")
          ->type_name("PEM")
          ->expected(1)
          ->take_all()
          ->allow_extra_args(false)
          ->needs(signature)
          ->excludes(key);
  command
      .add_flag("--allow-expired", options.believed.expired,
                "Judge certificates at the time when the signer's began to be valid, as model_signing does, not today")
      ->needs(trust);
}

void check_signature_options(const VerifyOptions& options) {
  if (!options.signature) return;
  if (options.files.size() != 1) throw CLI::ValidationError("--signature", "is of one FILE");
  if (!options.believed.public_key && options.believed.trusted.empty()) {
    throw CLI::RequiredError("--public-key or --trust");
  }
}

void add_verify(CLI::App& program, int& code) {
  const auto options = std::make_shared<VerifyOptions>();
  CLI::App& command =
      add_command(program, "verify", "Check everything in files",
                  "Checks every checksum, decodes everything and compares the digests of the weights.\n"
                  "Of several files, the largest exit code is the answer. With a signature, of mcnc sign\n"
                  "or of OpenSSF Model Signing, also that the file is the one that was signed, or has the\n"
                  "weights that were, by the key or certificate that is named.");
  command.add_option("FILE", options->files, ".mcnc files; -: standard input")->required()->type_name("");
  add_bases(command, options->bases);
  CLI::Option* quiet = command.add_flag("-q,--quiet", options->quiet, "Say nothing about files that are well");
  command.add_flag("--json", options->json, "Print one JSON object")->excludes(quiet);
  add_signature(command, *options);
  add_decoding(command, options->decoding);
  add_limits(command, options->limits);
  command.callback([options, &code] {
    check_signature_options(*options);
    code = verify(*options);
  });
}

void add_decode(CLI::App& program, int& code) {
  const auto options = std::make_shared<DecodeOptions>();
  CLI::App& command =
      add_command(program, "decode", "Turn a file back into weights",
                  "Writes a safetensors file, wider elements first. The output appears when it is whole and its\n"
                  "digests are right; of a stream, believe it only where the exit code is 0. Programs that load a\n"
                  "folder take model.safetensors, or an index and its shards; so a new one of them is refused where\n"
                  "an older one of the other kind is there, and with --force that goes away.");
  add_file(command, options->file);
  command.add_option("-o,--output", options->output, "Where to write; - is standard output")->type_name("OUT");
  command.add_option("-t,--tensor", options->tensors, "Only this tensor; may be given again")
      ->type_name("NAME")
      ->expected(1)
      ->take_all();
  add_bases(command, options->bases);
  command.add_flag("--factors", options->factors, "The factors of products too");
  command.add_flag("--unstack", options->unstack,
                   "In place of a sliced tensor with a * in its name: what each slice stands for, 0, 1, ... in "
                   "place of the *");
  CLI::Option* shards = command
                            .add_option("--shards", options->shards,
                                        "This many files and an index in the folder OUT, as Hugging Face has them; all "
                                        "appear in one step")
                            ->type_name("N")
                            ->check(whole_number(1, kMaxShards));
  command
      .add_option_function<std::string>(
          "--shard",
          [options](const std::string& text) {
            if (!parse_shard(text, *options)) {
              throw CLI::ValidationError("--shard", "\"" + text + "\" is not a part such as 1/3");
            }
          },
          "Only file I of N; machines that write one each agree on the rest. No index is left while shards of "
          "another model are there")
      ->type_name("I/N")
      ->excludes(shards);
  command.add_flag("--raw", options->raw, "The bytes of one tensor, little-endian, row-major");
  command.add_flag("-f,--force", options->force, "Replace an output that exists, and an older model beside it");
  add_decoding(command, options->decoding);
  add_limits(command, options->limits);
  command.callback([options, &code] { code = decode(*options); });
}

void add_digest(CLI::App& program, int& code) {
  const auto options = std::make_shared<DigestOptions>();
  CLI::App& command =
      add_command(program, "digest", "List digests of decoded weights, or check such a list",
                  "A line for the weights of the file and one for each tensor: kind, digest, name. All is decoded\n"
                  "and compared first. Files with the same weights have the same digests, however they are coded.");
  CLI::Option* files = command.add_option("FILE", options->files, ".mcnc files; -: standard input")->type_name("");
  CLI::Option* sums =
      command.add_option("-c,--check", options->sums, "Compare with this list: its files, or one FILE of another name")
          ->type_name("LIST");
  add_bases(command, options->bases);
  CLI::Option* weights =
      command.add_flag("-w,--weights", options->weights_only, "No lines for tensors")->excludes(sums);
  command
      .add_flag("--sha256", options->sha256,
                "Instead, of the bytes of any files, as sha256sum prints and checks them; nothing is decoded")
      ->excludes(sums)
      ->excludes(weights);
  command.add_flag("--json", options->json, "Print one JSON object")->excludes(sums);
  add_decoding(command, options->decoding);
  add_limits(command, options->limits);
  command.callback([options, files, sums, &code] {
    if (files->empty() && sums->empty()) throw CLI::RequiredError("FILE");
    code = digest(*options);
  });
}

void add_dump(CLI::App& program, int& code) {
  const auto options = std::make_shared<DumpOptions>();
  CLI::App& command = add_command(program, "dump", "Show a file byte range by byte range",
                                  "Of a damaged file, shows as much as can be told, then what is wrong.");
  add_file(command, options->file);
  command.add_flag("--json", options->json, "Print one JSON object");
  command.callback([options, &code] { code = dump(*options); });
}

void add_conform(CLI::App& program, int& code) {
  const auto options = std::make_shared<ConformOptions>();
  CLI::App& command = add_command(program, "conform", "Answer the conformance suite",
                                  "Prints what a file decodes to, or why it is refused, as one line of JSON: see\n"
                                  "conformance/PROTOCOL.md.");
  CLI::Option* file = command.add_option("FILE", options->file, "A .mcnc file")->type_name("");
  CLI::Option* pipe =
      command.add_flag("--pipe", options->pipe, "Answer requests, lines of JSON on standard input")->excludes(file);
  add_bases(command, options->bases);
  command.add_flag("--stages", options->stages, "Say what was computed on the way")->excludes(pipe);
  add_limits(command, options->limits);
  command.callback([options, file, pipe, &code] {
    if (file->empty() && pipe->empty()) throw CLI::RequiredError("FILE or --pipe");
    code = conform(*options);
  });
}

void add_diff(CLI::App& program, int& code) {
  const auto options = std::make_shared<DiffOptions>();
  CLI::App& command = add_command(
      program, "diff", "Say how far the weights of two models are apart",
      "Of each tensor that differs: how many elements do, the largest difference, its root mean square, and its norm\n"
      "divided by the norm of A. Ends with 0 where all is the same, else with 1.");
  command.add_option("A", options->a, std::string("A .mcnc file, ") + kSafetensorsForms)->required()->type_name("");
  command.add_option("B", options->b, "Likewise")->required()->type_name("");
  command.add_flag("--json", options->json, "Print one JSON object");
  add_bases(command, options->bases);
  add_decoding(command, options->decoding);
  add_limits(command, options->limits);
  command.callback([options, &code] { code = diff(*options); });
}

void add_report(CLI::App& program, int& code) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App& command = add_command(
      program, "report", "Draw what a file holds as a page for browsers",
      "One page of HTML without scripts, and without anything from elsewhere: what takes the bytes, tensors and codes\n"
      "with histograms of their numbers, cost, metadata and digests. Everything is decoded and checked first. Of\n"
      "large tensors the bars show a part of the numbers, evenly spread; their extremes and deviation are exact.");
  add_file(command, options->file);
  command.add_option("-o,--output", options->output, "Where to write; - is standard output")
      ->required()
      ->type_name("OUT");
  command.add_flag("-f,--force", options->force, "Replace an output that exists");
  command.add_flag("--quick", options->quick, "Decode nothing: no histograms, and digests are not checked");
  add_bases(command, options->bases);
  add_decoding(command, options->decoding);
  add_limits(command, options->limits);
  command.callback([options, &code] { code = write_report(*options); });
}

void add_card(CLI::App& program, int& code) {
  const auto options = std::make_shared<CardOptions>();
  options->output = "-";
  CLI::App& command = add_command(program, "card", "Begin a model card for a repository on a hub",
                                  "Markdown with what the file says of itself: licence and base model for the hub, how "
                                  "to use it, sizes, the weights\n"
                                  "identity; and places for what only its author knows. Nothing is decoded.");
  add_file(command, options->file);
  command.add_option("-o,--output", options->output, "Where to write, such as README.md [standard output]")
      ->type_name("OUT");
  command.add_flag("-f,--force", options->force, "Replace an output that exists");
  command.callback([options, &code] { code = card(*options); });
}

void add_bench(CLI::App& program, int& code) {
  const auto options = std::make_shared<BenchOptions>();
  CLI::App& command = add_command(
      program, "bench", "Measure how fast this machine decodes",
      "Decodes models of several shapes into memory, with digests checked and without, beside memcpy, memset, zstd,\n"
      "and a safetensors file that the system has in memory. Every number moves with what else the machine does;\n"
      "the ratios to memcpy, each to one measured right before, move less. On a device everything happens in its\n"
      "memory, memcpy too, and upload is a copy from the host.");
  command
      .add_option_function<std::string>(
          "--size",
          [options](const std::string& text) {
            const std::optional<std::uint64_t> size = parse_quantity(text, 1024);
            if (!size || *size < kLeastBenchSize || *size > kMostBenchSize) {
              throw CLI::ValidationError("--size", "\"" + text + "\" is not a size from " +
                                                       human_bytes(kLeastBenchSize) + " to " +
                                                       human_bytes(kMostBenchSize));
            }
            options->size = *size;
          },
          "Bytes that a case writes; slow ones write a part of it [" + human_bytes(options->size) + "]")
      ->type_name("BYTES");
  command.add_option("--threads", options->threads, "Numbers of threads, separated by commas [1 and one a core]")
      ->delimiter(',')
      ->check(whole_number(1, kMostThreads))
      ->type_name("N,...");
  add_target(command, options->target);
  add_device(command, options->accelerator);
  command
      .add_option("--rounds", options->rounds,
                  "How often each case is measured [" + std::to_string(options->rounds) + "]")
      ->check(whole_number(1, kMostBenchRounds))
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

}  // namespace

void add_reading_commands(CLI::App& program, int& code) {
  add_info(program, code);
  add_verify(program, code);
  add_decode(program, code);
  add_digest(program, code);
  add_dump(program, code);
  add_conform(program, code);
  add_bench(program, code);
  add_diff(program, code);
  add_report(program, code);
  add_card(program, code);
}

}  // namespace mcnc::tools
