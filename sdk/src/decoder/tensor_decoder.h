// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// One tensor, ready to be decoded piece by piece.
#ifndef MCNC_DECODER_TENSOR_DECODER_H_
#define MCNC_DECODER_TENSOR_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codes/codes.h"
#include "decoder/expand.h"
#include "mcnc/base.h"
#include "mcnc/reader.h"
#include "mcnc/status.h"

namespace mcnc {

// What tensors have in common: generators and codes, loaded at first use, and base models.
class Parts {
 public:
  explicit Parts(Reader& reader);

  Reader& reader() noexcept { return *reader_; }
  // base: nullptr, or must outlive this. index: into Manifest::bases.
  void set_base(std::size_t index, BaseModel* base) noexcept { bases_[index] = base; }
  BaseModel* base(std::size_t index) noexcept { return bases_[index]; }
  // Both answer nullptr with `status` set where loading fails.
  const LoadedGenerator* generator(std::size_t index, Status& status);
  const LoadedCodes* codes(std::size_t index, Status& status);

 private:
  Result<LoadedGenerator> load_generator(const Generator& generator);
  Result<LoadedGenerator> load_integer(const Generator& generator);
  Result<LoadedGenerator> load_float(const Generator& generator);
  Result<LoadedCodes> load_codes(const Codes& codes);

  Reader* reader_;
  std::vector<BaseModel*> bases_;
  std::vector<std::optional<LoadedGenerator>> generators_;
  std::vector<std::optional<LoadedCodes>> codes_;
};

class TensorDecoder {
 public:
  // Follows a shared tensor to its target, loads segments, base tensors and factors, and checks their values (rules
  // codes.beta, codes.alpha, tensor.theta0, tensor.base, tensor.factor_value).
  // `parts` must outlive the result.
  static Result<TensorDecoder> load(Parts& parts, std::size_t tensor);

  // Where a piece that starts at element `first` should end: some 2^18 elements on, but not within a chunk, of which
  // every piece would make the hidden layers anew.
  std::uint64_t piece_end(std::uint64_t first) const noexcept;

  // Elements [first, first + count) to out, count * size_of(dtype) bytes. The range must exist.
  void decode(std::uint64_t first, std::uint64_t count, std::span<std::byte> out);

 private:
  explicit TensorDecoder(const Tensor& tensor) noexcept : tensor_(&tensor) {}

  Status load_generated(Parts& parts);
  Status load_theta0(Parts& parts);
  Status load_factor(Parts& parts, std::size_t tensor, std::vector<float>& values);

  const Tensor* tensor_;
  const Theta0* theta0_ = nullptr;  // none: a stored tensor
  std::vector<std::byte> stored_;   // of a stored tensor or theta0, or of a base tensor
  // Generated:
  const LoadedGenerator* generator_ = nullptr;
  const LoadedCodes* codes_ = nullptr;
  std::uint32_t codes_per_chunk_ = 0;
  std::uint64_t first_element_ = 0;
  // Product:
  const Product* product_ = nullptr;
  std::vector<float> b_;  // (rows, rank)
  std::vector<float> a_;  // (rank, columns)
  std::vector<float> w_;
};

}  // namespace mcnc

#endif  // MCNC_DECODER_TENSOR_DECODER_H_
