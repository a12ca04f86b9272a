// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The files of the conformance suite, for programs that compare a device with the CPU. MCNC_VECTORS is its folder; the
// environment variable of that name may name another one.
#ifndef MCNC_TESTS_CUDA_CONFORMANCE_CASE_H_
#define MCNC_TESTS_CUDA_CONFORMANCE_CASE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mcnc/base_models.h"
#include "mcnc/file.h"
#include "mcnc/reader.h"

namespace mcnc::cuda {

// The folders of a kind of cases, "valid" or "invalid", sorted.
inline std::vector<std::filesystem::path> conformance_cases(const std::string& kind) {
  const char* const named = std::getenv("MCNC_VECTORS");
  const std::filesystem::path vectors = named != nullptr ? named : MCNC_VECTORS;
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(vectors / kind)) {
    found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

// The name of a parametrized test.
inline std::string name_of_case(const ::testing::TestParamInfo<std::filesystem::path>& each) {
  std::string name = each.param.filename().string();
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

// A case with the base models that lie beside it. Some cases have one that cannot be opened: it is left out.
struct ConformanceCase {
  static Result<ConformanceCase> open(const std::filesystem::path& folder) {
    const Limits limits;
    Allowance allowance(limits);
    Result<std::unique_ptr<Input>> input = open_file((folder / "model.mcnc").string());
    if (!input.ok()) return input.status();
    Result<Reader> reader = Reader::open(*std::move(input), allowance);
    if (!reader.ok()) return reader.status();
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::filesystem::path name = entry.path().filename();
      if (name.extension() != ".mcnc" || name == "model.mcnc") continue;
      if (BaseModels::open({entry.path().string()}, limits).ok()) paths.push_back(entry.path().string());
    }
    std::ranges::sort(paths);
    Result<BaseModels> bases = BaseModels::open(paths, limits);
    if (!bases.ok()) return bases.status();
    return ConformanceCase{*std::move(reader), *std::move(bases)};
  }

  Reader reader;
  BaseModels bases;
};

}  // namespace mcnc::cuda

#endif  // MCNC_TESTS_CUDA_CONFORMANCE_CASE_H_
