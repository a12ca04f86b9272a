// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A .mcnc file that is read to be written again, changed.
#ifndef MCNC_TOOLS_COMMON_REOPEN_H_
#define MCNC_TOOLS_COMMON_REOPEN_H_

#include <memory>

#include "common/output.h"
#include "mcnc/input.h"
#include "mcnc/limits.h"
#include "mcnc/reader.h"
#include "mcnc/status.h"
#include "mcnc/writer.h"

namespace mcnc::tools {

struct Reopened {
  std::shared_ptr<Input> input;  // the reader's
  Reader reader;
};

// kVersion where a later minor version of the format wrote the file: what this program does not know would be lost.
Result<Reopened> reopen(std::unique_ptr<Input> input, const Limits& limits);

// The manifest and the segments, to be decoded when they are written.
Result<Model> model_of(Reader& reader);

// The file once more with `manifest`, which differs from its own in no index, length or digest. Segments are copied as
// they are stored. Refused where the new manifest breaks a rule.
Status write_again(const Reopened& file, Manifest manifest, Output& output);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_REOPEN_H_
