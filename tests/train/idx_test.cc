// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "train/idx.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace mcnc::tools {
namespace {

namespace fs = std::filesystem;

using Bytes = std::vector<std::uint8_t>;

Bytes idx(const std::vector<std::uint32_t>& sizes, std::size_t elements) {
  Bytes bytes = {0, 0, 8, static_cast<std::uint8_t>(sizes.size())};
  for (const std::uint32_t size : sizes) {
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::uint8_t>(size >> shift));
  }
  for (std::size_t i = 0; i < elements; ++i) bytes.push_back(static_cast<std::uint8_t>(i % 3));
  return bytes;
}

class Idx : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::temp_directory_path() /
                 ("mcnc_idx_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(directory_);
    fs::create_directory(directory_);
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  void write(const std::string& name, const Bytes& bytes) const {
    std::ofstream(path(name), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  void write_gzip(const std::string& name, const Bytes& bytes) const {
    gzFile file = gzopen(path(name).c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
  }

  ErrorCode code(const std::string& name, std::size_t dimensions) const {
    std::vector<std::uint32_t> sizes;
    return read_idx(path(name), dimensions, sizes).status().code();
  }

  void write_data_set() const {
    write("train-images-idx3-ubyte", idx({6, 2, 2}, 24));
    write("train-labels-idx1-ubyte", idx({6}, 6));
    write_gzip("t10k-images-idx3-ubyte.gz", idx({3, 2, 2}, 12));
    write_gzip("t10k-labels-idx1-ubyte.gz", idx({3}, 3));
  }

  fs::path directory_;
};

TEST_F(Idx, ReadsPlainAndCompressedFiles) {
  write_data_set();
  const Result<DataSet> data = load_data_set(directory_.string());
  ASSERT_TRUE(data.ok()) << data.status().to_string();
  EXPECT_EQ(data->train.pixels, 4U);
  EXPECT_EQ(data->train.count(), 6U);
  EXPECT_EQ(data->train.images.size(), 24U);
  EXPECT_EQ(data->test.count(), 3U);
  EXPECT_EQ(data->classes, 3U);
}

TEST_F(Idx, RefusesWhatIsNotThere) {
  EXPECT_EQ(code("absent", 1), ErrorCode::kRead);
  EXPECT_EQ(load_data_set(path("absent")).status().code(), ErrorCode::kRead);
  EXPECT_EQ(load_data_set(directory_.string()).status().code(), ErrorCode::kRead);
  fs::create_directory(directory_ / "folder");
  EXPECT_EQ(code("folder", 1), ErrorCode::kRead);
}

TEST_F(Idx, RefusesOtherFiles) {
  write("empty", {});
  EXPECT_EQ(code("empty", 1), ErrorCode::kTruncated);
  Bytes floats = idx({4}, 4);
  floats[2] = 0x0D;
  write("floats", floats);
  EXPECT_EQ(code("floats", 1), ErrorCode::kMagic);
  write("labels", idx({16}, 16));
  EXPECT_EQ(code("labels", 3), ErrorCode::kMagic);
  write("none", idx({0, 4, 4}, 0));
  EXPECT_EQ(code("none", 3), ErrorCode::kValue);
}

TEST_F(Idx, RefusesHeadersThatPromiseTooMuchBeforeAllocating) {
  constexpr std::uint32_t kMost = ~0U;
  write("plain", idx({kMost, kMost, kMost}, 100));
  EXPECT_EQ(code("plain", 3), ErrorCode::kTruncated);
  write("large", idx({kMost}, 100));
  EXPECT_EQ(code("large", 1), ErrorCode::kTruncated);
  write_gzip("packed", idx({kMost}, 100));
  EXPECT_EQ(code("packed", 1), ErrorCode::kTruncated);
}

TEST_F(Idx, RefusesEveryTruncation) {
  const Bytes whole = idx({2, 2, 2}, 8);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write("cut", Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
    EXPECT_EQ(code("cut", 3), ErrorCode::kTruncated) << length;
  }
  write_gzip("whole.gz", idx({2000}, 2000));
  std::ifstream file(path("whole.gz"), std::ios::binary);
  const Bytes packed((std::istreambuf_iterator<char>(file)), {});
  for (std::size_t length = 0; length < packed.size(); ++length) {
    write("cut", Bytes(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(length)));
    EXPECT_NE(code("cut", 1), ErrorCode::kOk) << length;
  }
}

TEST_F(Idx, RefusesWhatGoesOn) {
  write("plain", idx({4}, 5));
  EXPECT_EQ(code("plain", 1), ErrorCode::kLayout);
  write_gzip("packed", idx({4}, 5));
  EXPECT_EQ(code("packed", 1), ErrorCode::kLayout);
}

TEST_F(Idx, RefusesDamagedGzip) {
  write_gzip("file", idx({2000}, 2000));
  std::fstream file(path("file"), std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(-6, std::ios::end);  // in the checksum
  file.put('!');
  file.close();
  EXPECT_NE(code("file", 1), ErrorCode::kOk);
}

TEST_F(Idx, RefusesPartsThatDoNotFitTogether) {
  write_data_set();
  write("train-labels-idx1-ubyte", idx({7}, 7));
  EXPECT_EQ(load_data_set(directory_.string()).status().code(), ErrorCode::kLayout);

  write_data_set();
  write_gzip("t10k-images-idx3-ubyte.gz", idx({3, 2, 3}, 18));
  EXPECT_EQ(load_data_set(directory_.string()).status().code(), ErrorCode::kLayout);

  write_data_set();
  Bytes labels = idx({3}, 3);
  labels.back() = 9;
  write_gzip("t10k-labels-idx1-ubyte.gz", labels);
  EXPECT_EQ(load_data_set(directory_.string()).status().code(), ErrorCode::kValue);
}

}  // namespace
}  // namespace mcnc::tools
