// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_TRAIN_OPTIONS_H_
#define MCNC_TOOLS_TRAIN_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mcnc/encoder.h"
#include "mcnc/manifest.h"

namespace mcnc::tools {

inline constexpr char kProgram[] = "mcnc-train";

struct TrainOptions {
  std::string data;
  std::vector<std::uint32_t> hidden = {256, 256};
  bool dense = false;
  DType dtype = DType::kF32;
  EncoderOptions encoder;

  std::uint32_t epochs = 10;
  std::uint32_t batch_size = 256;
  std::uint64_t seed = 0;
  unsigned threads = 1;

  std::string output;  // empty: none
  bool force = false;
  std::string report;  // a page about the training; empty: none
  std::string name;    // empty: that of the data directory
  std::string license;
  std::string evaluate;  // a file to evaluate instead of training; empty: train
  bool json = false;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_TRAIN_OPTIONS_H_
