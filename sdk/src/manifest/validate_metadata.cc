// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "manifest/validate_rules.h"
#include "mcnc/names.h"

namespace mcnc::rules {

Status metadata_key(const Manifest& m) {
  for (std::size_t i = 0; i < m.metadata.size(); ++i) {
    if (!is_metadata_key(m.metadata[i].key)) {
      return {ErrorCode::kText, "metadata.key",
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
      return {ErrorCode::kText, "metadata.text",
              numbered("metadata", i) + ": text is at most 65536 bytes of UTF-8 without NUL"};
    }
  }
  return {};
}

Status metadata_real(const Manifest& m) {
  for (std::size_t i = 0; i < m.metadata.size(); ++i) {
    const auto* real = std::get_if<double>(&m.metadata[i].value);
    if (real != nullptr && !std::isfinite(*real)) {
      return {ErrorCode::kValue, "metadata.real", numbered("metadata", i) + ": not a finite number"};
    }
  }
  return {};
}

}  // namespace mcnc::rules
