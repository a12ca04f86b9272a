// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/code_expander.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "decoder/executor.h"
#include "encoder/batches.h"
#include "encoder/options.h"
#include "encoder/quantize.h"
#include "mcnc/boundary.h"
#include "mcnc/convert.h"
#include "mcnc/fp_environment.h"
#include "model/device_expander.h"
#include "model/expanded.h"
#include "model/fingerprint.h"

namespace mcnc {
namespace {

Status argument(std::string message) { return Status(ErrorCode::kArgument, "", std::move(message)); }

Status moved_from() { return argument("this CodeExpander was moved from: it has no generator"); }

Status check_dtype(DType dtype) {
  if (dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBf16) return {};
  return argument("weights are made as F32, F16 or BF16");
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

// The part of a tensor of `elements` numbers that is row r of a batch: where it begins, and how long it is.
struct RowRange {
  RowRange(const Batch& batch, std::size_t r, std::size_t chunk_dim, std::size_t elements)
      : begin(static_cast<std::size_t>(batch.first + r) * chunk_dim), count(std::min(chunk_dim, elements - begin)) {}
  std::size_t begin;
  std::size_t count;
};

// Fills the rows of a batch with the numbers of a tensor, and with zeros past its end; with zeros alone where `numbers`
// is empty.
void load_rows(const Batch& batch, std::size_t chunk_dim, std::size_t elements, std::span<const float> numbers,
               RowBuffer<float>& rows) {
  for (std::size_t r = 0; r < batch.count; ++r) {
    const RowRange range(batch, r, chunk_dim, elements);
    const std::size_t filled = numbers.empty() ? 0 : range.count;
    std::copy_n(numbers.data() + (numbers.empty() ? 0 : range.begin), filled, rows.row(r));
    std::fill(rows.row(r) + filled, rows.row(r) + chunk_dim, 0.0F);
  }
}

}  // namespace

struct CodeExpander::State {
  State(const EncoderOptions& the_options, std::unique_ptr<Executor> executor)
      : options(the_options),
        batches(options, std::move(executor)),
        step_of_alpha(alpha_step(options)),
        beta_norm(chunk_norm(options.chunk_dim, batches.beta_exponent())) {}

  // Rounds the codes, of as many chunks as there are, to what a file holds. They are used until the next call.
  Status quantize(const TrainedCodes& codes) {
    const std::size_t count = codes.beta.size();
    if (count == 0 || count % options.codes_per_chunk != 0 || codes.alpha.size() % count != 0 ||
        codes.alpha.size() / count != options.code_dim) {
      return argument("alpha must be (chunks, " + std::to_string(options.codes_per_chunk) + ", " +
                      std::to_string(options.code_dim) + "), and beta the same without its last dimension");
    }
    if (Status status = check_codes(options, count / options.codes_per_chunk); !status.ok()) return status;
    if (!all_finite(codes.alpha)) return argument("alpha is not finite: it has a NaN or an infinity");
    if (!all_finite(codes.beta)) return argument("beta is not finite: it has a NaN or an infinity");
    alpha.resize(codes.alpha.size());
    std::transform(codes.alpha.begin(), codes.alpha.end(), alpha.begin(),
                   [&](float value) { return round_alpha(value / step_of_alpha, options.alpha_type); });
    std::vector<float> masters(count);
    std::transform(codes.beta.begin(), codes.beta.end(), masters.begin(),
                   [&](float value) { return value / beta_norm; });
    beta_bytes = pack_beta(masters, options.beta_type);
    beta.resize(count);
    unpack_beta(beta_bytes, options.beta_type, batches.beta_exponent(), beta);
    return {};
  }

  // kArgument where a tensor of that many elements does not have codes of so many chunks.
  Status check_elements(std::uint64_t chunks, std::uint64_t elements) const {
    if (elements != 0 && (elements - 1) / options.chunk_dim + 1 == chunks) return {};
    return argument("the codes are of " + std::to_string(chunks) + " chunks of " + std::to_string(options.chunk_dim) +
                    " weights, which a tensor of " + std::to_string(elements) + " elements does not take");
  }

  // Gives the device the generator, with the fingerprint that it must have.
  Status use(std::shared_ptr<Accelerator> the_accelerator) {
    TrainedGenerator trained{.generator = make_generator(options),
                             .codes_per_chunk = options.codes_per_chunk,
                             .alpha_type = options.alpha_type,
                             .beta_type = options.beta_type,
                             .alpha_step = step_of_alpha,
                             .beta_norm = beta_norm,
                             .beta_exponent = batches.beta_exponent()};
    const Result<Digest> made = fingerprint(expand(trained.generator, {}), trained.generator.seed, batches.runner());
    if (!made.ok()) return made.status();
    trained.generator.fingerprint = *made;
    accelerator = std::move(the_accelerator);
    Result<std::shared_ptr<DeviceExpander>> expander = accelerator->expand(trained);
    if (!expander.ok()) return expander.status();
    on_device = *std::move(expander);
    return {};
  }

  // kArgument where a tensor of that many elements does not have codes of so many chunks, or no device is there.
  Status check_on_device(std::uint64_t chunks, std::uint64_t elements) const {
    if (on_device == nullptr) return argument("this CodeExpander was created without an accelerator");
    if (elements > PTRDIFF_MAX / sizeof(float)) return argument("there cannot be so many elements in memory");
    if (Status status = check_codes(options, chunks); !status.ok()) return status;
    return check_elements(chunks, elements);
  }

