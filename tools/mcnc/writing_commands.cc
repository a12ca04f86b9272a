// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The command lines of commands that write models.

#include <CLI/CLI.hpp>
#include <memory>
#include <string_view>
#include <utility>

#include "arguments.h"
#include "command_lines.h"
#include "commands.h"
#include "common/code_types.h"
#include "common/command_line.h"
#include "mcnc/units.h"

namespace mcnc::tools {
namespace {

void add_output(CLI::App& command, std::string& output, bool& force) {
  command.add_option("-o,--output", output, "Where to write; - is standard output")->required()->type_name("OUT");
  command.add_flag("-f,--force", force, "Replace an output that exists");
}

// level: an int, or one that may be missing.
template <typename Level>
void add_zstd_level(CLI::App& command, Level& level) {
  command.add_option("--zstd-level", level, "How hard to compress, 1 to 19 [19]")
      ->check(whole_number(1, 19))
      ->type_name("N");
}

template <typename T, std::size_t N>
void add_choice(CLI::App& command, const std::string& name, const std::pair<std::string_view, T> (&choices)[N],
                std::optional<T>& chosen, const std::string& what) {
  std::string words;
  for (const auto& [word, value] : choices) words += (words.empty() ? "" : ", ") + std::string(word);
  const auto parse = [&choices, &chosen, name](const std::string& text) { chosen = choose(name, text, choices); };
  command.add_option_function<std::string>(name, parse, what + ": " + words)->type_name("TYPE");
}

void add_lora_alpha(CLI::App& command, std::optional<double>& lora_alpha) {
  command
      .add_option("--alpha", lora_alpha,
                  "PEFT's lora_alpha: pairs are scaled by it divided by their rank [the metadata peft.lora_alpha]; "
                  "products say their scale")
      ->type_name("N");
}

// What PEFT calls the tasks that models are for.
constexpr std::pair<std::string_view, std::string_view> kTaskTypes[] = {
    {"CAUSAL_LM", "CAUSAL_LM"}, {"SEQ_2_SEQ_LM", "SEQ_2_SEQ_LM"}, {"SEQ_CLS", "SEQ_CLS"},
    {"TOKEN_CLS", "TOKEN_CLS"}, {"QUESTION_ANS", "QUESTION_ANS"}, {"FEATURE_EXTRACTION", "FEATURE_EXTRACTION"}};
constexpr std::pair<std::string_view, bool> kYesNo[] = {{"yes", true}, {"no", false}};

void add_allow_non_finite(CLI::App& command, bool& allow_non_finite) {
  command.add_flag("--allow-non-finite", allow_non_finite, "Let NaN and infinite numbers pass");
}

void add_export(CLI::App& program, int& code) {
  const auto options = std::make_shared<ExportOptions>();
  CLI::App& command = add_command(
      program, "export", "Write an adapter for another program",
      "The file must hold an adapter and nothing else: one imported from PEFT's folder, products of two factors\n"
      "called MODULE.weight, or pairs of tensors called MODULE.lora_A.weight and MODULE.lora_B.weight, also sliced\n"
      "ones with a * in MODULE. What was imported from a folder becomes that folder again.");
  add_file(command, options->file);
  command.add_flag("--peft", options->peft, "As the folder that Hugging Face PEFT loads, the only choice")->required();
  command.add_option("-o,--output", options->output, "The folder")->required()->type_name("FOLDER");
  command.add_flag("-f,--force", options->force, "Replace files that exist there, both in one step");
  command.add_option("--base-name", options->base_name, "The model it is for [as the file calls its base]")
      ->type_name("NAME");
  add_lora_alpha(command, options->lora_alpha);
  add_choice(command, "--task-type", kTaskTypes, options->task_type,
             "PEFT's word for what the model does, which its automatic loaders need [as the file says]");
  command.add_flag("--fold-scale", options->fold_scale,
                   "Multiply B so that one lora_alpha serves all modules, for programs that know neither\n"
                   "alpha_pattern nor use_rslora; such a B becomes float32");
  add_allow_non_finite(command, options->allow_non_finite);
  command
      .add_option_function<std::string>(
          "--rank",
          [options](const std::string& text) {
            if (text == "auto") return;
            options->rank = parse_quantity(text, 1000);
            if (!options->rank) throw CLI::ValidationError("--rank", "\"" + text + "\" is not auto or a whole number");
          },
          "What the configuration calls the usual rank; others are listed [auto: the one most modules have]")
      ->type_name("N");
  command
      .add_option("--target-modules", options->target_modules,
                  "Names, separated by commas, that the modules' paths end with [auto: as the file says, or the paths]")
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
      "The adapter: one imported from PEFT's folder, products of two factors called MODULE.weight, pairs of tensors\n"
      "called MODULE.lora_A.weight and MODULE.lora_B.weight, or any file that starts from the base model. Other\n"
      "tensors are copied. Where the base stores input and output embedding once, both change, as with PEFT.\n"
      "A number that becomes NaN or infinite, as float16 may, ends the command, and nothing is written.");
  command.add_option("BASE", options->base, kSafetensorsForms)->required()->type_name("");
  command.add_option("ADAPTER", options->adapter, "A .mcnc file; - or a named pipe: a stream")
      ->required()
      ->type_name("");
  command.add_option("-o,--output", options->output, "A safetensors file; - is standard output")
      ->required()
      ->type_name("OUT");
  command.add_flag("-f,--force", options->force,
                   "Replace an output that exists, and an older model in shards beside it");
  add_lora_alpha(command, options->lora_alpha);
  add_choice(
      command, "--fan-in-fan-out", kYesNo, options->fan_in_fan_out,
      "Whether square weights are stored (in, out), as GPT-2's are [as the adapter's configuration and the shapes "
      "of other weights say]");
  add_allow_non_finite(command, options->allow_non_finite);
  add_bases(command, options->bases);
  add_decoding(command, options->decoding);
  add_limits(command, options->limits);
  command.callback([options, &code] { code = merge(*options); });
}

void add_import(CLI::App& program, int& code) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App& command =
      add_command(program, "import", "Make a file of codes and weights in safetensors files, or of a PEFT adapter",
                  "The recipe says, in JSON, what the tensors of the safetensors files are: generators,\n"
                  "codes, theta0, weights kept as they are. spec/import.md describes it, with examples.\n"
                  "A folder is a LoRA adapter that PEFT saved: adapter_config.json and adapter_model.safetensors.\n"
                  "Limits are for generators and bases. A file that decoders refuse unless they are given more is\n"
                  "written, and standard error says so.\n"
                  "Says on standard error what it made, how much smaller than what it was made of, and how far\n"
                  "weights moved where the recipe names types to round to: for that the model is made a second\n"
                  "time, without rounding.\n"
                  "What goes to standard output is put together in the temporary folder first.");
  command.add_option("RECIPE", options->recipe, "A .json file, or a folder")->required()->type_name("");
  command.add_option("--tensors", options->tensors, "More safetensors files, beside those that the recipe names")
      ->type_name("FILE");
  add_output(command, options->output, options->force);
  command.add_flag("-q,--quiet", options->quiet,
                   "Say nothing of what was made, and do not measure how far rounding moved it");
  add_zstd_level(command, options->zstd_level);
  add_threads(command, options->threads);
  add_allow_non_finite(command, options->allow_non_finite);
  add_limits(command, options->limits);
  command.callback([options, &code] { code = import_file(*options); });
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
  add_zstd_level(command, options->zstd_level);
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
  get.add_flag("--json", options->json, "Print one JSON object");
  get.callback([options, &code] { code = meta(*options); });

