// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "train/idx.h"

#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "base/checked_math.h"

namespace mcnc::tools {
namespace {

// Deflate cannot shrink anything by more than this, so a size beyond it is a lie.
constexpr std::uint64_t kLargestExpansion = 1032;
constexpr std::uint8_t kUnsignedByte = 8;
constexpr std::size_t kReadPiece = std::size_t{1} << 20;

struct CloseGzip {
  void operator()(gzFile_s* file) const noexcept { gzclose_r(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, CloseGzip>;

Status malformed(Code code, const std::string& path, const std::string& what) {
  return Status(code, "", path + ": " + what);
}

// Exactly out.size() bytes.
Status read_exactly(gzFile file, const std::string& path, std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const int got = gzread(file, out.data(), static_cast<unsigned>(std::min(out.size(), kReadPiece)));
    if (got <= 0) {
      int error = Z_OK;
      const char* message = gzerror(file, &error);
      if (error == Z_DATA_ERROR) return malformed(Code::kCompression, path, "not a whole gzip file");
      if (error == Z_OK || error == Z_BUF_ERROR) return malformed(Code::kTruncated, path, "the file ends too early");
      return Status(Code::kRead, "", path + ": " + (error == Z_ERRNO ? std::strerror(errno) : message));
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<std::uint64_t> regular_file_size(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return Status(Code::kRead, "", path + ": " + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return Status(Code::kRead, "", path + ": is not a regular file");
  return static_cast<std::uint64_t>(status.st_size);
}

// `stem` or, where that does not exist, `stem`.gz.
std::string existing_path(const std::string& stem) {
  struct stat status {};
  const std::string compressed = stem + ".gz";
  return stat(stem.c_str(), &status) != 0 && stat(compressed.c_str(), &status) == 0 ? compressed : stem;
}

Result<LabelledImages> load_part(const std::string& prefix) {
  const std::string images_path = existing_path(prefix + "-images-idx3-ubyte");
  const std::string labels_path = existing_path(prefix + "-labels-idx1-ubyte");
  std::vector<std::uint32_t> sizes;
  LabelledImages part;

  Result<std::vector<std::uint8_t>> labels = read_idx(labels_path, 1, sizes);
  if (!labels.ok()) return labels.status();
  const std::uint32_t count = sizes[0];

  Result<std::vector<std::uint8_t>> images = read_idx(images_path, 3, sizes);
  if (!images.ok()) return images.status();
  if (sizes[0] != count) {
    return malformed(Code::kLayout, images_path,
                     std::to_string(sizes[0]) + " images, but " + std::to_string(count) + " labels");
  }
  part.pixels = std::size_t{sizes[1]} * sizes[2];
  part.labels = *std::move(labels);
  part.images = *std::move(images);
  return part;
}

}  // namespace

Result<std::vector<std::uint8_t>> read_idx(const std::string& path, std::size_t dimensions,
                                           std::vector<std::uint32_t>& sizes) {
  const Result<std::uint64_t> file_size = regular_file_size(path);
  if (!file_size.ok()) return file_size.status();
  // Reads a file that is not compressed as it is.
  GzipFile file(gzopen(path.c_str(), "rb"));
  if (!file) return Status(Code::kRead, "", path + ": " + std::strerror(errno));

  std::vector<std::uint8_t> header(4 + 4 * dimensions);
  if (Status status = read_exactly(file.get(), path, header); !status.ok()) return status;
  if (header[0] != 0 || header[1] != 0 || header[2] != kUnsignedByte || header[3] != dimensions) {
    return malformed(Code::kMagic, path,
                     "is not an IDX file of unsigned bytes with " + std::to_string(dimensions) + " dimensions");
  }
  sizes.clear();
  Checked product = 1;
  for (std::size_t d = 0; d < dimensions; ++d) {
    const std::uint8_t* bytes = header.data() + 4 + 4 * d;
    const std::uint32_t size = std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
                               std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
    if (size == 0) return malformed(Code::kValue, path, "a dimension is 0");
    sizes.push_back(size);
    product *= size;
  }

  const std::uint64_t wanted = product.value();
  const bool plain = gzdirect(file.get()) != 0;
  const std::uint64_t possible = plain ? *file_size - header.size() : (Checked(*file_size) * kLargestExpansion).value();
  if (wanted > possible) return malformed(Code::kTruncated, path, "the header promises more bytes than the file holds");
  std::vector<std::uint8_t> elements(wanted);
  if (Status status = read_exactly(file.get(), path, elements); !status.ok()) return status;
  std::array<std::uint8_t, 1> beyond{};
  if (gzread(file.get(), beyond.data(), 1) != 0) {
    return malformed(Code::kLayout, path, "the file goes on, or is damaged, after the bytes its header promises");
  }
  // Tells whether the end of the last gzip stream was there.
  if (gzclose_r(file.release()) != Z_OK) return malformed(Code::kTruncated, path, "the file ends too early");
  return elements;
}

Result<DataSet> load_data_set(const std::string& directory) {
  Result<LabelledImages> train = load_part(directory + "/train");
  if (!train.ok()) return train.status();
  Result<LabelledImages> test = load_part(directory + "/t10k");
  if (!test.ok()) return test.status();
  if (train->pixels != test->pixels) {
    return Status(Code::kLayout, "", directory + ": training and test images differ in size");
  }
  DataSet data{*std::move(train), *std::move(test), 0};
  data.classes = 1U + *std::max_element(data.train.labels.begin(), data.train.labels.end());
  if (*std::max_element(data.test.labels.begin(), data.test.labels.end()) >= data.classes) {
    return Status(Code::kValue, "", directory + ": a test label does not occur in training");
  }
  return data;
}

}  // namespace mcnc::tools
