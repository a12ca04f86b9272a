// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Small models that tests write, read and break.
#ifndef MCNC_TESTS_SUPPORT_MODELS_H_
#define MCNC_TESTS_SUPPORT_MODELS_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "mcnc/decoder.h"
#include "mcnc/reader.h"
#include "mcnc/writer.h"

namespace mcnc::testing {

// Everything the format has, small: two generators (one sine layer; two layers, the first stored, the last linear),
// flat and per-tensor chunking with an ignored tail, m = 1 and 3, int8 and int16 alpha, beta as f32, f16, bf16 and
// none, all forms of theta0, f32, f16 and bf16, a stored tensor, a scalar, an empty one, a shared one, metadata of
// every type.
Model rich_model();

// One generator, one tensor.
Model plain_model();

// serialize(), which must succeed and give the bytes of write_file() with sources that are read.
std::vector<std::byte> file_of(const Model& model, const WriteOptions& options = {});

// A new folder, gone with this.
struct TemporaryFolder {
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path path;
};

// Of a file; none where it cannot be read.
std::vector<std::byte> bytes_of(const std::filesystem::path& path);

// Opens `file` with default limits.
Result<Reader> open(std::span<const std::byte> file);

// Opens and verifies.
Status verify(std::span<const std::byte> file);

// All bytes of tensor `name`.
std::vector<std::byte> decode(std::span<const std::byte> file, const std::string& name);

}  // namespace mcnc::testing

#endif  // MCNC_TESTS_SUPPORT_MODELS_H_
