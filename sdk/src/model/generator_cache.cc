// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "model/generator_cache.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <variant>

#include "mcnc/boundary.h"

namespace mcnc {
namespace {

// == holds of 0 and -0 too, of which the weights can differ.
bool is_same(const Layer& a, const Layer& b) noexcept {
  return a == b && std::bit_cast<std::uint32_t>(a.turns) == std::bit_cast<std::uint32_t>(b.turns) &&
         std::bit_cast<std::uint32_t>(a.weights_scale) == std::bit_cast<std::uint32_t>(b.weights_scale);
}

bool is_same(const Generator& a, const Generator& b) noexcept {
  return a == b && std::ranges::equal(a.layers, b.layers,
                                      [](const Layer& first, const Layer& second) { return is_same(first, second); });
}

}  // namespace

bool GeneratorCache::State::takes(const Generator& generator) noexcept {
  return std::ranges::none_of(generator.layers,
                              [](const Layer& layer) { return layer.weights_segment || layer.bias_segment; });
}

std::list<GeneratorCache::State::Entry>::iterator GeneratorCache::State::place_of(const Generator& generator,
                                                                                  const Kernels& kernels,
                                                                                  bool wide_alpha) {
  return std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.kernels == &kernels && entry.wide_alpha == wide_alpha && is_same(entry.generator, generator);
  });
}

std::shared_ptr<const PackedGenerator> GeneratorCache::State::find(const Generator& generator, const Kernels& kernels,
                                                                   bool wide_alpha) {
  const std::lock_guard lock(mutex_);
  const auto place = place_of(generator, kernels, wide_alpha);
  if (place == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, place);
  return place->packed;
}

void GeneratorCache::State::keep(const Generator& generator, const Kernels& kernels, bool wide_alpha,
                                 const std::shared_ptr<const PackedGenerator>& packed) {
  const std::uint64_t bytes = std::visit([](const auto& each) { return each.bytes(); }, *packed);
  if (bytes > max_bytes_) return;
  const std::lock_guard lock(mutex_);
  if (place_of(generator, kernels, wide_alpha) != entries_.end()) return;
  while (bytes_ + bytes > max_bytes_) {
    bytes_ -= entries_.back().bytes;
    entries_.pop_back();
  }
  entries_.push_front({generator, &kernels, wide_alpha, packed, bytes});
  bytes_ += bytes;
}

std::uint64_t GeneratorCache::State::bytes() {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

GeneratorCache::GeneratorCache(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
GeneratorCache::~GeneratorCache() = default;

Result<std::shared_ptr<GeneratorCache>> GeneratorCache::create(std::uint64_t max_bytes) noexcept {
  return boundary([&]() -> Result<std::shared_ptr<GeneratorCache>> {
    return std::shared_ptr<GeneratorCache>(new GeneratorCache(std::make_unique<State>(max_bytes)));
  });
}

std::uint64_t GeneratorCache::bytes() const noexcept { return state_->bytes(); }

}  // namespace mcnc
