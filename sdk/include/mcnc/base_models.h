// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Models in files, safetensors or .mcnc, and which of them a .mcnc file starts from. In a library of its own,
// mcnc-checkpoints, that needs a JSON library.
#ifndef MCNC_BASE_MODELS_H_
#define MCNC_BASE_MODELS_H_

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
#include "mcnc/input.h"
#include "mcnc/limits.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// What a tensor of a file is.
struct TensorForm {
  std::string type;            // F32, BF16, ..., as safetensors write it
  std::optional<DType> dtype;  // none where .mcnc files have no such type
  std::vector<std::uint64_t> shape;
  std::uint64_t bytes = 0;  // little-endian, row-major
};

// A model in a file or folder. BaseModel::find returns kBase for a tensor of a type that .mcnc files do not have;
// names, form and stream take all. One thread at a time may use one.
class ModelFile : public BaseModel {
 public:
  // Receives the pieces of a tensor's bytes, in order. An error ends the reading, which returns it.
  using Visit = std::function<Status(std::span<const std::byte>)>;

  // Of all its tensors but factors, ascending as bytes. This and form() throw std::bad_alloc where memory runs out.
  virtual std::vector<std::string> names() const = 0;
  // Of the tensor `name`, which exists.
  virtual TensorForm form(const std::string& name) const = 0;
  // All bytes of the tensor `name`, kBase where there is none. Digests, where it has them, are compared at the end.
  virtual Status stream(const std::string& name, const Visit& visit) noexcept = 0;
};

// Whether the file begins as a .mcnc file does; a folder does not. kRead where it cannot be read.
Result<bool> is_mcnc(const std::string& path) noexcept;

class SafetensorsBase;
class McncBase;

struct ChainFile;

// Models that .mcnc files may start from, by the paths of their files:
//
//   auto models = BaseModels::open({"base-folder"}, limits);
//   auto decoder = Decoder::create(*reader);
//   models->supply(*decoder);
//
// A .mcnc file among them may itself start from others of them; spec section "base models" says from which, and how
// deep. Belongs to one thread at a time, together with the decoders it was supplied to. Errors begin with the path.
class BaseModels {
 public:
  // Each path is a .mcnc file, a safetensors file, an index of safetensors shards, or a folder of one of both. `limits`
  // are for a file that starts from them and for them together: supply, match and open_model charge what they take.
  // Errors: those of Reader::open, and kLayout, kArgument or kRead for safetensors.
  static Result<BaseModels> open(const std::vector<std::string>& paths, const Limits& limits,
                                 const DecoderOptions& decoding = {}) noexcept;
  // The same of open files, which are told apart by their first bytes. Those that are not .mcnc files are the shards of
  // one safetensors model, or all of it. kArgument where there is no input in one of them.
  static Result<BaseModels> open_inputs(std::vector<NamedInput> files, const Limits& limits,
                                        const DecoderOptions& decoding = {}) noexcept;
  BaseModels(BaseModels&&) noexcept;
  ~BaseModels();

  // Gives the decoder every base that its file names. This object must outlive the decoder. Errors as match.
  Status supply(Decoder& decoder) noexcept;

  // For each of manifest.bases the model to give to Decoder::set_base or WriteOptions::bases: the .mcnc file of that
  // weights identity, else safetensors that have its tensors. Where nothing fits, a model whose tensors are errors that
  // say so. What they point to belongs to this object. kLimit where the tensors that `manifest` takes from .mcnc files
  // cost more than it leaves of the limits; kArgument where a tensor starts from a base that `manifest` does not list.
  Result<std::vector<BaseModel*>> match(const Manifest& manifest) noexcept;

  // The model at `path`, a file of either kind, starting from these bases, which must outlive it.
  Result<std::unique_ptr<ModelFile>> open_model(const std::string& path, const Limits& limits) noexcept;

 private:
  BaseModels(const Limits& limits, const DecoderOptions& decoding);

  Status add_mcnc(Result<std::unique_ptr<McncBase>> model);
  Result<std::vector<BaseModel*>> find(ChainFile& file);
  McncBase* find_mcnc(const ChainFile& file, std::uint32_t base);
  // tensors: those of `file` that start from its base number `base`.
  BaseModel* find_safetensors(const ChainFile& file, std::uint32_t base, std::span<const Tensor* const> tensors);
  Status supply_chain(const ChainFile& top);
  Status charge(const ChainFile& top) const;

  Limits limits_;
  DecoderOptions decoding_;
  std::unique_ptr<int> depth_;  // how many bases are at work, one within the other
  std::vector<std::unique_ptr<McncBase>> mcnc_;
  std::vector<std::unique_ptr<SafetensorsBase>> safetensors_;
  std::vector<std::unique_ptr<BaseModel>> missing_;
};

// Hands `models`, one for each of the file's bases, to its decoder, which they must outlive; nullptr: that base is not
// there. kArgument where there are more than the file has bases.
Status set_bases(Decoder& decoder, std::span<BaseModel* const> models) noexcept;

}  // namespace mcnc

#endif  // MCNC_BASE_MODELS_H_
