// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "manifest/validate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/checked_math.h"
#include "base/power_of_two.h"
#include "container/layout.h"
#include "manifest/cost.h"
#include "manifest/identity.h"
#include "manifest/references.h"
#include "manifest/text.h"

namespace mcnc {
namespace {

Status refuse(std::string_view rule, std::string message) { return {Code::kManifest, rule, std::move(message)}; }

std::string numbered(const char* what, std::size_t index) { return std::string(what) + " " + std::to_string(index); }

// --- segments -------------------------------------------------------------------------------------------------------

Status segment_offset(const Manifest& m, std::uint64_t manifest_end, std::uint64_t file_length) {
  std::uint64_t end = manifest_end;
  for (std::size_t i = 0; i < m.segments.size(); ++i) {
    const Segment& segment = m.segments[i];
    const std::uint64_t expected = layout::align_up(end);
    if (segment.offset != expected || expected > file_length || segment.stored_length > file_length - expected) {
      return {Code::kLayout, "segment.offset",
              numbered("segment", i) + " must start at byte " + std::to_string(expected) + " and lie within the file",
              segment.offset};
    }
    end = segment.offset + segment.stored_length;
  }
  return {};
}

Status segment_end(const Manifest& m, std::uint64_t manifest_end, std::uint64_t file_length) {
  const std::uint64_t end =
      m.segments.empty() ? manifest_end : m.segments.back().offset + m.segments.back().stored_length;
  if (end == file_length) return {};
  return {Code::kLayout, "segment.end", "the file has bytes that belong to no segment", end};
}

Status segment_length(const Manifest& m) {
  for (std::size_t i = 0; i < m.segments.size(); ++i) {
    const Segment& segment = m.segments[i];
    const bool fits = segment.encoding == Encoding::kRaw ? segment.stored_length == segment.decoded_length
                                                         : segment.stored_length > 0 && segment.decoded_length > 0;
    if (!fits) return refuse("segment.length", numbered("segment", i) + ": stored and decoded length contradict");
  }
  return {};
}

// --- generators -----------------------------------------------------------------------------------------------------

Status generator_layers(const Manifest& m) {
  constexpr std::size_t kMaxLayers = 16;
  for (std::size_t i = 0; i < m.generators.size(); ++i) {
    const std::size_t layers = m.generators[i].layers.size();
    if (layers < 1 || layers > kMaxLayers) {
      return refuse("generator.layers",
                    numbered("generator", i) + " has " + std::to_string(layers) + " layers, 1 to 16 are allowed");
    }
  }
  return {};
}

Status generator_width(const Manifest& m) {
  constexpr std::uint32_t kMaxWidth = std::uint32_t{1} << 28;
  const auto fits = [](std::uint32_t width) { return width >= 1 && width <= kMaxWidth; };
  for (std::size_t i = 0; i < m.generators.size(); ++i) {
    const Generator& generator = m.generators[i];
    if (!fits(generator.code_dim) ||
        !std::ranges::all_of(generator.layers, [&](const Layer& layer) { return fits(layer.width); })) {
      return refuse("generator.width", numbered("generator", i) + ": code_dim and widths must be 1 to 2^28");
    }
  }
  return {};
}

Status generator_activation(const Manifest& m) {
  for (std::size_t i = 0; i < m.generators.size(); ++i) {
    const std::vector<Layer>& layers = m.generators[i].layers;
    if (std::any_of(layers.begin(), layers.end() - 1,
                    [](const Layer& layer) { return layer.activation == Activation::kIdentity; })) {
      return refuse("generator.activation", numbered("generator", i) + ": only the last layer may be identity");
    }
  }
  return {};
}

Status generator_frequency(const Manifest& m) {
  for (std::size_t i = 0; i < m.generators.size(); ++i) {
    const bool integer = m.generators[i].arithmetic == Arithmetic::kInteger;
    for (const Layer& layer : m.generators[i].layers) {
      if ((integer && layer.activation == Activation::kSine) != (layer.frequency > 0)) {
        return refuse("generator.frequency",
                      numbered("generator", i) + ": frequency is above 0 for integer sine layers, else 0");
      }
    }
  }
  return {};
}

constexpr bool is_float(DType dtype) { return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBf16; }

// In 0 < |value| <= kMaxFloat, or 0 where it has no meaning.
bool fits(float value, bool has_meaning) {
  return has_meaning ? value != 0 && std::fabs(value) <= kMaxFloat : value == 0;
}

Status generator_float(const Manifest& m) {
  const auto allowed = [](const Layer& layer, bool is_float32) {
    return fits(layer.turns, is_float32 && layer.activation == Activation::kSine) &&
           fits(layer.weights_scale, is_float32 && !layer.weights_segment) && layer.weights_scale >= 0 &&
           (is_float32 ? is_float(layer.weights_type) : layer.weights_type == DType::kF32 && !layer.bias_segment);
  };
  for (std::size_t i = 0; i < m.generators.size(); ++i) {
    const Generator& generator = m.generators[i];
    const bool is_float32 = generator.arithmetic == Arithmetic::kFloat32;
    if ((generator.unit_norm && !is_float32) ||
        !std::ranges::all_of(generator.layers, [&](const Layer& layer) { return allowed(layer, is_float32); })) {
      return refuse("generator.float", numbered("generator", i) +
                                           ": turns, weights_scale, weights_type, bias or unit_norm do not fit its "
                                           "arithmetic and layers");
    }
  }
  return {};
}

Status generator_use(const Manifest& m) {
  std::vector<bool> used(m.generators.size(), false);
  for (const Codes& codes : m.codes) used[codes.generator] = true;
  const auto unused = std::ranges::find(used, false);
  if (unused == used.end()) return {};
  return refuse("generator.use",
                numbered("generator", static_cast<std::size_t>(unused - used.begin())) + " is used by no codes");
}

// --- codes ----------------------------------------------------------------------------------------------------------

Status codes_generator(const Manifest& m) {
  for (std::size_t i = 0; i < m.codes.size(); ++i) {
    if (m.codes[i].generator >= m.generators.size()) {
      return refuse("codes.generator", numbered("codes", i) + ": no generator of that index");
    }
  }
  return {};
}

// Keeps every sum of the float32 arithmetic far from overflow, that of the squares of a unit norm too.
Status generator_inputs(const Manifest& m) {
  constexpr std::uint32_t kMaxInputs = std::uint32_t{1} << 20;
  for (std::size_t i = 0; i < m.generators.size(); ++i) {
    const Generator& generator = m.generators[i];
    if (generator.arithmetic == Arithmetic::kInteger) continue;
    for (std::size_t l = 0; l < generator.layers.size(); ++l) {
      if (generator.n_in(l) > kMaxInputs) {
        return refuse("generator.inputs", numbered("generator", i) + ": a float32 layer has at most 2^20 inputs");
      }
    }
    if (generator.unit_norm && generator.chunk_dim() > kMaxInputs) {
      return refuse("generator.inputs", numbered("generator", i) + ": at most 2^20 outputs can be of unit norm");
    }
  }
  return {};
}

// How far the accumulator of an identity layer can reach: its inputs are codes, or int8 activations of a layer before.
Status generator_bound(const Manifest& m) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 31;
  constexpr std::uint64_t kMaxWeight = 128;
  for (std::size_t i = 0; i < m.codes.size(); ++i) {
    const Generator& generator = m.generators[m.codes[i].generator];
    if (generator.arithmetic == Arithmetic::kFloat32 || generator.layers.back().activation != Activation::kIdentity) {
      continue;
    }
    const std::uint64_t code_range = m.codes[i].alpha_type == AlphaType::kInt8 ? 128 : 32768;
    const std::uint64_t input_range = generator.layers.size() == 1 ? code_range : 127;
    if (generator.n_in(generator.layers.size() - 1) * kMaxWeight * input_range >= kLimit) {
      return refuse("generator.bound", numbered("codes", i) + ": outputs of the generator can reach 2^31");
    }
  }
  return {};
}

Status codes_count(const Manifest& m) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 48;
  constexpr std::uint32_t kMaxCodesPerChunk = 65536;
  for (std::size_t i = 0; i < m.codes.size(); ++i) {
    const Codes& codes = m.codes[i];
    const Generator& generator = m.generators[codes.generator];
    const Checked numbers = Checked(codes.chunks) * codes.codes_per_chunk * generator.code_dim;
    const Checked weights = Checked(codes.chunks) * generator.chunk_dim();
    if (codes.chunks < 1 || codes.codes_per_chunk < 1 || codes.codes_per_chunk > kMaxCodesPerChunk ||
        numbers.value() >= kLimit || weights.value() >= kLimit) {
      return refuse("codes.count", numbered("codes", i) + ": chunks or codes_per_chunk out of range");
    }
  }
  return {};
}

