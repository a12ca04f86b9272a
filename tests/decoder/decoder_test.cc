// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cfenv>
#include <string>

#include "mcnc/checked_math.h"
#include "mcnc/convert.h"
#include "mcnc/little_endian.h"
#include "support/models.h"
#include "support/reference.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace mcnc {
namespace {

using testing::file_of;
using testing::plain_model;
using testing::rich_model;

class Collect final : public Sink {
 public:
  Status write(const Tensor& tensor, std::uint64_t offset, std::span<const std::byte> bytes) noexcept override {
    if (tensor.name != name_) {
      name_ = tensor.name;
      EXPECT_EQ(offset, 0U);
    } else {
      EXPECT_EQ(offset, tensor_bytes_);
    }
    tensor_bytes_ = offset + bytes.size();
    all.insert(all.end(), bytes.begin(), bytes.end());
    return {};
  }
  std::vector<std::byte> all;

 private:
  std::string name_;
  std::uint64_t tensor_bytes_ = 0;
};

class Full final : public Sink {
 public:
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte>) noexcept override {
    return {ErrorCode::kWrite, "", "full"};
  }
};

std::vector<std::byte> decode_all(std::span<const std::byte> file) {
  Result<Reader> reader = testing::open(file);
  Result<Decoder> decoder = Decoder::create(*reader);
  Collect sink;
  const Status status = decoder->decode_all(sink);
  EXPECT_TRUE(status.ok()) << status.to_string();
  return sink.all;
}

// The formula of the paper, step by step, beside what the decoder makes of the file.
TEST(Decoder, PlainModelIsThetaPlusBetaPhiOfAlpha) {
  const Model model = plain_model();
  const std::vector<std::byte> bytes = testing::decode(file_of(model), "weight");
  ASSERT_EQ(bytes.size(), 80U);
  const ExpandedGenerator phi = expand(model.manifest.generators[0], {{}});
  for (std::size_t chunk = 0; chunk < 3; ++chunk) {
    std::vector<std::int32_t> alpha(3);
    for (std::size_t i = 0; i < 3; ++i)
      alpha[i] = static_cast<std::int8_t>(std::get<0>(model.segments[0])[i * 3 + chunk]);
    std::vector<std::int32_t> g(8);
    generate(phi, alpha, 0, g);
    for (std::size_t j = 0; j < 8 && chunk * 8 + j < 20; ++j) {
      const float w = 0.0F + 0x1p-18F * static_cast<float>(g[j]);
      EXPECT_EQ(load_le<std::uint32_t>(bytes.data() + 4 * (chunk * 8 + j)), std::bit_cast<std::uint32_t>(w));
    }
  }
}

TEST(Decoder, RangesAreTheTensor) {
  const std::vector<std::byte> file = file_of(rich_model());
  Result<Reader> reader = testing::open(file);
  Result<Decoder> decoder = Decoder::create(*reader);
  const std::vector<Tensor>& tensors = reader->manifest().tensors;
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    const std::vector<std::byte> whole = testing::decode(file, tensors[t].name);
    const std::uint64_t size = size_of(tensors[t].dtype);
    for (std::uint64_t first = 0; first < tensors[t].elements(); first += 3) {
      const std::uint64_t count = std::min<std::uint64_t>(40, tensors[t].elements() - first);
      std::vector<std::byte> part(to_size(count * size));
      ASSERT_TRUE(decoder->decode_range(t, first, count, part).ok());
      EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(first * size)));
    }
  }
}

TEST(Decoder, RefusesArgumentsThatDoNotFit) {
  const std::vector<std::byte> file = file_of(plain_model());
  Result<Reader> reader = testing::open(file);
  Result<Decoder> decoder = Decoder::create(*reader);
  std::vector<std::byte> out(80);
  EXPECT_TRUE(decoder->decode_range(0, 0, 20, out).ok());
  EXPECT_TRUE(decoder->decode_range(0, 20, 0, {}).ok());
  EXPECT_EQ(decoder->decode_range(1, 0, 20, out).code(), ErrorCode::kArgument);
  EXPECT_EQ(decoder->decode_range(0, 1, 20, out).code(), ErrorCode::kArgument);
  EXPECT_EQ(decoder->decode_range(0, 21, 0, {}).code(), ErrorCode::kArgument);
  EXPECT_EQ(decoder->decode_range(0, 0, ~std::uint64_t{0}, out).code(), ErrorCode::kArgument);
  EXPECT_EQ(decoder->decode_range(0, 0, 19, out).code(), ErrorCode::kArgument);
}

