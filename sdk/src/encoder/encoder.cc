// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/encoder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "arithmetic/philox.h"
#include "decoder/executor.h"
#include "encoder/batches.h"
#include "encoder/options.h"
#include "encoder/partition.h"
#include "encoder/quantize.h"
#include "mcnc/adam.h"
#include "mcnc/boundary.h"
#include "mcnc/convert.h"
#include "mcnc/fp_environment.h"
#include "tensors/theta0.h"

namespace mcnc {
namespace {

Status argument(std::string message) { return Status(ErrorCode::kArgument, "", std::move(message)); }

Status moved_from() { return argument("this Encoder was moved from: it has no codes"); }

Status check(const std::vector<EncoderTensor>& tensors) {
  for (const EncoderTensor& tensor : tensors) {
    if (tensor.dtype != DType::kF32 && tensor.dtype != DType::kF16 && tensor.dtype != DType::kBf16) {
      return argument("tensor " + tensor.name + " cannot be generated: its dtype is none of F32, F16 and BF16");
    }
    if (std::holds_alternative<StoredTheta0>(tensor.theta0)) {
      return argument("tensor " + tensor.name + ": the encoder takes no stored theta0");
    }
  }
  return {};
}

}  // namespace

struct Encoder::State {
  State(std::vector<EncoderTensor> the_tensors, const EncoderOptions& the_options, Partition the_partition,
        std::unique_ptr<Executor> executor)
      : tensors(std::move(the_tensors)),
        options(the_options),
        partition(std::move(the_partition)),
        batches(options, std::move(executor)),
        codes(partition.chunks * options.codes_per_chunk),
        step_of_alpha(alpha_step(options)),
        beta_norm(chunk_norm(options.chunk_dim, batches.beta_exponent())),
        alpha_masters(codes * options.code_dim),
        beta_masters(codes, options.beta / beta_norm),
        alpha(alpha_masters.size()),
        beta(codes),
        alpha_gradient(alpha_masters.size()),
        beta_gradient(codes),
        alpha_adam(alpha_masters.size()),
        beta_adam(codes),
        theta0(partition.elements) {
    for (std::size_t t = 0; t < tensors.size(); ++t) {
      const TensorRange& range = partition.tensors[t];
      fill_theta0(batches.kernels(), tensors[t].theta0, {}, 0, std::span(theta0).subspan(range.offset, range.count));
    }
    if (options.alpha_spread > 0) spread_alpha();
    quantize();
  }

  void spread_alpha() {
    const RandomStream stream(options.seed, Domain::kEncoder, 0);
    const float unit = options.alpha_spread / step_of_alpha * 0x1p-15F;
    for (std::size_t i = 0; i < alpha_masters.size(); ++i) {
      alpha_masters[i] = unit * static_cast<float>(stream.int16(i));
    }
  }

  // Masters to the codes as a file holds them.
  void quantize() {
    const auto largest = static_cast<float>(largest_alpha(options.alpha_type));
    for (std::size_t i = 0; i < alpha.size(); ++i) {
      alpha_masters[i] = std::clamp(alpha_masters[i], -largest, largest);
      alpha[i] = round_alpha(alpha_masters[i], options.alpha_type);
    }
    beta_bytes = pack_beta(beta_masters, options.beta_type);
    unpack_beta(beta_bytes, options.beta_type, batches.beta_exponent(), beta);
  }

  QuantizedCodes quantized() const { return {alpha, beta, partition.chunks}; }

  // Numbers of all tensors as rows of chunks, 0 where no tensor is.
  void gather(const Batch& batch, std::span<const float> numbers, RowBuffer<float>& rows) const {
    for (std::size_t r = 0; r < batch.count; ++r) {
      float* row = rows.row(r);
      std::size_t filled = 0;
      visit_chunk(partition, options.chunk_dim, batch.first + r, [&](const ChunkPiece& piece) {
        std::fill(row + filled, row + piece.begin, 0.0F);
        std::copy_n(numbers.data() + piece.offset, piece.count, row + piece.begin);
        filled = piece.begin + piece.count;
      });
      std::fill(row + filled, row + options.chunk_dim, 0.0F);
    }
  }

  // Rows of chunks as numbers of all tensors, rounded to their dtypes. narrowed: scratch memory.
  void scatter(const Batch& batch, Rows<const float> rows, std::span<std::byte> narrowed, std::span<float> out) const {
    for (std::size_t r = 0; r < batch.count; ++r) {
      visit_chunk(partition, options.chunk_dim, batch.first + r, [&](const ChunkPiece& piece) {
        const std::span<float> values = out.subspan(piece.offset, piece.count);
        std::copy_n(rows[r] + piece.begin, piece.count, values.begin());
        const DType dtype = tensors[piece.tensor].dtype;
        if (dtype == DType::kF32) return;
        const std::span<std::byte> bytes = narrowed.first(piece.count * size_of(dtype));
        narrow(values, dtype, bytes);
        widen(bytes, dtype, values);
      });
    }
  }

