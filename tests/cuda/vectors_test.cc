// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Every valid file of the conformance suite, decoded by the kernels: each tensor has the bytes that the CPU's decoder
// makes, and the digest that the case states.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cuda/conformance_case.h"
#include "cuda/on_device.h"
#include "mcnc/decoder.h"
#include "support/models.h"

namespace mcnc::cuda {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  const std::vector<std::byte> bytes = testing::bytes_of(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Vectors : public ::testing::TestWithParam<fs::path> {};

TEST_P(Vectors, AreMadeByKernels) {
  const std::string case_text = text_of(GetParam() / "case.json");
  Result<ConformanceCase> files = ConformanceCase::open(GetParam());
  ASSERT_OK(files);
  Result<Decoder> decoder = Decoder::create(files->reader);
  ASSERT_OK(decoder);
  ASSERT_OK(files->bases.supply(*decoder));
  Result<std::vector<BaseModel*>> matched = files->bases.match(files->reader.manifest());
  ASSERT_OK(matched);

  for (const Way& way : two_ways()) {
    FileOnDevice file(files->reader, way);
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

INSTANTIATE_TEST_SUITE_P(Valid, Vectors, ::testing::ValuesIn(conformance_cases("valid")), name_of_case);

}  // namespace
}  // namespace mcnc::cuda
