// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "device.h"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "common/command_line.h"
#include "mcnc/cuda.h"

namespace mcnc::tools {
namespace {

constexpr std::string_view kCpu = "cpu";
constexpr std::string_view kCuda = "cuda";

// Opened when it is first used.
class CudaOnDemand final : public Accelerator {
 public:
  explicit CudaOnDemand(int device) noexcept : options_{.device = device} {}

  std::string_view name() const noexcept override { return opened_ == nullptr ? kCuda : opened_->name(); }
  Result<std::shared_ptr<TensorMaker>> open(Parts& parts) noexcept override {
    if (opened_ == nullptr) {
      Result<std::shared_ptr<Accelerator>> opened = open_cuda(options_);
      if (!opened.ok()) return opened.status();
      opened_ = *std::move(opened);
    }
    return opened_->open(parts);
  }

 private:
  CudaOptions options_;
  std::shared_ptr<Accelerator> opened_;
};

// Of "cuda" 0, of "cuda:N" N.
std::optional<int> cuda_number(std::string_view text) {
  if (text == kCuda) return 0;
  if (!text.starts_with("cuda:")) return std::nullopt;
  text.remove_prefix(std::string_view("cuda:").size());
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace

void add_device(CLI::App& command, std::shared_ptr<Accelerator>& accelerator) {
  const auto choose = [&accelerator](const std::string& text) {
    accelerator.reset();
    if (text == kCpu) return;
    const std::optional<int> number = cuda_number(text);
    if (!number) refuse_word("--device", text, std::array{kCpu, kCuda});
    accelerator = std::make_shared<CudaOnDemand>(*number);
  };
  command
      .add_option_function<std::string>("--device", choose,
                                        "Where weights are made: cpu, or cuda for a GPU of NVIDIA, cuda:1 for the "
                                        "second one; the weights do not depend on it [cpu]")
      ->type_name("NAME");
}

}  // namespace mcnc::tools
