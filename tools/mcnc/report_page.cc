// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "report_page.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <variant>

#include "describe.h"
#include "mcnc/units.h"
#include "report/html.h"

namespace mcnc::tools {
namespace {

constexpr std::uint64_t kPreamble = 64;  // bytes

// What a segment is for, as a colour and a word.
struct Kind {
  const char* word;
  int colour;
};
constexpr Kind kHead = {"preamble and manifest", 6};
constexpr Kind kPadding = {"padding", 5};
Kind kind_of(const std::string& use) {
  if (use.ends_with(" alpha")) return {"alpha", 0};
  if (use.ends_with(" beta")) return {"beta", 1};
  if (use.starts_with("tensor ")) return {"stored tensors", 2};
  if (use.starts_with("generator ")) return {"generators", 3};
  return {"others", 4};
}

std::string percent(std::uint64_t part, std::uint64_t total) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f %%", 100 * static_cast<double>(part) / static_cast<double>(total));
  return text.data();
}

std::string cards(const Reader& reader) {
  const Cost& budget = reader.manifest().budget;
  std::array<char, 32> ratio;
  std::snprintf(ratio.data(), ratio.size(), "%.1f",
                static_cast<double>(budget.output_bytes) / static_cast<double>(reader.file_length()));
  return html_cards({{human_bytes(reader.file_length()), "the file"},
                     {human_bytes(budget.output_bytes), "decoded weights"},
                     {ratio.data(), "times its size"},
                     {human_count(budget.multiply_adds), "multiply-adds to decode"},
                     {human_bytes(budget.scratch_bytes), "memory beside the output"}});
}

std::string layout(const Reader& reader) {
  const Manifest& manifest = reader.manifest();
  const std::vector<std::string> uses = segment_uses(manifest);
  std::uint64_t end = kPreamble + reader.manifest_length();
  std::vector<Share> shares = {{kHead.word, end, kHead.colour}};
  std::vector<std::vector<std::string>> rows = {
      {"preamble", "", grouped(kPreamble), percent(kPreamble, reader.file_length())},
      {"manifest", "", grouped(reader.manifest_length()), percent(reader.manifest_length(), reader.file_length())}};
  std::uint64_t padding = 0;
  for (std::size_t i = 0; i < manifest.segments.size(); ++i) {
    const Segment& segment = manifest.segments[i];
    const Kind kind = kind_of(uses[i]);
    shares.push_back({kPadding.word, segment.offset - end, kPadding.colour});
    shares.push_back({std::string(kind.word) + ": " + html_text(uses[i]), segment.stored_length, kind.colour});
    padding += segment.offset - end;
    end = segment.offset + segment.stored_length;
    rows.push_back({"segment " + std::to_string(i), html_text(uses[i]), grouped(segment.stored_length),
                    percent(segment.stored_length, reader.file_length()), grouped(segment.decoded_length),
                    std::string(word(segment.encoding))});
  }
  if (padding > 0) rows.push_back({"padding", "", grouped(padding), percent(padding, reader.file_length())});
  for (std::vector<std::string>& row : rows) row.resize(6);
  return "<h2>What takes the bytes</h2>\n" +
         html_bar(shares, "The file from front to back, to scale; the table below says the same") +
         html_table("Every byte of the file", "llrrrl", {"part", "holds", "bytes", "share", "decoded", "as"}, rows);
}

std::string made_text(const Tensor& tensor, const Manifest& manifest) {
  const std::string factor = tensor.factor ? "factor, " : "";
  return factor +
         std::visit(Overloaded{
                        [](const Generated& made) { return "codes " + std::to_string(made.codes); },
                        [](const Stored& made) { return "stored, segment " + std::to_string(made.segment); },
                        [&](const Shared& made) { return "same as " + html_text(manifest.tensors[made.tensor].name); },
                        [&](const Product& made) {
                          return html_text(manifest.tensors[made.b].name) + " &times; " +
                                 html_text(manifest.tensors[made.a].name);
                        },
                    },
                    tensor.source);
}

std::string tensors(const Manifest& manifest, const Measured& measured) {
  std::vector<Share> shares;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < manifest.tensors.size(); ++i) {
    const Tensor& tensor = manifest.tensors[i];
    const bool stored = std::holds_alternative<Stored>(tensor.source);
    if (!tensor.factor) {
      shares.push_back({std::string(stored ? "stored as they are: " : "made from codes: ") + html_text(tensor.name),
                        tensor.bytes(), stored ? 2 : 0});
    }
    rows.push_back({html_text(tensor.name), std::string(name(tensor.dtype)), shape_text(tensor.shape),
                    grouped(tensor.bytes()), made_text(tensor, manifest)});
    if (!measured.tensors.empty()) {
      rows.back().push_back(tensor.elements() == 0 ? "" : html_histogram(measured.tensors[i], html_text(tensor.name)));
    }
  }
  std::vector<std::string> titles = {"name", "type", "shape", "bytes", "made of"};
  if (!measured.tensors.empty()) titles.emplace_back("values");
  return "<h2>Tensors</h2>\n" + html_bar(shares, "The decoded tensors, to scale; the table below says the same") +
         html_table("Every tensor that the file decodes to", "lllrll", titles, rows);
}

