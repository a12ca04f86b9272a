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

#include "mcnc/checked_math.h"

namespace mcnc::tools {
namespace {

// Deflate cannot shrink anything by more than this, so a size beyond it is a lie.
constexpr std::uint64_t kLargestExpansion = 1032;
constexpr std::uint8_t kUnsignedByte = 8;
constexpr char kTraining[] = "/train";  // in the directory of a data set, how names begin
constexpr char kTest[] = "/t10k";
constexpr std::size_t kReadPiece = std::size_t{1} << 20;

struct CloseGzip {
  void operator()(gzFile_s* file) const noexcept { gzclose_r(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, CloseGzip>;

Status malformed(ErrorCode code, const std::string& path, const std::string& what) {
  return Status(code, "", path + ": " + what);
}

// Exactly out.size() bytes.
Status read_exactly(gzFile file, const std::string& path, std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const int got = gzread(file, out.data(), static_cast<unsigned>(std::min(out.size(), kReadPiece)));
    if (got <= 0) {
      int error = Z_OK;
      const char* message = gzerror(file, &error);
      if (error == Z_DATA_ERROR) return malformed(ErrorCode::kCompression, path, "not a whole gzip file");
      if (error == Z_OK || error == Z_BUF_ERROR)
        return malformed(ErrorCode::kTruncated, path, "the file ends too early");
      return Status(ErrorCode::kRead, "", path + ": " + (error == Z_ERRNO ? std::strerror(errno) : message));
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

// `count` bytes of a compressed file. Memory grows with what arrives, whatever the header promises.
Result<std::vector<std::uint8_t>> read_growing(gzFile file, const std::string& path, std::uint64_t count) {
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < count) {
    const std::size_t had = bytes.size();
    const std::uint64_t step = std::max<std::uint64_t>(had / 2, kReadPiece);
    bytes.resize(had + to_size(std::min(step, count - had)));
    if (Status status = read_exactly(file, path, std::span(bytes).subspan(had)); !status.ok()) return status;
  }
  return bytes;
}

Result<std::uint64_t> regular_file_size(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return Status(ErrorCode::kRead, "", path + ": " + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return Status(ErrorCode::kRead, "", path + ": is not a regular file");
  return static_cast<std::uint64_t>(status.st_size);
}

// `stem` or, where that does not exist, `stem`.gz.
std::string existing_path(const std::string& stem) {
  struct stat status {};
  const std::string compressed = stem + ".gz";
  return stat(stem.c_str(), &status) != 0 && stat(compressed.c_str(), &status) == 0 ? compressed : stem;
}

// Of the images and labels whose names begin with `prefix`.
std::string images_of(const std::string& prefix) { return existing_path(prefix + "-images-idx3-ubyte"); }
std::string labels_of(const std::string& prefix) { return existing_path(prefix + "-labels-idx1-ubyte"); }

Result<LabelledImages> load_part(const std::string& prefix) {
  const std::string images_path = images_of(prefix);
  const std::string labels_path = labels_of(prefix);
  std::vector<std::uint32_t> sizes;
  LabelledImages part;

  Result<std::vector<std::uint8_t>> labels = read_idx(labels_path, 1, sizes);
  if (!labels.ok()) return labels.status();
  const std::uint32_t count = sizes[0];

  Result<std::vector<std::uint8_t>> images = read_idx(images_path, 3, sizes);
  if (!images.ok()) return images.status();
  if (sizes[0] != count) {
    return malformed(ErrorCode::kLayout, images_path,
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
  if (!file) return Status(ErrorCode::kRead, "", path + ": " + std::strerror(errno));

  std::vector<std::uint8_t> header(4 + 4 * dimensions);
  if (Status status = read_exactly(file.get(), path, header); !status.ok()) return status;
  if (header[0] != 0 || header[1] != 0 || header[2] != kUnsignedByte || header[3] != dimensions) {
    return malformed(ErrorCode::kMagic, path,
                     "is not an IDX file of unsigned bytes with " + std::to_string(dimensions) + " dimensions");
  }
  sizes.clear();
  Checked product = 1;
  for (std::size_t d = 0; d < dimensions; ++d) {
    const std::uint8_t* bytes = header.data() + 4 + 4 * d;
    const std::uint32_t size = std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
                               std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
    if (size == 0) return malformed(ErrorCode::kValue, path, "a dimension is 0");
    sizes.push_back(size);
    product *= size;
  }

  const std::uint64_t wanted = product.value();
  const bool plain = gzdirect(file.get()) != 0;
  const std::uint64_t possible = plain ? *file_size - header.size() : (Checked(*file_size) * kLargestExpansion).value();
  if (wanted > possible)
    return malformed(ErrorCode::kTruncated, path, "the header promises more bytes than the file holds");
  Result<std::vector<std::uint8_t>> elements = read_growing(file.get(), path, wanted);
  if (!elements.ok()) return elements;
  std::array<std::uint8_t, 1> beyond{};
  if (gzread(file.get(), beyond.data(), 1) != 0) {
    return malformed(ErrorCode::kLayout, path, "the file goes on, or is damaged, after the bytes its header promises");
  }
  // Tells whether the end of the last gzip stream was there.
  if (gzclose_r(file.release()) != Z_OK) return malformed(ErrorCode::kTruncated, path, "the file ends too early");
  return elements;
}

std::vector<std::string> data_set_files(const std::string& directory) {
  std::vector<std::string> files;
  for (const char* part : {kTraining, kTest}) {
    files.push_back(images_of(directory + part));
    files.push_back(labels_of(directory + part));
  }
  return files;
}

Result<DataSet> load_data_set(const std::string& directory) {
  Result<LabelledImages> train = load_part(directory + kTraining);
  if (!train.ok()) return train.status();
  Result<LabelledImages> test = load_part(directory + kTest);
  if (!test.ok()) return test.status();
  if (train->pixels != test->pixels) {
    return Status(ErrorCode::kLayout, "", directory + ": training and test images differ in size");
  }
  DataSet data{*std::move(train), *std::move(test), 0};
  data.classes = 1U + *std::max_element(data.train.labels.begin(), data.train.labels.end());
  if (*std::max_element(data.test.labels.begin(), data.test.labels.end()) >= data.classes) {
    return Status(ErrorCode::kValue, "", directory + ": a test label does not occur in training");
  }
  return data;
}

}  // namespace mcnc::tools
