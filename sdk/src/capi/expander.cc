// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Codes that a program trains with an optimizer of its own.
#include <cstddef>
#include <memory>
#include <utility>

#include "capi/accelerator.h"
#include "capi/call.h"
#include "capi/encoder_options.h"
#include "capi/execution.h"
#include "capi/writer.h"
#include "mcnc/checked_math.h"
#include "mcnc/code_expander.h"

using namespace mcnc;        // NOLINT(google-build-using-namespace): functions of C have none of their own
using namespace mcnc::capi;  // NOLINT(google-build-using-namespace)

struct mcnc_expander {
  static constexpr auto kTag = Tag::kExpander;
  static constexpr const char* kName = "expander";

  Tag tag = kTag;
  std::unique_ptr<ExecutionState> state;  // outlives the expander, which points to it
  std::uint32_t code_dim;
  std::uint32_t codes_per_chunk;
  CodeExpander expander;

  bool is_forked() const noexcept { return state->is_forked(); }
};

namespace mcnc::capi {
namespace {

Status codes_of(const mcnc_expander* expander, const float* alpha, const float* beta, std::uint64_t chunks,
                TrainedCodes& codes) {
  if (Status s = check(expander); !s.ok()) return s;
  if (alpha == nullptr || beta == nullptr) return bad_argument("alpha or beta is NULL");
  const Checked betas = Checked(chunks) * expander->codes_per_chunk;
  const Checked alphas = betas * expander->code_dim;
  if ((alphas * sizeof(float)).value() > PTRDIFF_MAX) return bad_argument("there cannot be so many chunks in memory");
  codes = {{alpha, to_size(alphas.value())}, {beta, to_size(betas.value())}};
  return {};
}

Status check_dtype(std::int32_t dtype) {
  if (dtype >= MCNC_F32 && dtype <= MCNC_BF16) return {};
  return bad_argument("weights are MCNC_F32, MCNC_F16 or MCNC_BF16");
}

Status check_gradients(const float* gradient, const float* alpha_gradient, const float* beta_gradient) {
  if (gradient != nullptr && alpha_gradient != nullptr && beta_gradient != nullptr) return {};
  return bad_argument("a gradient is NULL");
}

}  // namespace
}  // namespace mcnc::capi

int32_t mcnc_expander_create(const mcnc_encoder_options* options, mcnc_expander** expander, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (expander == nullptr) return bad_argument("there is no place for the handle: expander is NULL");
    *expander = nullptr;
    EncoderOptions out;
    auto state = std::make_unique<ExecutionState>();
    if (Status s = options_of(options, *state, out); !s.ok()) return s;
    std::shared_ptr<Accelerator> accelerator;
    if (const mcnc_accelerator* device = state->options.accelerator; device != nullptr) {
      if (Status s = check(device); !s.ok()) return s;
      accelerator = device->accelerator;
    }
    Result<CodeExpander> made = CodeExpander::create(out, std::move(accelerator));
    if (!made.ok()) return made.status();
    *expander =
        new mcnc_expander{mcnc_expander::kTag, std::move(state), out.code_dim, out.codes_per_chunk, *std::move(made)};
    return {};
  });
}

void mcnc_expander_destroy(mcnc_expander* expander) { destroy(expander); }

int32_t mcnc_expander_weights(mcnc_expander* expander, const float* alpha, const float* beta, uint64_t chunks,
                              const float* theta0, int32_t dtype, void* out, size_t bytes, mcnc_error* error) {
  return call(error, [&]() -> Status {
    TrainedCodes codes;
    if (Status s = codes_of(expander, alpha, beta, chunks, codes); !s.ok()) return s;
    if (Status s = check_dtype(dtype); !s.ok()) return s;
    if (out == nullptr) return bad_argument("the output is NULL");
    const std::size_t elements = theta0 == nullptr ? 0 : bytes / size_of(static_cast<DType>(dtype));
    return expander->expander.weights(codes, {theta0, elements}, static_cast<DType>(dtype),
                                      {static_cast<std::byte*>(out), bytes});
  });
}

int32_t mcnc_expander_gradients(mcnc_expander* expander, const float* alpha, const float* beta, uint64_t chunks,
                                const float* gradient, uint64_t elements, float* alpha_gradient, float* beta_gradient,
                                mcnc_error* error) {
  return call(error, [&]() -> Status {
    TrainedCodes codes;
    if (Status s = codes_of(expander, alpha, beta, chunks, codes); !s.ok()) return s;
    if (Status s = check_gradients(gradient, alpha_gradient, beta_gradient); !s.ok()) return s;
    if (elements > PTRDIFF_MAX / sizeof(float)) return bad_argument("there cannot be so many elements in memory");
    return expander->expander.gradients(codes, {gradient, static_cast<std::size_t>(elements)},
                                        {alpha_gradient, codes.alpha.size()}, {beta_gradient, codes.beta.size()});
  });
}

int32_t mcnc_expander_weights_on_device(mcnc_expander* expander, const float* alpha, const float* beta, uint64_t chunks,
                                        const float* theta0, int32_t dtype, void* out, uint64_t bytes,
                                        mcnc_error* error) {
  return call(error, [&]() -> Status {
    TrainedCodes codes;
    if (Status s = codes_of(expander, alpha, beta, chunks, codes); !s.ok()) return s;
    if (Status s = check_dtype(dtype); !s.ok()) return s;
    if (out == nullptr) return bad_argument("the output is NULL");
    const std::size_t size = size_of(static_cast<DType>(dtype));
    if (bytes % size != 0) return bad_argument("the output is not a whole number of elements");
    return expander->expander.weights_on_device({alpha, beta, chunks}, theta0, bytes / size, static_cast<DType>(dtype),
                                                out);
  });
}

int32_t mcnc_expander_gradients_on_device(mcnc_expander* expander, const float* alpha, const float* beta,
                                          uint64_t chunks, const float* gradient, uint64_t elements,
                                          float* alpha_gradient, float* beta_gradient, mcnc_error* error) {
  return call(error, [&]() -> Status {
    TrainedCodes codes;
    if (Status s = codes_of(expander, alpha, beta, chunks, codes); !s.ok()) return s;
    if (Status s = check_gradients(gradient, alpha_gradient, beta_gradient); !s.ok()) return s;
    return expander->expander.gradients_on_device({alpha, beta, chunks}, gradient, elements, alpha_gradient,
                                                  beta_gradient);
  });
}

int32_t mcnc_expander_add_to(mcnc_expander* expander, const float* alpha, const float* beta, uint64_t chunks,
                             mcnc_writer* writer, uint32_t* index, mcnc_error* error) {
  return add(writer, error, [&]() -> Status {
    TrainedCodes codes;
    if (Status s = codes_of(expander, alpha, beta, chunks, codes); !s.ok()) return s;
    if (index == nullptr) return bad_argument("there is no place for the number of the codes: it is NULL");
    Result<Model> model = expander->expander.model(codes);
    if (!model.ok()) return model.status();
    *index = add_trained(*writer, *std::move(model));
    return {};
  });
}
