// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/encoder.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <utility>

#include "arithmetic/philox.h"
#include "decoder/executor.h"
#include "encoder/adam.h"
#include "encoder/partition.h"
#include "encoder/quantize.h"
#include "encoder/vjp.h"
#include "tensors/convert.h"
#include "tensors/theta0.h"
#include "util/boundary.h"
#include "util/fp_environment.h"
#include "util/power_of_two.h"
#include "util/run_pieces.h"

namespace mcnc {
namespace {

// Bounds of rules generator.width, generator.layers and codes.count.
constexpr std::uint32_t kMaxWidth = std::uint32_t{1} << 28;
constexpr std::size_t kMaxHidden = 15;
constexpr std::uint32_t kMaxCodesPerChunk = 65536;
constexpr std::uint64_t kMaxAlphas = std::uint64_t{1} << 48;

constexpr std::size_t kMostChunksTogether = 64;
constexpr std::uint64_t kBatchesOfThread = 4;  // at least, so that all threads end at about the same time

Status argument(std::string message) { return Status(ErrorCode::kArgument, "", std::move(message)); }

Status moved_from() { return argument("this Encoder was moved from: it has no codes"); }

Status check(const EncoderOptions& options) {
  const auto width_ok = [](std::uint32_t width) { return width >= 1 && width <= kMaxWidth; };
  if (!width_ok(options.code_dim)) return argument("code_dim must be 1 to 2^28");
  if (!width_ok(options.chunk_dim)) return argument("chunk_dim must be 1 to 2^28");
  if (options.hidden.size() > kMaxHidden) return argument("at most 15 hidden layers");
  if (!std::all_of(options.hidden.begin(), options.hidden.end(), width_ok)) {
    return argument("the width of a hidden layer must be 1 to 2^28");
  }
  if (options.codes_per_chunk < 1 || options.codes_per_chunk > kMaxCodesPerChunk) {
    return argument("codes_per_chunk must be 1 to 65536");
  }
  if (options.alpha_type != AlphaType::kInt8 && options.alpha_type != AlphaType::kInt16) {
    return argument("alpha_type must be int8 or int16");
  }
  if (options.frequency < 1) return argument("frequency must be at least 1");
  const auto positive = [](float value) { return std::isfinite(value) && value >= 0; };
  if (!positive(options.alpha_spread) || !positive(options.alpha_rate) || !positive(options.beta_rate) ||
      !std::isfinite(options.beta)) {
    return argument("alpha_spread, beta and the rates must be finite, and none but beta below 0");
  }
  if (options.codes_per_chunk > 1 && options.alpha_spread == 0) {
    return argument("several codes per chunk need an alpha_spread above 0, or all of them would stay equal");
  }
  return {};
}

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

// See EncoderOptions::frequency. At least 4, for the widest layer.
std::uint32_t hidden_frequency(std::uint32_t n_in) {
  constexpr double kOneRadian = 0x1p32 / 41846;  // 2 pi * 74 * 90
  return std::bit_floor(static_cast<std::uint32_t>(kOneRadian / std::sqrt(static_cast<double>(n_in))));
}

Generator make_generator(const EncoderOptions& options) {
  Generator generator;
  generator.code_dim = options.code_dim;
  generator.seed = options.seed;
  std::vector<std::uint32_t> widths = options.hidden;
  widths.push_back(options.chunk_dim);
  for (const std::uint32_t width : widths) {
    const std::uint32_t frequency =
        generator.layers.empty() ? options.frequency : hidden_frequency(generator.layers.back().width);
    generator.layers.push_back({width, Activation::kSine, frequency, {}});
  }
  return generator;
}

std::size_t most_chunks_together(std::uint64_t chunks, std::size_t threads) {
  const std::uint64_t batches = threads * kBatchesOfThread;
  return std::min<std::uint64_t>((chunks + batches - 1) / batches, kMostChunksTogether);
}

}  // namespace

struct Encoder::State {
  State(std::vector<EncoderTensor> the_tensors, const EncoderOptions& the_options, Partition the_partition,
        std::unique_ptr<Executor> the_executor)
      : executor(std::move(the_executor)),
        tensors(std::move(the_tensors)),
        options(the_options),
        partition(std::move(the_partition)),
        description(make_generator(options)),
        generator(executor->kernels(), expand(description, {}), options.alpha_type == AlphaType::kInt16),
        chunks_together(generator.rows_together(most_chunks_together(partition.chunks, executor->runner().threads()))),
        codes(partition.chunks * options.codes_per_chunk),
        beta_exponent(choose_beta_exponent(options.chunk_dim)),
        alpha_step(static_cast<float>(options.frequency) * power_of_two(-24)),
        beta_norm(chunk_norm(options.chunk_dim, beta_exponent)),
        alpha_masters(codes * options.code_dim),
        beta_masters(codes, options.beta / beta_norm),
        alpha(alpha_masters.size()),
        beta(codes),
        alpha_gradient(alpha_masters.size()),
        beta_gradient(codes),
        alpha_adam(alpha_masters.size()),
        beta_adam(codes),
        theta0(partition.elements) {
    for (std::size_t i = 0; i < executor->runner().threads(); ++i) {
      Scratch& s = scratch.emplace_back();
      s.trace = generator.make_trace(chunks_together);
      s.w.resize(chunks_together, whole_blocks(options.chunk_dim));
      s.g.resize(chunks_together, whole_blocks(options.chunk_dim));
      s.beta.resize(chunks_together);
      s.narrowed.resize(options.chunk_dim * sizeof(float));
    }
    for (std::size_t t = 0; t < tensors.size(); ++t) {
      const TensorRange& range = partition.tensors[t];
      fill_theta0(executor->kernels(), tensors[t].theta0, {}, 0, std::span(theta0).subspan(range.offset, range.count));
    }
    if (options.alpha_spread > 0) spread_alpha();
    quantize();
  }

