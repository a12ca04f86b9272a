// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What the kernels that make elements of a tensor have in common: which elements, and what of codes is added to them.
#ifndef MCNC_CUDA_BACKEND_TARGET_H_
#define MCNC_CUDA_BACKEND_TARGET_H_

#include <algorithm>
#include <cstdint>
#include <string>

#include "cuda/backend/device.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::cuda {

// How much is made at a time. Tests choose small numbers, so that every path is taken.
struct Batches {
  std::uint64_t elements = std::uint64_t{1} << 26;         // of a window, below 2^28
  std::uint64_t scratch_bytes = std::uint64_t{256} << 20;  // of what codes become on their way
};

// Elements of a tensor that one launch makes; see Run in cuda/kernels/run.h for all but the first two.
struct Window {
  std::uint64_t element = 0;      // the first, in the tensor
  std::uint64_t first_chunk = 0;  // its chunk, among those of the codes
  unsigned width = 0;
  unsigned begin = 0;
  unsigned count = 0;
  unsigned chunks = 0;
  unsigned slice_chunks = 0;
  unsigned slices = 1;

  // Chunks from the first one to the last one.
  std::uint64_t rows() const noexcept { return std::uint64_t{slices - 1} * slice_chunks + chunks; }
  std::uint64_t elements() const noexcept { return std::uint64_t{slices} * count; }
};

// Codes [first, first + rows * per_chunk), per_chunk a chunk, and their beta.
struct CodeRange {
  std::uint64_t first = 0;
  unsigned per_chunk = 1;
  const float* betas = nullptr;  // of all codes
  unsigned beta_step = 0;        // 1, or 0: betas[0] is that of all

  const float* first_beta() const noexcept { return betas + first * beta_step; }
};

// Where the sums of a window begin and go.
struct Target {
  const float* starts = nullptr;  // nullptr: `constant` for all
  float constant = 0;
  void* out = nullptr;
  DType dtype = DType::kF32;  // f32, f16 or bf16
};

// Calls expand(codes, target) for the codes of a window, `all`, at most `together` of a chunk at a time: the sums of
// those before go to `sums`, and the next ones are added to them.
template <typename Expand>
Status expand_in_steps(Device& device, const Window& window, const CodeRange& all, std::uint64_t together,
                       const Target& whole, Buffer<float>& sums, const Expand& expand) {
  Target target = whole;
  CodeRange part = all;
  for (std::uint64_t done = 0; done < all.per_chunk; done += part.per_chunk) {
    part.first = all.first + done;
    part.per_chunk = static_cast<unsigned>(std::min(together, all.per_chunk - done));
    if (done + part.per_chunk < all.per_chunk) {
      if (Status s = sums.reserve(device, window.elements()); !s.ok()) return s;
      target.out = sums.data();
      target.dtype = DType::kF32;
    } else {
      target.out = whole.out;
      target.dtype = whole.dtype;
    }
    if (Status s = expand(part, target); !s.ok()) return s;
    target.starts = sums.data();
  }
  return {};
}

// "mcnc_expand_sine_" and so on, with the name of the element type: f32, f16 or bf16.
std::string kernel_for(const char* prefix, DType dtype, const char* suffix = "");

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_BACKEND_TARGET_H_
