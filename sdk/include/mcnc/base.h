// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A model that tensors of a file start from (theta0). The file names it by digests; the caller of the decoder has it.
#ifndef MCNC_BASE_H_
#define MCNC_BASE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

class BaseModel {
 public:
  struct Entry {
    DType dtype = DType::kF32;
    std::vector<std::uint64_t> shape;
  };

  virtual ~BaseModel() = default;
  // What the tensor `name` is. kBase where there is none.
  virtual Result<Entry> find(const std::string& name) noexcept = 0;
  // All of its bytes, little-endian, row-major; out has exactly their number.
  virtual Status read(const std::string& name, std::span<std::byte> out) noexcept = 0;
};

}  // namespace mcnc

#endif  // MCNC_BASE_H_
