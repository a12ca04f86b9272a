// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Files decoded by the PTX that nvcc makes of the kernels, run by the interpreter: every valid file of the conformance
// suite, and models of random shapes. Each tensor has the bytes that the CPU's decoder makes, and its digest, which the
// kernels make as well, is the one that the file states. MCNC_PTX names the PTX.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cuda/backend/tensor_decoder.h"
#include "cuda/one_row.h"
#include "cuda/ptx/interpreted.h"
#include "cuda/random_models.h"
#include "kernels/scalar.h"
#include "mcnc/base_models.h"
#include "mcnc/decoder.h"
#include "mcnc/file.h"
#include "mcnc/fp_environment.h"
#include "mcnc/thread_pool.h"
#include "support/models.h"
#include "support/status.h"

namespace mcnc::cuda {
namespace {

namespace fs = std::filesystem;

// As many as it takes until every kernel has run.
constexpr std::uint32_t kModels = 300;
constexpr std::uint32_t kSineModels = 60;
constexpr std::uint32_t kDeepModels = 30;

void expect_same_tensor(TensorDecoder& on_device, const Tensor& tensor, std::size_t index, Decoder& on_host) {
  std::vector<std::byte> expected(static_cast<std::size_t>(tensor.bytes()));
  ASSERT_OK(on_host.decode(index, expected));
  Buffer<std::byte> out;
  ASSERT_OK(out.reserve(interpreted(), std::max<std::uint64_t>(expected.size(), 1)));
  ASSERT_OK(on_device.decode(index, 0, tensor.elements(), out.data()));
  std::vector<std::byte> made(expected.size());
  ASSERT_OK(interpreted().download(out.data(), made));
  const auto [at, other] = std::ranges::mismatch(made, expected);
  EXPECT_TRUE(at == made.end()) << tensor.name << ": byte " << (at - made.begin()) << " differs";
  const Result<Digest> digest = on_device.digest(out.data(), made.size());
  ASSERT_OK(digest);
  EXPECT_EQ(to_hex(*digest), to_hex(tensor.digest)) << tensor.name;
}

void expect_same_file(const Reader& reader, Decoder& on_host, const std::vector<BaseModel*>& bases,
                      const Batches& batches, bool one_row = false) {
  const FpEnvironment environment;
  Reader own = reader;
  ThreadPool pool{1};
  Parts parts(own, kScalarKernels, pool);
  for (std::size_t b = 0; b < bases.size(); ++b) parts.set_base(b, bases[b]);
  OneRow row(interpreted());
  TensorDecoder on_device(one_row ? static_cast<Device&>(row) : interpreted(), parts, batches);
  const std::vector<Tensor>& tensors = own.manifest().tensors;
  for (std::size_t t = 0; t < tensors.size(); ++t) expect_same_tensor(on_device, tensors[t], t, on_host);
}

class Vectors : public ::testing::TestWithParam<fs::path> {};

TEST_P(Vectors, AreMadeByPtx) {
  std::vector<std::string> bases;
  for (const fs::directory_entry& entry : fs::directory_iterator(GetParam())) {
    const fs::path name = entry.path().filename();
    if (name.extension() != ".mcnc" || name == "model.mcnc") continue;
    if (BaseModels::open({entry.path().string()}, {}).ok()) bases.push_back(entry.path().string());
  }
  const Limits limits;
  Allowance allowance(limits);
  Result<std::unique_ptr<Input>> input = open_file((GetParam() / "model.mcnc").string());
  ASSERT_OK(input);
  Result<Reader> reader = Reader::open(*std::move(input), allowance);
  ASSERT_OK(reader);
  Result<BaseModels> models = BaseModels::open(bases, limits);
  ASSERT_OK(models);
  Result<Decoder> decoder = Decoder::create(*reader);
  ASSERT_OK(decoder);
  ASSERT_OK(models->supply(*decoder));
  const Result<std::vector<BaseModel*>> matched = models->match(reader->manifest());
  ASSERT_OK(matched);
  expect_same_file(*reader, *decoder, *matched, {});
}

std::vector<fs::path> cases() {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(MCNC_VECTORS) / "valid")) {
    found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

INSTANTIATE_TEST_SUITE_P(Valid, Vectors, ::testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.filename().string(); });

void expect_made_by_ptx(Model (*random_model)(std::uint32_t), std::uint32_t seed, const Batches& batches,
                        bool one_row = false) {
  SCOPED_TRACE("model " + std::to_string(seed));
  const Result<std::vector<std::byte>> bytes = serialize(random_model(seed), {.zstd_level = 1});
  ASSERT_OK(bytes);
  const Result<Reader> reader = testing::open(*bytes);
  ASSERT_OK(reader);
  Result<Decoder> decoder = Decoder::create(*reader);
  ASSERT_OK(decoder);
  expect_same_file(*reader, *decoder, {}, batches, one_row);
}

constexpr Batches kSmall = {.elements = 100, .scratch_bytes = 1000};

TEST(RandomModels, AreMadeByPtx) {
  for (std::uint32_t seed = 0; seed < kModels && !HasFailure(); ++seed) {
    expect_made_by_ptx(testing::random_model, seed, seed % 2 == 0 ? Batches{} : kSmall);
  }
}

TEST(RandomModels, OfManyLayersAreMadeByPtx) {
  for (std::uint32_t seed = 0; seed < kDeepModels && !HasFailure(); ++seed) {
    expect_made_by_ptx(testing::random_deep_model, seed, seed % 3 == 0 ? kSmall : Batches{}, seed % 3 == 1);
  }
}

TEST(RandomModels, AreMadeByOneRowOfThreads) {
  for (std::uint32_t seed = 0; seed < kSineModels && !HasFailure(); ++seed) {
    expect_made_by_ptx(testing::random_sine_model, seed, {}, true);
  }
}

// Behind the tests of files_expander_test.cc, too, which the build names first.
TEST(Kernels, AllHaveRun) {
  for (const std::string& kernel : interpreted().interpreter().kernel_names()) {
    EXPECT_TRUE(interpreted().launches().contains(kernel)) << kernel << " never ran";
  }
  std::cout << interpreted().interpreter().instructions() << " instructions of 32 lanes\n";
}

}  // namespace
}  // namespace mcnc::cuda
