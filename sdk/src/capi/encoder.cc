// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Training in code space.
#include "mcnc/encoder.h"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "capi/call.h"
#include "capi/execution.h"

using namespace mcnc;        // NOLINT(google-build-using-namespace): functions of C have none of their own
using namespace mcnc::capi;  // NOLINT(google-build-using-namespace)

struct mcnc_encoder {
  static constexpr auto kTag = Tag::kEncoder;
  static constexpr const char* kName = "encoder";

  Tag tag = kTag;
  std::unique_ptr<ExecutionState> state;  // outlives the encoder, which points to it
  Execution execution;                    // as the encoder has it, for the writer
  Encoder encoder;

  bool is_forked() const noexcept { return state->is_forked(); }
};

namespace mcnc::capi {
namespace {

Result<EncoderTensor> tensor_of(const mcnc_encoder_tensor* from) {
  mcnc_encoder_tensor in;
  mcnc_encoder_tensor_init(&in);
  if (Status s = take(from, in); !s.ok()) return s;
  if (in.name == nullptr) return bad_argument("a tensor has no name: it is NULL");
  if (in.shape == nullptr && in.rank != 0) return bad_argument(std::string("tensor ") + in.name + " has no shape");
  if (in.rank > 64) return bad_argument(std::string("tensor ") + in.name + " has more than 64 dimensions");
  if (in.dtype < 0 || in.dtype > MCNC_BF16) {
    return bad_argument(std::string("tensor ") + in.name + ": only F32, F16 and BF16 can be trained");
  }
  EncoderTensor out;
  out.name = in.name;
  if (in.rank != 0) out.shape.assign(in.shape, in.shape + in.rank);
  out.dtype = static_cast<DType>(in.dtype);
  switch (in.theta0) {
    case MCNC_THETA0_ZERO:
      break;
    case MCNC_THETA0_CONSTANT:
      out.theta0 = Constant{in.theta0_value};
      break;
    case MCNC_THETA0_UNIFORM:
      out.theta0 = Uniform{in.theta0_seed, in.theta0_stream, in.theta0_scale};
      break;
    default:
      return bad_argument(std::string("tensor ") + in.name + ": theta0 is not one of the MCNC_THETA0_ values");
  }
  return out;
}

Status options_of(const mcnc_encoder_options& in, EncoderOptions& out) {
  if (in.hidden_layers > 15) return bad_argument("there are more than 15 hidden layers");
  if (in.hidden == nullptr && in.hidden_layers != 0) return bad_argument("the widths of the hidden layers are NULL");
  out.code_dim = in.code_dim;
  out.chunk_dim = in.chunk_dim;
  out.codes_per_chunk = in.codes_per_chunk;
  if (in.hidden_layers != 0) out.hidden.assign(in.hidden, in.hidden + in.hidden_layers);
  out.per_tensor = in.per_tensor != 0;
  out.seed = in.seed;
  out.frequency = in.frequency;
  out.alpha_spread = in.alpha_spread;
  out.beta = in.beta;
  out.alpha_rate = in.alpha_rate;
  out.beta_rate = in.beta_rate;
  return {};
}

}  // namespace
}  // namespace mcnc::capi

void mcnc_encoder_tensor_init(mcnc_encoder_tensor* tensor) {
  if (tensor == nullptr) return;
  *tensor = {};
  tensor->struct_size = sizeof(mcnc_encoder_tensor);
}

void mcnc_encoder_options_init(mcnc_encoder_options* options) {
  if (options == nullptr) return;
  const EncoderOptions defaults;
  *options = {};
  options->struct_size = sizeof(mcnc_encoder_options);
  options->code_dim = defaults.code_dim;
  options->chunk_dim = defaults.chunk_dim;
  options->codes_per_chunk = defaults.codes_per_chunk;
  options->seed = defaults.seed;
  options->frequency = defaults.frequency;
  options->alpha_spread = defaults.alpha_spread;
  options->beta = defaults.beta;
  options->alpha_rate = defaults.alpha_rate;
  options->beta_rate = defaults.beta_rate;
}

int32_t mcnc_encoder_create(const mcnc_encoder_tensor* tensors, size_t count, const mcnc_encoder_options* options,
                            mcnc_encoder** encoder, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (encoder == nullptr) return bad_argument("there is no place for the handle: encoder is NULL");
    *encoder = nullptr;
    if (tensors == nullptr && count != 0) return bad_argument("the tensors are NULL");
    std::vector<EncoderTensor> taken;
    for (std::size_t i = 0; i < count; ++i) {
      // An array of structures has the size that its first member states.
      const auto* at = reinterpret_cast<const std::byte*>(tensors) + i * tensors->struct_size;
      Result<EncoderTensor> tensor = tensor_of(reinterpret_cast<const mcnc_encoder_tensor*>(at));
      if (!tensor.ok()) return tensor.status();
      taken.push_back(*std::move(tensor));
    }
    mcnc_encoder_options in;
    mcnc_encoder_options_init(&in);
    if (Status s = take(options, in); !s.ok()) return s;
    EncoderOptions out;
    if (Status s = options_of(in, out); !s.ok()) return s;
    auto state = std::make_unique<ExecutionState>();
    if (Status s = state->set(in.execution, out.execution); !s.ok()) return s;
    Result<Encoder> made = Encoder::create(std::move(taken), out);
    if (!made.ok()) return made.status();
    *encoder = new mcnc_encoder{mcnc_encoder::kTag, std::move(state), out.execution, *std::move(made)};
    return {};
  });
}

void mcnc_encoder_destroy(mcnc_encoder* encoder) { destroy(encoder); }

uint64_t mcnc_encoder_elements(const mcnc_encoder* encoder) {
  return encoder != nullptr && encoder->tag == mcnc_encoder::kTag ? encoder->encoder.elements() : 0;
}

int32_t mcnc_encoder_weights(mcnc_encoder* encoder, float* out, uint64_t count, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (Status s = check(encoder); !s.ok()) return s;
    if (out == nullptr && count != 0) return bad_argument("the output is NULL");
    if (count != encoder->encoder.elements()) return bad_argument("count is not the number of elements");
    return encoder->encoder.weights({out, static_cast<std::size_t>(count)});
  });
}

int32_t mcnc_encoder_step(mcnc_encoder* encoder, const float* gradient, uint64_t count, double rate,
                          mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (Status s = check(encoder); !s.ok()) return s;
    if (gradient == nullptr && count != 0) return bad_argument("the gradient is NULL");
    if (count != encoder->encoder.elements()) return bad_argument("count is not the number of elements");
    return encoder->encoder.step({gradient, static_cast<std::size_t>(count)}, rate);
  });
}

int32_t mcnc_encoder_write(mcnc_encoder* encoder, const char* path, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (Status s = check(encoder); !s.ok()) return s;
    if (path == nullptr) return bad_argument("the path is NULL");
    Result<Model> model = encoder->encoder.model();
    if (!model.ok()) return model.status();
    WriteOptions options;
    options.execution = encoder->execution;
    return write_file(path, *std::move(model), options);
  });
}
