// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "info_json.h"

#include <nlohmann/json.hpp>
#include <variant>

#include "describe.h"
#include "json_text.h"

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const Generator& generator) {
  const bool integer = generator.arithmetic == Arithmetic::kInteger;
  ordered_json layers = ordered_json::array();
  for (std::size_t i = 0; i < generator.layers.size(); ++i) {
    const Layer& layer = generator.layers[i];
    ordered_json weights = {{"kind", "seeded"}, {"stream", i}};
    if (layer.weights_segment) weights = {{"kind", "stored"}, {"segment", *layer.weights_segment}};
    if (!integer && !layer.weights_segment) weights["scale"] = layer.weights_scale;
    if (!integer && layer.weights_segment) weights["type"] = name(layer.weights_type);
    layers.push_back({{"n_in", generator.n_in(i)}, {"width", layer.width}, {"activation", word(layer.activation)}});
    if (integer) {
      layers.back()["frequency"] = layer.frequency;
    } else {
      layers.back()["turns"] = layer.turns;
    }
    layers.back()["weights"] = weights;
    if (layer.bias_segment) layers.back()["bias"] = {{"segment", *layer.bias_segment}};
  }
  ordered_json answer = {{"arithmetic", word(generator.arithmetic)},
                         {"code_dim", generator.code_dim},
                         {"chunk_dim", generator.chunk_dim()},
                         {"seed", std::to_string(generator.seed)},
                         {"layers", layers}};
  if (!integer) answer["unit_norm"] = generator.unit_norm;
  answer["fingerprint"] = to_hex(generator.fingerprint);
  return answer;
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
          {"alpha", {{"type", word(codes.alpha_type)}, {"scale", codes.alpha_scale}, {"segment", codes.alpha_segment}}},
          {"beta", beta}};
}

// tensor: the one that starts so.
ordered_json to_json(const Theta0& theta0, const Tensor& tensor) {
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
                                                       {"scale", uniform.scale}});
                        },
                        [](const StoredTheta0& stored) {
                          return ordered_json::object(
                              {{"kind", "stored"}, {"dtype", name(stored.dtype)}, {"segment", stored.segment}});
                        },
                        [&](const BaseTheta0& base) {
                          return ordered_json::object({{"kind", "base"},
                                                       {"base", base.base},
                                                       {"tensor", base.tensor.empty() ? tensor.name : base.tensor},
                                                       {"dtype", name(base.dtype)},
                                                       {"digest", to_hex(base.digest)}});
                        },
                    },
                    theta0);
}

ordered_json source_json(const Tensor& tensor, const Manifest& manifest) {
  return std::visit(
      Overloaded{
          [&](const Generated& generated) {
            return ordered_json::object({{"kind", "generated"},
                                         {"codes", generated.codes},
                                         {"first_element", generated.first_element},
                                         {"slices", generated.slices},
                                         {"theta0", to_json(generated.theta0, tensor)}});
          },
          [](const Stored& stored) {
            return ordered_json::object({{"kind", "stored"}, {"segment", stored.segment}});
          },
          [&](const Shared& shared) {
            return ordered_json::object({{"kind", "shared"}, {"tensor", manifest.tensors[shared.tensor].name}});
          },
          [&](const Product& product) {
            return ordered_json::object({{"kind", "product"},
                                         {"b", manifest.tensors[product.b].name},
                                         {"a", manifest.tensors[product.a].name},
                                         {"scale", product.scale},
                                         {"theta0", to_json(product.theta0, tensor)}});
          },
      },
      tensor.source);
}

ordered_json to_json(const Tensor& tensor, const Manifest& manifest) {
  ordered_json answer = ordered_json::object();
  answer["name"] = tensor.name;
  answer["dtype"] = name(tensor.dtype);
  answer["shape"] = tensor.shape;
  answer["elements"] = tensor.elements();
  answer["bytes"] = tensor.bytes();
  answer["factor"] = tensor.factor;
  answer["source"] = source_json(tensor, manifest);
  answer["digest"] = to_hex(tensor.digest);
  return answer;
}

// use: what it is for.
ordered_json to_json(const Segment& segment, const std::string& use) {
  ordered_json answer = ordered_json::object();
  answer["offset"] = segment.offset;
  answer["stored_length"] = segment.stored_length;
  answer["decoded_length"] = segment.decoded_length;
  answer["encoding"] = word(segment.encoding);
  answer["used_by"] = use;
  answer["digest"] = to_hex(segment.digest);
  return answer;
}

nlohmann::json metadata_json(const MetadataValue& value) {
  return std::visit([](const auto& held) { return nlohmann::json(held); }, value);
}

}  // namespace

std::string info_json(const std::string& file, const Reader& reader) {
  const Manifest& manifest = reader.manifest();
  nlohmann::json metadata = nlohmann::json::object();  // sorted, as it is in the manifest
  for (const Metadata& entry : manifest.metadata) metadata[entry.key] = metadata_json(entry.value);
  const std::vector<std::string> uses = segment_uses(manifest);

  JsonText text("mcnc.info/1");
  text.add("file", ordered_json(file));
  text.add("file_length", ordered_json(reader.file_length()));
  text.add("manifest_length", ordered_json(reader.manifest_length()));
  text.add("file_digest", ordered_json(to_hex(reader.file_digest())));
  text.add("weights_identity", ordered_json(to_hex(manifest.weights_identity)));
  const double ratio = static_cast<double>(manifest.budget.output_bytes) / static_cast<double>(reader.file_length());
  text.add("ratio", ordered_json(ratio));
  text.add("budget", ordered_json{{"output_bytes", manifest.budget.output_bytes},
                                  {"multiply_adds", manifest.budget.multiply_adds},
                                  {"scratch_bytes", manifest.budget.scratch_bytes}});
  text.add("metadata", metadata);
  text.add_list("bases", manifest.bases, [](const Base& base) {
    return ordered_json{{"name", base.name}, {"weights_identity", to_hex(base.weights_identity)}};
  });
  text.add_list("generators", manifest.generators, [](const Generator& generator) { return to_json(generator); });
  text.add_list("codes", manifest.codes, [](const Codes& codes) { return to_json(codes); });
  text.add_list("tensors", manifest.tensors, [&](const Tensor& tensor) { return to_json(tensor, manifest); });
  text.add_list("segments", manifest.segments, [&](const Segment& segment) {
    return to_json(segment, uses[static_cast<std::size_t>(&segment - manifest.segments.data())]);
  });
  return std::move(text).finish();
}

}  // namespace mcnc::tools
