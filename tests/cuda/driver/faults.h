// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Which call of the stand-in driver fails, and with what.
#ifndef MCNC_TESTS_CUDA_DRIVER_FAULTS_H_
#define MCNC_TESTS_CUDA_DRIVER_FAULTS_H_

#include <cstdlib>
#include <string>
#include <string_view>

namespace mcnc::cuda {

// One fault at a time; see control.h for the notation.
class Faults {
 public:
  void set(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view left = text.substr(0, equals);
    const std::size_t colon = left.find(':');
    name_ = left.substr(0, colon);
    call_ = colon == left.npos ? 0 : std::atoi(std::string(left.substr(colon + 1)).c_str());
    error_ = equals == text.npos ? 0 : std::atoi(std::string(text.substr(equals + 1)).c_str());
  }

  // The error that this call of `name` returns; 0: none.
  int take(std::string_view name) {
    if (name != name_) return 0;
    if (call_ == 0) return error_;  // every call
    if (--call_ > 0) return 0;
    name_.clear();
    return error_;
  }

 private:
  std::string name_;
  int call_ = 0;
  int error_ = 0;
};

}  // namespace mcnc::cuda

#endif  // MCNC_TESTS_CUDA_DRIVER_FAULTS_H_
