// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What Python hands to the library to read from: memory of Python objects, and objects with methods to read.
#ifndef MCNC_PYTHON_SOURCE_H_
#define MCNC_PYTHON_SOURCE_H_

#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "error.h"
#include "mcnc/base.h"
#include "mcnc/input.h"

namespace mcnc::python {

// The contiguous memory of an object with the buffer protocol, which can neither be freed nor resized while this lives.
// Made, moved and destroyed with the GIL held.
class Buffer {
 public:
  enum class Access { kRead, kWrite };

  // Throws McncError (argument) where the object has no buffer, or one that is not contiguous, or, for kWrite, one that
  // is read-only.
  Buffer(const pybind11::object& object, Access access);
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::span<std::byte> bytes() const noexcept { return bytes_; }

 private:
  Py_buffer view_{};
  std::span<std::byte> bytes_;
};

// Bytes of a Python object: `source.read_at(offset, count)` returns an object with the buffer protocol that holds at
// most `count` bytes, fewer only at the end. Takes the GIL for each call. What is raised is kept in `pending`.
Result<std::unique_ptr<Input>> read_from_python(pybind11::object source, std::uint64_t size,
                                                std::shared_ptr<PendingException> pending);

// A base model in Python: `model.find(name)` returns (dtype, shape) or None where it has no such tensor, and
// `model.read(name)` an object with the buffer protocol that holds the tensor's bytes.
std::unique_ptr<BaseModel> base_from_python(pybind11::object model, std::shared_ptr<PendingException> pending);

// The dtype of that name, as safetensors writes it: "F32", "BF16". Throws McncError (argument) where there is none.
DType dtype_of(const std::string& name);

}  // namespace mcnc::python

#endif  // MCNC_PYTHON_SOURCE_H_
