// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Codes to weights, and gradients of weights to gradients of codes, some chunks at a time on several threads. Where the
// weights of a chunk come from and go to is the caller's: see load and store. Which thread takes which chunks, and how
// many at a time, does not change a bit.
#ifndef MCNC_ENCODER_BATCHES_H_
#define MCNC_ENCODER_BATCHES_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "decoder/executor.h"
#include "encoder/vjp.h"
#include "mcnc/encoder.h"
#include "mcnc/status.h"
#include "util/run_pieces.h"

namespace mcnc {

// Chunks that one thread makes together.
struct Batch {
  std::uint64_t first;
  std::size_t count;
};

// Codes as a decoder uses them; beta carries its exponent.
struct QuantizedCodes {
  std::span<const std::int32_t> alpha;  // (chunks, codes_per_chunk, code_dim)
  std::span<const float> beta;          // (chunks, codes_per_chunk)
  std::uint64_t chunks = 0;
};

// One thread at a time may use it.
class Batches {
 public:
  // Allocates what all calls need. Of the options, which are in range, the generator, the types and codes_per_chunk
  // count.
  Batches(const EncoderOptions& options, std::unique_ptr<Executor> executor);

  const Kernels& kernels() const noexcept { return executor_->kernels(); }
  ParallelRunner& runner() noexcept { return executor_->runner(); }
  std::int8_t beta_exponent() const noexcept { return beta_exponent_; }

  // load(batch, w) fills the first chunk_dim numbers of the first batch.count rows of w with theta0; store(batch, rows,
  // bytes) takes the weights from there, and may use `bytes`, which have room for a chunk of any dtype. Both are called
  // from several threads at once, for batches that cover all chunks. kCancelled where the caller of the executor wants
  // that.
  template <typename Load, typename Store>
  Status expand(const QuantizedCodes& codes, const Load& load, const Store& store) {
    return for_each_batch(codes.chunks, [&](const Batch& batch, Scratch& s) {
      load(batch, s.w);
      add_codes(codes, batch, s);
      store(batch, std::as_const(s.w).rows(), std::span(s.narrowed));
    });
  }

  // load(batch, w) fills rows with the gradient with respect to the weights. The gradients of the codes, in units of
  // stored numbers, go to alpha_gradient and beta_gradient, of the sizes of codes.alpha and codes.beta.
  template <typename Load>
  Status differentiate(const QuantizedCodes& codes, const Load& load, std::span<float> alpha_gradient,
                       std::span<float> beta_gradient) {
    return for_each_batch(codes.chunks, [&](const Batch& batch, Scratch& s) {
      load(batch, s.w);
      differentiate_batch(codes, batch, s, alpha_gradient, beta_gradient);
    });
  }

 private:
  // What one thread needs; allocated once.
  struct Scratch {
    DifferentiableGenerator::Trace trace;
    RowBuffer<float> w;               // some chunks, or the gradient with respect to them, (chunks, d)
    RowBuffer<float> g;               // phi of one code of each, or the gradient with respect to it, (chunks, d)
    std::vector<float> beta;          // of one code of each
    std::vector<std::byte> narrowed;  // a chunk in its tensor's dtype
  };

  std::size_t batch_size(std::uint64_t chunks) const noexcept;
  void add_codes(const QuantizedCodes& codes, const Batch& batch, Scratch& s) const;
  void differentiate_batch(const QuantizedCodes& codes, const Batch& batch, Scratch& s, std::span<float> alpha_gradient,
                           std::span<float> beta_gradient) const;

  // work(batch, scratch) for batches that cover all chunks, on all threads. Who takes which batch does not matter: each
  // has its own part of the output.
  template <typename Work>
  Status for_each_batch(std::uint64_t chunks, const Work& work) {
    executor_->begin(chunks);
    if (Status s = executor_->step(chunks); !s.ok()) return s;
    const std::size_t together = batch_size(chunks);
    std::atomic<std::uint64_t> next = 0;
    const Status made = run_pieces(executor_->runner(), scratch_.size(), [&](std::size_t slot) -> Status {
      while (true) {
        const std::uint64_t first = next.fetch_add(together);
        if (first >= chunks) return {};
        if (executor_->is_cancelled()) return {ErrorCode::kCancelled, "", "cancelled"};
        work(Batch{first, static_cast<std::size_t>(std::min<std::uint64_t>(together, chunks - first))}, scratch_[slot]);
      }
    });
    return made.ok() ? executor_->advance(chunks) : made;
  }

  std::unique_ptr<Executor> executor_;
  std::uint32_t codes_per_chunk_;
  std::int8_t beta_exponent_;
  DifferentiableGenerator generator_;
  std::size_t most_together_;
  std::vector<Scratch> scratch_;  // one a thread
};

}  // namespace mcnc

#endif  // MCNC_ENCODER_BATCHES_H_
