// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Generators and codes of files in the making, and what seeds stand for.
#include <cstring>
#include <string>
#include <utility>

#include "capi/writer.h"
#include "mcnc/checked_math.h"
#include "mcnc/draw.h"

namespace mcnc::capi {
namespace {

static_assert(static_cast<int>(Activation::kIdentity) == MCNC_ACTIVATION_IDENTITY &&
              static_cast<int>(Arithmetic::kFloat32) == MCNC_ARITHMETIC_FLOAT32);

struct GeneratorArrays {
  std::vector<std::byte> weights;  // of one layer; empty: drawn
  std::vector<std::byte> bias;     // empty: none
};

// A layer with n_in inputs. Segments are for the caller to number.
Result<Layer> layer_of(const mcnc_layer& in, std::uint32_t n_in, Arithmetic arithmetic, GeneratorArrays& arrays) {
  if (in.activation != MCNC_ACTIVATION_SINE && in.activation != MCNC_ACTIVATION_IDENTITY) {
    return bad_argument("the activation of a layer is neither MCNC_ACTIVATION_SINE nor MCNC_ACTIVATION_IDENTITY");
  }
  Layer layer{.width = in.width, .activation = static_cast<Activation>(in.activation), .frequency = in.frequency};
  layer.turns = in.turns;
  layer.weights_scale = in.weights_scale;
  if (in.weights != nullptr) {
    std::size_t size = 1;
    if (arithmetic == Arithmetic::kFloat32) {
      if (in.weights_dtype < MCNC_F32 || in.weights_dtype > MCNC_BF16) {
        return bad_argument("the weights of a layer of float32 arithmetic are MCNC_F32, MCNC_F16 or MCNC_BF16");
      }
      layer.weights_type = static_cast<DType>(in.weights_dtype);
      size = size_of(layer.weights_type);
    } else if (in.weights_dtype != MCNC_I8) {
      return bad_argument("the weights of a layer of integer arithmetic are MCNC_I8");
    }
    Result<std::vector<std::byte>> weights =
        copy_of(in.weights, std::uint64_t{n_in} * in.width, size, "the weights of a layer");
    if (!weights.ok()) return weights.status();
    arrays.weights = *std::move(weights);
  }
  if (in.bias != nullptr) {
    Result<std::vector<std::byte>> bias = copy_of(in.bias, in.width, sizeof(float), "the bias of a layer");
    if (!bias.ok()) return bias.status();
    arrays.bias = *std::move(bias);
  }
  return layer;
}

// Hands each layer's arrays to add(bytes), which returns the number of a segment.
template <typename Add>
Result<Generator> generator_of(const mcnc_generator* from, Add&& add_array) {
  constexpr std::uint32_t kMostLayers = 16;
  mcnc_generator in{};
  if (from == nullptr) return bad_argument("the generator is NULL");
  if (Status s = take(from, in); !s.ok()) return s;
  if (in.arithmetic != MCNC_ARITHMETIC_INTEGER && in.arithmetic != MCNC_ARITHMETIC_FLOAT32) {
    return bad_argument("the arithmetic of a generator is neither MCNC_ARITHMETIC_INTEGER nor MCNC_ARITHMETIC_FLOAT32");
  }
  if (in.layers == nullptr || in.layer_count < 1 || in.layer_count > kMostLayers) {
    return bad_argument("a generator has 1 to 16 layers");
  }
  Generator out;
  out.arithmetic = static_cast<Arithmetic>(in.arithmetic);
  out.code_dim = in.code_dim;
  out.seed = in.seed;
  out.unit_norm = in.unit_norm != 0;
  std::uint32_t n_in = in.code_dim;
  for (std::uint32_t i = 0; i < in.layer_count; ++i) {
    mcnc_layer layer{};
    if (Status s = take_from_array(in.layers, i, layer); !s.ok()) return s;
    GeneratorArrays arrays;
    Result<Layer> made = layer_of(layer, n_in, out.arithmetic, arrays);
    if (!made.ok()) return made.status();
    if (layer.weights != nullptr) made->weights_segment = add_array(std::move(arrays.weights));
    if (layer.bias != nullptr) made->bias_segment = add_array(std::move(arrays.bias));
    out.layers.push_back(*std::move(made));
    n_in = layer.width;
  }
  return out;
}

Result<AlphaType> alpha_type_of(std::int32_t dtype) {
  switch (dtype) {
    case MCNC_I8:
      return AlphaType::kInt8;
    case MCNC_I16:
      return AlphaType::kInt16;
    case MCNC_F32:
      return AlphaType::kF32;
    case MCNC_F16:
      return AlphaType::kF16;
    case MCNC_BF16:
      return AlphaType::kBf16;
    default:
      return bad_argument("alpha is MCNC_I8, MCNC_I16, MCNC_F32, MCNC_F16 or MCNC_BF16");
  }
}

// From (codes, k), as programs have them, to (k, codes), as files do.
std::vector<std::byte> planar(const std::vector<std::byte>& rows, std::size_t k, std::size_t size) {
  std::vector<std::byte> out(rows.size());
  const std::size_t codes = rows.size() / size / k;
  for (std::size_t i = 0; i < codes; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      std::memcpy(out.data() + (j * codes + i) * size, rows.data() + (i * k + j) * size, size);
    }
  }
  return out;
}

Result<Codes> codes_of(const mcnc_codes* from, mcnc_writer& writer) {
  mcnc_codes in;
  mcnc_codes_init(&in);
  if (from == nullptr) return bad_argument("the codes are NULL");
  if (Status s = take(from, in); !s.ok()) return s;
  const std::vector<Generator>& generators = writer.model.manifest.generators;
  if (in.generator >= generators.size()) return bad_argument("there is no generator of that number");
  const std::uint32_t k = generators[in.generator].code_dim;
  if (k == 0 || in.codes_per_chunk == 0 || in.chunks == 0) {
    return bad_argument("there are no codes: code_dim, codes_per_chunk or chunks is 0");
  }
  const Result<AlphaType> alpha_type = alpha_type_of(in.alpha_dtype);
  if (!alpha_type.ok()) return alpha_type.status();
  if (in.beta_dtype < MCNC_F32 || in.beta_dtype > MCNC_BF16) {
    return bad_argument("beta is MCNC_F32, MCNC_F16 or MCNC_BF16");
  }
  if (in.beta_exponent < -128 || in.beta_exponent > 127) return bad_argument("beta_exponent is not -128 to 127");
  Codes out;
  out.generator = in.generator;
  out.chunks = in.chunks;
  out.codes_per_chunk = in.codes_per_chunk;
  out.alpha_type = *alpha_type;
  out.alpha_scale = in.alpha_scale;
  out.beta_exponent = static_cast<std::int8_t>(in.beta_exponent);
  const Checked codes = Checked(in.chunks) * in.codes_per_chunk;
  Result<std::vector<std::byte>> alpha =
      copy_of(in.alpha, (codes * k).value(), size_of(*alpha_type), "the alpha of the codes");
  if (!alpha.ok()) return alpha.status();
  out.alpha_segment = add_segment(writer, planar(*alpha, k, size_of(*alpha_type)));
  if (in.beta == nullptr) {
    out.beta = in.beta_value;
    return out;
  }
  out.beta_type = static_cast<BetaType>(in.beta_dtype);
  Result<std::vector<std::byte>> beta =
      copy_of(in.beta, codes.value(), size_of(out.beta_type), "the beta of the codes");
  if (!beta.ok()) return beta.status();
  out.beta_segment = add_segment(writer, *std::move(beta));
  return out;
}

}  // namespace
}  // namespace mcnc::capi