Status codes_alpha_type(const Manifest& m) {
  for (std::size_t i = 0; i < m.codes.size(); ++i) {
    const Codes& codes = m.codes[i];
    const bool integer = m.generators[codes.generator].arithmetic == Arithmetic::kInteger;
    const bool whole = codes.alpha_type == AlphaType::kInt8 || codes.alpha_type == AlphaType::kInt16;
    if (integer ? !whole || codes.alpha_scale != 1 : !(codes.alpha_scale > 0 && codes.alpha_scale <= kMaxFloat)) {
      return refuse("codes.alpha_type",
                    numbered("codes", i) + ": alpha_type or alpha_scale do not fit the generator's arithmetic");
    }
  }
  return {};
}

Status codes_exponent(const Manifest& m) {
  for (std::size_t i = 0; i < m.codes.size(); ++i) {
    if (m.codes[i].beta_exponent < -64 || m.codes[i].beta_exponent > 63) {
      return refuse("codes.exponent", numbered("codes", i) + ": beta_exponent must be -64 to 63");
    }
  }
  return {};
}

Status codes_beta(const Manifest& m) {
  for (std::size_t i = 0; i < m.codes.size(); ++i) {
    const Codes& codes = m.codes[i];
    const float scaled = std::fabs(codes.beta * power_of_two(codes.beta_exponent));
    if (!(scaled <= max_beta(m.generators[codes.generator].arithmetic)) || (codes.beta_segment && codes.beta != 0)) {
      return {Code::kValue, "codes.beta",
              numbered("codes", i) +
                  ": beta must be finite, at most 2^64 (float32 generators: 2^48), and 0 beside a segment"};
    }
  }
  return {};
}

