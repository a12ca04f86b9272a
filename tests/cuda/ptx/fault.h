// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What stops the interpreter. It runs in tests only, so that a thrown exception is the plainest way out of a lane.
#ifndef MCNC_TESTS_CUDA_PTX_FAULT_H_
#define MCNC_TESTS_CUDA_PTX_FAULT_H_

#include <stdexcept>

namespace mcnc::ptx {

// The text cannot be run: syntax that is not known, an instruction or a modifier that is not known, operands that do
// not fit. The message begins with the line.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A program that ran did what it must not: an access out of bounds, a race, a read of what was never written. What
// lanes and memory throw says what; the machine adds the kernel, the line, the block and the thread.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace mcnc::ptx

#endif  // MCNC_TESTS_CUDA_PTX_FAULT_H_
