// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What `mcnc decode` writes: tensors of a manifest as the bytes of one file, or as shards and their index.
#ifndef MCNC_TOOLS_MCNC_DECODE_OUTPUTS_H_
#define MCNC_TOOLS_MCNC_DECODE_OUTPUTS_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "commands.h"
#include "common/output.h"
#include "common/progress_line.h"
#include "mcnc/decoder.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"
#include "unstack.h"

namespace mcnc::tools {

// What is to be decoded, and how. All of it must outlive the work.
struct Decoding {
  const DecodeOptions& options;
  const Manifest& manifest;
  const Stacks& stacks;
  Decoder& decoder;
  std::span<const std::string> inputs;  // every file or folder that is read
  ProgressLine& progress;               // of all bytes that are written
};

// What stands before the bytes of `selected` in a file: a safetensors header, or nothing where the options say raw. To
// be made before the file is opened, so that nothing has to be taken back where it is too long.
Result<std::vector<std::byte>> header_for(std::span<const Tensor* const> selected, const Decoding& work);

// Writes `header` and `selected`, which are tensors of the manifest, and finishes the output. A stack is decoded as
// one; only its names are many.
Status decode_to(Output& output, std::span<const std::byte> header, std::span<const Tensor* const> selected,
                 const Decoding& work);

// `selected` in the shards and the folder that the options ask for. All shards and the index appear in one step. Where
// the options ask for one shard only, it appears alone, and the index where no other shard in the folder is of another
// model: otherwise the index is taken away, so that nobody reads a mixture, and standard error says so.
Status decode_shards(std::span<const Tensor* const> selected, const Decoding& work);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_DECODE_OUTPUTS_H_
