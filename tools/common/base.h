// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Models in files, of either format, and which of them a .mcnc file starts from.
#ifndef MCNC_TOOLS_COMMON_BASE_H_
#define MCNC_TOOLS_COMMON_BASE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mcnc/base.h"
#include "mcnc/decoder.h"
#include "mcnc/limits.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// A model that can be read: BaseModel and what else programs want of it.
class ModelFile : public BaseModel {
 public:
  // Pieces of a tensor's bytes, in order.
  using Visit = std::function<Status(std::span<const std::byte>)>;

  // Of all its tensors but factors, ascending as bytes.
  virtual std::vector<std::string> names() const = 0;
  // All bytes of the tensor `name`, which exists. Digests, where it has them, are compared at the end.
  virtual Status stream(const std::string& name, const Visit& visit) = 0;
};

// Whether the file begins as a .mcnc file does. False for what cannot be opened as a file, such as a folder.
Result<bool> is_mcnc(const std::string& path);

class SafetensorsBase;
class McncBase;

// What --base names. A .mcnc file may start from others of them, in chains of at most 8.
class Bases {
 public:
  // Each path: a .mcnc file, or anything SafetensorsModel::open takes. `limits` and `decoding` are for each .mcnc file.
  static Result<Bases> open(const std::vector<std::string>& paths, const Limits& limits,
                            const DecoderOptions& decoding = {});
  Bases(Bases&&) noexcept;
  ~Bases();

  // For each of manifest.bases the model to give to Decoder::set_base or WriteOptions::bases: the .mcnc file of that
  // weights identity, else safetensors that have its tensors. Where nothing fits, a model whose tensors are errors that
  // say so. What they point to belongs to this object. kBase where a file starts from itself, kLimit where a chain is
  // too long.
  Result<std::vector<BaseModel*>> match(const Manifest& manifest);

  // The model at `path`, a file of either kind, starting from these bases.
  Result<std::unique_ptr<ModelFile>> open_model(const std::string& path, const Limits& limits);

 private:
  explicit Bases(const DecoderOptions& decoding);

  // As match, for a file that is itself base number `depth` of a chain. longest: the bases in the longest chain
  // beneath.
  Result<std::vector<BaseModel*>> match(const Manifest& manifest, int depth, int& longest);
  // The .mcnc file that is `base`, with bases of its own; nullptr where there is none.
  Result<McncBase*> find_mcnc(const Base& base, int depth);
  Status supply(McncBase& model, int depth);
  BaseModel* find_safetensors(const Manifest& manifest, std::uint32_t base);

  DecoderOptions decoding_;
  std::vector<std::unique_ptr<McncBase>> mcnc_;
  std::vector<std::unique_ptr<SafetensorsBase>> safetensors_;
  std::vector<std::unique_ptr<BaseModel>> missing_;
};

// Hands `models`, one for each of the file's bases, to its decoder.
Status set_bases(Decoder& decoder, std::span<BaseModel* const> models);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_BASE_H_
