// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Generators that several files have in common, drawn from their seed once for all of them.
#ifndef MCNC_GENERATOR_CACHE_H_
#define MCNC_GENERATOR_CACHE_H_

#include <cstdint>
#include <memory>

#include "mcnc/status.h"

namespace mcnc {

// Whoever serves many models of one generator, such as a thousand adapters of one base model, gives their decoders the
// same cache (DecoderOptions::generators): the first of them draws the generator, packs it for the processor and checks
// its fingerprint, and the others use that memory. Two generators are the same where seed, layers and fingerprint are,
// and their decoders the same target. Layers whose weights a file stores are not shared: they are read and checked file
// by file. Nothing here changes a bit of what is decoded, or which files are refused.
// Thread-safe: any number of decoders on any threads may share one. Two that start at the same time may both draw the
// generator; one of the two is then kept.
class GeneratorCache {
 public:
  // Keeps generators of at most `max_bytes` together and drops those first that were not used for longest; what a
  // decoder still uses stays in memory until that decoder goes. kMemory.
  static Result<std::shared_ptr<GeneratorCache>> create(std::uint64_t max_bytes = std::uint64_t{1} << 28) noexcept;
  ~GeneratorCache();
  GeneratorCache(const GeneratorCache&) = delete;
  GeneratorCache& operator=(const GeneratorCache&) = delete;

  // Memory of the generators that are kept now.
  std::uint64_t bytes() const noexcept;

  struct State;  // the library's own: model/generator_cache.h

 private:
  friend class Parts;
  explicit GeneratorCache(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace mcnc

#endif  // MCNC_GENERATOR_CACHE_H_