  std::vector<EncoderTensor> tensors;
  EncoderOptions options;
  Partition partition;
  Batches batches;
  std::uint64_t codes;  // n * m
  float step_of_alpha;  // of a stored alpha, in half turns
  float beta_norm;      // of a chunk at stored beta 1

  // What is trained, in units of the stored numbers: (codes, code_dim) and (codes).
  std::vector<float> alpha_masters;
  std::vector<float> beta_masters;
  // What the file holds, as a decoder uses it.
  std::vector<std::int32_t> alpha;
  std::vector<float> beta;
  std::vector<std::byte> beta_bytes;

  std::vector<float> alpha_gradient;
  std::vector<float> beta_gradient;
  Adam alpha_adam;
  Adam beta_adam;

  std::vector<float> theta0;  // (elements)
};

Encoder::Encoder(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;

Result<Encoder> Encoder::create(std::vector<EncoderTensor> tensors, const EncoderOptions& options) noexcept {
  return boundary([&]() -> Result<Encoder> {
    if (Status status = check(options); !status.ok()) return status;
    if (options.codes_per_chunk > 1 && options.alpha_spread == 0) {
      return argument("several codes per chunk need an alpha_spread above 0, or all of them would stay equal");
    }
    if (Status status = check(tensors); !status.ok()) return status;
    Result<Partition> partition = make_partition(tensors, options.chunk_dim, options.per_tensor);
    if (!partition.ok()) return partition.status();
    if (Status status = check_codes(options, partition->chunks); !status.ok()) return status;
    Result<std::unique_ptr<Executor>> executor = Executor::create(options.execution);
    if (!executor.ok()) return executor.status();
    const FpEnvironment environment;
    return Encoder(std::make_unique<State>(std::move(tensors), options, *std::move(partition), *std::move(executor)));
  });
}

std::uint64_t Encoder::elements() const noexcept { return state_ == nullptr ? 0 : state_->partition.elements; }

std::uint64_t Encoder::stored_numbers() const noexcept {
  return state_ == nullptr ? 0 : state_->codes * (state_->options.code_dim + 1);
}

Status Encoder::weights(std::span<float> out) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    if (out.size() != elements()) return argument("the output has another size than the weights");
    const State& s = *state_;
    return state_->batches.expand(
        s.quantized(), [&](const Batch& batch, RowBuffer<float>& rows) { s.gather(batch, s.theta0, rows); },
        [&](const Batch& batch, Rows<const float> rows, std::span<std::byte> narrowed) {
          s.scatter(batch, rows, narrowed, out);
        });
  });
}

Status Encoder::step(std::span<const float> gradient, double rate) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    State& s = *state_;
    if (gradient.size() != elements()) return argument("the gradient has another size than the weights");
    if (!std::isfinite(rate)) return argument("the rate is not finite");
    const FpEnvironment environment;
    const Status made = s.batches.differentiate(
        s.quantized(), [&](const Batch& batch, RowBuffer<float>& rows) { s.gather(batch, gradient, rows); },
        s.alpha_gradient, s.beta_gradient);
    if (!made.ok()) return made;
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::all_of(s.alpha_gradient.begin(), s.alpha_gradient.end(), finite) ||
        !std::all_of(s.beta_gradient.begin(), s.beta_gradient.end(), finite)) {
      return argument("the gradient is not finite");
    }
    s.alpha_adam.step(s.alpha_masters, s.alpha_gradient, rate * s.options.alpha_rate / s.step_of_alpha);
    s.beta_adam.step(s.beta_masters, s.beta_gradient, rate * s.options.beta_rate / s.beta_norm);
    s.quantize();
    return {};
  });
}

Result<Model> Encoder::model() const noexcept {
  return boundary([&]() -> Result<Model> {
    if (state_ == nullptr) return moved_from();
    const State& s = *state_;
    Model model = make_model(s.options, s.alpha, s.beta_bytes);
    for (std::size_t t = 0; t < s.tensors.size(); ++t) {
      const EncoderTensor& tensor = s.tensors[t];
      model.manifest.tensors.push_back({tensor.name,
                                        tensor.dtype,
                                        tensor.shape,
                                        Generated{0, s.partition.tensors[t].first_element, tensor.theta0},
                                        {}});
    }
    return model;
  });
}

}  // namespace mcnc
