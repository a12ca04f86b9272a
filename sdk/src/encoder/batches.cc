// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "encoder/batches.h"

#include <utility>

#include "encoder/options.h"
#include "encoder/quantize.h"
#include "util/power_of_two.h"

namespace mcnc {
namespace {

constexpr std::size_t kMostChunksTogether = 64;
constexpr std::uint64_t kBatchesOfThread = 4;  // at least, so that all threads end at about the same time

// Code m of each chunk of a batch, in numbers that are (chunks, codes_per_chunk, code_dim).
template <typename Number>
Rows<Number> codes_of(const Batch& batch, std::uint32_t m, std::uint32_t codes_per_chunk, std::size_t code_dim,
                      std::span<Number> numbers) {
  return {numbers.data() + (batch.first * codes_per_chunk + m) * code_dim, codes_per_chunk * code_dim, batch.count};
}

}  // namespace

Batches::Batches(const EncoderOptions& options, std::unique_ptr<Executor> executor)
    : executor_(std::move(executor)),
      codes_per_chunk_(options.codes_per_chunk),
      beta_exponent_(choose_beta_exponent(options.chunk_dim)),
      generator_(executor_->kernels(), mcnc::expand(make_generator(options), {}),
                 options.alpha_type == AlphaType::kInt16),
      most_together_(generator_.rows_together(kMostChunksTogether)),
      scratch_(executor_->runner().threads()) {
  for (Scratch& s : scratch_) {
    s.trace = generator_.make_trace(most_together_);
    s.w.resize(most_together_, whole_blocks(options.chunk_dim));
    s.g.resize(most_together_, whole_blocks(options.chunk_dim));
    s.beta.resize(most_together_);
    s.narrowed.resize(options.chunk_dim * sizeof(float));
  }
}

std::size_t Batches::batch_size(std::uint64_t chunks) const noexcept {
  const std::uint64_t batches = scratch_.size() * kBatchesOfThread;
  return std::clamp<std::uint64_t>((chunks + batches - 1) / batches, 1, most_together_);
}

void Batches::add_codes(const QuantizedCodes& codes, const Batch& batch, Scratch& s) const {
  for (std::uint32_t m = 0; m < codes_per_chunk_; ++m) {
    generator_.forward(codes_of(batch, m, codes_per_chunk_, generator_.code_dim(), codes.alpha), s.trace);
    for (std::size_t r = 0; r < batch.count; ++r) s.beta[r] = codes.beta[(batch.first + r) * codes_per_chunk_ + m];
    generator_.expand(s.trace, {.beta = s.beta.data()}, s.w.data.data(), s.w.stride);
  }
}

void Batches::differentiate_batch(const QuantizedCodes& codes, const Batch& batch, Scratch& s,
                                  std::span<float> alpha_gradient, std::span<float> beta_gradient) const {
  const std::size_t chunk_dim = generator_.chunk_dim();
  std::fill(s.beta.begin(), s.beta.end(), 1.0F);
  for (std::uint32_t m = 0; m < codes_per_chunk_; ++m) {
    generator_.forward(codes_of(batch, m, codes_per_chunk_, generator_.code_dim(), codes.alpha), s.trace);
    generator_.expand(s.trace, {.beta = s.beta.data(), .from_constant = true}, s.g.data.data(), s.g.stride);
    for (std::size_t r = 0; r < batch.count; ++r) {
      const std::uint64_t code = (batch.first + r) * codes_per_chunk_ + m;
      const float* gradient_w = s.w.row(r);
      float* g = s.g.row(r);
      double along_g = 0;
      for (std::size_t j = 0; j < chunk_dim; ++j) along_g += double{gradient_w[j]} * g[j];
      beta_gradient[code] = static_cast<float>(along_g * power_of_two(beta_exponent_));
      for (std::size_t j = 0; j < chunk_dim; ++j) g[j] = codes.beta[code] * gradient_w[j];
    }
    generator_.backward({s.g.data.data(), s.g.stride, batch.count}, s.trace,
                        codes_of(batch, m, codes_per_chunk_, generator_.code_dim(), alpha_gradient));
  }
}

}  // namespace mcnc
