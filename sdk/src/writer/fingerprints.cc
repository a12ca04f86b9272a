// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "writer/fingerprints.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/checked_math.h"
#include "generator/expanded.h"
#include "generator/float_generator.h"
#include "generator/packed_generator.h"
#include "kernels/kernels.h"
#include "tensors/convert.h"
#include "writer/order.h"

namespace mcnc {
namespace {

// All bytes of the segment; none where there is no segment.
Result<std::vector<std::byte>> bytes_of(const Model& model, const std::optional<std::uint32_t>& segment) {
  if (!segment) return std::vector<std::byte>();
  const SegmentSource& source = model.segments[*segment];
  if (const auto* bytes = std::get_if<std::vector<std::byte>>(&source)) return *bytes;
  std::vector<std::byte> bytes(to_size(source_size(source)));
  if (Status s = std::get<std::shared_ptr<Input>>(source)->read_at(0, bytes); !s.ok()) return s;
  return bytes;
}

Result<std::vector<float>> floats_of(const Model& model, const std::optional<std::uint32_t>& segment, DType dtype) {
  const Result<std::vector<std::byte>> bytes = bytes_of(model, segment);
  if (!bytes.ok()) return bytes.status();
  std::vector<float> values(bytes->size() / size_of(dtype));
  widen(*bytes, dtype, values);
  return values;
}

Result<Digest> float_fingerprint(const Model& model, const Generator& generator) {
  std::vector<StoredLayer> stored;
  for (const Layer& layer : generator.layers) {
    Result<std::vector<float>> weights = floats_of(model, layer.weights_segment, layer.weights_type);
    if (!weights.ok()) return weights.status();
    Result<std::vector<float>> bias = floats_of(model, layer.bias_segment, DType::kF32);
    if (!bias.ok()) return bias.status();
    stored.push_back({*std::move(weights), *std::move(bias)});
  }
  const FloatGenerator expanded = expand_float(generator, std::move(stored));
  return fingerprint(expanded, PackedFloat(default_kernels(), expanded), generator.seed);
}

Result<Digest> integer_fingerprint(const Model& model, const Generator& generator) {
  std::vector<std::vector<std::int8_t>> stored;
  for (const Layer& layer : generator.layers) {
    const Result<std::vector<std::byte>> bytes = bytes_of(model, layer.weights_segment);
    if (!bytes.ok()) return bytes.status();
    std::vector<std::int8_t>& weights = stored.emplace_back(bytes->size());
    std::ranges::transform(*bytes, weights.begin(), [](std::byte b) { return static_cast<std::int8_t>(b); });
  }
  return fingerprint(expand(generator, std::move(stored)), generator.seed);
}

}  // namespace

Status fill_fingerprints(Model& model) {
  for (Generator& generator : model.manifest.generators) {
    const Result<Digest> fingerprint = generator.arithmetic == Arithmetic::kFloat32
                                           ? float_fingerprint(model, generator)
                                           : integer_fingerprint(model, generator);
    if (!fingerprint.ok()) return fingerprint.status();
    generator.fingerprint = *fingerprint;
  }
  return {};
}

}  // namespace mcnc