  CLI::App& set = *command.add_subcommand("set", "Write the file with other metadata");
  set.footer(
      "The new file is read back and decoded before it replaces anything, and refused where its weights are not\n"
      "those that its digests tell of. Of tensors that start from a base model this needs --base; without it, their\n"
      "codes and generators are checked and taken over as they are.\n"
      "What goes to standard output is put together in the temporary folder first.");
  set.add_option("KEY=VALUE", options->assignments,
                 "A text; KEY:int=VALUE, KEY:real=VALUE and KEY:bool=VALUE are numbers and truth values")
      ->type_name("");
  set.add_option("--remove", options->removed, "Take KEY away; may be given again")
      ->type_name("KEY")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  add_output(set, options->output, options->force);
  add_bases(set, options->bases);
  add_decoding(set, options->decoding);
  add_limits(set, options->limits);
  set.callback([options, &code] {
    options->set = true;
    code = meta(*options);
  });
}

void add_sign(CLI::App& program, int& code) {
  const auto options = std::make_shared<SignOptions>();
  CLI::App& command = add_command(
      program, "sign", "Sign a file, or the weights in it",
      "Writes a detached signature that OpenSSF Model Signing (model_signing) verifies: a Sigstore bundle. The key is\n"
      "of the elliptic curve P-256, P-384 or P-521, a file in PEM form that only its owner may read; of one that is\n"
      "encrypted the password is asked on the terminal. Nothing goes over a network. A signature of the weights\n"
      "holds for every file that decodes to them, however they are coded and compressed; mcnc alone verifies it.");
  add_file(command, options->file);
  CLI::Option* output = command.add_option("-o,--output", options->output,
                                           "Where to write the signature; - is standard output [FILE.sig]");
  output->type_name("OUT");
  command.add_flag("-f,--force", options->force, "Replace an output that exists");
  command.add_option("-k,--key", options->signer.key, "The private key, as PEM")->required()->type_name("PEM");
  command
      .add_option("--password-file", options->signer.password_file, "Its first line is the password of the private key")
      ->type_name("PATH");
  CLI::Option* certificate =
      command
          .add_option("--certificate", options->signer.certificate,
                      "The certificate of the key, as PEM; without one, the key pair alone signs")
          ->type_name("PEM");
  command
      .add_option("--chain", options->signer.chain,
                  "Certificates between that one and those which others trust, as PEM; may be given again")
      ->type_name("PEM")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false)
      ->needs(certificate);
  command.add_flag("-w,--weights", options->weights, "Sign the weights identity; all is decoded first");
  add_bases(command, options->bases);
  add_decoding(command, options->decoding);
  add_limits(command, options->limits);
  command.callback([options, output, &code] {
    if (output->empty() && options->file == "-") throw CLI::RequiredError("--output");
    if (output->empty()) options->output = options->file + ".sig";
    code = sign(*options);
  });
}

}  // namespace

void add_writing_commands(CLI::App& program, int& code) {
  add_export(program, code);
  add_merge(program, code);
  add_import(program, code);
  add_transcode(program, code);
  add_meta(program, code);
  add_sign(program, code);
}

}  // namespace mcnc::tools
