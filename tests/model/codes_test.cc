// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "model/codes.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "mcnc/little_endian.h"
#include "support/status.h"

namespace mcnc {
namespace {

// Little-endian, as a segment has them.
template <typename Number>
std::vector<std::byte> segment(const std::vector<Number>& numbers) {
  std::vector<std::byte> bytes(numbers.size() * sizeof(Number));
  for (std::size_t i = 0; i < numbers.size(); ++i) store_le(&bytes[i * sizeof(Number)], numbers[i]);
  return bytes;
}

// Two chunks of two codes, k = 3: alpha is (3, 4), all first numbers first.
Codes four_codes() {
  Codes codes;
  codes.chunks = 2;
  codes.codes_per_chunk = 2;
  codes.beta_segment = 1;
  return codes;
}

const Generator kInteger{.code_dim = 3, .layers = {{.width = 8, .frequency = 1}}};
const Generator kFloats{.arithmetic = Arithmetic::kFloat32, .code_dim = 3, .layers = {{.width = 8, .turns = 1}}};
const std::vector<std::uint8_t> kAlpha = {1, 2, 3, 4, 10, 20, 30, 40, 0xFF, 0x80, 0x7F, 0};
const std::vector<std::uint32_t> kBeta = {0x3F800000, 0xC0000000, 0x00000000, 0x3F000000};  // 1, -2, 0, 0.5

TEST(LoadedCodes, AlphaIsPlanarAndSigned) {
  const Result<LoadedCodes> codes = LoadedCodes::load(four_codes(), kInteger, segment(kAlpha), segment(kBeta));
  ASSERT_OK(codes);
  std::array<std::int32_t, 3> alpha{};
  codes->alpha(1, alpha);
  EXPECT_EQ(alpha, (std::array<std::int32_t, 3>{2, 20, -128}));
  codes->alpha(2, alpha);
  EXPECT_EQ(alpha, (std::array<std::int32_t, 3>{3, 30, 127}));
  // The second code of each chunk, as rows with room between them.
  std::array<std::int8_t, 8> rows{};
  codes->alphas(1, 2, 2, rows.data(), 4);
  EXPECT_EQ(rows, (std::array<std::int8_t, 8>{2, 20, -128, 0, 4, 40, 0, 0}));
}

TEST(LoadedCodes, WideAlphaIsLittleEndian) {
  Codes codes = four_codes();
  codes.alpha_type = AlphaType::kInt16;
  std::vector<std::uint16_t> alpha(12);
  alpha[4] = 0x8001;  // the second number of the first code
  const Result<LoadedCodes> loaded = LoadedCodes::load(codes, kInteger, segment(alpha), segment(kBeta));
  ASSERT_OK(loaded);
  std::array<std::int16_t, 3> first{};
  loaded->alphas(0, 1, 1, first.data(), 3);
  EXPECT_EQ(first, (std::array<std::int16_t, 3>{0, -32767, 0}));
}

TEST(LoadedCodes, AlphaOfFloatGeneratorsIsScaled) {
  Codes codes = four_codes();
  codes.alpha_scale = 0.25F;
  const Result<LoadedCodes> loaded = LoadedCodes::load(codes, kFloats, segment(kAlpha), segment(kBeta));
  ASSERT_OK(loaded);
  std::array<float, 3> alpha{};
  loaded->alpha(1, alpha);
  EXPECT_EQ(alpha, (std::array<float, 3>{0.5F, 5.0F, -32.0F}));
}

TEST(LoadedCodes, BetaIsScaledByItsExponent) {
  Codes codes = four_codes();
  codes.beta_exponent = -3;
  const Result<LoadedCodes> loaded = LoadedCodes::load(codes, kInteger, segment(kAlpha), segment(kBeta));
  ASSERT_OK(loaded);
  EXPECT_EQ(loaded->beta(1), -0.25F);
  EXPECT_EQ(loaded->beta(3), 0.0625F);
}

TEST(LoadedCodes, OneBetaServesAll) {
  Codes codes = four_codes();
  codes.beta_segment.reset();
  codes.beta = 3;
  codes.beta_exponent = 1;
  const Result<LoadedCodes> loaded = LoadedCodes::load(codes, kInteger, segment(kAlpha), {});
  ASSERT_OK(loaded);
  EXPECT_EQ(loaded->beta(0), 6.0F);
  EXPECT_EQ(loaded->beta(3), 6.0F);
}

TEST(LoadedCodes, NumbersOutOfRangeAreRefused) {
  constexpr std::uint32_t kInfinity = 0x7F800000;
  std::vector<std::uint32_t> beta = kBeta;
  beta[2] = kInfinity;
  const Status status = LoadedCodes::load(four_codes(), kInteger, segment(kAlpha), segment(beta)).status();
  EXPECT_EQ(status.rule(), "codes.beta");
  EXPECT_NE(status.message().find('2'), std::string::npos) << status.message();

  Codes codes = four_codes();
  codes.alpha_type = AlphaType::kF32;
  std::vector<std::uint32_t> alpha(12);
  alpha[7] = 0x47800080;  // 65537, where 65536 is the most
  EXPECT_EQ(LoadedCodes::load(codes, kFloats, segment(alpha), segment(kBeta)).status().rule(), "codes.alpha");
  alpha[7] = 0x47800000;
  EXPECT_OK(LoadedCodes::load(codes, kFloats, segment(alpha), segment(kBeta)));

  EXPECT_EQ(LoadedCodes::load(four_codes(), kInteger, segment(alpha), segment(kBeta)).status().rule(), "segment.size");
}

}  // namespace
}  // namespace mcnc
