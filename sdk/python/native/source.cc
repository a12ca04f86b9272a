// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "source.h"

#include <pybind11/stl.h>

#include <cstring>
#include <utility>

namespace mcnc::python {
namespace py = pybind11;
namespace {

// A reference that may be dropped on any thread, with or without the GIL.
class SharedObject {
 public:
  explicit SharedObject(py::object object) : object_(std::move(object)) {}
  ~SharedObject() {
    const py::gil_scoped_acquire gil;
    object_ = {};
  }
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  const py::object& get() const noexcept { return object_; }

 private:
  py::object object_;
};

// Calls Python code. Whatever it throws becomes a Status of `code`; exceptions of Python are kept in `pending`.
template <typename Body>
auto call_python(PendingException& pending, ErrorCode code, Body&& body) noexcept -> decltype(body()) {
  const py::gil_scoped_acquire gil;
  try {
    return body();
  } catch (py::error_already_set& error) {
    return pending.keep(error, code);
  } catch (const StatusError& error) {
    return Status(code, "", error.status().message());
  } catch (const std::exception& error) {
    return Status(code, "", error.what());
  }
}

class PythonInput final : public Input {
 public:
  PythonInput(py::object source, std::uint64_t size, std::shared_ptr<PendingException> pending)
      : source_(std::move(source)), size_(size), pending_(std::move(pending)) {}

  std::uint64_t size() const noexcept override { return size_; }

  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    if (offset > size_ || out.size() > size_ - offset) {
      return {ErrorCode::kTruncated, "container.truncated", "the file ends before the bytes it must have", size_};
    }
    return call_python(*pending_, ErrorCode::kRead, [&]() -> Status {
      const Buffer got(source_.get().attr("read_at")(offset, out.size()), Buffer::Access::kRead);
      if (got.bytes().size() != out.size()) {
        return {ErrorCode::kRead, "",
                "the file object gave " + std::to_string(got.bytes().size()) + " bytes where " +
                    std::to_string(out.size()) + " were asked for",
                offset};
      }
      if (!out.empty()) std::memcpy(out.data(), got.bytes().data(), out.size());
      return {};
    });
  }

 private:
  SharedObject source_;
  std::uint64_t size_;
  std::shared_ptr<PendingException> pending_;
};

class PythonBase final : public BaseModel {
 public:
  PythonBase(py::object model, std::shared_ptr<PendingException> pending)
      : model_(std::move(model)), pending_(std::move(pending)) {}

  Result<Entry> find(const std::string& name) noexcept override {
    return call_python(*pending_, ErrorCode::kBase, [&]() -> Result<Entry> {
      const py::object found = model_.get().attr("find")(name);
      if (found.is_none()) {
        return Status(ErrorCode::kBase, "tensor.base", "the base model has no tensor \"" + name + "\"");
      }
      auto [dtype, shape] = found.cast<std::pair<std::string, std::vector<std::uint64_t>>>();
      return Entry{dtype_of(dtype), std::move(shape)};
    });
  }

  Status read(const std::string& name, std::span<std::byte> out) noexcept override {
    return call_python(*pending_, ErrorCode::kBase, [&]() -> Status {
      const Buffer got(model_.get().attr("read")(name), Buffer::Access::kRead);
      if (got.bytes().size() != out.size()) {
        return {ErrorCode::kBase, "tensor.base",
                "the base model gave another number of bytes for tensor \"" + name + "\""};
      }
      if (!out.empty()) std::memcpy(out.data(), got.bytes().data(), out.size());
      return {};
    });
  }

 private:
  SharedObject model_;
  std::shared_ptr<PendingException> pending_;
};

}  // namespace

Buffer::Buffer(const py::object& object, Access access) {
  const int flags = access == Access::kWrite ? PyBUF_WRITABLE : PyBUF_SIMPLE;
  if (PyObject_GetBuffer(object.ptr(), &view_, flags) != 0) {
    py::error_already_set error;  // takes and clears what Python says
    throw StatusError(Status(ErrorCode::kArgument, "",
                             std::string(access == Access::kWrite ? "this takes a writable, contiguous buffer: "
                                                                  : "this takes a contiguous buffer: ") +
                                 std::string(py::str(error.value()))));
  }
  bytes_ = {static_cast<std::byte*>(view_.buf), static_cast<std::size_t>(view_.len)};
}

Buffer::~Buffer() { PyBuffer_Release(&view_); }

Result<std::unique_ptr<Input>> read_from_python(py::object source, std::uint64_t size,
                                                std::shared_ptr<PendingException> pending) {
  return std::unique_ptr<Input>(std::make_unique<PythonInput>(std::move(source), size, std::move(pending)));
}

std::unique_ptr<BaseModel> base_from_python(py::object model, std::shared_ptr<PendingException> pending) {
  return std::make_unique<PythonBase>(std::move(model), std::move(pending));
}

DType dtype_of(const std::string& wanted) {
  for (int value = 0; value <= static_cast<int>(DType::kF8E5M2); ++value) {
    const auto dtype = static_cast<DType>(value);
    if (name(dtype) == wanted) return dtype;
  }
  throw StatusError(Status(ErrorCode::kArgument, "", "there is no dtype \"" + wanted + "\" in .mcnc files"));
}

}  // namespace mcnc::python
