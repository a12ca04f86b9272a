// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The whole path of a GPU: Decoder, accelerator, driver. The files of the conformance suite and models of random shapes
// are decoded and verified on every device that the driver has, into memory of the host and of the device, whole and by
// ranges: the bytes, and for broken files the errors, are those of the CPU. The driver is the stand-in, or, where
// tools/check-cuda brings this program, that of a card.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cuda/backend/driver.h"
#include "cuda/conformance_case.h"
#include "cuda/random_models.h"
#include "cuda/stand_in.h"
#include "mcnc/checked_math.h"
#include "mcnc/decoder.h"
#include "mcnc/writer.h"
#include "support/models.h"

namespace mcnc::cuda {
namespace {

namespace fs = std::filesystem;

// As many as it takes until every kernel has run.
constexpr std::uint32_t kModels = 300;

// Of the stand-in, device 0 allocates in the order of its stream, and device 1 does not.
int devices() {
  const Result<const Driver*> driver = load_driver();
  int count = 0;
  EXPECT_TRUE(driver.ok() && (*driver)->device_count(&count) == 0 && count > 0) << driver.status().to_string();
  return count;
}

Result<Decoder> decoder_on(const Reader& reader, const std::shared_ptr<Accelerator>& gpu) {
  return Decoder::create(reader, {.accelerator = gpu});
}

// Room for a tensor, some bytes behind the beginning of an allocation, as tensors of frameworks stand.
DeviceMemory room_for(const Tensor& tensor, int device, std::size_t offset) {
  return DeviceMemory(device, to_size(tensor.bytes()) + offset + 1);
}

// All tensors are given to the device, each in two ranges, before anything is waited for.
void expect_same_on_device(Decoder& decoder, Decoder& on_host, int device) {
  constexpr std::size_t kOffset = 16;
  const std::vector<Tensor>& tensors = decoder.manifest().tensors;
  std::vector<DeviceMemory> memory;
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    memory.push_back(room_for(tensors[t], device, kOffset));
    std::byte* const out = memory.back().data() + kOffset;
    const std::uint64_t size = size_of(tensors[t].dtype);
    const std::uint64_t first = tensors[t].elements() / 3;
    const std::uint64_t rest = tensors[t].elements() - first;
    ASSERT_OK(decoder.decode_range_to_device(t, 0, first, out, first * size)) << tensors[t].name;
    ASSERT_OK(decoder.decode_range_to_device(t, first, rest, out + first * size, rest * size)) << tensors[t].name;
  }
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    const std::size_t size = static_cast<std::size_t>(tensors[t].bytes());
    ASSERT_OK(decoder.check_on_device(t, memory[t].data() + kOffset, size)) << tensors[t].name;
    std::vector<std::byte> expected(size);
    ASSERT_OK(on_host.decode(t, expected));
    const std::vector<std::byte> made = memory[t].bytes();
    EXPECT_TRUE(std::ranges::equal(std::span(made).subspan(kOffset, size), expected)) << tensors[t].name;
    EXPECT_EQ(made.front(), made[kOffset - 1]) << "written before the output";
    ASSERT_OK(decoder.decode_to_device(t, memory[t].data() + kOffset, size)) << tensors[t].name;
  }
}

void expect_same_on_host(Decoder& decoder, Decoder& on_host) {
  const std::vector<Tensor>& tensors = decoder.manifest().tensors;
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    std::vector<std::byte> expected(to_size(tensors[t].bytes())), made(expected.size());
    ASSERT_OK(on_host.decode(t, expected));
    ASSERT_OK(decoder.decode(t, made)) << tensors[t].name;
    EXPECT_TRUE(made == expected) << tensors[t].name;
    const std::uint64_t first = tensors[t].elements() / 2;
    const std::size_t offset = static_cast<std::size_t>(first) * size_of(tensors[t].dtype);
    ASSERT_OK(decoder.decode_range(t, first, tensors[t].elements() - first, std::span(made).subspan(offset)));
    EXPECT_TRUE(made == expected) << tensors[t].name << ", by range";
  }
}

