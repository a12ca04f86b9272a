// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A recipe and its files as a model that can be written.
#ifndef MCNC_TOOLS_MCNC_IMPORT_MODEL_H_
#define MCNC_TOOLS_MCNC_IMPORT_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "import_arrays.h"
#include "mcnc/base_models.h"
#include "mcnc/limits.h"
#include "mcnc/status.h"
#include "mcnc/writer.h"
#include "recipe.h"

namespace mcnc::tools {

// What is read so far. Generators, codes, bases and recipe tensors of `model.manifest` stand in the recipe's order.
struct Import {
  const Recipe& recipe;
  Arrays& arrays;
  const Limits& limits;  // of bases, and for the weights of a generator
  Model model;
  std::vector<std::uint64_t> first_elements;      // of the recipe's generated tensors; 0 for others
  std::vector<std::unique_ptr<ModelFile>> bases;  // one for each of the manifest's

  std::uint32_t add_segment(SegmentSource source) {
    model.segments.push_back(std::move(source));
    return static_cast<std::uint32_t>(model.segments.size() - 1);
  }
};

// In this order; each needs what those before it made. Every shape is checked before anything of its size is read.
Status import_generators(Import& import);
Status import_codes(Import& import);  // and first_elements
Status import_bases(Import& import);
Status import_tensors(Import& import);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_IMPORT_MODEL_H_
