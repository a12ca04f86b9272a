// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A GPU as the Python package opens it, and memory of one that an object of another package has.
#ifndef MCNC_PYTHON_DEVICE_H_
#define MCNC_PYTHON_DEVICE_H_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "mcnc/cuda.h"

namespace mcnc::python {

// Files may share it: the calls of all of them wait for each other. One file may be a base model of another one, whose
// call then makes a call of the first.
class Cuda {
 public:
  // stream: the number of a CUDA stream, as __dlpack__ takes it.
  Cuda(int device, std::uint64_t stream);
  ~Cuda();
  Cuda(const Cuda&) = delete;
  Cuda& operator=(const Cuda&) = delete;

  const std::shared_ptr<Accelerator>& accelerator() const noexcept { return accelerator_; }
  std::recursive_mutex& mutex() noexcept { return mutex_; }
  int device() const noexcept { return device_; }
  std::uint64_t stream() const noexcept { return stream_; }
  // In a child of fork(), which cannot use what its parent opened.
  bool is_forked() const noexcept;
  // Throws McncError (argument) there.
  void refuse_after_fork() const;
  std::string name() const { return std::string(accelerator_->name()); }

 private:
  int device_;
  std::uint64_t stream_;
  std::shared_ptr<Accelerator> accelerator_;
  std::recursive_mutex mutex_;
  std::int64_t process_;
};

// (address, (device type, device), (type code, bits), shape, strides or None) of what a capsule named "dltensor" holds,
// which stays the capsule's. Strides are in elements. The numbers are those of DLPack.
pybind11::tuple dlpack_view(const pybind11::capsule& capsule);

}  // namespace mcnc::python

#endif  // MCNC_PYTHON_DEVICE_H_
