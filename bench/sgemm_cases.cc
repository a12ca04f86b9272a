// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <cblas.h>

#include <memory>

#include "cases.h"

namespace mcnc {

void add_sgemm_cases() {
  openblas_set_num_threads(1);
  for (const LayerShape shape : kPaperLayers) {
    const auto x = std::make_shared<AlignedVector<float>>(random_numbers(kRows * shape.n_in));
    const auto weights = std::make_shared<AlignedVector<float>>(random_numbers(std::size_t{shape.n_in} * shape.width));
    const auto y = std::make_shared<AlignedVector<float>>(kRows * shape.width);
    const auto n_in = static_cast<blasint>(shape.n_in);
    const auto width = static_cast<blasint>(shape.width);
    add_case("sgemm/" + shape.name() + "/OpenBLAS", "multiply_adds", shape.multiply_adds(), [=] {
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, kRows, width, n_in, 1, x->data(), n_in, weights->data(),
                  width, 0, y->data(), width);
    });
  }
}

}  // namespace mcnc
