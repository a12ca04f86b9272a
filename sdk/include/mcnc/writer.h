// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Writes .mcnc files. The same model gives the same bytes, in any process, with the same zstd library.
#ifndef MCNC_WRITER_H_
#define MCNC_WRITER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "mcnc/base.h"
#include "mcnc/execution.h"
#include "mcnc/input.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// The decoded bytes of a segment: in memory, or read in pieces when they are written, front to back, up to twice.
using SegmentSource = std::variant<std::vector<std::byte>, std::shared_ptr<Input>>;

// A model that is not laid out yet: a manifest whose segment indices point into `segments`. Indices may come in any
// order, each segment used once; tensors and metadata may too (a Shared index is an index of this order).
// The writer orders, compresses and places them and fills in what follows: Manifest::segments, fingerprints, tensor
// digests, budget, weights identity.
struct Model {
  Manifest manifest;
  std::vector<SegmentSource> segments;
};

struct WriteOptions {
  int zstd_level = 19;                 // 1 to 19; a segment that zstd does not make smaller stays raw
  std::vector<BaseModel*> bases = {};  // for Manifest::bases, one each; not owned; nullptr as if it were not there
  Execution execution = {};            // the bytes do not depend on it
};

// The bytes of the file. Every rule a reader checks is checked here, those on the manifest first, and the tensors are
// decoded once, from the bytes as they were written, for their digests; errors are the reader's. kWrite where what was
// written does not read back, bit for bit, as the manifest that was meant.
Result<std::vector<std::byte>> serialize(Model model, const WriteOptions& options = {}) noexcept;

// The same bytes as a file that replaces `path` in one step, once they are on the disk. Where `path` is a symbolic
// link, what it points to is replaced. On error the old file is whole and nothing else is left. Held in memory are
// beside the model: while compressing 64 MiB, then what decoding a tensor takes.
Status write_file(const std::string& path, Model model, const WriteOptions& options = {}) noexcept;

// Replaces `path` by `bytes` in the same way. kWrite.
Status replace_file(const std::string& path, std::span<const std::byte> bytes) noexcept;

}  // namespace mcnc

#endif  // MCNC_WRITER_H_
