// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Metadata of safetensors files as metadata of .mcnc files, and back. A safetensors file may call a text anything; a
// key of a .mcnc file is words joined by dots. What is no such key gets `safetensors.` in front: `format` is
// `safetensors.format` in a .mcnc file, and `format` again in what that decodes to.
#ifndef MCNC_TOOLS_MCNC_SAFETENSORS_METADATA_H_
#define MCNC_TOOLS_MCNC_SAFETENSORS_METADATA_H_

#include <string>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/safetensors_header.h"

namespace mcnc::tools {

// The metadata of a safetensors file that holds what `manifest` decodes to: its own, its weights identity, and
// `format`, without which some loaders refuse a file.
TextMap safetensors_metadata(const Manifest& manifest);

// Adds to `metadata` what a safetensors file says about itself, as texts. Keys that are there stay as they are. Left
// out are those that safetensors_metadata writes by itself. Answers the keys that a .mcnc file cannot have: because of
// what they are called even with the prefix, because the text is too long or has a NUL, or because another text has the
// key.
std::vector<std::string> add_safetensors_metadata(const TextMap& texts, std::vector<Metadata>& metadata);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_SAFETENSORS_METADATA_H_
