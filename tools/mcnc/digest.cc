// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Lists of digests of decoded weights. A file takes one line, and after it one line a tensor that is not a factor, in
// the order of names:
//
//   weights HEX  FILE
//   tensor  HEX  NAME
//
// FILE and NAME run to the end of the line, escaped. With --sha256 the lines are those of sha256sum, which has an
// escape of its own.

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "commands.h"
#include "common/escape.h"
#include "common/output.h"
#include "common/report.h"
#include "json_text.h"
#include "mcnc/decoder.h"
#include "mcnc/file_digest.h"
#include "mcnc/sink.h"
#include "mcnc/text_file.h"
#include "open.h"

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kWeights = "weights ";
constexpr std::string_view kTensor = "tensor  ";
constexpr std::size_t kHexLength = 64;
constexpr std::size_t kMaxList = std::size_t{64} << 20;  // bytes of a list: half a million tensors

// What a list says of one file.
struct Expected {
  std::string file;
  std::string weights;                                       // hex
  std::vector<std::pair<std::string, std::string>> tensors;  // name, hex
};

// The decoder compares what it makes with the manifest's digests; nothing else needs the bytes.
class DroppingSink final : public Sink {
 public:
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte>) noexcept override { return {}; }
};

// Opens `file` and decodes all of it but factors, so that the manifest's digests are known to be true.
Result<Reader> open_decoded(const std::string& file, const DigestOptions& options, BaseModels& bases) {
  Result<Reader> reader = open_reader(file, options.limits);
  if (!reader.ok()) return reader;
  Result<Decoder> decoder = make_decoder(*reader, bases, options.decoding);
  if (!decoder.ok()) return decoder.status();
  DroppingSink sink;
  if (Status s = decoder->decode_all(sink); !s.ok()) return s;
  return reader;
}

std::string line(std::string_view kind, const Digest& digest, std::string_view name) {
  return std::string(kind) + to_hex(digest) + "  " + escape(name) + "\n";
}

ordered_json json_of(const std::string& file, const Manifest& manifest, bool weights_only) {
  ordered_json entry = {{"file", file}, {"weights_identity", to_hex(manifest.weights_identity)}};
  if (weights_only) return entry;
  entry["tensors"] = ordered_json::array();
  for (const Tensor& tensor : manifest.tensors) {
    if (!tensor.factor) entry["tensors"].push_back({{"name", tensor.name}, {"digest", to_hex(tensor.digest)}});
  }
  return entry;
}

// Prints what it finds, or adds it to `entries` where the options ask for JSON.
Status list(const std::string& file, const DigestOptions& options, BaseModels& bases,
            std::vector<ordered_json>& entries) {
  const Result<Reader> reader = open_decoded(file, options, bases);
  if (!reader.ok()) return reader.status();
  if (options.json) {
    entries.push_back(json_of(file, reader->manifest(), options.weights_only));
    return {};
  }
  std::string text = line(kWeights, reader->manifest().weights_identity, file);
  if (!options.weights_only) {
    for (const Tensor& tensor : reader->manifest().tensors) {
      if (!tensor.factor) text += line(kTensor, tensor.digest, tensor.name);
    }
  }
  return print(text);
}

// A line as sha256sum prints it: names with a backslash or a line end are escaped, and a backslash says so.
std::string sha256sum_line(const Digest& digest, const std::string& file) {
  std::string name;
  for (const char c : file) {
    if (c == '\\') {
      name += "\\\\";
    } else if (c == '\n') {
      name += "\\n";
    } else if (c == '\r') {
      name += "\\r";
    } else {
      name += c;
    }
  }
  std::string text = name == file ? "" : "\\";
  return text.append(to_hex(digest)).append("  ").append(name).append("\n");
}

Status list_sha256(const std::string& file, const DigestOptions& options, std::vector<ordered_json>& entries) {
  const Result<std::unique_ptr<Input>> input = open_input(file, options.limits.scratch_bytes);
  if (!input.ok()) return input.status();
  const Result<Digest> digest = file_sha256(**input);
  if (!digest.ok()) return digest.status();
  if (options.json) {
    entries.push_back({{"file", file}, {"sha256", to_hex(*digest)}});
    return {};
  }
  return print(sha256sum_line(*digest, file));
}

