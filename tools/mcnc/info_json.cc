// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "info_json.h"

#include <nlohmann/json.hpp>
#include <variant>

#include "describe.h"

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const Generator& generator) {
  ordered_json layers = ordered_json::array();
  for (std::size_t i = 0; i < generator.layers.size(); ++i) {
    const Layer& layer = generator.layers[i];
    ordered_json weights = {{"kind", "seeded"}, {"stream", i}};
    if (layer.weights_segment) weights = {{"kind", "stored"}, {"segment", *layer.weights_segment}};
    layers.push_back({{"n_in", generator.n_in(i)},
                      {"width", layer.width},
                      {"activation", word(layer.activation)},
                      {"frequency", layer.frequency},
                      {"weights", weights}});
  }
  return {{"arithmetic", "integer"},
          {"code_dim", generator.code_dim},
          {"chunk_dim", generator.chunk_dim()},
          {"seed", std::to_string(generator.seed)},
          {"layers", layers},
          {"fingerprint", to_hex(generator.fingerprint)}};
}

ordered_json to_json(const Codes& codes) {
  ordered_json beta = {{"kind", "one"}, {"value", codes.beta}, {"exponent", codes.beta_exponent}};
  if (codes.beta_segment) {
    beta = {{"kind", "stored"},
            {"type", word(codes.beta_type)},
            {"exponent", codes.beta_exponent},
            {"segment", *codes.beta_segment}};
  }
  return {{"generator", codes.generator},
          {"chunks", codes.chunks},
          {"codes_per_chunk", codes.codes_per_chunk},
          {"alpha", {{"type", word(codes.alpha_type)}, {"segment", codes.alpha_segment}}},
          {"beta", beta}};
}

ordered_json to_json(const Theta0& theta0) {
  return std::visit(Overloaded{
                        [](std::monostate) {
                          return ordered_json::object({{"kind", "zero"}});
                        },
                        [](const Constant& constant) {
                          return ordered_json::object({{"kind", "constant"}, {"value", constant.value}});
                        },
                        [](const Uniform& uniform) {
                          return ordered_json::object({{"kind", "uniform"},
                                                       {"seed", std::to_string(uniform.seed)},
                                                       {"stream", uniform.stream},
                                                       {"bound", uniform.bound}});
                        },
                        [](const StoredTheta0& stored) {
                          return ordered_json::object(
                              {{"kind", "stored"}, {"dtype", name(stored.dtype)}, {"segment", stored.segment}});
                        },
                    },
                    theta0);
}

ordered_json to_json(const Source& source, const Manifest& manifest) {
  return std::visit(
      Overloaded{
          [](const Generated& generated) {
            return ordered_json::object({{"kind", "generated"},
                                         {"codes", generated.codes},
                                         {"first_element", generated.first_element},
                                         {"theta0", to_json(generated.theta0)}});
          },
          [](const Stored& stored) {
            return ordered_json::object({{"kind", "stored"}, {"segment", stored.segment}});
          },
          [&](const Shared& shared) {
            return ordered_json::object({{"kind", "shared"}, {"tensor", manifest.tensors[shared.tensor].name}});
          },
      },
      source);
}

ordered_json to_json(const MetadataValue& value) {
  return std::visit([](const auto& held) { return ordered_json(held); }, value);
}

}  // namespace

std::string info_json(const std::string& file, const Reader& reader) {
  const Manifest& manifest = reader.manifest();
  ordered_json generators = ordered_json::array();
  for (const Generator& generator : manifest.generators) generators.push_back(to_json(generator));
  ordered_json codes = ordered_json::array();
  for (const Codes& each : manifest.codes) codes.push_back(to_json(each));
  ordered_json tensors = ordered_json::array();
  for (const Tensor& tensor : manifest.tensors) {
    tensors.push_back({{"name", tensor.name},
                       {"dtype", name(tensor.dtype)},
                       {"shape", tensor.shape},
                       {"elements", tensor.elements()},
                       {"bytes", tensor.bytes()},
                       {"source", to_json(tensor.source, manifest)},
                       {"digest", to_hex(tensor.digest)}});
  }
  ordered_json segments = ordered_json::array();
  const std::vector<std::string> uses = segment_uses(manifest);
  for (std::size_t i = 0; i < manifest.segments.size(); ++i) {
    const Segment& segment = manifest.segments[i];
    segments.push_back({{"offset", segment.offset},
                        {"stored_length", segment.stored_length},
                        {"decoded_length", segment.decoded_length},
                        {"encoding", word(segment.encoding)},
                        {"used_by", uses[i]},
                        {"digest", to_hex(segment.digest)}});
  }
  ordered_json metadata = ordered_json::object();
  for (const Metadata& entry : manifest.metadata) metadata[entry.key] = to_json(entry.value);

  const ordered_json info = {
      {"file", file},
      {"file_length", reader.file_length()},
      {"manifest_length", reader.manifest_length()},
      {"file_digest", to_hex(reader.file_digest())},
      {"weights_identity", to_hex(manifest.weights_identity)},
      {"ratio", static_cast<double>(manifest.budget.output_bytes) / static_cast<double>(reader.file_length())},
      {"budget",
       {{"output_bytes", manifest.budget.output_bytes},
        {"multiply_adds", manifest.budget.multiply_adds},
        {"scratch_bytes", manifest.budget.scratch_bytes}}},
      {"metadata", metadata},
      {"generators", generators},
      {"codes", codes},
      {"tensors", tensors},
      {"segments", segments},
  };
  return info.dump(2, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace mcnc::tools
