// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/safetensors_case.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "bench/parts.h"
#include "common/output.h"

namespace mcnc::tools {

Result<SafetensorsReader> write_safetensors(std::span<const std::byte> weights) {
  Tensor tensor;
  tensor.name = "weight";
  tensor.shape = {weights.size() / size_of(tensor.dtype)};
  const Tensor* const tensors[] = {&tensor};
  const Result<std::vector<std::byte>> header = safetensors_header(tensors, {});
  if (!header.ok()) return header.status();

  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error) return Status(ErrorCode::kWrite, "", "there is no folder for temporary files: " + error.message());
  const std::string path = folder / ("mcnc-bench-" + std::to_string(::getpid()) + ".safetensors");
  auto output = open_output(path, false);
  if (!output.ok()) return output.status();
  if (Status s = (*output)->write(*header); !s.ok()) return s;
  if (Status s = (*output)->write(weights.first(static_cast<std::size_t>(tensor.bytes()))); !s.ok()) return s;
  if (Status s = (*output)->commit(); !s.ok()) return s;
  Result<SafetensorsReader> file = SafetensorsReader::open(path);
  std::filesystem::remove(path, error);  // what is open stays readable
  return file;
}

Case safetensors_case(SafetensorsReader& file, std::span<std::byte> out, ParallelRunner& threads) {
  const SafetensorsTensor& tensor = file.tensors().front();
  return {.name = "safetensors",
          .threads = static_cast<unsigned>(threads.threads()),
          .bytes = tensor.bytes,
          .weights = tensor.bytes / size_of(*tensor.dtype),
          .run = [&file, &tensor, out, &threads] {
            std::atomic<bool> failed = false;
            each_part(static_cast<std::size_t>(tensor.bytes), threads, [&](std::size_t first, std::size_t count) {
              if (!file.read(tensor, first, out.subspan(first, count)).ok()) failed = true;
            });
            return failed ? Status(ErrorCode::kRead, "", "the temporary file cannot be read") : Status();
          }};
}

}  // namespace mcnc::tools
