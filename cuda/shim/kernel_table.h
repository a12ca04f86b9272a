// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The kernels that the shim can run, by name.
#ifndef MCNC_CUDA_SHIM_KERNEL_TABLE_H_
#define MCNC_CUDA_SHIM_KERNEL_TABLE_H_

#include <cstddef>
#include <span>

#include "cuda/backend/device.h"
#include "cuda/shim/host_device.h"

namespace mcnc::cuda {

struct KernelEntry {
  const char* name;
  // See run_kernel.
  bool (*run)(const Grid& grid, Order order, std::span<const Argument> arguments);
  std::span<const std::size_t> parameters;  // the size of each
};

std::span<const KernelEntry> kernel_table() noexcept;

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_SHIM_KERNEL_TABLE_H_
