// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Sums of float32 over the 32 lanes of a warp, added up in one order on every device.
#ifndef MCNC_CUDA_KERNELS_LANE_SUMS_H_
#define MCNC_CUDA_KERNELS_LANE_SUMS_H_

#include "cuda/kernels/matrix.h"

namespace mcnc::cuda {

// Calls make(lane, numbers) for each lane of the warp, all of them at the same time, and adds up what the lanes make:
// true in lane 0, where the sums are in `sums`; in other lanes they mean nothing. Number i of lane l is added to that
// of lane l - 16, then of lane l - 8, and so on. make() sets all numbers. The shim, which runs one thread after the
// other, calls it for all lanes in the thread of lane 0: it takes nothing from the thread but its lane and what the
// lanes of its warp share.
#ifdef __CUDACC__

template <int kNumbers, typename Make>
__device__ inline bool sums_of_lanes(float (&sums)[kNumbers], const Make& make) {
  make(lane_of_thread(), sums);
  __syncwarp();
  for (unsigned distance = kLanes / 2; distance > 0; distance /= 2) {
    for (float& sum : sums) sum = __fadd_rn(sum, __shfl_down_sync(0xFFFFFFFFU, sum, distance));
  }
  return lane_of_thread() == 0;
}

#else

template <int kNumbers, typename Make>
bool sums_of_lanes(float (&sums)[kNumbers], const Make& make) {
  if (lane_of_thread() != 0) return false;
  float numbers[kLanes][kNumbers];
  for (unsigned lane = 0; lane < kLanes; ++lane) make(lane, numbers[lane]);
  for (unsigned distance = kLanes / 2; distance > 0; distance /= 2) {
    for (unsigned lane = 0; lane < distance; ++lane) {
      for (int i = 0; i < kNumbers; ++i) {
        numbers[lane][i] = __fadd_rn(numbers[lane][i], numbers[lane + distance][i]);
      }
    }
  }
  for (int i = 0; i < kNumbers; ++i) sums[i] = numbers[0][i];
  return true;
}

#endif

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_KERNELS_LANE_SUMS_H_
