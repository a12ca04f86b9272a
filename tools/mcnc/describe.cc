// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "describe.h"

#include <array>
#include <charconv>
#include <variant>

namespace mcnc::tools {
namespace {

template <typename Real>
std::string shortest(Real value) {
  std::array<char, 32> digits;
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

}  // namespace

std::string_view word(Encoding encoding) noexcept { return encoding == Encoding::kRaw ? "raw" : "zstd"; }

std::string_view word(Activation activation) noexcept { return activation == Activation::kSine ? "sine" : "identity"; }

std::string_view word(AlphaType type) noexcept { return type == AlphaType::kInt8 ? "int8" : "int16"; }

std::string_view word(BetaType type) noexcept {
  return type == BetaType::kF32 ? "float32" : type == BetaType::kF16 ? "float16" : "bfloat16";
}

std::vector<std::string> segment_uses(const Manifest& manifest) {
  std::vector<std::string> uses(manifest.segments.size());
  for (std::size_t g = 0; g < manifest.generators.size(); ++g) {
    const auto& layers = manifest.generators[g].layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (!layers[i].weights_segment) continue;
      uses[*layers[i].weights_segment] = "generator " + std::to_string(g) + " layer " + std::to_string(i);
    }
  }
  for (std::size_t c = 0; c < manifest.codes.size(); ++c) {
    const Codes& codes = manifest.codes[c];
    uses[codes.alpha_segment] = "codes " + std::to_string(c) + " alpha";
    if (codes.beta_segment) uses[*codes.beta_segment] = "codes " + std::to_string(c) + " beta";
  }
  for (const Tensor& tensor : manifest.tensors) {
    if (const auto* stored = std::get_if<Stored>(&tensor.source)) uses[stored->segment] = "tensor " + tensor.name;
    const auto* generated = std::get_if<Generated>(&tensor.source);
    if (generated == nullptr) continue;
    if (const auto* theta0 = std::get_if<StoredTheta0>(&generated->theta0)) {
      uses[theta0->segment] = "theta0 of tensor " + tensor.name;
    }
  }
  return uses;
}

std::string text_of(const MetadataValue& value) {
  return std::visit(Overloaded{
                        [](const std::string& text) { return text; },
                        [](std::int64_t integer) { return std::to_string(integer); },
                        [](double real) { return shortest(real); },
                        [](bool boolean) { return std::string(boolean ? "true" : "false"); },
                    },
                    value);
}

std::string text_of(float value) { return shortest(value); }

std::string short_hex(const Digest& digest) { return to_hex(digest).substr(0, 12); }

}  // namespace mcnc::tools
