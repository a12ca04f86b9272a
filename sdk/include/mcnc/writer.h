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
#include "mcnc/draft.h"
#include "mcnc/execution.h"
#include "mcnc/input.h"
#include "mcnc/manifest.h"
#include "mcnc/reader.h"
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

// The same bytes in `draft`, which is empty before and without value after an error. One that is done is a file that
// verifies: every tensor has been decoded from it, by the decoder's own steps, and its manifest has been read back and
// is, bit for bit, the one that was meant.
Status write_draft(Model model, const WriteOptions& options, Draft& draft) noexcept;

// Opens a draft that is done as a reader would open it, whatever it costs, before it may replace anything. kWrite where
// its manifest is not `manifest`, every field and every bit of it: what a decoder would make of the file is something
// else than what was to be written, then. The segments are looked at when they are read. `draft` must outlive the
// result.
Result<Reader> reopen_draft(Draft& draft, const Manifest& manifest) noexcept;

// The open file as a model that write_file() takes: its manifest, and its segments to be decoded when they are written.
// kVersion where a later minor version of the format wrote the file: what this library does not know would be lost.
Result<Model> model_of(const Reader& reader) noexcept;

// The open file once more in `draft`, which is empty, with `manifest`, which differs from its own in no index, length
// or digest; offsets of segments are filled in. Segments are copied as they are stored. kVersion as above; refused
// where the new manifest breaks a rule, and where the old file has other bytes than zeros between its segments. Of
// `execution` count cancel and progress, in bytes of the file.
Status rewrite(const Reader& reader, Manifest& manifest, Draft& draft, const Execution& execution = {}) noexcept;

// Replaces `path` by `bytes` in the same way. kWrite.
Status replace_file(const std::string& path, std::span<const std::byte> bytes) noexcept;

}  // namespace mcnc

#endif  // MCNC_WRITER_H_
