// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "error.h"

namespace mcnc::python {
namespace py = pybind11;
namespace {

py::object make_exception(const Status& status) {
  const py::object offset = status.offset() == Status::kNoOffset ? py::object(py::none()) : py::int_(status.offset());
  const std::string_view code = name(status.code());
  // Messages may quote names of a file, which need not be UTF-8.
  const auto message = py::reinterpret_steal<py::object>(PyUnicode_DecodeUTF8(
      status.message().data(), static_cast<Py_ssize_t>(status.message().size()), "backslashreplace"));
  return py::module_::import("mcnc.errors")
      .attr("McncError")(message, py::str(code.data(), code.size()), static_cast<int>(status.code()),
                         py::str(status.rule().data(), status.rule().size()), offset);
}

void set_exception(const py::object& exception) {
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
}

}  // namespace

Status PendingException::keep(py::error_already_set& error, ErrorCode code) {
  std::string message = "the Python code that was called raised ";
  message += py::str(error.type().attr("__name__"));
  if (const std::string text = py::str(error.value()); !text.empty()) message += ": " + text;
  const std::lock_guard lock(mutex_);
  if (!exception_) exception_ = error.value();
  return {code, "", std::move(message)};
}

void PendingException::raise(const Status& status) {
  py::object cause;
  {
    const std::lock_guard lock(mutex_);
    cause = std::move(exception_);
    exception_ = {};
  }
  if (status.ok()) return;
  if (!cause) throw StatusError(status);
  if (!py::isinstance(cause, py::reinterpret_borrow<py::object>(PyExc_Exception))) {
    set_exception(cause);
    throw py::error_already_set();
  }
  const py::object exception = make_exception(status);
  PyException_SetCause(exception.ptr(), cause.release().ptr());  // takes the reference
  set_exception(exception);
  throw py::error_already_set();
}

void register_exceptions() {
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const StatusError& error) {
      set_exception(make_exception(error.status()));
    }
  });
}

}  // namespace mcnc::python
