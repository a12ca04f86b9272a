// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Writes .mcnc files. The same model gives the same bytes, in any process, with the same zstd library.
#ifndef MCNC_WRITER_H_
#define MCNC_WRITER_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "mcnc/base.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// A model that is not laid out yet: a manifest whose segment indices point into `segments`, decoded bytes. Indices may
// come in any order, each segment used once; tensors and metadata may too (a Shared index is an index of this order).
// The writer orders, compresses and places them and fills in what follows: Manifest::segments, fingerprints, tensor
// digests, budget, weights identity.
struct Model {
  Manifest manifest;
  std::vector<std::vector<std::byte>> segments;
};

struct WriteOptions {
  int zstd_level = 19;            // 1 to 19; a segment that zstd does not make smaller stays raw
  std::vector<BaseModel*> bases;  // for Manifest::bases, one each; not owned
};

// The bytes of the file. Every rule a reader checks is checked here first, and the tensors are decoded once for their
// digests; errors are the reader's.
Result<std::vector<std::byte>> serialize(Model model, const WriteOptions& options = {}) noexcept;

// Replaces `path` by `bytes` in one step: a temporary sibling, fsync, rename. On error (kWrite) the old file is whole
// and the sibling gone.
Status replace_file(const std::string& path, std::span<const std::byte> bytes) noexcept;

}  // namespace mcnc

#endif  // MCNC_WRITER_H_
