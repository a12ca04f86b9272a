// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The commands of the mcnc program, one file each. What they are asked comes from main.cc; data goes to standard
// output, messages to standard error; the answer is the exit code.
#ifndef MCNC_TOOLS_MCNC_COMMANDS_H_
#define MCNC_TOOLS_MCNC_COMMANDS_H_

#include <optional>
#include <string>
#include <vector>

#include "mcnc/limits.h"

namespace mcnc::tools {

inline constexpr char kProgram[] = "mcnc";

struct InfoOptions {
  std::string file;
  bool json = false;
};
int info(const InfoOptions& options);

struct VerifyOptions {
  std::vector<std::string> files;
  bool quiet = false;
  Limits limits;  // of each file
};
int verify(const VerifyOptions& options);

struct DecodeOptions {
  std::string file;
  std::optional<std::string> output;  // none: standard output where that is no terminal
  std::vector<std::string> tensors;   // none: all
  bool raw = false;
  bool force = false;
  Limits limits;
};
int decode(const DecodeOptions& options);

struct DigestOptions {
  std::vector<std::string> files;
  std::optional<std::string> sums;  // compare with this list instead of printing one
  bool weights_only = false;
  Limits limits;  // of each file
};
int digest(const DigestOptions& options);

struct DumpOptions {
  std::string file;
};
int dump(const DumpOptions& options);

struct ConformOptions {
  std::string file;
  bool pipe = false;    // instead of a file: requests from standard input
  bool stages = false;  // of the file
  Limits limits;        // of each file
};
int conform(const ConformOptions& options);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_COMMANDS_H_
