// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Every valid file of the conformance suite, decoded by the kernels: each tensor has the bytes that the CPU's decoder
// makes, and the digest that the case states.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cuda/on_device.h"
#include "mcnc/base_models.h"
#include "mcnc/decoder.h"
#include "mcnc/file.h"
#include "support/models.h"

namespace mcnc::cuda {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> cases() {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(MCNC_VECTORS) / "valid")) {
    found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

// The other files of a case that can be base models: some cases have one that cannot.
std::vector<std::string> bases_of(const fs::path& folder) {
  std::vector<std::string> bases;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const fs::path name = entry.path().filename();
    if (name.extension() != ".mcnc" || name == "model.mcnc") continue;
    if (BaseModels::open({entry.path().string()}, {}).ok()) bases.push_back(entry.path().string());
  }
  std::ranges::sort(bases);
  return bases;
}

std::string text_of(const fs::path& path) {
  const std::vector<std::byte> bytes = testing::bytes_of(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Vectors : public ::testing::TestWithParam<fs::path> {};

TEST_P(Vectors, AreMadeByKernels) {
  const std::string case_text = text_of(GetParam() / "case.json");
  const Limits limits;
  Allowance allowance(limits);
  Result<std::unique_ptr<Input>> input = open_file((GetParam() / "model.mcnc").string());
  ASSERT_OK(input);
  Result<Reader> reader = Reader::open(*std::move(input), allowance);
  ASSERT_OK(reader);
  Result<BaseModels> models = BaseModels::open(bases_of(GetParam()), limits);
  ASSERT_OK(models);
  Result<Decoder> decoder = Decoder::create(*reader);
  ASSERT_OK(decoder);
  ASSERT_OK(models->supply(*decoder));
  Result<std::vector<BaseModel*>> matched = models->match(reader->manifest());
  ASSERT_OK(matched);

  for (const Way& way : two_ways()) {
    FileOnDevice file(*reader, way);
    for (std::size_t b = 0; b < matched->size(); ++b) file.set_base(b, (*matched)[b]);
    for (std::size_t t = 0; t < file.tensors().size(); ++t) {
      const Tensor& tensor = file.tensors()[t];
      std::vector<std::byte> expected(static_cast<std::size_t>(tensor.bytes()));
      ASSERT_OK(decoder->decode(t, expected));
      const Result<std::vector<std::byte>> made = file.decode(t);
      ASSERT_OK(made);
      expect_same(*made, expected, tensor.name);
      const bool is_stated = case_text.find(to_hex(tensor.digest)) != std::string::npos;
      EXPECT_TRUE(is_stated || tensor.factor) << tensor.name;
    }
    EXPECT_EQ(file.device().damaged(), 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(Valid, Vectors, ::testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.filename().string(); });

}  // namespace
}  // namespace mcnc::cuda
