// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/safetensors.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace mcnc {
namespace {

class SafetensorsTest : public ::testing::Test {
 protected:
  void TearDown() override { std::remove(path_.c_str()); }

  // The answer to a file of this header and `data` zero bytes.
  Result<SafetensorsReader> open(std::string_view header, std::size_t data) {
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
      bytes[i] = static_cast<char>(static_cast<unsigned char>(header.size() >> (8 * i)));
    return open_bytes(bytes.append(header).append(data, '\0'));
  }
  Result<SafetensorsReader> open_bytes(std::string_view bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    return SafetensorsReader::open(path_);
  }

  const std::string path_ =
      ::testing::TempDir() + "mcnc_safetensors_test_" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(SafetensorsTest, ReadsWhatTheWriterWrites) {
  std::vector<Tensor> tensors(3);
  tensors[0] = {.name = "a", .dtype = DType::kU8, .shape = {3}, .source = {}, .digest = {}};
  tensors[1] = {.name = "b \"quoted\"", .dtype = DType::kF16, .shape = {2, 1}, .source = {}, .digest = {}};
  tensors[2] = {.name = "ç", .dtype = DType::kF32, .shape = {}, .source = {}, .digest = {}};
  const std::array<const Tensor*, 3> pointers = {&tensors[0], &tensors[1], &tensors[2]};
  const auto header = safetensors_header(safetensors_order(pointers), {{"key", "a\nvalue"}});
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->size() % 8, 0U);
  std::string bytes(reinterpret_cast<const char*>(header->data()), header->size());
  bytes += std::string("\0\0\x80\x3f", 4) + std::string("\0\x3c\0\xc0", 4) + "xyz";

  auto reader = open_bytes(bytes);
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  EXPECT_EQ(reader->metadata(), (TextMap{{"key", "a\nvalue"}}));
  ASSERT_EQ(reader->tensors().size(), 3U);
  EXPECT_EQ(reader->tensors()[0].name, "ç");
  EXPECT_EQ(*reader->read_floats(*reader->find("ç")), std::vector<float>{1.0F});
  EXPECT_EQ(*reader->read_floats(*reader->find("b \"quoted\"")), (std::vector<float>{1.0F, -2.0F}));
  EXPECT_EQ(reader->read_floats(*reader->find("a")).status().code(), ErrorCode::kArgument);
  std::array<std::byte, 3> raw;
  ASSERT_TRUE(reader->read(*reader->find("a"), raw).ok());
  EXPECT_EQ(std::memcmp(raw.data(), "xyz", 3), 0);
  EXPECT_EQ(reader->find("d"), nullptr);
}

TEST_F(SafetensorsTest, AcceptsOrderAndEmptyTensors) {
  EXPECT_TRUE(open("{}", 0).ok());
  EXPECT_TRUE(open(R"({"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]},"a":{"dtype":"U8","shape":[2],)"
                   R"("data_offsets":[2,4]},"c":{"dtype":"I16","shape":[1],"data_offsets":[0,2]}}   )",
                   4)
                  .ok());
}

TEST_F(SafetensorsTest, RefusesHeadersThatLie) {
  const auto tensor = [](const std::string& shape, const std::string& offsets) {
    return R"("a":{"dtype":"U8","shape":[)" + shape + R"(],"data_offsets":[)" + offsets + "]}";
  };
  const std::vector<std::string> bad = {
      "",
      "[]",
      "{",
      "{} {}",
      "{" + tensor("4", "0,3") + "}",                        // size differs from the shape
      "{" + tensor("3", "1,4") + "}",                        // hole in front
      "{" + tensor("3", "0,3") + "}",                        // bytes left over
      "{" + tensor("4", "4,0") + "}",                        // backwards
      "{" + tensor("-4", "0,4") + "}",                       // negative
      "{" + tensor("4.0", "0,4") + "}",                      // no whole number
      "{" + tensor("4294967296,4294967296,4", "0,4") + "}",  // wraps
      "{" + tensor("18446744073709551615", "1,18446744073709551616") + "}",
      "{" + tensor("4", "0,4") + "," + tensor("4", "0,4") + "}",                              // twice the same name
      "{" + tensor("4", "0,4") + R"(,"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",  // overlap
      R"({"a":{"dtype":"U8","shape":[4]}})",
      R"({"a":{"shape":[4],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"U8","shape":[[4]],"data_offsets":[0,4]}})",
      R"({"a":4})",
      "{" + tensor("4", "0,4") + R"(,"__metadata__":{"key":1}})",
      "{" + tensor("4", "0,4") + R"(,"__metadata__":[]})",
      R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}",
      "{\"\xff\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
  };
  for (const std::string& header : bad) {
    EXPECT_EQ(open(header, 4).status().code(), ErrorCode::kLayout) << header.substr(0, 100);
  }
}

TEST_F(SafetensorsTest, KeepsTypesThatItDoesNotKnow) {
  auto reader = open(R"({"a":{"dtype":"Q7","shape":[4],"data_offsets":[0,3]}})", 3);
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  const SafetensorsTensor& tensor = reader->tensors().front();
  EXPECT_EQ(tensor.type_and_shape(), "Q7 4");
  EXPECT_FALSE(tensor.dtype);
  EXPECT_EQ(tensor.bytes, 3U);
  EXPECT_EQ(reader->read_floats(tensor).status().code(), ErrorCode::kArgument);

  const std::array<SafetensorsEntry, 1> entries = {SafetensorsEntry(tensor)};
  const auto header = safetensors_header(entries, {});
  ASSERT_TRUE(header.ok());
  const std::string text(reinterpret_cast<const char*>(header->data()) + 8, header->size() - 8);
  EXPECT_EQ(text.substr(0, text.find_last_not_of(' ') + 1), R"({"a":{"dtype":"Q7","shape":[4],"data_offsets":[0,3]}})");
}

TEST_F(SafetensorsTest, RefusesLengthsThatLie) {
  EXPECT_EQ(open_bytes("").status().code(), ErrorCode::kLayout);
  EXPECT_EQ(open_bytes("1234567").status().code(), ErrorCode::kLayout);
  EXPECT_EQ(open_bytes(std::string(8, '\xff') + "{}").status().code(), ErrorCode::kLayout);
  EXPECT_EQ(open_bytes(std::string("\x03\0\0\0\0\0\0\0{}", 10)).status().code(), ErrorCode::kLayout);
  EXPECT_EQ(SafetensorsReader::open(path_ + "missing").status().code(), ErrorCode::kRead);
}

}  // namespace
}  // namespace mcnc
