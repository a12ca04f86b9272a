// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/recognize.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>

#include "manifest/layout.h"
#include "mcnc/little_endian.h"
#include "mcnc/safetensors_header.h"

namespace mcnc {
namespace {

using namespace std::string_view_literals;

constexpr char kConvert[] = "load it with the program that wrote it and save its tensors as safetensors first";

struct Signature {
  std::string_view bytes;  // what the file begins with
  std::string_view what;
  bool convert;  // it can hold tensors
};
constexpr Signature kSignatures[] = {
    {"version https://git-lfs.github.com/spec/"sv, "a Git LFS pointer, not the file itself: run git lfs pull"sv, false},
    {"PK\x03\x04"sv, "a zip archive, such as torch.save writes as .pt, .pth and .bin, or numpy as .npz"sv, true},
    {"\x80\x02"sv, "a Python pickle, such as old versions of torch.save wrote as .pt, .pth and .bin"sv, true},
    {"\x80\x03"sv, "a Python pickle"sv, true},
    {"\x80\x04"sv, "a Python pickle"sv, true},
    {"\x80\x05"sv, "a Python pickle"sv, true},
    {"GGUF"sv, "a GGUF file, as llama.cpp has them"sv, true},
    {"\x89HDF\r\n\x1a\n"sv, "an HDF5 file, such as Keras writes as .h5"sv, true},
    {"\x93NUMPY"sv, "a NumPy array (.npy)"sv, true},
    {"\x1f\x8b"sv, "a gzip file: decompress it first"sv, false},
    {"\x28\xb5\x2f\xfd"sv, "a zstd file: decompress it first"sv, false},
    {"\xfd"
     "7zXZ\0"sv,
     "an xz file: decompress it first"sv, false},
    {"BZh"sv, "a bzip2 file: decompress it first"sv, false},
    {"7z\xbc\xaf\x27\x1c"sv, "a 7z archive: unpack it first"sv, false},
};

// In lower case, without the white space in front of it.
std::string start_of_text(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  std::string start(text.substr(0, 32));
  for (char& c : start) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return start;
}

}  // namespace

bool is_mcnc(std::span<const std::byte> head) noexcept {
  return head.size() >= layout::kMagic.size() &&
         std::memcmp(head.data(), layout::kMagic.data(), layout::kMagic.size()) == 0;
}

bool is_safetensors(std::span<const std::byte> head) noexcept {
  if (head.size() <= kHeaderLengthSize || head[kHeaderLengthSize] != std::byte{'{'}) return false;
  return load_le<std::uint64_t>(head.data()) <= kMaxHeaderBytes;
}

std::vector<std::byte> first_bytes(Input& input) noexcept {
  try {
    std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), kRecognizedBytes)));
    if (input.read_at(0, head).ok()) return head;
  } catch (const std::bad_alloc&) {
    // Nobody is helped by a message that cannot be made.
  }
  return {};
}

std::string recognize(std::span<const std::byte> head, Wanted wanted) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  if (is_mcnc(head)) {
    return wanted == Wanted::kMcnc ? "" : "a .mcnc file, of which mcnc decode makes a safetensors file";
  }
  if (is_safetensors(head)) {
    return wanted == Wanted::kSafetensors ? "" : "a safetensors file, of which mcnc import makes a .mcnc file";
  }
  for (const Signature& signature : kSignatures) {
    if (!text.starts_with(signature.bytes)) continue;
    return std::string(signature.what) + (signature.convert ? std::string(": ") + kConvert : "");
  }
  constexpr std::size_t kTarMagicAt = 257;
  if (text.size() > kTarMagicAt && text.substr(kTarMagicAt).starts_with("ustar"))
    return "a tar archive: unpack it first";
  const std::string start = start_of_text(text);
  if (start.starts_with("<!doctype html") || start.starts_with("<html") || start.starts_with("<head")) {
    return "an HTML page, such as a web server answers with instead of a file that is not there or needs a login";
  }
  if (start.starts_with("<?xml")) return "an XML text, such as a web server answers with instead of a file";
  if (start.starts_with('{') || start.starts_with('[')) return "a JSON text";
  if (!head.empty() && std::ranges::all_of(head, [](std::byte b) { return b == std::byte{0}; })) {
    return "a file that begins with zero bytes, as a download does that has not ended";
  }
  return "";
}

Status explain(const Status& status, std::span<const std::byte> head, Wanted wanted) {
  // The first bytes of a .mcnc file are a matter of its magic, or of a preamble that is not all there.
  const ErrorCode code = status.code();
  const bool fits =
      wanted == Wanted::kMcnc ? code == ErrorCode::kMagic || code == ErrorCode::kTruncated : code == ErrorCode::kLayout;
  if (!fits) return status;
  const std::string what = head.empty() ? "empty" : recognize(head, wanted);
  if (what.empty()) return status;
  return {status.code(), status.rule(), status.message() + "; it is " + what, status.offset()};
}

Status explain(const Status& status, Input& input, Wanted wanted) {
  return explain(status, first_bytes(input), wanted);
}

}  // namespace mcnc
