// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// From the library's Status to the exception that Python code catches, mcnc.McncError.
#ifndef MCNC_PYTHON_ERROR_H_
#define MCNC_PYTHON_ERROR_H_

#include <pybind11/pybind11.h>

#include <exception>
#include <mutex>
#include <string>
#include <utility>

#include "mcnc/status.h"

namespace mcnc::python {

// Thrown by binding code only, with the GIL held; the module's exception translator makes an mcnc.McncError of it.
class StatusError : public std::exception {
 public:
  explicit StatusError(Status status) : status_(std::move(status)) {}
  const Status& status() const noexcept { return status_; }
  const char* what() const noexcept override { return status_.message().c_str(); }

 private:
  Status status_;
};

// Throws where `status` is an error.
inline void raise_if_error(const Status& status) {
  if (!status.ok()) throw StatusError(status);
}

// The value of `result`. Throws where it is an error.
template <typename T>
T value_or_raise(Result<T> result) {
  if (!result.ok()) throw StatusError(result.status());
  return *std::move(result);
}

// What Python code raised while the library called it. The library sees a Status; the call that began it all then
// raises the exception itself again, so that nothing about it is lost. Thread-safe.
class PendingException {
 public:
  // Keeps the first exception since the last take(). Needs the GIL. Returns the Status that stands for it.
  Status keep(pybind11::error_already_set& error, ErrorCode code);
  // Throws an McncError for `status`, where it is an error; its __cause__ is the exception that was kept, if any. What
  // is not an Exception (KeyboardInterrupt, SystemExit) is thrown as it is. Needs the GIL.
  void raise(const Status& status);

 private:
  std::mutex mutex_;
  pybind11::object exception_;
};

// Makes StatusError an mcnc.McncError wherever it leaves a function of the module.
void register_exceptions();

}  // namespace mcnc::python

#endif  // MCNC_PYTHON_ERROR_H_
