// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The functions of CUDA's driver that we use. They are looked up in libcuda.so.1 when a device is opened, so that
// nothing of CUDA is needed to build this or to run without a device. Types and numbers are those of the "CUDA Driver
// API" reference, whose ABI does not change; where cuda.h defines a name as a newer version of a function, such as
// cuMemAlloc_v2, the newer symbol is looked up.
#ifndef MCNC_CUDA_BACKEND_DRIVER_H_
#define MCNC_CUDA_BACKEND_DRIVER_H_

#include <cstddef>
#include <cstdint>

#include "mcnc/status.h"

namespace mcnc::cuda {

using CUresult = int;  // 0: success
using CUdevice = int;
using CUdeviceptr = std::uintptr_t;
using CUcontext = void*;
using CUmodule = void*;
using CUfunction = void*;
using CUstream = void*;
using CUevent = void*;

inline constexpr CUresult kInvalidValue = 1;
inline constexpr CUresult kNoBinaryForGpu = 209;
inline constexpr CUresult kUnsupportedPtxVersion = 222;

// CUdevice_attribute, CUpointer_attribute, CUmemorytype, CUstream_flags, CUevent_flags.
inline constexpr int kMultiprocessorCount = 16;
inline constexpr int kComputeCapabilityMajor = 75;
inline constexpr int kComputeCapabilityMinor = 76;
inline constexpr int kMemoryPoolsSupported = 115;
inline constexpr int kPointerMemoryType = 2;
inline constexpr int kPointerDeviceOrdinal = 9;
inline constexpr int kPointerRangeStart = 11;
inline constexpr int kPointerRangeSize = 12;
inline constexpr unsigned kMemoryTypeHost = 1;
inline constexpr unsigned kStreamNonBlocking = 1;
inline constexpr unsigned kEventDisableTiming = 2;

struct Driver {
  CUresult (*init)(unsigned flags);
  CUresult (*error_name)(CUresult error, const char** text);
  CUresult (*error_string)(CUresult error, const char** text);
  CUresult (*device_count)(int* count);
  CUresult (*device_get)(CUdevice* device, int ordinal);
  CUresult (*device_name)(char* name, int length, CUdevice device);
  CUresult (*device_attribute)(int* value, int attribute, CUdevice device);
  CUresult (*context_retain)(CUcontext* context, CUdevice device);
  CUresult (*context_release)(CUdevice device);
  CUresult (*context_push)(CUcontext context);
  CUresult (*context_pop)(CUcontext* context);
  CUresult (*module_load)(CUmodule* module, const void* image);
  CUresult (*module_unload)(CUmodule module);
  CUresult (*module_function)(CUfunction* function, CUmodule module, const char* name);
  CUresult (*stream_create)(CUstream* stream, unsigned flags);
  CUresult (*stream_context)(CUstream stream, CUcontext* context);
  CUresult (*stream_destroy)(CUstream stream);
  CUresult (*stream_synchronize)(CUstream stream);
  CUresult (*event_create)(CUevent* event, unsigned flags);
  CUresult (*event_destroy)(CUevent event);
  CUresult (*event_record)(CUevent event, CUstream stream);
  CUresult (*event_synchronize)(CUevent event);
  CUresult (*allocate)(CUdeviceptr* memory, std::size_t bytes);
  CUresult (*release)(CUdeviceptr memory);
  CUresult (*allocate_in_order)(CUdeviceptr* memory, std::size_t bytes, CUstream stream);
  CUresult (*release_in_order)(CUdeviceptr memory, CUstream stream);
  CUresult (*allocate_host)(void** memory, std::size_t bytes);
  CUresult (*release_host)(void* memory);
  CUresult (*upload)(CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream);
  CUresult (*download)(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream);
  CUresult (*copy)(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream);
  CUresult (*pointer_attribute)(void* value, int attribute, CUdeviceptr pointer);
  CUresult (*launch)(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                     unsigned block_y, unsigned block_z, unsigned shared_bytes, CUstream stream, void** parameters,
                     void** extra);

  // kDevice where result is an error: what was tried, and what CUDA says.
  Status check(CUresult result, const char* what) const;
};

// Loaded at the first call and kept. kDevice where there is no driver, or one that is too old.
Result<const Driver*> load_driver();

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_BACKEND_DRIVER_H_