// Adds what one line of a list says. False where the line is none.
bool add_line(std::string_view text, std::vector<Expected>& list) {
  const bool weights = text.starts_with(kWeights);
  if (!weights && (!text.starts_with(kTensor) || list.empty())) return false;
  text.remove_prefix(kWeights.size());
  static_assert(kWeights.size() == kTensor.size());
  const std::string_view hex = text.substr(0, kHexLength);
  if (hex.size() != kHexLength || hex.find_first_not_of("0123456789abcdef") != std::string_view::npos) return false;
  text.remove_prefix(kHexLength);
  if (!text.starts_with("  ")) return false;
  std::optional<std::string> name = unescape(text.substr(2));
  if (!name) return false;
  if (weights) {
    list.push_back({*std::move(name), std::string(hex), {}});
  } else {
    list.back().tensors.emplace_back(*std::move(name), hex);
  }
  return true;
}

Result<std::vector<Expected>> read_list(const std::string& path) {
  const Result<std::string> text = read_text(path, kMaxList, ErrorCode::kText);
  if (!text.ok()) return text.status();
  std::vector<Expected> list;
  std::string_view rest = *text;
  for (int number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (!add_line(rest.substr(0, end), list)) {
      return Status(ErrorCode::kText, "",
                    "line " + std::to_string(number) +
                        " is not one that mcnc digest writes: \"weights HEX  FILE\" or \"tensor  HEX  NAME\"");
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (list.empty()) return Status(ErrorCode::kText, "", "is empty: not a list that mcnc digest wrote");
  return list;
}

// One line a digest; kIdentity where any differs.
Status compare(const Expected& expected, const DigestOptions& options, BaseModels& bases) {
  const Result<Reader> reader = open_decoded(expected.file, options, bases);
  if (!reader.ok()) return reader.status();
  const Manifest& manifest = reader->manifest();
  const std::string file = escape(expected.file) + ": ";

  bool all_match = true;
  std::string text;
  const auto judge = [&](bool matches, std::string_view name) {
    all_match = all_match && matches;
    text += file + escape(name) + (matches ? ": OK\n" : ": FAILED\n");
  };
  for (const auto& [name, hex] : expected.tensors) {
    const Tensor* tensor = manifest.find(name);
    judge(tensor != nullptr && !tensor->factor && to_hex(tensor->digest) == hex, name);
  }
  judge(to_hex(manifest.weights_identity) == expected.weights, "weights");
  if (Status s = print(text); !s.ok()) return s;
  if (all_match) return {};
  return {ErrorCode::kIdentity, "", "its decoded weights are not those of the list"};
}

int check(const DigestOptions& options, BaseModels& bases) {
  Result<std::vector<Expected>> list = read_list(*options.sums);
  if (!list.ok()) return report(kProgram, *options.sums, list.status());
  if (!options.files.empty()) {
    if (list->size() != 1 || options.files.size() != 1) {
      return report(
          kProgram, *options.sums,
          {ErrorCode::kArgument, "", "to compare with a FILE of another name, list and command must name one each"});
    }
    list->front().file = options.files.front();
  }
  int worst = 0;
  for (const Expected& expected : *list) {
    worst = std::max(worst, report(kProgram, expected.file, compare(expected, options, bases), options.bases));
  }
  return worst;
}

}  // namespace

int digest(const DigestOptions& options) {
  Result<BaseModels> bases = BaseModels::open(options.bases, options.limits, options.decoding);
  if (!bases.ok()) return report(kProgram, "", bases.status());
  if (options.sums) return check(options, *bases);
  int worst = 0;
  std::vector<ordered_json> entries;
  for (const std::string& file : options.files) {
    const Status status = options.sha256 ? list_sha256(file, options, entries) : list(file, options, *bases, entries);
    worst = std::max(worst, report(kProgram, file, status, options.bases));
  }
  if (options.json) {
    JsonText text("mcnc.digest/1");
    text.add_list("files", entries, [](const ordered_json& entry) { return entry; });
    worst = std::max(worst, report(kProgram, "", print(std::move(text).finish())));
  }
  return worst;
}

}  // namespace mcnc::tools
