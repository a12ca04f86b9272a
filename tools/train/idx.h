// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Data sets in the IDX format of MNIST: big-endian, 00 00 type dimensions, sizes, bytes; plain or compressed by gzip.
#ifndef MCNC_TOOLS_TRAIN_IDX_H_
#define MCNC_TOOLS_TRAIN_IDX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mcnc/status.h"

namespace mcnc::tools {

struct LabelledImages {
  std::size_t pixels = 0;            // of one image
  std::vector<std::uint8_t> images;  // (count, pixels)
  std::vector<std::uint8_t> labels;  // (count)

  std::size_t count() const noexcept { return labels.size(); }
};

struct DataSet {
  LabelledImages train;
  LabelledImages test;
  std::uint32_t classes = 0;  // largest label + 1
};

// DIRECTORY/train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each
// with or without .gz.
Result<DataSet> load_data_set(const std::string& directory);

// The four files that load_data_set reads; they need not exist.
std::vector<std::string> data_set_files(const std::string& directory);

// One IDX file of unsigned bytes with `dimensions` dimensions. On success sizes holds them.
Result<std::vector<std::uint8_t>> read_idx(const std::string& path, std::size_t dimensions,
                                           std::vector<std::uint32_t>& sizes);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_TRAIN_IDX_H_