  // What one thread needs beside the state; allocated once.
  struct Scratch {
    DifferentiableGenerator::Trace trace;
    RowBuffer<float> w;               // some chunks, or the gradient with respect to them, (chunks, d)
    RowBuffer<float> g;               // phi of one code of each, or the gradient with respect to it, (chunks, d)
    std::vector<float> beta;          // of one code of each
    std::vector<std::byte> narrowed;  // a chunk in its tensor's dtype
  };

  void spread_alpha() {
    const RandomStream stream(options.seed, Domain::kEncoder, 0);
    const float unit = options.alpha_spread / alpha_step * 0x1p-15F;
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
    unpack_beta(beta_bytes, options.beta_type, beta_exponent, beta);
  }

  // Chunks that one thread makes together.
  struct Batch {
    std::uint64_t first;
    std::size_t count;
  };

  // work(batch, scratch) for batches that cover all chunks, on all threads. Who takes which batch does not matter: each
  // has its own part of the output. kCancelled where the caller wants that.
  template <typename Work>
  Status for_each_batch(const Work& work) {
    executor->begin(partition.chunks);
    if (Status s = executor->step(partition.chunks); !s.ok()) return s;
    std::atomic<std::uint64_t> next = 0;
    const Status made = run_pieces(executor->runner(), scratch.size(), [&](std::size_t slot) -> Status {
      while (true) {
        const std::uint64_t first = next.fetch_add(chunks_together);
        if (first >= partition.chunks) return {};
        if (executor->work().is_cancelled()) return {ErrorCode::kCancelled, "", "cancelled"};
        work(Batch{first, static_cast<std::size_t>(std::min<std::uint64_t>(chunks_together, partition.chunks - first))},
             scratch[slot]);
      }
    });
    return made.ok() ? executor->advance(partition.chunks) : made;
  }

  std::uint64_t code_of(const Batch& batch, std::size_t r, std::uint32_t m) const {
    return (batch.first + r) * options.codes_per_chunk + m;
  }

  // Code m of each chunk of a batch, in numbers that are (codes, code_dim).
  template <typename Number>
  Rows<Number> codes_of(const Batch& batch, std::uint32_t m, std::span<Number> numbers) const {
    const std::size_t k = options.code_dim;
    return {numbers.data() + code_of(batch, 0, m) * k, options.codes_per_chunk * k, batch.count};
  }

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

  void expand_batch(const Batch& batch, Scratch& s, std::span<float> out) const {
    gather(batch, theta0, s.w);
    for (std::uint32_t m = 0; m < options.codes_per_chunk; ++m) {
      generator.forward(codes_of(batch, m, std::span(std::as_const(alpha))), s.trace);
      for (std::size_t r = 0; r < batch.count; ++r) s.beta[r] = beta[code_of(batch, r, m)];
      generator.expand(s.trace, {.beta = s.beta.data()}, s.w.data.data(), s.w.stride);
    }
    for (std::size_t r = 0; r < batch.count; ++r) {
      visit_chunk(partition, options.chunk_dim, batch.first + r, [&](const ChunkPiece& piece) {
        const std::span<float> values = out.subspan(piece.offset, piece.count);
        std::copy_n(s.w.row(r) + piece.begin, piece.count, values.begin());
        const DType dtype = tensors[piece.tensor].dtype;
        if (dtype == DType::kF32) return;
        const std::span<std::byte> bytes = std::span(s.narrowed).first(piece.count * size_of(dtype));
        narrow(values, dtype, bytes);
        widen(bytes, dtype, values);
      });
    }
  }

