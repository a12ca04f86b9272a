// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "device.h"

#include <pybind11/stl.h>
#include <unistd.h>

#include <cstring>
#include <utility>
#include <vector>

#include "error.h"

namespace mcnc::python {
namespace py = pybind11;
namespace {

// DLTensor of DLPack (dlpack.h), with which a DLManagedTensor, what a capsule named "dltensor" points to, begins.
struct DlTensor {
  void* data;
  std::int32_t device_type;
  std::int32_t device_id;
  std::int32_t ndim;
  std::uint8_t code;
  std::uint8_t bits;
  std::uint16_t lanes;
  std::int64_t* shape;
  std::int64_t* strides;
  std::uint64_t byte_offset;
};

std::shared_ptr<Accelerator> open(int device, std::uint64_t stream) {
  const py::gil_scoped_release no_gil;
  return value_or_raise(open_cuda({.device = device, .stream = reinterpret_cast<void*>(stream)}));
}

}  // namespace

Cuda::Cuda(int device, std::uint64_t stream)
    : device_(device), stream_(stream), accelerator_(open(device, stream)), process_(getpid()) {}

// A child of fork() does not have CUDA's context: what is the parent's stays as it is.
Cuda::~Cuda() {
  if (is_forked()) static_cast<void>(new std::shared_ptr<Accelerator>(std::move(accelerator_)));
}

bool Cuda::is_forked() const noexcept { return getpid() != process_; }

void Cuda::refuse_after_fork() const {
  if (!is_forked()) return;
  throw StatusError({ErrorCode::kArgument, "",
                     "the device was opened before this process was forked: open it again in each process"});
}

py::tuple dlpack_view(const py::capsule& capsule) {
  const char* const name = capsule.name();
  if (name == nullptr || std::strcmp(name, "dltensor") != 0) {
    throw StatusError({ErrorCode::kArgument, "", "__dlpack__ gave a capsule that is not a \"dltensor\""});
  }
  const auto* const tensor = capsule.get_pointer<DlTensor>();
  const std::vector<std::int64_t> shape(tensor->shape, tensor->shape + tensor->ndim);
  py::object strides = py::none();
  if (tensor->strides != nullptr) {
    strides = py::tuple(py::cast(std::vector<std::int64_t>(tensor->strides, tensor->strides + tensor->ndim)));
  }
  const std::uint64_t address = reinterpret_cast<std::uintptr_t>(tensor->data) + tensor->byte_offset;
  const int bits = tensor->bits * tensor->lanes;
  return py::make_tuple(address, py::make_tuple(tensor->device_type, tensor->device_id),
                        py::make_tuple(static_cast<int>(tensor->code), bits), py::tuple(py::cast(shape)), strides);
}

}  // namespace mcnc::python
