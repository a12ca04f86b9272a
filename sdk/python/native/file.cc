// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "file.h"

#include <pybind11/stl.h>
#include <unistd.h>

#include <utility>

namespace mcnc::python {
namespace py = pybind11;
namespace {

Status argument(std::string message) { return {ErrorCode::kArgument, "", std::move(message)}; }

// Text of a file, which passed the format's rules and so is UTF-8.
py::str to_python(std::string_view text) { return py::str(text.data(), text.size()); }

std::string_view name_of(const Source& source) {
  struct Name {
    std::string_view operator()(const Generated&) const { return "generated"; }
    std::string_view operator()(const Stored&) const { return "stored"; }
    std::string_view operator()(const Shared&) const { return "shared"; }
    std::string_view operator()(const Product&) const { return "product"; }
  };
  return std::visit(Name{}, source);
}

}  // namespace

File::File(const Options& options)
    : options_(options), pending_(std::make_shared<PendingException>()), process_(getpid()) {
  if (options_.device != nullptr) options_.device->refuse_after_fork();
}

File::~File() {
  // In a child of fork() the decoder's threads do not exist, and waiting for their end would never end.
  if (getpid() != process_) {
    static_cast<void>(open_.release());
  } else if (open_) {
    const py::gil_scoped_release no_gil;
    const auto device_lock = lock_device();
    open_->decoder.reset();
  }
}

std::unique_lock<std::recursive_mutex> File::lock_device() const {
  if (options_.device == nullptr) return {};
  return std::unique_lock(options_.device->mutex());
}

void File::finish_opening(Result<std::unique_ptr<Input>> input) {
  Status status = input.status();
  if (input.ok()) {
    const py::gil_scoped_release no_gil;
    Allowance allowance(options_.limits);
    Result<Reader> reader = Reader::open(*std::move(input), allowance);
    status = reader.status();
    if (reader.ok()) {
      open_->reader.emplace(*std::move(reader));
      Result<Decoder> decoder = Decoder::create(*open_->reader, {.execution = {.threads = options_.threads},
                                                                 .check_digests = options_.check_digests,
                                                                 .generators = options_.generators,
                                                                 .accelerator = accelerator()});
      status = decoder.status();
      if (decoder.ok()) open_->decoder.emplace(*std::move(decoder));
    }
  }
  pending_->raise(status);
}

std::unique_ptr<File> File::open_path(const std::string& path, const Options& options) {
  std::unique_ptr<File> file(new File(options));
  file->open_ = std::make_unique<Open>();
  file->finish_opening(open_file(path));
  return file;
}

std::unique_ptr<File> File::open_buffer(const py::object& buffer, const Options& options) {
  std::unique_ptr<File> file(new File(options));
  file->open_ = std::make_unique<Open>();
  file->open_->memory = std::make_unique<Buffer>(buffer, Buffer::Access::kRead);
  file->finish_opening(borrow_memory(file->open_->memory->bytes()));
  return file;
}

std::unique_ptr<File> File::open_source(py::object source, std::uint64_t size, const Options& options) {
  std::unique_ptr<File> file(new File(options));
  file->open_ = std::make_unique<Open>();
  file->finish_opening(read_from_python(std::move(source), size, file->pending_));
  return file;
}

void File::refuse_after_fork() const {
  if (getpid() == process_) return;
  throw StatusError(argument("the file was opened before this process was forked: open it again in each process"));
}

void File::refuse_nested_call() const {
  if (running_ != std::this_thread::get_id()) return;
  throw StatusError(argument("the file is called by code that it calls itself: it cannot wait for itself"));
}

template <typename Body>
void File::run(Body&& body) {
  refuse_after_fork();
  refuse_nested_call();
  Status status;
  {
    const py::gil_scoped_release no_gil;
    const std::lock_guard lock(mutex_);
    // Files that share a device wait for each other.
    const auto device_lock = lock_device();
    running_ = std::this_thread::get_id();
    status = open_ ? body() : argument("the file is closed");
    running_ = std::thread::id();
  }
  pending_->raise(status);
}

std::shared_ptr<Accelerator> File::accelerator() const {
  return options_.device == nullptr ? nullptr : options_.device->accelerator();
}

const Reader& File::reader() {
  if (!open_) throw StatusError(argument("the file is closed"));
  return *open_->reader;
}

py::list File::tensors() {
  py::list list;
  for (const Tensor& tensor : reader().manifest().tensors) {
    list.append(py::make_tuple(to_python(tensor.name), to_python(name(tensor.dtype)), py::tuple(py::cast(tensor.shape)),
                               tensor.bytes(), to_hex(tensor.digest), to_python(name_of(tensor.source)),
                               tensor.factor));
  }
  return list;
}

py::dict File::metadata() {
  py::dict dict;
  for (const Metadata& entry : reader().manifest().metadata) {
    dict[to_python(entry.key)] =
        std::visit([](const auto& value) -> py::object { return py::cast(value); }, entry.value);
  }
  return dict;
}

py::list File::bases() {
  py::list list;
  for (const Base& base : reader().manifest().bases) {
    list.append(py::make_tuple(to_python(base.name), to_hex(base.weights_identity)));
  }
  return list;
}

std::string File::weights_identity() { return to_hex(reader().manifest().weights_identity); }
std::string File::file_digest() { return to_hex(reader().file_digest()); }

void File::set_base_files(const std::vector<std::string>& paths) {
  run([&]() -> Status {
    Result<BaseModels> models = BaseModels::open(paths, options_.limits, {.execution = {.threads = options_.threads}});
    if (!models.ok()) return models.status();
    open_->base_files.emplace(*std::move(models));
    return open_->base_files->supply(*open_->decoder);
  });
}

void File::set_base(std::size_t base, py::object model) {
  std::unique_ptr<BaseModel> adapter = base_from_python(std::move(model), pending_);
  run([&]() -> Status {
    if (Status status = open_->decoder->set_base(base, *adapter); !status.ok()) return status;
    open_->bases.push_back(std::move(adapter));
    return {};
  });
}

void File::decode(std::size_t tensor, const py::object& out) {
  const Buffer buffer(out, Buffer::Access::kWrite);
  run([&] { return open_->decoder->decode(tensor, buffer.bytes()); });
}

void File::decode_range(std::size_t tensor, std::uint64_t first, std::uint64_t count, const py::object& out) {
  const Buffer buffer(out, Buffer::Access::kWrite);
  run([&] { return open_->decoder->decode_range(tensor, first, count, buffer.bytes()); });
}

void File::decode_to_device(std::size_t tensor, std::uint64_t address, std::uint64_t bytes) {
  run([&] { return open_->decoder->decode_to_device(tensor, reinterpret_cast<void*>(address), bytes); });
}

void File::decode_range_to_device(std::size_t tensor, std::uint64_t first, std::uint64_t count, std::uint64_t address,
                                  std::uint64_t bytes) {
  run([&] {
    return open_->decoder->decode_range_to_device(tensor, first, count, reinterpret_cast<void*>(address), bytes);
  });
}

void File::verify() {
  run([&] { return open_->decoder->verify(); });
}

void File::close() {
  refuse_after_fork();
  refuse_nested_call();
  std::unique_ptr<Open> gone;
  const py::gil_scoped_release no_gil;
  const std::lock_guard lock(mutex_);
  if (open_) {
    const auto device_lock = lock_device();
    open_->decoder.reset();
  }
  const py::gil_scoped_acquire gil;  // open_ changes where both are held, so that either is enough to read it
  gone = std::move(open_);
  gone.reset();
}

}  // namespace mcnc::python
