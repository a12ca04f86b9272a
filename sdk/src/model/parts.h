// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The parts of a model in memory: the loader and cache of codes, generators and base tensors.
#ifndef MCNC_MODEL_PARTS_H_
#define MCNC_MODEL_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/kernels.h"
#include "mcnc/base.h"
#include "mcnc/generator_cache.h"
#include "mcnc/parallel.h"
#include "mcnc/reader.h"
#include "mcnc/status.h"
#include "model/codes.h"
#include "model/generator.h"

namespace mcnc {

// What is done with the fingerprint of a generator that is loaded.
enum class Fingerprints {
  kCheck,  // it must be the manifest's
  kMake,   // the manifest does not have it yet: Parts::fingerprint() has it
};

// What the tensors of a file are made of: its generators and codes, each loaded and checked at first use and kept, and
// the base models that a caller gave. This is the one place where they are read. Not for several threads at a time.
class Parts {
 public:
  // All must outlive this. cache: nullptr, or where generators are looked for first and kept; only with kCheck.
  Parts(Reader& reader, const Kernels& kernels, ParallelRunner& runner,
        Fingerprints fingerprints = Fingerprints::kCheck, GeneratorCache* cache = nullptr);

  Reader& reader() noexcept { return *reader_; }
  const Kernels& kernels() const noexcept { return *kernels_; }
  // base: nullptr, or must outlive this. index: into Manifest::bases.
  void set_base(std::size_t index, BaseModel* base) noexcept { bases_[index] = base; }
  BaseModel* base(std::size_t index) noexcept { return bases_[index]; }
  // Both return nullptr with `status` set where loading fails.
  const PackedGenerator* generator(std::size_t index, Status& status);
  const LoadedCodes* codes(std::size_t index, Status& status);
  // The bytes of the theta0 of `tensor`, in its kept_dtype(), where it is kept in the file or in a base model; else
  // none. Their values are checked, and those of a base model against their digest.
  Result<std::vector<std::byte>> theta0(const Tensor& tensor);
  // The layers that the file keeps of a generator of integer or of float32 arithmetic, one entry a layer, empty where
  // it is drawn or absent; their values are checked.
  Result<std::vector<std::vector<std::int8_t>>> stored_integers(std::size_t index);
  Result<std::vector<StoredLayer>> stored_floats(std::size_t index);
  // Of a generator that has been loaded with kMake.
  const Digest& fingerprint(std::size_t index) const noexcept { return made_[index]; }

 private:
  Result<std::shared_ptr<const PackedGenerator>> shared_generator(std::size_t index);
  Result<PackedGenerator> load_generator(std::size_t index);
  // Whether codes of the generator are int16.
  bool has_wide_alpha(std::size_t index) const noexcept;
  Result<PackedGenerator> load_integer(std::size_t index);
  Result<PackedGenerator> load_float(std::size_t index);
  Status take_fingerprint(std::size_t index, const Result<Digest>& fingerprint);
  Result<LoadedCodes> load_codes(const Codes& codes);

  Reader* reader_;
  const Kernels* kernels_;
  ParallelRunner* runner_;
  Fingerprints fingerprints_;
  GeneratorCache* cache_;
  std::vector<Digest> made_;  // fingerprints
  std::vector<BaseModel*> bases_;
  std::vector<std::shared_ptr<const PackedGenerator>> generators_;
  std::vector<std::optional<LoadedCodes>> codes_;
};

}  // namespace mcnc

#endif  // MCNC_MODEL_PARTS_H_
