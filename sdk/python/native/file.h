// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// One open .mcnc file, as the Python package uses it: reader, decoder, and what they read from, in one object.
#ifndef MCNC_PYTHON_FILE_H_
#define MCNC_PYTHON_FILE_H_

#include <pybind11/pybind11.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "device.h"
#include "error.h"
#include "mcnc/base_models.h"
#include "mcnc/decoder.h"
#include "mcnc/limits.h"
#include "mcnc/reader.h"
#include "source.h"

namespace mcnc::python {

// All functions are called with the GIL held and release it while they work. Calls from several threads wait for each
// other. A call from Python code that the file itself calls (a file object, a base model) is refused, as it would wait
// for itself, and so is one in a child of fork(), where the threads of the decoder do not exist.
class File {
 public:
  struct Options {
    Limits limits;
    unsigned threads = 1;
    bool check_digests = true;
    std::shared_ptr<GeneratorCache> generators;  // nullptr: not shared
    std::shared_ptr<Cuda> device;                // nullptr: the host
  };

  static std::unique_ptr<File> open_path(const std::string& path, const Options& options);
  static std::unique_ptr<File> open_buffer(const pybind11::object& buffer, const Options& options);
  // `source`: see read_from_python.
  static std::unique_ptr<File> open_source(pybind11::object source, std::uint64_t size, const Options& options);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // (name, dtype, shape, bytes, digest, source, factor) of every tensor, in manifest order.
  pybind11::list tensors();
  pybind11::dict metadata();
  // (name, weights identity) of every base model.
  pybind11::list bases();
  std::string weights_identity();
  std::string file_digest();

  // The base models among these files and folders; see BaseModels::open. At most once.
  void set_base_files(const std::vector<std::string>& paths);
  // `model`: see base_from_python.
  void set_base(std::size_t base, pybind11::object model);
  void decode(std::size_t tensor, const pybind11::object& out);
  void decode_range(std::size_t tensor, std::uint64_t first, std::uint64_t count, const pybind11::object& out);
  // address: of memory of the device.
  void decode_to_device(std::size_t tensor, std::uint64_t address, std::uint64_t bytes);
  void decode_range_to_device(std::size_t tensor, std::uint64_t first, std::uint64_t count, std::uint64_t address,
                              std::uint64_t bytes);
  void verify();
  // Any number of times. Waits for the calls of other threads.
  void close();
  bool closed() const noexcept { return !open_; }

 private:
  // What reading and decoding take; destroyed from the bottom to the top.
  struct Open {
    std::unique_ptr<Buffer> memory;
    std::vector<std::unique_ptr<BaseModel>> bases;
    std::optional<BaseModels> base_files;
    std::optional<Reader> reader;
    std::optional<Decoder> decoder;
  };

  explicit File(const Options& options);
  void finish_opening(Result<std::unique_ptr<Input>> input);
  const Reader& reader();
  std::shared_ptr<Accelerator> accelerator() const;  // nullptr: none
  // Without the GIL. What uses the device, or releases memory of it, holds this lock.
  std::unique_lock<std::recursive_mutex> lock_device() const;
  void refuse_after_fork() const;
  void refuse_nested_call() const;
  // body(), a Status, without the GIL and alone.
  template <typename Body>
  void run(Body&& body);

  Options options_;
  std::shared_ptr<PendingException> pending_;
  std::unique_ptr<Open> open_;
  std::mutex mutex_;
  std::atomic<std::thread::id> running_{};  // the thread that is in run()
  std::int64_t process_;
};

}  // namespace mcnc::python

#endif  // MCNC_PYTHON_FILE_H_
