// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// One tensor, ready to be decoded piece by piece.
#ifndef MCNC_DECODER_TENSOR_DECODER_H_
#define MCNC_DECODER_TENSOR_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "codes/codes.h"
#include "decoder/rows.h"
#include "generator/packed_generator.h"
#include "manifest/slices.h"
#include "mcnc/base.h"
#include "mcnc/parallel.h"
#include "mcnc/reader.h"
#include "mcnc/status.h"

namespace mcnc {

// What is done with the fingerprint of a generator that is loaded.
enum class Fingerprints {
  kCheck,  // it must be the manifest's
  kMake,   // the manifest does not have it yet: Parts::fingerprint() has it
};

// What tensors have in common: generators and codes, loaded at first use, and base models.
class Parts {
 public:
  // All must outlive this.
  Parts(Reader& reader, const Kernels& kernels, ParallelRunner& runner,
        Fingerprints fingerprints = Fingerprints::kCheck);

  Reader& reader() noexcept { return *reader_; }
  const Kernels& kernels() const noexcept { return *kernels_; }
  // base: nullptr, or must outlive this. index: into Manifest::bases.
  void set_base(std::size_t index, BaseModel* base) noexcept { bases_[index] = base; }
  BaseModel* base(std::size_t index) noexcept { return bases_[index]; }
  // Both answer nullptr with `status` set where loading fails.
  const PackedGenerator* generator(std::size_t index, Status& status);
  const LoadedCodes* codes(std::size_t index, Status& status);
  // Of a generator that has been loaded with kMake.
  const Digest& fingerprint(std::size_t index) const noexcept { return made_[index]; }

 private:
  Result<PackedGenerator> load_generator(std::size_t index);
  Result<PackedGenerator> load_integer(std::size_t index);
  Result<PackedGenerator> load_float(std::size_t index);
  Status take_fingerprint(std::size_t index, const Result<Digest>& fingerprint);
  Result<LoadedCodes> load_codes(const Codes& codes);

  Reader* reader_;
  const Kernels* kernels_;
  ParallelRunner* runner_;
  Fingerprints fingerprints_;
  std::vector<Digest> made_;  // fingerprints
  std::vector<BaseModel*> bases_;
  std::vector<std::optional<PackedGenerator>> generators_;
  std::vector<std::optional<LoadedCodes>> codes_;
};

class TensorDecoder {
 public:
  // Follows a shared tensor to its target, loads segments, base tensors and factors, and checks their values (rules
  // codes.beta, codes.alpha, tensor.theta0, tensor.base, tensor.factor_value). Errors begin with the tensor's name and
  // say which part of it is wrong.
  // `parts` must outlive the result.
  static Result<TensorDecoder> load(Parts& parts, std::size_t tensor);

  // Where a piece that starts at element `first` should end: one that a cache holds, but not within a chunk, of which
  // every piece would make the hidden layers anew, and with as many chunks as are best made together.
  std::uint64_t piece_end(std::uint64_t first) const noexcept;

  // Elements [first, first + count) to out, count * size_of(dtype) bytes. The range must exist. May run on several
  // threads at a time. past_cache: see Kernels::narrow.
  void decode(std::uint64_t first, std::uint64_t count, std::span<std::byte> out, bool past_cache = false) const;

 private:
  // load, with errors that do not begin with the tensor's name.
  static Result<TensorDecoder> load_unnamed(Parts& parts, std::size_t tensor);
  TensorDecoder(const Tensor& tensor, const Kernels& kernels) noexcept : tensor_(&tensor), kernels_(&kernels) {}

  Status load_generated(Parts& parts);
  Status load_product(Parts& parts, const Product& product);
  Status load_theta0(Parts& parts);
  std::unique_ptr<RowMaker> make_rows() const;

  const Tensor* tensor_;
  const Kernels* kernels_;
  const Theta0* theta0_ = nullptr;  // none: a stored tensor
  std::vector<std::byte> stored_;   // of a stored tensor or theta0, or of a base tensor
  // Generated:
  const PackedGenerator* generator_ = nullptr;
  const LoadedCodes* codes_ = nullptr;
  std::uint32_t codes_per_chunk_ = 0;
  std::optional<Slices> slices_;
  // Product:
  std::vector<float> b_;           // (rows, rank)
  std::optional<PackedMatrix> a_;  // (rank, columns)
  float scale_ = 1;
};

}  // namespace mcnc

#endif  // MCNC_DECODER_TENSOR_DECODER_H_
