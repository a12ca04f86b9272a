// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "encoder/options.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "encoder/quantize.h"
#include "util/power_of_two.h"

namespace mcnc {
namespace {

// Bounds of rules generator.width, generator.layers and codes.count.
constexpr std::uint32_t kMaxWidth = std::uint32_t{1} << 28;
constexpr std::size_t kMaxHidden = 15;
constexpr std::uint32_t kMaxCodesPerChunk = 65536;
constexpr std::uint64_t kMaxAlphas = std::uint64_t{1} << 48;

Status argument(std::string message) { return Status(ErrorCode::kArgument, "", std::move(message)); }

// See EncoderOptions::frequency. At least 4, for the widest layer.
std::uint32_t hidden_frequency(std::uint32_t n_in) {
  constexpr double kOneRadian = 0x1p32 / 41846;  // 2 pi * 74 * 90
  return std::bit_floor(static_cast<std::uint32_t>(kOneRadian / std::sqrt(static_cast<double>(n_in))));
}

}  // namespace

Status check(const EncoderOptions& options) {
  const auto width_ok = [](std::uint32_t width) { return width >= 1 && width <= kMaxWidth; };
  if (!width_ok(options.code_dim)) return argument("code_dim must be 1 to 2^28");
  if (!width_ok(options.chunk_dim)) return argument("chunk_dim must be 1 to 2^28");
  if (options.hidden.size() > kMaxHidden) return argument("at most 15 hidden layers");
  if (!std::all_of(options.hidden.begin(), options.hidden.end(), width_ok)) {
    return argument("the width of a hidden layer must be 1 to 2^28");
  }
  if (options.codes_per_chunk < 1 || options.codes_per_chunk > kMaxCodesPerChunk) {
    return argument("codes_per_chunk must be 1 to 65536");
  }
  if (options.alpha_type != AlphaType::kInt8 && options.alpha_type != AlphaType::kInt16) {
    return argument("alpha_type must be int8 or int16");
  }
  if (options.frequency < 1) return argument("frequency must be at least 1");
  const auto positive = [](float value) { return std::isfinite(value) && value >= 0; };
  if (!positive(options.alpha_spread) || !positive(options.alpha_rate) || !positive(options.beta_rate) ||
      !std::isfinite(options.beta)) {
    return argument("alpha_spread, beta and the rates must be finite, and none but beta below 0");
  }
  return {};
}

Status check_codes(const EncoderOptions& options, std::uint64_t chunks) {
  if (chunks <= kMaxAlphas / options.codes_per_chunk / options.code_dim) return {};
  return {ErrorCode::kArgument, "codes.count", "too many codes"};
}

Generator make_generator(const EncoderOptions& options) {
  Generator generator;
  generator.code_dim = options.code_dim;
  generator.seed = options.seed;
  std::vector<std::uint32_t> widths = options.hidden;
  widths.push_back(options.chunk_dim);
  for (const std::uint32_t width : widths) {
    const std::uint32_t frequency =
        generator.layers.empty() ? options.frequency : hidden_frequency(generator.layers.back().width);
    generator.layers.push_back({width, Activation::kSine, frequency, {}});
  }
  return generator;
}

Model make_model(const EncoderOptions& options, std::span<const std::int32_t> alpha, std::span<const std::byte> beta) {
  Model model;
  model.segments = {pack_alpha(alpha, options.code_dim, options.alpha_type),
                    std::vector<std::byte>(beta.begin(), beta.end())};
  model.manifest.generators = {make_generator(options)};
  Codes codes;
  codes.chunks = alpha.size() / options.code_dim / options.codes_per_chunk;
  codes.codes_per_chunk = options.codes_per_chunk;
  codes.alpha_type = options.alpha_type;
  codes.alpha_segment = 0;
  codes.beta_type = options.beta_type;
  codes.beta_exponent = choose_beta_exponent(options.chunk_dim);
  codes.beta_segment = 1;
  model.manifest.codes = {codes};
  return model;
}

float alpha_step(const EncoderOptions& options) noexcept {
  return static_cast<float>(options.frequency) * power_of_two(-24);
}

}  // namespace mcnc
