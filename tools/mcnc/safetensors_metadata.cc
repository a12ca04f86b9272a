// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "safetensors_metadata.h"

#include <map>
#include <string_view>
#include <utility>

#include "describe.h"
#include "mcnc/names.h"
#include "mcnc/safetensors_model.h"

namespace mcnc::tools {
namespace {

constexpr std::string_view kPrefix = "safetensors.";
constexpr char kFormatKey[] = "format";
constexpr char kFormat[] = "pt";
constexpr std::size_t kMaxText = 65'536;  // rule metadata.text

}  // namespace

TextMap safetensors_metadata(const Manifest& manifest) {
  TextMap texts;
  for (const Metadata& entry : manifest.metadata) {
    const std::string_view key = entry.key;
    texts[std::string(key.starts_with(kPrefix) ? key.substr(kPrefix.size()) : key)] = text_of(entry.value);
  }
  texts[kIdentityKey] = to_hex(manifest.weights_identity);
  texts.emplace(kFormatKey, kFormat);
  return texts;
}

std::vector<std::string> add_safetensors_metadata(const TextMap& texts, std::vector<Metadata>& metadata) {
  std::map<std::string, std::size_t, std::less<>> places;
  for (std::size_t i = 0; i < metadata.size(); ++i) places.emplace(metadata[i].key, i);
  std::vector<std::string> left_out;
  for (const auto& [name, text] : texts) {
    if (name == kIdentityKey || (name == kFormatKey && text == kFormat)) continue;
    const bool is_key = is_metadata_key(name) && !name.starts_with(kPrefix);
    std::string key = is_key ? name : std::string(kPrefix) + name;
    const bool fits = is_metadata_key(key) && text.size() <= kMaxText && text.find('\0') == std::string::npos;
    const auto place = places.find(key);
    if (place != places.end()) {
      if (text_of(metadata[place->second].value) != text) left_out.push_back(name);
    } else if (!fits) {
      left_out.push_back(name);
    } else {
      places.emplace(key, metadata.size());
      metadata.push_back({std::move(key), text});
    }
  }
  return left_out;
}

}  // namespace mcnc::tools
