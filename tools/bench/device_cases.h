// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What `mcnc bench --device` times: everything happens in the memory of the device.
#ifndef MCNC_TOOLS_BENCH_DEVICE_CASES_H_
#define MCNC_TOOLS_BENCH_DEVICE_CASES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "bench/case.h"
#include "bench/models.h"
#include "mcnc/accelerator.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// Two buffers of `bytes` bytes each.
struct DeviceMemory {
  static Result<DeviceMemory> allocate(std::shared_ptr<Accelerator> device, std::uint64_t bytes);

  std::shared_ptr<Accelerator> device;
  std::uint64_t bytes = 0;
  std::shared_ptr<std::byte> in, out;
};

// A copy from one buffer to the other.
Case device_copy_case(const DeviceMemory& memory);
// A copy of these bytes of the host over the bus.
Case upload_case(const DeviceMemory& memory, std::span<const std::byte> bytes);
// Makes the tensor of `file`, which write_bench_model made of `model`; memory and file must outlive it.
Result<Case> device_decode_case(const BenchModel& model, std::span<const std::byte> file, bool digests,
                                const DeviceMemory& memory);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_BENCH_DEVICE_CASES_H_
