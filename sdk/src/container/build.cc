// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/build.h"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <type_traits>

#include "manifest_generated.h"

namespace mcnc {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

fb::Digest copy(const Digest& digest) {
  return fb::Digest(
      flatbuffers::span<const std::uint8_t, 32>(reinterpret_cast<const std::uint8_t*>(digest.data()), digest.size()));
}

// The one enumeration that is converted by name: schema and SDK must both know every activation.
constexpr fb::Activation to_schema(Activation activation) noexcept {
  switch (activation) {
    case Activation::kSine:
      return fb::Activation::sine;
    case Activation::kIdentity:
      return fb::Activation::identity;
  }
  return fb::Activation::sine;
}
static_assert(to_schema(static_cast<Activation>(fb::Activation::MAX)) == fb::Activation::MAX);

template <typename T>
flatbuffers::Optional<T> copy(const std::optional<T>& value) {
  return value ? flatbuffers::Optional<T>(*value) : flatbuffers::nullopt;
}

template <typename T>
bool is_minus_zero(const T& field) {
  if constexpr (std::is_floating_point_v<T>) {
    return field == 0 && std::signbit(field);
  } else {
    return false;
  }
}

// The one way that tables are made: create_table(b, fields...). FlatBuffers leaves out a field that equals its default,
// and -0 equals 0: a table with a -0 writes all of its fields.
template <typename CreateTable, typename... Fields>
auto create(FlatBufferBuilder& b, CreateTable create_table, const Fields&... fields) {
  b.ForceDefaults((is_minus_zero(fields) || ...));
  const auto offset = create_table(b, fields...);
  b.ForceDefaults(false);
  return offset;
}

// One table of each element, then the vector of them.
template <typename In, typename Build>
auto each(FlatBufferBuilder& b, const std::vector<In>& in, Build build) {
  std::vector<decltype(build(in.front()))> offsets;
  offsets.reserve(in.size());
  for (const In& one : in) offsets.push_back(build(one));
  return b.CreateVector(offsets);
}

Offset<fb::Segment> build_segment(FlatBufferBuilder& b, const Segment& in) {
  const fb::Digest digest = copy(in.digest);
  return create(b, fb::CreateSegment, in.offset, in.stored_length, in.decoded_length,
                static_cast<fb::Encoding>(in.encoding), &digest);
}

Offset<fb::Generator> build_generator(FlatBufferBuilder& b, const Generator& in) {
  const auto layers = each(b, in.layers, [&](const Layer& layer) {
    return create(b, fb::CreateLayer, layer.width, to_schema(layer.activation), layer.frequency,
                  copy(layer.weights_segment), layer.turns, layer.weights_scale,
                  static_cast<fb::DType>(layer.weights_type), copy(layer.bias_segment));
  });
  const fb::Digest fingerprint = copy(in.fingerprint);
  return create(b, fb::CreateGenerator, static_cast<fb::Arithmetic>(in.arithmetic), in.code_dim, in.seed, layers,
                &fingerprint, in.unit_norm);
}

Offset<fb::Codes> build_codes(FlatBufferBuilder& b, const Codes& in) {
  return create(b, fb::CreateCodes, in.generator, in.chunks, in.codes_per_chunk,
                static_cast<fb::AlphaType>(in.alpha_type), in.alpha_segment, static_cast<fb::BetaType>(in.beta_type),
                in.beta_exponent, copy(in.beta_segment), in.beta, in.alpha_scale);
}

struct Member {
  std::uint8_t type = 0;  // 0: none
  Offset<void> value;
};

struct BuildTheta0 {
  FlatBufferBuilder& b;

  Member operator()(std::monostate) const { return {}; }
  Member operator()(const Constant& in) const {
    return member(fb::Theta0::Constant, create(b, fb::CreateConstant, in.value));
  }
  Member operator()(const Uniform& in) const {
    return member(fb::Theta0::Uniform, create(b, fb::CreateUniform, in.seed, in.stream, in.scale));
  }
  Member operator()(const BaseTheta0& in) const {
    const auto tensor = in.tensor.empty() ? Offset<flatbuffers::String>() : b.CreateString(in.tensor);
    const fb::Digest digest = copy(in.digest);
    return member(fb::Theta0::BaseTheta0,
                  create(b, fb::CreateBaseTheta0, in.base, tensor, static_cast<fb::DType>(in.dtype), &digest));
  }
  Member operator()(const StoredTheta0& in) const {
    return member(fb::Theta0::StoredTheta0,
                  create(b, fb::CreateStoredTheta0, in.segment, static_cast<fb::DType>(in.dtype)));
  }

