// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What a test asks of the stand-in for CUDA's driver, beyond the functions of the driver itself. A test finds these
// functions by dlsym in the library that the program has loaded as libcuda.so.1.
#ifndef MCNC_TESTS_CUDA_DRIVER_CONTROL_H_
#define MCNC_TESTS_CUDA_DRIVER_CONTROL_H_

#include <cstddef>

// Makes calls fail from now on, in the notation of the environment variable MCNC_STAND_IN_FAULT, which is read when the
// library is loaded: "cuMemAllocAsync=2" has every call of that function return 2, "cuMemAllocAsync:3=2" only the third
// one from now on. The name "kernel" stands for a kernel that runs: its error becomes that of every later call, as a
// GPU's does. "" takes it back.
using StandInFault = void (*)(const char* text);
inline constexpr char kStandInFault[] = "mcnc_stand_in_fault";

// The number of things that were created and not destroyed (memory, streams, events, modules, uses of contexts), and of
// damages that were seen.
using StandInLeft = unsigned (*)();
inline constexpr char kStandInLeft[] = "mcnc_stand_in_left";

// Work that streams were given and that has not been carried out yet.
using StandInPending = unsigned (*)();
inline constexpr char kStandInPending[] = "mcnc_stand_in_pending";

// Allocations are mapped in ranges of that many bytes from now on, as CUDA's functions for virtual memory do it: a
// question about memory is answered for the range that it is in. 0: each allocation is one range.
using StandInRanges = void (*)(std::size_t bytes);
inline constexpr char kStandInRanges[] = "mcnc_stand_in_ranges";

#endif  // MCNC_TESTS_CUDA_DRIVER_CONTROL_H_
