// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Writing .mcnc files from Python, and the random numbers of the format.
#ifndef MCNC_PYTHON_WRITE_H_
#define MCNC_PYTHON_WRITE_H_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>

namespace mcnc::python {

// What mcnc.write was given, in plain values: _write.py lays it out, _native.pyi gives the types. Writes the file at
// `path`, or returns its bytes where path is None. Arrays are read, not copied, and must not change meanwhile.
pybind11::object write(const pybind11::object& path, const pybind11::dict& model, int zstd_level, unsigned threads);

// The digest of a tensor of these bytes, 32 bytes.
pybind11::bytes tensor_digest(const pybind11::object& bytes);

// The weights identity of tensors (name, dtype, shape, digest), 32 bytes.
pybind11::bytes weights_identity(const pybind11::list& tensors);

// The drawn weights of layer number `layer` of a generator as `write` takes it, into `out`.
void draw_weights(const pybind11::tuple& generator, std::size_t layer, const pybind11::object& out);

// Elements of a uniform theta0, from `first` on, into `out`: float32.
void draw_theta0(std::uint64_t seed, std::uint32_t stream, float scale, std::uint64_t first,
                 const pybind11::object& out);

}  // namespace mcnc::python

#endif  // MCNC_PYTHON_WRITE_H_