  std::uint64_t chunks() const { return beta.size() / options.codes_per_chunk; }
  QuantizedCodes quantized() const { return {alpha, beta, chunks()}; }

  EncoderOptions options;
  Batches batches;
  float step_of_alpha;  // of a stored alpha, in half turns
  float beta_norm;      // of a chunk at stored beta 1
  // The codes of the last call, as a decoder uses them.
  std::vector<std::int32_t> alpha;
  std::vector<float> beta;
  std::vector<std::byte> beta_bytes;
  // nullptr, or where codes on a device are expanded; the second needs the first.
  std::shared_ptr<Accelerator> accelerator;
  std::shared_ptr<DeviceExpander> on_device;
};

CodeExpander::CodeExpander(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
CodeExpander::~CodeExpander() = default;
CodeExpander::CodeExpander(CodeExpander&&) noexcept = default;
CodeExpander& CodeExpander::operator=(CodeExpander&&) noexcept = default;

Result<CodeExpander> CodeExpander::create(const EncoderOptions& options,
                                          std::shared_ptr<Accelerator> accelerator) noexcept {
  return boundary([&]() -> Result<CodeExpander> {
    if (Status status = check(options); !status.ok()) return status;
    Result<std::unique_ptr<Executor>> executor = Executor::create(options.execution);
    if (!executor.ok()) return executor.status();
    const FpEnvironment environment;
    auto state = std::make_unique<State>(options, *std::move(executor));
    if (accelerator != nullptr) {
      if (Status status = state->use(std::move(accelerator)); !status.ok()) return status;
    }
    return CodeExpander(std::move(state));
  });
}

Status CodeExpander::weights(const TrainedCodes& codes, std::span<const float> theta0, DType dtype,
                             std::span<std::byte> out) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    State& s = *state_;
    if (Status status = check_dtype(dtype); !status.ok()) return status;
    const FpEnvironment environment;
    if (Status status = s.quantize(codes); !status.ok()) return status;
    const std::size_t elements = out.size() / size_of(dtype);
    if (out.size() % size_of(dtype) != 0) return argument("the output is not a whole number of elements");
    if (Status status = s.check_elements(s.chunks(), elements); !status.ok()) return status;
    if (!theta0.empty() && theta0.size() != elements) return argument("theta0 has another size than the weights");
    const std::size_t chunk_dim = s.options.chunk_dim;
    return s.batches.expand(
        s.quantized(),
        [&](const Batch& batch, RowBuffer<float>& rows) { load_rows(batch, chunk_dim, elements, theta0, rows); },
        [&](const Batch& batch, Rows<const float> rows, std::span<std::byte>) {
          for (std::size_t r = 0; r < batch.count; ++r) {
            const RowRange range(batch, r, chunk_dim, elements);
            narrow({rows[r], range.count}, dtype,
                   out.subspan(range.begin * size_of(dtype), range.count * size_of(dtype)));
          }
        });
  });
}

Status CodeExpander::gradients(const TrainedCodes& codes, std::span<const float> gradient,
                               std::span<float> alpha_gradient, std::span<float> beta_gradient) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    State& s = *state_;
    const FpEnvironment environment;
    if (Status status = s.quantize(codes); !status.ok()) return status;
    if (Status status = s.check_elements(s.chunks(), gradient.size()); !status.ok()) return status;
    if (alpha_gradient.size() != codes.alpha.size() || beta_gradient.size() != codes.beta.size()) {
      return argument("the gradients of codes have another size than the codes");
    }
    const Status made = s.batches.differentiate(
        s.quantized(),
        [&](const Batch& batch, RowBuffer<float>& rows) {
          load_rows(batch, s.options.chunk_dim, gradient.size(), gradient, rows);
        },
        alpha_gradient, beta_gradient);
    if (!made.ok()) return made;
    for (float& value : alpha_gradient) value /= s.step_of_alpha;
    for (float& value : beta_gradient) value /= s.beta_norm;
    return {};
  });
}

Status CodeExpander::weights_on_device(const TrainedCodesOnDevice& codes, const float* theta0, std::uint64_t elements,
                                       DType dtype, void* out) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    if (Status status = check_dtype(dtype); !status.ok()) return status;
    if (Status status = state_->check_on_device(codes.chunks, elements); !status.ok()) return status;
    return state_->on_device->weights(codes, theta0, elements, dtype, out);
  });
}

Status CodeExpander::gradients_on_device(const TrainedCodesOnDevice& codes, const float* gradient,
                                         std::uint64_t elements, float* alpha_gradient, float* beta_gradient) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    if (Status status = state_->check_on_device(codes.chunks, elements); !status.ok()) return status;
    return state_->on_device->gradients(codes, gradient, elements, alpha_gradient, beta_gradient);
  });
}

Result<Model> CodeExpander::model(const TrainedCodes& codes) noexcept {
  return boundary([&]() -> Result<Model> {
    if (state_ == nullptr) return moved_from();
    State& s = *state_;
    const FpEnvironment environment;
    if (Status status = s.quantize(codes); !status.ok()) return status;
    return make_model(s.options, s.alpha, s.beta_bytes);
  });
}

}  // namespace mcnc
