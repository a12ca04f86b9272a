// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Base models in files.
#include "mcnc/base_models.h"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "capi/call.h"
#include "capi/decoder.h"
#include "capi/file.h"

using namespace mcnc;        // NOLINT(google-build-using-namespace): functions of C have none of their own
using namespace mcnc::capi;  // NOLINT(google-build-using-namespace)

int32_t mcnc_set_base_files(mcnc_decoder* decoder, const char* const* paths, size_t count, const mcnc_limits* limits,
                            mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (Status s = check(decoder); !s.ok()) return s;
    if (paths == nullptr && count != 0) return bad_argument("the paths are NULL");
    std::vector<std::string> taken;
    for (std::size_t i = 0; i < count; ++i) {
      if (paths[i] == nullptr) return bad_argument("path " + std::to_string(i) + " is NULL");
      taken.emplace_back(paths[i]);
    }
    Limits most;
    if (Status s = limits_of(limits, most); !s.ok()) return s;
    Result<BaseModels> opened = BaseModels::open(taken, most);
    if (!opened.ok()) return opened.status();
    auto models = std::make_shared<BaseModels>(*std::move(opened));
    decoder->models.push_back(models);  // before anything points to it
    return models->supply(decoder->decoder);
  });
}