TEST(Decoder, RefusesABaseThatTheFileDoesNotHave) {
  class NoModel final : public BaseModel {
   public:
    Result<Entry> find(const std::string&) noexcept override { return Status(ErrorCode::kBase, "", "no such tensor"); }
    Status read(const std::string&, std::span<std::byte>) noexcept override {
      return {ErrorCode::kBase, "", "no tensor"};
    }
  };
  const std::vector<std::byte> file = file_of(plain_model());
  Result<Reader> reader = testing::open(file);
  Result<Decoder> decoder = Decoder::create(*reader);
  NoModel model;
  const Status status = decoder->set_base(7, model);
  EXPECT_EQ(status.code(), ErrorCode::kArgument);
  EXPECT_EQ(status.to_string(), "no base of index 7: the file has 0");
}

TEST(Decoder, HandsOnTheErrorOfASink) {
  const std::vector<std::byte> file = file_of(plain_model());
  Result<Reader> reader = testing::open(file);
  Result<Decoder> decoder = Decoder::create(*reader);
  Full full;
  EXPECT_EQ(decoder->decode(0, full).code(), ErrorCode::kWrite);
}

TEST(Decoder, SharedTensorHasTheBytesOfItsTarget) {
  const std::vector<std::byte> file = file_of(rich_model());
  EXPECT_EQ(testing::decode(file, "tied"), testing::decode(file, "flat.a"));
}

// Rounding and subnormals show in the weights: beta is 2^-140.
Model subnormal_model() {
  Model model = plain_model();
  model.manifest.codes[0].beta = 0x1p-100F;
  model.manifest.codes[0].beta_exponent = -40;
  return model;
}

// Whatever rounding mode the host runs in, the weights are the same, and the mode is the host's again afterwards.
TEST(Decoder, IgnoresAndKeepsTheHostsRounding) {
  for (const std::vector<std::byte>& file : {file_of(rich_model()), file_of(subnormal_model())}) {
    const std::vector<std::byte> expected = decode_all(file);
    for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
      std::fesetround(mode);
      const std::vector<std::byte> bytes = decode_all(file);
      const int after = std::fegetround();
      std::fesetround(FE_TONEAREST);
      EXPECT_EQ(bytes, expected);
      EXPECT_EQ(after, mode);
    }
  }
}

// The control register with the switches that flush subnormals to zero, where the machine has them.
#if defined(__SSE2__)
constexpr std::uint32_t kFlush = 0x8040;  // FTZ, DAZ
std::uint32_t get_control() { return _mm_getcsr(); }
void set_control(std::uint32_t value) { _mm_setcsr(value); }
#elif defined(__aarch64__)
constexpr std::uint64_t kFlush = 1U << 24;  // FZ
std::uint64_t get_control() {
  std::uint64_t value = 0;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
void set_control(std::uint64_t value) { asm volatile("msr fpcr, %0" ::"r"(value)); }
#elif defined(__arm__)
constexpr std::uint32_t kFlush = 1U << 24;  // FZ
std::uint32_t get_control() {
  std::uint32_t value = 0;
  asm volatile("vmrs %0, fpscr" : "=r"(value));
  return value;
}
void set_control(std::uint32_t value) { asm volatile("vmsr fpscr, %0" ::"r"(value)); }
#else
constexpr std::uint32_t kFlush = 0;
std::uint32_t get_control() { return 0; }
void set_control(std::uint32_t) {}
#endif

TEST(Decoder, IgnoresAndKeepsTheHostsFlushToZero) {
  const std::vector<std::byte> file = file_of(subnormal_model());
  const std::vector<std::byte> expected = decode_all(file);
  EXPECT_FALSE(std::ranges::all_of(expected, [](std::byte b) { return b == std::byte{0}; }));
  const auto before = get_control();
  set_control(before | kFlush);
  const std::vector<std::byte> bytes = decode_all(file);
  const auto after = get_control();
  set_control(before);
  EXPECT_EQ(bytes, expected);
  EXPECT_EQ(after & kFlush, kFlush);
}

}  // namespace
}  // namespace mcnc
