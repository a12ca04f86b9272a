// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Weights of codes under training, and gradients of these codes, in the memory of Python's arrays.
#ifndef MCNC_PYTHON_EXPANDER_H_
#define MCNC_PYTHON_EXPANDER_H_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "device.h"
#include "mcnc/code_expander.h"

namespace mcnc::python {

// A CodeExpander. All functions are called with the GIL held and release it while they work; calls from several threads
// wait for each other. Buffers are contiguous; float32 numbers in them are in the byte order of this machine. In a
// child of fork(), where the threads do not exist, every call is refused.
class Expander {
 public:
  // (code_dim, chunk_dim, codes_per_chunk, hidden, seed, frequency, dtype of alpha, dtype of beta), the dtypes "I8" or
  // "I16", and "F32", "F16" or "BF16". device: nullptr, or what the functions ending in _on_device compute on.
  Expander(const pybind11::tuple& options, unsigned threads, std::shared_ptr<Cuda> device);
  ~Expander();
  Expander(const Expander&) = delete;
  Expander& operator=(const Expander&) = delete;

  // [(width, frequency)] of the generator's layers.
  pybind11::list layers();
  // (alpha, beta, exponent of beta) as a file stores these codes: alpha planar, both as bytes.
  pybind11::tuple stored(const pybind11::object& alpha, const pybind11::object& beta);
  // theta0: a buffer of float32, or None for zero. See CodeExpander.
  void weights(const pybind11::object& alpha, const pybind11::object& beta, const pybind11::object& theta0,
               const std::string& dtype, const pybind11::object& out);
  void gradients(const pybind11::object& alpha, const pybind11::object& beta, const pybind11::object& gradient,
                 const pybind11::object& alpha_gradient, const pybind11::object& beta_gradient);
  // The same of addresses of memory of the device. theta0: 0 for zero.
  void weights_on_device(std::uint64_t alpha, std::uint64_t beta, std::uint64_t chunks, std::uint64_t theta0,
                         std::uint64_t elements, const std::string& dtype, std::uint64_t out);
  void gradients_on_device(std::uint64_t alpha, std::uint64_t beta, std::uint64_t chunks, std::uint64_t gradient,
                           std::uint64_t elements, std::uint64_t alpha_gradient, std::uint64_t beta_gradient);

 private:
  // body(expander), a Status, without the GIL and alone.
  template <typename Body>
  void run(Body&& body);
  // Without the GIL. What uses the device, or releases memory of it, holds this lock.
  std::unique_lock<std::recursive_mutex> lock_device() const;

  EncoderOptions options_;
  std::shared_ptr<Cuda> device_;  // nullptr: none
  std::optional<CodeExpander> expander_;
  std::mutex mutex_;
  std::int64_t process_;
};

}  // namespace mcnc::python

#endif  // MCNC_PYTHON_EXPANDER_H_