// --- tensors --------------------------------------------------------------------------------------------------------

Status tensor_name(const Manifest& m) {
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    if (!is_tensor_name(m.tensors[i].name)) {
      return {Code::kText, "tensor.name",
              numbered("tensor", i) + ": a name is 1 to 1024 bytes of UTF-8 without control characters, no path"};
    }
  }
  return {};
}

Status tensor_order(const Manifest& m) {
  for (std::size_t i = 1; i < m.tensors.size(); ++i) {
    if (m.tensors[i - 1].name >= m.tensors[i].name) {
      return refuse("tensor.order", numbered("tensor", i) + ": names must be unique and in ascending order");
    }
  }
  return {};
}

Status tensor_shape(const Manifest& m) {
  constexpr std::size_t kMaxDimensions = 16;
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 60;
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const Tensor& tensor = m.tensors[i];
    Checked bytes = size_of(tensor.dtype);
    for (const std::uint64_t dimension : tensor.shape) bytes *= std::max<std::uint64_t>(dimension, 1);
    if (tensor.shape.size() > kMaxDimensions || bytes.value() >= kLimit) {
      return refuse("tensor.shape", numbered("tensor", i) + ": more than 16 dimensions or 2^60 bytes");
    }
  }
  return {};
}

Status tensor_generated(const Manifest& m) {
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const auto* generated = std::get_if<Generated>(&m.tensors[i].source);
    if (generated == nullptr) continue;
    if (!is_float(m.tensors[i].dtype) || m.tensors[i].elements() == 0 || generated->codes >= m.codes.size()) {
      return refuse("tensor.generated",
                    numbered("tensor", i) + ": a generated tensor is f32, f16 or bf16, not empty, and has codes");
    }
  }
  return {};
}

