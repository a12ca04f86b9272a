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
#include "generator/expanded.h"
#include "mcnc/reader.h"
#include "mcnc/status.h"

namespace mcnc {

// What tensors have in common: generators and codes, loaded at first use.
class Parts {
 public:
  explicit Parts(Reader& reader);

  Reader& reader() noexcept { return *reader_; }
  // Both answer nullptr with `status` set where loading fails.
  const ExpandedGenerator* generator(std::size_t index, Status& status);
  const LoadedCodes* codes(std::size_t index, Status& status);

 private:
  Result<ExpandedGenerator> load_generator(const Generator& generator);
  Result<LoadedCodes> load_codes(const Codes& codes);

  Reader* reader_;
  std::vector<std::optional<ExpandedGenerator>> generators_;
  std::vector<std::optional<LoadedCodes>> codes_;
};

class TensorDecoder {
 public:
  // Follows a shared tensor to its target, loads segments, checks their values (rules codes.beta, tensor.theta0).
  // `parts` must outlive the result.
  static Result<TensorDecoder> load(Parts& parts, std::size_t tensor);

  // Elements [first, first + count) to out, count * size_of(dtype) bytes. The range must exist.
  void decode(std::uint64_t first, std::uint64_t count, std::span<std::byte> out);

 private:
  explicit TensorDecoder(const Tensor& tensor) noexcept : tensor_(&tensor) {}

  const Tensor* tensor_;
  std::vector<std::byte> stored_;  // of a stored tensor or theta0
  const Generated* generated_ = nullptr;
  const ExpandedGenerator* generator_ = nullptr;
  const LoadedCodes* codes_ = nullptr;
  std::uint32_t codes_per_chunk_ = 0;
  std::vector<float> w_;
};

}  // namespace mcnc

#endif  // MCNC_DECODER_TENSOR_DECODER_H_
