// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CAPI_GENERATOR_CACHE_H_
#define MCNC_CAPI_GENERATOR_CACHE_H_

#include <memory>

#include "capi/call.h"
#include "mcnc/generator_cache.h"

struct mcnc_generator_cache {
  static constexpr auto kTag = mcnc::capi::Tag::kGeneratorCache;
  static constexpr const char* kName = "generator cache";

  mcnc::capi::Tag tag = kTag;
  std::shared_ptr<mcnc::GeneratorCache> cache;

  bool is_forked() const noexcept { return false; }  // it has no threads
};

#endif  // MCNC_CAPI_GENERATOR_CACHE_H_