using namespace mcnc;        // NOLINT(google-build-using-namespace): functions of C have none of their own
using namespace mcnc::capi;  // NOLINT(google-build-using-namespace)

int32_t mcnc_writer_add_generator(mcnc_writer* writer, const mcnc_generator* generator, uint32_t* index,
                                  mcnc_error* error) {
  return add(writer, error, [&]() -> Status {
    if (index == nullptr) return bad_argument("there is no place for the generator's number: it is NULL");
    Result<Generator> made =
        generator_of(generator, [&](std::vector<std::byte> array) { return add_segment(*writer, std::move(array)); });
    if (!made.ok()) return made.status();
    writer->model.manifest.generators.push_back(*std::move(made));
    *index = static_cast<std::uint32_t>(writer->model.manifest.generators.size() - 1);
    return {};
  });
}

void mcnc_codes_init(mcnc_codes* codes) {
  if (codes == nullptr) return;
  const Codes defaults;
  *codes = {};
  codes->struct_size = sizeof(mcnc_codes);
  codes->codes_per_chunk = defaults.codes_per_chunk;
  codes->alpha_dtype = MCNC_I8;
  codes->alpha_scale = defaults.alpha_scale;
}

int32_t mcnc_writer_add_codes(mcnc_writer* writer, const mcnc_codes* codes, uint32_t* index, mcnc_error* error) {
  return add(writer, error, [&]() -> Status {
    if (index == nullptr) return bad_argument("there is no place for the number of the codes: it is NULL");
    Result<Codes> made = codes_of(codes, *writer);
    if (!made.ok()) return made.status();
    writer->model.manifest.codes.push_back(*made);
    *index = static_cast<std::uint32_t>(writer->model.manifest.codes.size() - 1);
    return {};
  });
}

int32_t mcnc_draw_weights(const mcnc_generator* generator, uint32_t layer, void* out, size_t bytes, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (out == nullptr && bytes != 0) return bad_argument("the output is NULL");
    const Result<Generator> made = generator_of(generator, [](const std::vector<std::byte>&) { return 0U; });
    if (!made.ok()) return made.status();
    return draw_weights(*made, layer, {static_cast<std::byte*>(out), bytes});
  });
}

int32_t mcnc_draw_theta0(uint64_t seed, uint32_t stream, float scale, uint64_t first, float* out, uint64_t count,
                         mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (out == nullptr && count != 0) return bad_argument("the output is NULL");
    if (count > PTRDIFF_MAX / sizeof(float)) return bad_argument("there cannot be so many numbers in memory");
    return draw_theta0({seed, stream, scale}, first, {out, static_cast<std::size_t>(count)});
  });
}
