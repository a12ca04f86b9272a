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
#include "mcnc/accelerator.h"
#include "mcnc/cuda.h"

namespace mcnc::tools {
namespace {

constexpr std::string_view kCpu = "cpu";
constexpr std::string_view kCuda = "cuda";

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
  const auto number = std::make_shared<std::optional<int>>();
  const auto choose = [number](const std::string& text) {
    *number = cuda_number(text);
    if (!*number && text != kCpu) refuse_word("--device", text, std::array{kCpu, kCuda});
  };
  command
      .add_option_function<std::string>("--device", choose,
                                        "Where weights are made: cpu; cuda, an NVIDIA GPU; or cuda:1, the second one. "
                                        "The weights do not depend on it [cpu]")
      ->type_name("NAME");
  command.parse_complete_callback([number, &accelerator] {
    if (!*number) return;
    Result<std::shared_ptr<Accelerator>> opened = open_cuda({.device = **number});
    if (!opened.ok()) throw DeviceError{opened.status()};
    accelerator = *std::move(opened);
  });
}

}  // namespace mcnc::tools