Status tensor_theta0(const Manifest& m) {
  const auto allowed = [](const Theta0& theta0) {
    if (const auto* constant = std::get_if<Constant>(&theta0)) return std::fabs(constant->value) <= kMaxTheta0;
    if (const auto* uniform = std::get_if<Uniform>(&theta0)) return uniform->bound > 0 && uniform->bound <= kMaxBound;
    if (const auto* stored = std::get_if<StoredTheta0>(&theta0)) return is_float(stored->dtype);
    if (const auto* base = std::get_if<BaseTheta0>(&theta0)) return is_float(base->dtype);
    return true;
  };
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const Theta0* theta0 = theta0_of(m.tensors[i]);
    if (theta0 != nullptr && !allowed(*theta0)) {
      return {Code::kValue, "tensor.theta0", numbered("tensor", i) + ": theta0 is not a finite number in range"};
    }
  }
  return {};
}

Status tensor_stream(const Manifest& m) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> streams;
  for (const Tensor& tensor : m.tensors) {
    const Theta0* theta0 = theta0_of(tensor);
    const auto* uniform = theta0 != nullptr ? std::get_if<Uniform>(theta0) : nullptr;
    if (uniform != nullptr) streams.emplace_back(uniform->seed, uniform->stream);
  }
  std::ranges::sort(streams);
  if (std::ranges::adjacent_find(streams) == streams.end()) return {};
  return refuse("tensor.stream", "two tensors draw theta0 from the same random stream");
}

Status tensor_shared(const Manifest& m) {
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const Tensor& tensor = m.tensors[i];
    const auto* shared = std::get_if<Shared>(&tensor.source);
    if (shared == nullptr) continue;
    const Tensor* target = shared->tensor < m.tensors.size() ? &m.tensors[shared->tensor] : nullptr;
    if (target == nullptr || std::holds_alternative<Shared>(target->source) || target->factor ||
        target->dtype != tensor.dtype || target->shape != tensor.shape) {
      return refuse("tensor.shared",
                    numbered("tensor", i) + ": shares a tensor that is missing, shared itself, or of other shape");
    }
    if (target->digest != tensor.digest) {
      return refuse("tensor.shared", numbered("tensor", i) + ": shares a tensor of another digest");
    }
  }
  return {};
}

// B (rows, rank) times A (rank, columns).
Status tensor_product(const Manifest& m) {
  const auto factor = [&](std::uint32_t index) -> const Tensor* {
    if (index >= m.tensors.size()) return nullptr;
    const Tensor& tensor = m.tensors[index];
    const bool made = std::holds_alternative<Generated>(tensor.source) || std::holds_alternative<Stored>(tensor.source);
    return made && is_float(tensor.dtype) && tensor.shape.size() == 2 ? &tensor : nullptr;
  };
  std::vector<bool> used(m.tensors.size(), false);
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const Tensor& tensor = m.tensors[i];
    const auto* product = std::get_if<Product>(&tensor.source);
    if (product == nullptr) continue;
    const Tensor* b = factor(product->b);
    const Tensor* a = factor(product->a);
    const bool fits_shape = b != nullptr && a != nullptr && tensor.shape.size() == 2 &&
                            tensor.shape[0] == b->shape[0] && b->shape[1] == a->shape[0] &&
                            tensor.shape[1] == a->shape[1] && b->shape[1] >= 1 && b->shape[1] <= kMaxRank &&
                            tensor.elements() > 0;
    if (!fits_shape || !is_float(tensor.dtype) || tensor.factor || !(std::fabs(product->scale) <= kMaxFloat)) {
      return refuse("tensor.product",
                    numbered("tensor", i) + ": not a float product of (rows, rank) and (rank, columns)");
    }
    used[product->b] = used[product->a] = true;
  }
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    if (m.tensors[i].factor && !used[i]) {
      return refuse("tensor.factor", numbered("tensor", i) + " is a factor of no product");
    }
  }
  return {};
}

