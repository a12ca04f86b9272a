// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What it costs that tensors of a .mcnc file start from tensors of other .mcnc files (spec section "base models").
#ifndef MCNC_CHECKPOINTS_BASE_COST_H_
#define MCNC_CHECKPOINTS_BASE_COST_H_

#include <optional>
#include <vector>

#include "mcnc/limits.h"
#include "mcnc/manifest.h"

namespace mcnc {

// So many bases may stand in a row beneath a file: its base is the first, the base of that the second. One further down
// counts as not supplied. A file may have any number of bases beside each other.
inline constexpr int kMaxChain = 8;

// A .mcnc file, and those that serve as its bases. Points to what others own.
struct ChainFile {
  const Manifest* manifest = nullptr;
  std::vector<const ChainFile*> bases;  // one for each of the manifest's; null where it is not a .mcnc file
};

// What all bases together add to the cost of `file` itself: multiply_adds of each tensor of a base as often as a tensor
// that starts from it is made, and scratch_bytes of each base file, once. output_bytes is 0: what a base gives is no
// output. Nothing where a number does not fit 64 bits. Takes time in proportion to the manifests, whatever they say.
std::optional<Cost> cost_of_bases(const ChainFile& file);

}  // namespace mcnc

#endif  // MCNC_CHECKPOINTS_BASE_COST_H_
