// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Weights of codes under training, and gradients of these codes, in the memory of Python's arrays.
#ifndef MCNC_PYTHON_EXPANDER_H_
#define MCNC_PYTHON_EXPANDER_H_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "mcnc/code_expander.h"

namespace mcnc::python {

// A CodeExpander. All functions are called with the GIL held and release it while they work; calls from several threads
// wait for each other. Buffers are contiguous; float32 numbers in them are in the byte order of this machine. In a
// child of fork(), where the threads do not exist, every call is refused.
class Expander {
 public:
  // (code_dim, chunk_dim, codes_per_chunk, hidden, seed, frequency, dtype of alpha, dtype of beta), the dtypes "I8" or
  // "I16", and "F32", "F16" or "BF16".
  Expander(const pybind11::tuple& options, unsigned threads);
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

 private:
  // body(expander), a Status, without the GIL and alone.
  template <typename Body>
  void run(Body&& body);

  EncoderOptions options_;
  std::optional<CodeExpander> expander_;
  std::mutex mutex_;
  std::int64_t process_;
};

}  // namespace mcnc::python

#endif  // MCNC_PYTHON_EXPANDER_H_