// --- bases ----------------------------------------------------------------------------------------------------------

const BaseTheta0* base_of(const Tensor& tensor) {
  const Theta0* theta0 = theta0_of(tensor);
  return theta0 != nullptr ? std::get_if<BaseTheta0>(theta0) : nullptr;
}

Status base_index(const Manifest& m) {
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const BaseTheta0* theta0 = base_of(m.tensors[i]);
    if (theta0 != nullptr && theta0->base >= m.bases.size()) {
      return refuse("base.index", numbered("tensor", i) + ": no base of that index");
    }
  }
  return {};
}

Status base_name(const Manifest& m) {
  for (std::size_t i = 0; i < m.bases.size(); ++i) {
    if (!is_tensor_name(m.bases[i].name)) {
      return {Code::kText, "base.name", numbered("base", i) + ": a name is 1 to 1024 bytes of UTF-8, no path"};
    }
  }
  for (std::size_t i = 0; i < m.tensors.size(); ++i) {
    const BaseTheta0* theta0 = base_of(m.tensors[i]);
    if (theta0 != nullptr && !theta0->tensor.empty() && !is_tensor_name(theta0->tensor)) {
      return {Code::kText, "base.name",
              numbered("tensor", i) + ": its tensor of the base has a name that is not allowed"};
    }
  }
  return {};
}

Status base_use(const Manifest& m) {
  std::vector<bool> used(m.bases.size(), false);
  for (const Tensor& tensor : m.tensors) {
    if (const BaseTheta0* theta0 = base_of(tensor)) used[theta0->base] = true;
  }
  const auto unused = std::ranges::find(used, false);
  if (unused == used.end()) return {};
  return refuse("base.use",
                numbered("base", static_cast<std::size_t>(unused - used.begin())) + " is used by no tensor");
}

// --- what needs tensors and codes -----------------------------------------------------------------------------------

// Which weights of a codes table the tensors take. No chunk without a user, no weight with two.
Status codes_coverage(const Manifest& m) {
  struct Range {
    std::uint32_t codes;
    std::uint64_t first;
    std::uint64_t count;
    auto operator<=>(const Range&) const = default;
  };
  std::vector<Range> ranges;
  for (const Tensor& tensor : m.tensors) {
    const auto* generated = std::get_if<Generated>(&tensor.source);
    if (generated != nullptr) ranges.push_back({generated->codes, generated->first_element, tensor.elements()});
  }
  std::ranges::sort(ranges);

  auto range = ranges.begin();
  for (std::uint32_t c = 0; c < m.codes.size(); ++c) {
    const std::uint64_t d = m.generators[m.codes[c].generator].chunk_dim();
    std::uint64_t end = 0;
    bool tiled = true;
    for (; range != ranges.end() && range->codes == c && tiled; ++range) {
      const std::uint64_t next_chunk = (end + d - 1) / d * d;
      tiled =
          (range->first == end || range->first == next_chunk) && range->count <= m.codes[c].chunks * d - range->first;
      end = range->first + range->count;
    }
    if (!tiled || (end + d - 1) / d != m.codes[c].chunks) {
      return refuse("codes.coverage", numbered("codes", c) + ": the tensors do not take its chunks one after another");
    }
  }
  return {};
}

// --- what needs all of them -----------------------------------------------------------------------------------------

Status segment_reference(const Manifest& m) {
  std::uint64_t next = 0;
  bool in_order = true;
  each_reference(m, [&](std::uint32_t segment, std::uint64_t) { in_order = in_order && segment == next++; });
  if (in_order && next == m.segments.size()) return {};
  return refuse("segment.reference", "segments must be used once each, in the order they stand in");
}