  // Gradients of the codes of some chunks, in their stored units.
  void differentiate_batch(const Batch& batch, Scratch& s, std::span<const float> gradient) {
    gather(batch, gradient, s.w);
    std::fill(s.beta.begin(), s.beta.end(), 1.0F);
    for (std::uint32_t m = 0; m < options.codes_per_chunk; ++m) {
      generator.forward(codes_of(batch, m, std::span(std::as_const(alpha))), s.trace);
      generator.expand(s.trace, {.beta = s.beta.data(), .from_constant = true}, s.g.data.data(), s.g.stride);
      for (std::size_t r = 0; r < batch.count; ++r) {
        const std::uint64_t code = code_of(batch, r, m);
        const float* gradient_w = s.w.row(r);
        float* g = s.g.row(r);
        double along_g = 0;
        for (std::size_t j = 0; j < options.chunk_dim; ++j) along_g += double{gradient_w[j]} * g[j];
        beta_gradient[code] = static_cast<float>(along_g * power_of_two(beta_exponent));
        for (std::size_t j = 0; j < options.chunk_dim; ++j) g[j] = beta[code] * gradient_w[j];
      }
      generator.backward({s.g.data.data(), s.g.stride, batch.count}, s.trace,
                         codes_of(batch, m, std::span(alpha_gradient)));
    }
  }

  std::unique_ptr<Executor> executor;
  std::vector<EncoderTensor> tensors;
  EncoderOptions options;
  Partition partition;
  Generator description;
  DifferentiableGenerator generator;
  std::size_t chunks_together;
  std::uint64_t codes;  // n * m
  std::int8_t beta_exponent;
  float alpha_step;  // of a stored alpha, in half turns
  float beta_norm;   // of a chunk at stored beta 1

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

  std::vector<float> theta0;     // (elements)
  std::vector<Scratch> scratch;  // one a thread
};

Encoder::Encoder(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;

Result<Encoder> Encoder::create(std::vector<EncoderTensor> tensors, const EncoderOptions& options) noexcept {
  return boundary([&]() -> Result<Encoder> {
    if (Status status = check(options); !status.ok()) return status;
    if (Status status = check(tensors); !status.ok()) return status;
    Result<Partition> partition = make_partition(tensors, options.chunk_dim, options.per_tensor);
    if (!partition.ok()) return partition.status();
    if (partition->chunks > kMaxAlphas / options.codes_per_chunk / options.code_dim) {
      return Status(ErrorCode::kArgument, "codes.count", "too many codes");
    }
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
    return state_->for_each_batch(
        [&](const State::Batch& batch, State::Scratch& s) { state_->expand_batch(batch, s, out); });
  });
}

Status Encoder::step(std::span<const float> gradient, double rate) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    State& s = *state_;
    if (gradient.size() != elements()) return argument("the gradient has another size than the weights");
    if (!std::isfinite(rate)) return argument("the rate is not finite");
    const FpEnvironment environment;
    const Status made = s.for_each_batch(
        [&](const State::Batch& batch, State::Scratch& scratch) { s.differentiate_batch(batch, scratch, gradient); });
    if (!made.ok()) return made;
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::all_of(s.alpha_gradient.begin(), s.alpha_gradient.end(), finite) ||
        !std::all_of(s.beta_gradient.begin(), s.beta_gradient.end(), finite)) {
      return argument("the gradient is not finite");
    }
    s.alpha_adam.step(s.alpha_masters, s.alpha_gradient, rate * s.options.alpha_rate / s.alpha_step);
    s.beta_adam.step(s.beta_masters, s.beta_gradient, rate * s.options.beta_rate / s.beta_norm);
    s.quantize();
    return {};
  });
}

Result<Model> Encoder::model() const noexcept {
  return boundary([&]() -> Result<Model> {
    if (state_ == nullptr) return moved_from();
    const State& s = *state_;
    Model model;
    model.segments = {pack_alpha(s.alpha, s.options.code_dim, s.options.alpha_type), s.beta_bytes};
    model.manifest.generators = {s.description};
    Codes codes;
    codes.chunks = s.partition.chunks;
    codes.codes_per_chunk = s.options.codes_per_chunk;
    codes.alpha_type = s.options.alpha_type;
    codes.alpha_segment = 0;
    codes.beta_type = s.options.beta_type;
    codes.beta_exponent = s.beta_exponent;
    codes.beta_segment = 1;
    model.manifest.codes = {codes};
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