void expect_same(Decoder& decoder, Decoder& on_host, int device) {
  ASSERT_OK(decoder.verify());
  expect_same_on_host(decoder, on_host);
  expect_same_on_device(decoder, on_host, device);
}

class ValidFile : public ::testing::TestWithParam<fs::path> {};

TEST_P(ValidFile, IsTheSame) {
  StandIn stand_in;
  Result<ConformanceCase> files = ConformanceCase::open(GetParam());
  ASSERT_OK(files);
  Result<Decoder> on_host = Decoder::create(files->reader);
  ASSERT_OK(on_host);
  ASSERT_OK(files->bases.supply(*on_host));
  for (int device = 0; device < devices(); ++device) {
    const Result<std::shared_ptr<Accelerator>> gpu = open_cuda({.device = device});
    ASSERT_OK(gpu);
    Result<Decoder> decoder = decoder_on(files->reader, *gpu);
    ASSERT_OK(decoder);
    ASSERT_OK(files->bases.supply(*decoder));
    expect_same(*decoder, *on_host, device);
  }
  EXPECT_EQ(stand_in.left(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Backend, ValidFile, ::testing::ValuesIn(conformance_cases("valid")), name_of_case);

TEST(RandomModels, AreTheSame) {
  StandIn stand_in;
  for (int device = 0; device < devices(); ++device) {
    const Result<std::shared_ptr<Accelerator>> gpu = open_cuda({.device = device});
    ASSERT_OK(gpu);
    for (std::uint32_t seed = 0; seed < kModels && !HasFailure(); ++seed) {
      SCOPED_TRACE("model " + std::to_string(seed));
      // Every fourth one has many layers of integers.
      const Model model = seed % 4 == 0 ? testing::random_deep_model(seed) : testing::random_model(seed);
      const Result<std::vector<std::byte>> bytes = serialize(model, {.zstd_level = 1});
      ASSERT_OK(bytes);
      const Result<Reader> reader = testing::open(*bytes);
      ASSERT_OK(reader);
      Result<Decoder> on_host = Decoder::create(*reader);
      ASSERT_OK(on_host);
      Result<Decoder> decoder = decoder_on(*reader, *gpu);
      ASSERT_OK(decoder);
      expect_same(*decoder, *on_host, device);
    }
  }
  EXPECT_EQ(stand_in.left(), 0U);
}

// Files that can be opened, and are wrong further in.
class InvalidFile : public ::testing::TestWithParam<fs::path> {};

TEST_P(InvalidFile, HasTheSameError) {
  StandIn stand_in;
  Result<ConformanceCase> files = ConformanceCase::open(GetParam());
  if (!files.ok()) return;
  Result<Decoder> on_host = Decoder::create(files->reader);
  ASSERT_OK(on_host);
  ASSERT_OK(files->bases.supply(*on_host));
  const Status expected = on_host->verify();
  for (int device = 0; device < devices(); ++device) {
    const Result<std::shared_ptr<Accelerator>> gpu = open_cuda({.device = device});
    ASSERT_OK(gpu);
    Result<Decoder> decoder = decoder_on(files->reader, *gpu);
    ASSERT_OK(decoder);
    ASSERT_OK(files->bases.supply(*decoder));
    const Status status = decoder->verify();
    EXPECT_EQ(status.code(), expected.code()) << status.to_string() << "\non the CPU: " << expected.to_string();
    EXPECT_EQ(status.rule(), expected.rule()) << status.to_string() << "\non the CPU: " << expected.to_string();
  }
  EXPECT_EQ(stand_in.left(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Backend, InvalidFile, ::testing::ValuesIn(conformance_cases("invalid")), name_of_case);

}  // namespace
}  // namespace mcnc::cuda
