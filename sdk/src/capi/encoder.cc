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
#include "capi/encoder_options.h"
#include "capi/execution.h"
#include "capi/writer.h"

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

Result<EncoderTensor> tensor_of(const mcnc_encoder_tensor* tensors, std::size_t index) {
  mcnc_encoder_tensor in;
  mcnc_encoder_tensor_init(&in);
  if (Status s = take_from_array(tensors, index, in); !s.ok()) return s;
  if (Status s = check_form(in.name, in.shape, in.rank); !s.ok()) return s;
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
      return bad_argument(std::string("tensor ") + in.name +
                          ": theta0 of what is trained is zero, constant or uniform");
  }
  return out;
}

}  // namespace
}  // namespace mcnc::capi

void mcnc_encoder_tensor_init(mcnc_encoder_tensor* tensor) {
  if (tensor == nullptr) return;
  *tensor = {};
  tensor->struct_size = sizeof(mcnc_encoder_tensor);
}

int32_t mcnc_encoder_create(const mcnc_encoder_tensor* tensors, size_t count, const mcnc_encoder_options* options,
                            mcnc_encoder** encoder, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (encoder == nullptr) return bad_argument("there is no place for the handle: encoder is NULL");
    *encoder = nullptr;
    if (tensors == nullptr && count != 0) return bad_argument("the tensors are NULL");
    std::vector<EncoderTensor> taken;
    for (std::size_t i = 0; i < count; ++i) {
      Result<EncoderTensor> tensor = tensor_of(tensors, i);
      if (!tensor.ok()) return tensor.status();
      taken.push_back(*std::move(tensor));
    }
    EncoderOptions out;
    auto state = std::make_unique<ExecutionState>();
    if (Status s = options_of(options, *state, out); !s.ok()) return s;
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

int32_t mcnc_encoder_add_to(mcnc_encoder* encoder, mcnc_writer* writer, mcnc_error* error) {
  return add(writer, error, [&]() -> Status {
    if (Status s = check(encoder); !s.ok()) return s;
    Result<Model> model = encoder->encoder.model();
    if (!model.ok()) return model.status();
    add_trained(*writer, *std::move(model));
    return {};
  });
}
