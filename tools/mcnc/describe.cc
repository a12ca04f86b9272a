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

std::string_view word(Arithmetic arithmetic) noexcept {
  switch (arithmetic) {
    case Arithmetic::kInteger:
      return "integer";
    case Arithmetic::kFloat32:
      break;
  }
  return "float32";
}

std::string_view word(Activation activation) noexcept {
  switch (activation) {
    case Activation::kSine:
      return "sine";
    case Activation::kIdentity:
      break;
  }
  return "identity";
}

std::string_view word(AlphaType type) noexcept {
  switch (type) {
    case AlphaType::kInt8:
      return "int8";
    case AlphaType::kInt16:
      return "int16";
    case AlphaType::kF16:
      return "float16";
    case AlphaType::kBf16:
      return "bfloat16";
    case AlphaType::kF32:
      break;
  }
  return "float32";
}

std::string_view word(BetaType type) noexcept {
  return type == BetaType::kF32 ? "float32" : type == BetaType::kF16 ? "float16" : "bfloat16";
}

std::vector<std::string> segment_uses(const Manifest& manifest) {
  std::vector<std::string> uses(manifest.segments.size());
  for (std::size_t g = 0; g < manifest.generators.size(); ++g) {
    const auto& layers = manifest.generators[g].layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const std::string layer = "generator " + std::to_string(g) + " layer " + std::to_string(i);
      if (layers[i].weights_segment) uses[*layers[i].weights_segment] = layer;
      if (layers[i].bias_segment) uses[*layers[i].bias_segment] = layer + " bias";
    }
  }
  for (std::size_t c = 0; c < manifest.codes.size(); ++c) {
    const Codes& codes = manifest.codes[c];
    uses[codes.alpha_segment] = "codes " + std::to_string(c) + " alpha";
    if (codes.beta_segment) uses[*codes.beta_segment] = "codes " + std::to_string(c) + " beta";
  }
  for (const Tensor& tensor : manifest.tensors) {
    if (const auto* stored = std::get_if<Stored>(&tensor.source)) uses[stored->segment] = "tensor " + tensor.name;
    const Theta0* theta0 = theta0_of(tensor);
    const auto* kept = theta0 != nullptr ? std::get_if<StoredTheta0>(theta0) : nullptr;
    if (kept != nullptr) uses[kept->segment] = "theta0 of tensor " + tensor.name;
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