  template <typename T>
  static Member member(fb::Theta0 type, Offset<T> value) {
    return {static_cast<std::uint8_t>(type), value.Union()};
  }
};

struct BuildSource {
  FlatBufferBuilder& b;

  Member operator()(const Generated& in) const {
    const Member theta0 = std::visit(BuildTheta0{b}, in.theta0);
    return member(fb::Source::Generated, create(b, fb::CreateGenerated, in.codes, in.first_element,
                                                static_cast<fb::Theta0>(theta0.type), theta0.value, in.slices));
  }
  Member operator()(const Product& in) const {
    const Member theta0 = std::visit(BuildTheta0{b}, in.theta0);
    return member(fb::Source::Product, create(b, fb::CreateProduct, in.b, in.a, in.scale,
                                              static_cast<fb::Theta0>(theta0.type), theta0.value));
  }
  Member operator()(const Stored& in) const {
    return member(fb::Source::Stored, create(b, fb::CreateStored, in.segment));
  }
  Member operator()(const Shared& in) const {
    return member(fb::Source::Shared, create(b, fb::CreateShared, in.tensor));
  }

  template <typename T>
  static Member member(fb::Source type, Offset<T> value) {
    return {static_cast<std::uint8_t>(type), value.Union()};
  }
};

Offset<fb::Tensor> build_tensor(FlatBufferBuilder& b, const Tensor& in) {
  const auto name = b.CreateString(in.name);
  const auto shape = in.shape.empty() ? Offset<flatbuffers::Vector<std::uint64_t>>() : b.CreateVector(in.shape);
  const Member source = std::visit(BuildSource{b}, in.source);
  const fb::Digest digest = copy(in.digest);
  return create(b, fb::CreateTensor, name, static_cast<fb::DType>(in.dtype), shape,
                static_cast<fb::Source>(source.type), source.value, &digest, in.factor);
}

Offset<fb::Base> build_base(FlatBufferBuilder& b, const Base& in) {
  const auto name = b.CreateString(in.name);
  const fb::Digest identity = copy(in.weights_identity);
  return create(b, fb::CreateBase, name, &identity);
}

struct BuildValue {
  FlatBufferBuilder& b;

  Member operator()(const std::string& in) const {
    return member(fb::MetadataValue::Text, create(b, fb::CreateText, b.CreateString(in)));
  }
  Member operator()(std::int64_t in) const {
    return member(fb::MetadataValue::Integer, create(b, fb::CreateInteger, in));
  }
  Member operator()(double in) const { return member(fb::MetadataValue::Real, create(b, fb::CreateReal, in)); }
  Member operator()(bool in) const { return member(fb::MetadataValue::Boolean, create(b, fb::CreateBoolean, in)); }

  template <typename T>
  static Member member(fb::MetadataValue type, Offset<T> value) {
    return {static_cast<std::uint8_t>(type), value.Union()};
  }
};

Offset<fb::Metadata> build_metadata(FlatBufferBuilder& b, const Metadata& in) {
  const auto key = b.CreateString(in.key);
  const Member value = std::visit(BuildValue{b}, in.value);
  return create(b, fb::CreateMetadata, key, static_cast<fb::MetadataValue>(value.type), value.value);
}

}  // namespace

std::vector<std::byte> build_manifest(const Manifest& manifest) {
  FlatBufferBuilder b;
  const auto segments = each(b, manifest.segments, [&](const Segment& in) { return build_segment(b, in); });
  const auto generators = each(b, manifest.generators, [&](const Generator& in) { return build_generator(b, in); });
  const auto codes = each(b, manifest.codes, [&](const Codes& in) { return build_codes(b, in); });
  const auto tensors = each(b, manifest.tensors, [&](const Tensor& in) { return build_tensor(b, in); });
  const auto metadata = each(b, manifest.metadata, [&](const Metadata& in) { return build_metadata(b, in); });
  const auto bases = manifest.bases.empty()
                         ? Offset<flatbuffers::Vector<Offset<fb::Base>>>()
                         : each(b, manifest.bases, [&](const Base& in) { return build_base(b, in); });
  const Cost& cost = manifest.budget;
  const auto budget = create(b, fb::CreateBudget, cost.output_bytes, cost.multiply_adds, cost.scratch_bytes);
  const fb::Digest identity = copy(manifest.weights_identity);
  fb::FinishManifestBuffer(
      b, create(b, fb::CreateManifest, segments, generators, codes, tensors, metadata, budget, &identity, bases));

  const auto bytes = std::as_bytes(std::span(b.GetBufferPointer(), b.GetSize()));
  return {bytes.begin(), bytes.end()};
}

}  // namespace mcnc
