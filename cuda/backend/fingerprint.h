// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The fingerprint of a generator that a device made: it shows before the first weight whether the device makes the
// right ones. CPU counterpart: sdk/src/model/fingerprint.cc.
#ifndef MCNC_CUDA_BACKEND_FINGERPRINT_H_
#define MCNC_CUDA_BACKEND_FINGERPRINT_H_

#include <cstdint>
#include <functional>

#include "cuda/backend/device.h"
#include "mcnc/digest.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc::cuda {

// Some outputs of the probes on the device, 4 bytes each: output j of probe t is number t * stride + j.
struct ProbeOutputs {
  const void* data = nullptr;
  unsigned count = 0;
  std::uint64_t stride = 0;
};

// The hash of `width` outputs. make(first, most) makes those from `first` on, at least one and at most `most`. first is
// a multiple of 4 where all counts before were.
Result<Digest> hash_probes(Device& device, unsigned width,
                           const std::function<Result<ProbeOutputs>(unsigned first, unsigned most)>& make);

// kFingerprint where `made` is not what the generator names.
Status check_fingerprint(const Result<Digest>& made, const Generator& generator);

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_BACKEND_FINGERPRINT_H_
