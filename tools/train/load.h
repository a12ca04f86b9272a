// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A trained network, read back from a file.
#ifndef MCNC_TOOLS_TRAIN_LOAD_H_
#define MCNC_TOOLS_TRAIN_LOAD_H_

#include <memory>
#include <string>
#include <vector>

#include "mcnc/input.h"
#include "mcnc/status.h"
#include "train/mlp.h"

namespace mcnc::tools {

struct LoadedMlp {
  MlpShape shape;
  std::vector<float> parameters;
};

// Whether `path` names a safetensors file; anything else is a .mcnc file.
bool is_safetensors(const std::string& path);

// The tensors must be those of mlp_tensors for some shape, F32, F16 or BF16; kFeature where they are not.
Result<LoadedMlp> load_mlp(const std::string& path);
Result<LoadedMlp> load_mlp(std::unique_ptr<Input> mcnc_file);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_TRAIN_LOAD_H_
