// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The module mcnc._native: what of the Python package has to be C++. Its functions take and return plain Python values
// and flat buffers; NumPy, paths, file objects and everything that users see are in the package's Python code.
// mcnc/_native.pyi gives the types.

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "device.h"
#include "error.h"
#include "expander.h"
#include "file.h"
#include "write.h"

namespace py = pybind11;
using mcnc::python::Cuda;
using mcnc::python::Expander;
using mcnc::python::File;

namespace {

using Generators = std::shared_ptr<mcnc::GeneratorCache>;

using Device = std::shared_ptr<Cuda>;

File::Options options_of(const py::tuple& limits, unsigned threads, bool check_digests, Generators generators,
                         Device device) {
  const auto [output_bytes, multiply_adds, scratch_bytes] =
      limits.cast<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>>();
  return {
      {output_bytes, multiply_adds, scratch_bytes}, threads, check_digests, std::move(generators), std::move(device)};
}

}  // namespace

PYBIND11_MODULE(_native, module) {
  mcnc::python::register_exceptions();
  const mcnc::Limits defaults;
  module.attr("DEFAULT_LIMITS") = py::make_tuple(defaults.output_bytes, defaults.multiply_adds, defaults.scratch_bytes);
  py::class_<mcnc::GeneratorCache, Generators>(module, "GeneratorCache")
      .def(py::init([](std::uint64_t max_bytes) {
        return mcnc::python::value_or_raise(mcnc::GeneratorCache::create(max_bytes));
      }))
      .def_property_readonly("bytes", &mcnc::GeneratorCache::bytes);
  py::class_<Cuda, Device>(module, "Cuda")
      .def(py::init<int, std::uint64_t>())
      .def_static("missing", [] { return mcnc::find_cuda().message(); })
      .def_property_readonly("device", &Cuda::device)
      .def_property_readonly("stream", &Cuda::stream)
      .def_property_readonly("is_forked", &Cuda::is_forked)
      .def("refuse_after_fork", &Cuda::refuse_after_fork)
      .def_property_readonly("name", &Cuda::name);
  module.def("dlpack_view", &mcnc::python::dlpack_view);
  module.def("open_path", [](const std::string& path, const py::tuple& limits, unsigned threads, bool check,
                             Generators generators, Device device) {
    return File::open_path(path, options_of(limits, threads, check, std::move(generators), std::move(device)));
  });
  module.def("open_buffer", [](const py::object& buffer, const py::tuple& limits, unsigned threads, bool check,
                               Generators generators, Device device) {
    return File::open_buffer(buffer, options_of(limits, threads, check, std::move(generators), std::move(device)));
  });
  module.def("open_source", [](py::object source, std::uint64_t size, const py::tuple& limits, unsigned threads,
                               bool check, Generators generators, Device device) {
    return File::open_source(std::move(source), size,
                             options_of(limits, threads, check, std::move(generators), std::move(device)));
  });
  module.def("write", &mcnc::python::write);
  module.def("tensor_digest", &mcnc::python::tensor_digest);
  module.def("weights_identity", &mcnc::python::weights_identity);
  module.def("draw_weights", &mcnc::python::draw_weights);
  module.def("draw_theta0", &mcnc::python::draw_theta0);
  py::class_<Expander>(module, "Expander")
      .def(py::init<const py::tuple&, unsigned, Device>())
      .def("layers", &Expander::layers)
      .def("stored", &Expander::stored)
      .def("weights", &Expander::weights)
      .def("gradients", &Expander::gradients)
      .def("weights_on_device", &Expander::weights_on_device)
      .def("gradients_on_device", &Expander::gradients_on_device);
  py::class_<File>(module, "File")
      .def("tensors", &File::tensors)
      .def("metadata", &File::metadata)
      .def("bases", &File::bases)
      .def("weights_identity", &File::weights_identity)
      .def("file_digest", &File::file_digest)
      .def("set_base", &File::set_base)
      .def("set_base_files", &File::set_base_files)
      .def("decode", &File::decode)
      .def("decode_range", &File::decode_range)
      .def("decode_to_device", &File::decode_to_device)
      .def("decode_range_to_device", &File::decode_range_to_device)
      .def("verify", &File::verify)
      .def("close", &File::close)
      .def_property_readonly("closed", &File::closed);
}
