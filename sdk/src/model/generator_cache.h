// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What a GeneratorCache keeps: packed generators by what they are drawn from, the last used first.
#ifndef MCNC_MODEL_GENERATOR_CACHE_H_
#define MCNC_MODEL_GENERATOR_CACHE_H_

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "mcnc/generator_cache.h"
#include "mcnc/manifest.h"
#include "model/generator.h"

namespace mcnc {

struct GeneratorCache::State {
 public:
  explicit State(std::uint64_t max_bytes) noexcept : max_bytes_(max_bytes) {}

  // Whether nothing but the manifest decides the weights of `generator`.
  static bool takes(const Generator& generator) noexcept;

  // wide_alpha: as of PackedInteger. nullptr where it is not kept.
  std::shared_ptr<const PackedGenerator> find(const Generator& generator, const Kernels& kernels, bool wide_alpha);
  // `packed` has the fingerprint that `generator` names.
  void keep(const Generator& generator, const Kernels& kernels, bool wide_alpha,
            const std::shared_ptr<const PackedGenerator>& packed);
  std::uint64_t bytes();

 private:
  struct Entry {
    Generator generator;
    const Kernels* kernels;
    bool wide_alpha;
    std::shared_ptr<const PackedGenerator> packed;
    std::uint64_t bytes;
  };
  // The place of the entry, or the end.
  std::list<Entry>::iterator place_of(const Generator& generator, const Kernels& kernels, bool wide_alpha);

  const std::uint64_t max_bytes_;
  std::mutex mutex_;  // of what follows
  std::list<Entry> entries_;
  std::uint64_t bytes_ = 0;
};

}  // namespace mcnc

#endif  // MCNC_MODEL_GENERATOR_CACHE_H_
