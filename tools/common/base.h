// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Models in files, of either format, and which of them a .mcnc file starts from.
#ifndef MCNC_TOOLS_COMMON_BASE_H_
#define MCNC_TOOLS_COMMON_BASE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mcnc/base.h"
#include "mcnc/decoder.h"
#include "mcnc/limits.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// What a tensor of a file is.
struct TensorForm {
  std::string type;            // F32, BF16, ...
  std::optional<DType> dtype;  // none where .mcnc files have no such type
  std::vector<std::uint64_t> shape;
  std::uint64_t bytes = 0;
};

// A model that can be read: BaseModel and what else programs want of it. BaseModel::find answers an error (kBase) for a
// tensor of a type that .mcnc files do not have; names, form and stream take all.
class ModelFile : public BaseModel {
 public:
  // Pieces of a tensor's bytes, in order.
  using Visit = std::function<Status(std::span<const std::byte>)>;

  // Of all its tensors but factors, ascending as bytes.
  virtual std::vector<std::string> names() const = 0;
  // Of the tensor `name`, which exists.
  virtual TensorForm form(const std::string& name) const = 0;
  // All bytes of the tensor `name`, which exists. Digests, where it has them, are compared at the end.
  virtual Status stream(const std::string& name, const Visit& visit) = 0;
};

// Whether the file begins as a .mcnc file does. False for what cannot be opened as a file, such as a folder.
Result<bool> is_mcnc(const std::string& path);

class SafetensorsBase;
class McncBase;

struct ChainFile;

// What --base names. A .mcnc file may start from others of them; spec section "base models" says from which, and how
// deep.
class Bases {
 public:
  // Each path: a .mcnc file, or anything SafetensorsModel::open takes. `limits` are for a file that starts from them
  // and for them together: match and open_model charge what they take.
  static Result<Bases> open(const std::vector<std::string>& paths, const Limits& limits,
                            const DecoderOptions& decoding = {});
  Bases(Bases&&) noexcept;
  ~Bases();

  // For each of manifest.bases the model to give to Decoder::set_base or WriteOptions::bases: the .mcnc file of that
  // weights identity, else safetensors that have its tensors. Where nothing fits, a model whose tensors are errors that
  // say so. What they point to belongs to this object. kLimit where the tensors that `manifest` takes from .mcnc files
  // cost more than it leaves of the limits.
  Result<std::vector<BaseModel*>> match(const Manifest& manifest);

  // The model at `path`, a file of either kind, starting from these bases.
  Result<std::unique_ptr<ModelFile>> open_model(const std::string& path, const Limits& limits);

 private:
  Bases(const Limits& limits, const DecoderOptions& decoding);

  Result<std::vector<BaseModel*>> find(ChainFile& file);
  McncBase* find_mcnc(const ChainFile& file, std::uint32_t base);
  // tensors: those of `file` that start from its base number `base`.
  BaseModel* find_safetensors(const ChainFile& file, std::uint32_t base, std::span<const Tensor* const> tensors);
  Status supply(const ChainFile& top);
  Status charge(const ChainFile& top) const;

  Limits limits_;
  DecoderOptions decoding_;
  std::unique_ptr<int> depth_;  // how many bases are at work, one within the other
  std::vector<std::unique_ptr<McncBase>> mcnc_;
  std::vector<std::unique_ptr<SafetensorsBase>> safetensors_;
  std::vector<std::unique_ptr<BaseModel>> missing_;
};

// Hands `models`, one for each of the file's bases, to its decoder.
Status set_bases(Decoder& decoder, std::span<BaseModel* const> models);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_BASE_H_
