// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Where the elements of a generated tensor stand among the weights of its codes.
#ifndef MCNC_MANIFEST_SLICES_H_
#define MCNC_MANIFEST_SLICES_H_

#include <cstdint>

#include "mcnc/manifest.h"

namespace mcnc {

struct Slices {
  std::uint64_t first_element = 0;
  std::uint64_t elements = 0;  // of one slice
  std::uint64_t stride = 0;    // from the start of a slice to that of the next one: its chunks, whole
  std::uint32_t count = 1;

  // Where element e of the tensor stands.
  std::uint64_t position(std::uint64_t e) const noexcept {
    return first_element + e / elements * stride + e % elements;
  }
  // Elements from e on, itself included, that stand one after the other.
  std::uint64_t run(std::uint64_t e) const noexcept { return elements - e % elements; }
  // Weights from the first element to the last one, what is left of chunks between slices included. Below 2^61 where
  // rules tensor.shape, generator.width and tensor.slices hold.
  std::uint64_t extent() const noexcept { return (count - 1) * stride + elements; }
};

// tensor: not empty. chunk_dim and generated.slices: at least 1.
inline Slices slices_of(const Tensor& tensor, const Generated& generated, std::uint64_t chunk_dim) noexcept {
  const std::uint64_t elements = tensor.elements() / generated.slices;
  return {generated.first_element, elements, (elements + chunk_dim - 1) / chunk_dim * chunk_dim, generated.slices};
}

}  // namespace mcnc

#endif  // MCNC_MANIFEST_SLICES_H_
