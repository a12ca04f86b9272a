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

#include "decoder/rows.h"
#include "manifest/slices.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"
#include "model/parts.h"

namespace mcnc {

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

  // The same before they are narrowed: sums as little-endian float32. Not for a stored tensor.
  void decode_sums(std::uint64_t first, std::uint64_t count, std::span<std::byte> out) const;

 private:
  // load, with errors that do not begin with the tensor's name.
  static Result<TensorDecoder> load_unnamed(Parts& parts, std::size_t tensor);
  TensorDecoder(const Tensor& tensor, const Kernels& kernels) noexcept : tensor_(&tensor), kernels_(&kernels) {}

  Status load_generated(Parts& parts);
  Status load_product(Parts& parts, const Product& product);
  std::unique_ptr<RowMaker> make_rows() const;
  void write(std::uint64_t first, std::uint64_t count, std::span<std::byte> out, DType dtype, bool past_cache) const;

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