std::string codes(const Manifest& manifest, const Measured& measured) {
  if (manifest.codes.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < manifest.codes.size(); ++i) {
    const Codes& table = manifest.codes[i];
    const Generator& generator = manifest.generators[table.generator];
    rows.push_back({"codes " + std::to_string(i), std::to_string(table.generator), grouped(table.chunks),
                    std::to_string(table.codes_per_chunk), std::to_string(generator.code_dim),
                    std::to_string(generator.chunk_dim())});
    if (measured.codes.empty()) continue;
    rows.back().push_back(html_histogram(measured.codes[i].alpha, "alpha of codes " + std::to_string(i)));
    rows.back().push_back(html_histogram(measured.codes[i].beta, "beta of codes " + std::to_string(i)));
  }
  std::vector<std::string> titles = {"table", "generator", "chunks", "codes a chunk", "k", "d"};
  if (!measured.codes.empty()) titles.insert(titles.end(), {"alpha", "beta"});
  return "<h2>Codes</h2>\n" +
         html_table("What was trained: a chunk of d weights is made of codes of k numbers", "lrrrrrll", titles, rows);
}

std::string digests(const Reader& reader) {
  const Manifest& manifest = reader.manifest();
  std::vector<std::vector<std::string>> rows = {
      {"file digest", "<code>" + to_hex(reader.file_digest()) + "</code>"},
      {"weights identity", "<code>" + to_hex(manifest.weights_identity) + "</code>"}};
  for (const Base& base : manifest.bases) {
    rows.push_back({"base " + html_text(base.name), "<code>" + to_hex(base.weights_identity) + "</code>"});
  }
  for (const Tensor& tensor : manifest.tensors) {
    rows.push_back({html_text(tensor.name), "<code>" + to_hex(tensor.digest) + "</code>"});
  }
  return "<h2>Digests</h2>\n" + html_table("SHA-256, and Merkle roots of tensors", "ll", {"of", "digest"}, rows);
}

std::string metadata(const Manifest& manifest) {
  if (manifest.metadata.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const Metadata& entry : manifest.metadata)
    rows.push_back({html_text(entry.key), html_text(text_of(entry.value))});
  return "<h2>Metadata</h2>\n" + html_table("What the file says about itself", "ll", {"key", "value"}, rows);
}

}  // namespace

std::string report_page(const std::string& file, const Reader& reader, const Measured& measured) {
  const std::string title = html_text(file == "-" ? file : std::filesystem::path(file).filename().string());
  const char* checked = measured.tensors.empty()
                            ? "Nothing was decoded for this page: that the digests hold was not checked."
                            : "Every segment was checked and every tensor decoded: the digests hold.";
  return html_page(title, "<main>\n<h1>" + title + "</h1>\n<p class=\"faint\">" + checked + "</p>\n" + cards(reader) +
                              layout(reader) + tensors(reader.manifest(), measured) +
                              codes(reader.manifest(), measured) + metadata(reader.manifest()) + digests(reader) +
                              "</main>\n");
}

}  // namespace mcnc::tools
