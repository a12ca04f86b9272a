// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/ptx/operations.h"

namespace mcnc::ptx {

const OperationTable& operations() {
  static const OperationTable table = [] {
    OperationTable all;
    add_integer_operations(all);
    add_bit_operations(all);
    add_float_operations(all);
    add_conversions(all);
    add_comparisons(all);
    add_collectives(all);
    add_matrices(all);
    return all;
  }();
  return table;
}

}  // namespace mcnc::ptx
