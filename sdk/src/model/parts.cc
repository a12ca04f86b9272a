// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "model/parts.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "mcnc/about.h"
#include "mcnc/convert.h"
#include "mcnc/ranges.h"
#include "model/expanded.h"
#include "model/fingerprint.h"
#include "model/generator_cache.h"

namespace mcnc {
namespace {

std::string numbered(const char* what, std::size_t index) { return std::string(what) + " " + std::to_string(index); }

// The values of a stored layer's weights or biases, `what` of them.
Result<std::vector<float>> load_floats(Reader& reader, std::size_t segment, DType dtype, const std::string& what) {
  const Result<std::vector<std::byte>> bytes = reader.read_segment(segment);
  if (!bytes.ok()) return about(what, bytes.status());
  std::vector<float> values(bytes->size() / size_of(dtype));
  widen(*bytes, dtype, values);
  const auto wrong = std::ranges::find_if(values, [](float value) { return !(std::fabs(value) <= kMaxFloat); });
  if (wrong == values.end()) return values;
  return Status(ErrorCode::kValue, "generator.weights",
                what + ": number " + std::to_string(wrong - values.begin()) + " of segment " + std::to_string(segment) +
                    " is not finite or too large",
                reader.manifest().segments[segment].offset);
}

Status other_generator() {
  return {ErrorCode::kFingerprint, "generator.fingerprint",
          "this decoder makes another generator of the seed than the file was written with"};
}

}  // namespace

Parts::Parts(Reader& reader, const Kernels& kernels, ParallelRunner& runner, Fingerprints fingerprints,
             GeneratorCache* cache)
    : reader_(&reader),
      kernels_(&kernels),
      runner_(&runner),
      fingerprints_(fingerprints),
      cache_(cache),
      made_(reader.manifest().generators.size()),
      bases_(reader.manifest().bases.size()),
      generators_(reader.manifest().generators.size()),
      codes_(reader.manifest().codes.size()) {}

const PackedGenerator* Parts::generator(std::size_t index, Status& status) {
  std::shared_ptr<const PackedGenerator>& slot = generators_[index];
  if (slot == nullptr) {
    Result<std::shared_ptr<const PackedGenerator>> loaded = shared_generator(index);
    if (!loaded.ok()) {
      status = about(numbered("generator", index), loaded.status());
      return nullptr;
    }
    slot = *std::move(loaded);
  }
  return slot.get();
}

const LoadedCodes* Parts::codes(std::size_t index, Status& status) {
  std::optional<LoadedCodes>& slot = codes_[index];
  if (!slot) {
    const Codes& codes = reader_->manifest().codes[index];
    Result<LoadedCodes> loaded = load_codes(codes);
    if (!loaded.ok()) {
      const bool of_beta = codes.beta_segment && loaded.status().rule() == "codes.beta";
      const std::uint32_t segment = of_beta ? *codes.beta_segment : codes.alpha_segment;
      status = about(numbered("codes", index), loaded.status(), reader_->manifest().segments[segment].offset);
      return nullptr;
    }
    slot = *std::move(loaded);
  }
  return &*slot;
}

Result<std::shared_ptr<const PackedGenerator>> Parts::shared_generator(std::size_t index) {
  const Generator& generator = reader_->manifest().generators[index];
  GeneratorCache::State* cache =
      cache_ != nullptr && GeneratorCache::State::takes(generator) ? cache_->state_.get() : nullptr;
  const bool wide_alpha = has_wide_alpha(index);
  if (cache != nullptr) {
    if (std::shared_ptr<const PackedGenerator> found = cache->find(generator, *kernels_, wide_alpha)) return found;
  }
  Result<PackedGenerator> loaded = load_generator(index);
  if (!loaded.ok()) return loaded.status();
  auto shared = std::make_shared<const PackedGenerator>(*std::move(loaded));
  if (cache != nullptr) cache->keep(generator, *kernels_, wide_alpha, shared);
  return shared;
}

bool Parts::has_wide_alpha(std::size_t index) const noexcept {
  return std::ranges::any_of(reader_->manifest().codes, [&](const Codes& codes) {
    return codes.generator == index && codes.alpha_type != AlphaType::kInt8;
  });
}

Result<PackedGenerator> Parts::load_generator(std::size_t index) {
  return reader_->manifest().generators[index].arithmetic == Arithmetic::kInteger ? load_integer(index)
                                                                                  : load_float(index);
}

Result<PackedGenerator> Parts::load_float(std::size_t index) {
  const Generator& generator = reader_->manifest().generators[index];
  std::vector<StoredLayer> stored(generator.layers.size());
  for (std::size_t l = 0; l < stored.size(); ++l) {
    const Layer& layer = generator.layers[l];
    if (layer.weights_segment) {
      Result<std::vector<float>> weights =
          load_floats(*reader_, *layer.weights_segment, layer.weights_type, "weights of layer " + std::to_string(l));
      if (!weights.ok()) return weights.status();
      stored[l].weights = *std::move(weights);
    }
    if (layer.bias_segment) {
      Result<std::vector<float>> bias =
          load_floats(*reader_, *layer.bias_segment, DType::kF32, "bias of layer " + std::to_string(l));
      if (!bias.ok()) return bias.status();
      stored[l].bias = *std::move(bias);
    }
  }
  PackedFloat packed(*kernels_, generator, std::move(stored));
  if (Status s = take_fingerprint(index, mcnc::fingerprint(packed, generator.seed, *runner_)); !s.ok()) return s;
  return PackedGenerator(std::move(packed));
}

Result<PackedGenerator> Parts::load_integer(std::size_t index) {
  const Generator& generator = reader_->manifest().generators[index];
  std::vector<std::vector<std::int8_t>> stored(generator.layers.size());
  for (std::size_t l = 0; l < stored.size(); ++l) {
    if (!generator.layers[l].weights_segment) continue;
    const Result<std::vector<std::byte>> bytes = reader_->read_segment(*generator.layers[l].weights_segment);
    if (!bytes.ok()) return about("weights of layer " + std::to_string(l), bytes.status());
    stored[l].resize(bytes->size());
    std::ranges::transform(*bytes, stored[l].begin(), [](std::byte b) { return static_cast<std::int8_t>(b); });
  }
  const ExpandedGenerator expanded = expand(generator, std::move(stored), *kernels_);
  if (Status s = take_fingerprint(index, mcnc::fingerprint(expanded, generator.seed, *runner_)); !s.ok()) return s;
  return PackedGenerator(PackedInteger(*kernels_, expanded, has_wide_alpha(index)));
}

Status Parts::take_fingerprint(std::size_t index, const Result<Digest>& fingerprint) {
  if (!fingerprint.ok()) return fingerprint.status();
  made_[index] = *fingerprint;
  if (fingerprints_ == Fingerprints::kMake || *fingerprint == reader_->manifest().generators[index].fingerprint) {
    return {};
  }
  return other_generator();
}

Result<LoadedCodes> Parts::load_codes(const Codes& codes) {
  Result<std::vector<std::byte>> alpha = reader_->read_segment(codes.alpha_segment);
  if (!alpha.ok()) return about("alpha", alpha.status());
  Result<std::vector<std::byte>> beta = std::vector<std::byte>();
  if (codes.beta_segment) beta = reader_->read_segment(*codes.beta_segment);
  if (!beta.ok()) return about("beta", beta.status());
  return LoadedCodes::load(codes, reader_->manifest().generators[codes.generator], *std::move(alpha), *std::move(beta));
}

}  // namespace mcnc