Status segment_size(const Manifest& m) {
  Status status;
  each_reference(m, [&](std::uint32_t segment, std::uint64_t bytes) {
    if (!status.ok() || m.segments[segment].decoded_length == bytes) return;
    status = refuse("segment.size", numbered("segment", segment) + " decodes to " +
                                        std::to_string(m.segments[segment].decoded_length) + " bytes, its user needs " +
                                        std::to_string(bytes));
  });
  return status;
}

// --- metadata, budget, identity -------------------------------------------------------------------------------------

Status metadata_key(const Manifest& m) {
  for (std::size_t i = 0; i < m.metadata.size(); ++i) {
    if (!is_metadata_key(m.metadata[i].key)) {
      return {Code::kText, "metadata.key",
              numbered("metadata", i) + ": a key is lower-case words (a-z 0-9 _) joined by dots, such as general.name"};
    }
  }
  return {};
}

Status metadata_order(const Manifest& m) {
  for (std::size_t i = 1; i < m.metadata.size(); ++i) {
    if (m.metadata[i - 1].key >= m.metadata[i].key) {
      return refuse("metadata.order", numbered("metadata", i) + ": keys must be unique and in ascending order");
    }
  }
  return {};
}

Status metadata_text(const Manifest& m) {
  constexpr std::size_t kMaxSize = 65536;
  for (std::size_t i = 0; i < m.metadata.size(); ++i) {
    const auto* text = std::get_if<std::string>(&m.metadata[i].value);
    if (text != nullptr && (text->size() > kMaxSize || text->find('\0') != std::string::npos || !is_utf8(*text))) {
      return {Code::kText, "metadata.text",
              numbered("metadata", i) + ": text is at most 65536 bytes of UTF-8 without NUL"};
    }
  }
  return {};
}

Status metadata_real(const Manifest& m) {
  for (std::size_t i = 0; i < m.metadata.size(); ++i) {
    const auto* real = std::get_if<double>(&m.metadata[i].value);
    if (real != nullptr && !std::isfinite(*real)) {
      return {Code::kValue, "metadata.real", numbered("metadata", i) + ": not a finite number"};
    }
  }
  return {};
}

Status budget_exact(const Manifest& m) {
  const std::optional<Cost> cost = cost_of(m);
  if (cost && *cost == m.budget) return {};
  return refuse("budget.exact", "the declared budget is not what decoding takes");
}

Status manifest_identity(const Manifest& m) {
  if (weights_identity(m.tensors) == m.weights_identity) return {};
  return refuse("manifest.identity", "the weights identity does not follow from the tensors");
}

}  // namespace

Status validate(const Manifest& manifest, std::uint64_t manifest_end, std::uint64_t file_length) {
  if (Status s = segment_offset(manifest, manifest_end, file_length); !s.ok()) return s;
  if (Status s = segment_end(manifest, manifest_end, file_length); !s.ok()) return s;

  // A rule may rely on those before it: indices are checked before they are followed, sizes before they are multiplied.
  using Rule = Status (*)(const Manifest&);
  constexpr auto kRules = std::to_array<Rule>({
      segment_length,
      generator_layers,
      generator_width,
      generator_activation,
      generator_frequency,
      generator_float,
      generator_inputs,
      codes_generator,
      generator_bound,
      generator_use,
      codes_count,
      codes_alpha_type,
      codes_exponent,
      codes_beta,
      tensor_name,
      tensor_order,
      tensor_shape,
      tensor_generated,
      tensor_theta0,
      tensor_stream,
      tensor_shared,
      tensor_product,
      base_index,
      base_name,
      base_use,
      codes_coverage,
      segment_reference,
      segment_size,
      metadata_key,
      metadata_order,
      metadata_text,
      metadata_real,
      budget_exact,
      manifest_identity,
  });
  for (const Rule rule : kRules) {
    if (Status s = rule(manifest); !s.ok()) return s;
  }
  return {};
}

}  // namespace mcnc
