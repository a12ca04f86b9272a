// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The commands of the mcnc program, one file each. What they are asked: command_lines.h. Data goes to standard
// output, messages to standard error; the answer is the exit code.
#ifndef MCNC_TOOLS_MCNC_COMMANDS_H_
#define MCNC_TOOLS_MCNC_COMMANDS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcnc/accelerator.h"
#include "mcnc/decoder.h"
#include "mcnc/limits.h"
#include "mcnc/manifest.h"
#include "sign/signature.h"

namespace mcnc::tools {

inline constexpr char kProgram[] = "mcnc";

struct InfoOptions {
  std::string file;
  bool json = false;
};
int info(const InfoOptions& options);

struct VerifyOptions {
  std::vector<std::string> files;
  std::vector<std::string> bases;
  bool quiet = false;
  bool json = false;
  std::optional<std::string> signature;  // of the one file; none: it needs none
  Believed believed;                     // who may have signed
  Limits limits;                         // of each file
  DecoderOptions decoding;
};
int verify(const VerifyOptions& options);

struct SignOptions {
  std::string file;
  std::string output;
  Signer signer;
  bool weights = false;  // sign the weights identity instead of the file's bytes
  bool force = false;
  std::vector<std::string> bases;
  Limits limits;
  DecoderOptions decoding;
};
int sign(const SignOptions& options);

struct DecodeOptions {
  std::string file;
  std::optional<std::string> output;  // none: standard output where that is not a terminal
  std::vector<std::string> tensors;   // none: all but factors
  std::vector<std::string> bases;
  bool factors = false;  // all means factors too
  bool unstack = false;  // of a stack, the tensors that its slices stand for
  bool raw = false;
  bool force = false;
  std::uint32_t shards = 0;  // 0: one file; else files in a folder, `output`
  std::uint32_t shard = 0;   // 0: all of them; else the one of this number, from 1
  Limits limits;
  DecoderOptions decoding;
};
int decode(const DecodeOptions& options);

struct DigestOptions {
  std::vector<std::string> files;
  std::vector<std::string> bases;
  std::optional<std::string> sums;  // compare with this list instead of printing one
  bool sha256 = false;              // of the files' bytes, as sha256sum has them; nothing is decoded
  bool weights_only = false;
  bool json = false;
  Limits limits;  // of each file
  DecoderOptions decoding;
};
int digest(const DigestOptions& options);

struct ExportOptions {
  std::string file;
  std::string output;  // a folder
  bool peft = false;   // the one format there is; must be asked for
  std::vector<std::string> bases;
  std::optional<std::string> base_name;       // none: as the file calls its base
  std::optional<double> lora_alpha;           // of lora_A and lora_B tensors
  std::optional<std::uint64_t> rank;          // none: the one most modules have
  std::vector<std::string> target_modules;    // none: as the configuration says, or the path of each module
  std::optional<std::string_view> task_type;  // none: as the configuration says
  bool fold_scale = false;                    // into B, where one lora_alpha does not serve all modules
  bool allow_non_finite = false;
  bool force = false;
  Limits limits;
  DecoderOptions decoding;
};
int export_peft(const ExportOptions& options);

struct MergeOptions {
  std::string base;  // safetensors, or a folder or index of shards
  std::string adapter;
  std::string output;
  std::vector<std::string> bases;      // more of them
  std::optional<double> lora_alpha;    // of lora_A and lora_B tensors
  std::optional<bool> fan_in_fan_out;  // none: as the configuration and the shapes of the weights say
  bool allow_non_finite = false;       // in the adapter, and in what becomes of the base's finite numbers
  bool force = false;
  Limits limits;
  DecoderOptions decoding;
};
int merge(const MergeOptions& options);

struct ReportOptions {
  std::string file;
  std::string output;
  bool quick = false;  // decode nothing, and show no numbers of tensors and codes
  bool force = false;
  std::vector<std::string> bases;
  Limits limits;
  DecoderOptions decoding;
};
int write_report(const ReportOptions& options);

struct CardOptions {
  std::string file;
  std::string output;
  bool force = false;
};
int card(const CardOptions& options);

struct DiffOptions {
  std::string a;
  std::string b;
  std::vector<std::string> bases;
  bool json = false;
  Limits limits;  // of each file
  DecoderOptions decoding;
};
int diff(const DiffOptions& options);

struct DumpOptions {
  std::string file;
  bool json = false;
};
int dump(const DumpOptions& options);

struct ConformOptions {
  std::string file;
  std::vector<std::string> bases;
  bool pipe = false;    // instead of a file: requests from standard input
  bool stages = false;  // of the file
  Limits limits;        // of each file
  unsigned threads = 1;
};
int conform(const ConformOptions& options);

struct ImportOptions {
  std::string recipe;  // or the folder of a PEFT adapter
  std::string output;
  std::vector<std::string> tensors;  // more files where the recipe's tensors are
  int zstd_level = 19;
  bool allow_non_finite = false;  // in factors of LoRA, and all of a PEFT adapter
  bool quiet = false;             // say nothing of what was made, and measure nothing for it
  bool force = false;
  Limits limits;         // of bases, and for the weights of a generator
  unsigned threads = 1;  // that decode what was written, for its digests
};
int import_file(const ImportOptions& options);

struct TranscodeOptions {
  std::string file;
  std::string output;
  std::vector<std::string> bases;
  std::optional<AlphaType> alpha_type;
  std::optional<BetaType> beta_type;
  std::optional<int> zstd_level;
  bool force = false;
  Limits limits;
  DecoderOptions decoding;
};
int transcode(const TranscodeOptions& options);

struct MetaOptions {
  std::string file;
  bool set = false;                      // else get
  std::optional<std::string> key;        // get: only this one
  bool json = false;                     // get
  std::vector<std::string> assignments;  // set: KEY=VALUE, KEY:TYPE=VALUE
  std::vector<std::string> removed;      // set: keys
  std::string output;
  bool force = false;
  // set: the file is decoded before it is replaced.
  std::vector<std::string> bases;
  DecoderOptions decoding;
  Limits limits;
};
int meta(const MetaOptions& options);

inline constexpr std::uint64_t kLeastBenchSize = std::uint64_t{1} << 16;
inline constexpr std::uint64_t kMostBenchSize = std::uint64_t{1} << 36;
inline constexpr unsigned kMostBenchRounds = 10'000;
struct BenchOptions {
  std::uint64_t size = std::uint64_t{1} << 28;  // bytes of output; slow cases make a part of it
  std::vector<unsigned> threads;                // each in turn
  std::string_view target;                      // "": the best, or what MCNC_TARGET names
  unsigned rounds = 5;
  std::string cases = "*";                   // those whose names match this, and memcpy
  std::shared_ptr<Accelerator> accelerator;  // measured in place of the processor; nullptr: none
  bool json = false;
};
int bench(const BenchOptions& options);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_COMMANDS_H_
