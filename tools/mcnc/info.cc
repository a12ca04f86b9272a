// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <variant>

#include "commands.h"
#include "common/escape.h"
#include "common/output.h"
#include "common/report.h"
#include "common/table.h"
#include "common/terminal.h"
#include "describe.h"
#include "info_json.h"
#include "mcnc/units.h"
#include "open.h"
#include "unstack.h"

namespace mcnc::tools {
namespace {

constexpr char kIndent[] = "  ";
constexpr std::size_t kLongestText = 100;  // of a metadata value, in bytes

bool is_colourful_terminal() {
  const char* term = std::getenv("TERM");
  return is_terminal(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr && term != nullptr &&
         std::string_view(term) != "dumb";
}

// A page of titled tables.
class Page {
 public:
  void add(const std::string& title, const Table& table) {
    if (table.empty()) return;
    text_ += "\n" + (bold_ ? "\033[1m" + title + "\033[0m" : title) + "\n" + table.to_string(kIndent, width_);
  }
  void add_line(const std::string& line) {
    for (const std::string& part : wrap(line, width_)) text_ += part + "\n";
  }
  const std::string& text() const noexcept { return text_; }

 private:
  bool bold_ = is_colourful_terminal();
  // Whatever reads a pipe takes lines of any width.
  std::size_t width_ = is_terminal(STDOUT_FILENO) ? terminal_width(STDOUT_FILENO) : Table::kAnyWidth;
  std::string text_;
};

std::string ratio(std::uint64_t decoded, std::uint64_t file) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(decoded) / static_cast<double>(file));
  return text.data();
}

std::string frequency_text(std::uint32_t frequency) {
  if (!std::has_single_bit(frequency)) return std::to_string(frequency);
  return std::string("2^") + std::to_string(std::countr_zero(frequency));
}

// "9 -> 64 sine 2^18 -> 1024 identity", "9 -> 64 sine 0.5 turns, bias -> 1024 identity, unit norm"
std::string layers_text(const Generator& generator) {
  const bool integer = generator.arithmetic == Arithmetic::kInteger;
  std::string text = std::to_string(generator.code_dim);
  for (const Layer& layer : generator.layers) {
    text.append(" -> ").append(std::to_string(layer.width)).append(" ").append(word(layer.activation));
    if (layer.activation == Activation::kSine) {
      text.append(" ").append(integer ? frequency_text(layer.frequency) : text_of(layer.turns) + " turns");
    }
    if (layer.weights_segment) {
      text += " stored";
      if (!integer) text.append(" as ").append(name(layer.weights_type));
    } else if (!integer) {
      text.append(", weights +-").append(text_of(layer.weights_scale));
    }
    if (layer.bias_segment) text += ", bias";
  }
  return generator.unit_norm ? text + ", unit norm" : text;
}

std::string scaled_by(std::int8_t exponent) { return exponent == 0 ? "" : " x 2^" + std::to_string(exponent); }

std::string alpha_text(const Codes& codes) {
  const std::string type(word(codes.alpha_type));
  return codes.alpha_scale == 1 ? type : type + " x " + text_of(codes.alpha_scale);
}

std::string beta_text(const Codes& codes) {
  if (!codes.beta_segment) return text_of(codes.beta) + scaled_by(codes.beta_exponent);
  return std::string(word(codes.beta_type)) + scaled_by(codes.beta_exponent);
}

std::string theta0_text(const Theta0& theta0, const Manifest& manifest) {
  return std::visit(
      Overloaded{
          [](std::monostate) { return std::string(); },
          [](const Constant& constant) { return ", from " + text_of(constant.value); },
          [](const Uniform& uniform) { return ", from uniform +-" + text_of(32768 * uniform.scale); },
          [](const StoredTheta0& stored) {
            return ", from segment " + std::to_string(stored.segment) + " as " + std::string(name(stored.dtype));
          },
          [&](const BaseTheta0& base) {
            const std::string tensor = base.tensor.empty() ? "" : escape(base.tensor) + " of ";
            return ", from " + tensor + escape(manifest.bases[base.base].name) + " as " + std::string(name(base.dtype));
          },
      },
      theta0);
}

std::string slices_text(const Generated& generated) {
  return generated.slices == 1 ? "" : " in " + counted(generated.slices, "slice");
}

std::string made_text(const Source& source, const Manifest& manifest) {
  return std::visit(Overloaded{
                        [&](const Generated& generated) {
                          return "generated, codes " + std::to_string(generated.codes) + " at " +
                                 grouped(generated.first_element) + slices_text(generated) +
                                 theta0_text(generated.theta0, manifest);
                        },
                        [](const Stored& stored) { return "stored, segment " + std::to_string(stored.segment); },
                        [&](const Shared& shared) { return "same as " + escape(manifest.tensors[shared.tensor].name); },
                        [&](const Product& product) {
                          return text_of(product.scale) + " x " + escape(manifest.tensors[product.b].name) + " x " +
                                 escape(manifest.tensors[product.a].name) + theta0_text(product.theta0, manifest);
                        },
                    },
                    source);
}

std::string metadata_text(const MetadataValue& value) {
  const std::string text = text_of(value);
  if (text.size() <= kLongestText) return escape(text);
  std::size_t cut = kLongestText;
  while ((static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return escape(text.substr(0, cut)) + "... (" + human_bytes(text.size()) + ")";
}

Table metadata_table(const Manifest& manifest) {
  Table table("ll");
  for (const Metadata& entry : manifest.metadata) table.add({entry.key, metadata_text(entry.value)});
  return table;
}

Table file_table(const Reader& reader) {
  const Cost& budget = reader.manifest().budget;
  Table table("lr");
  table.add({"manifest bytes", grouped(reader.manifest_length())});
  table.add({"decoded bytes", grouped(budget.output_bytes)});
  table.add({"multiply-adds", grouped(budget.multiply_adds)});
  table.add({"scratch bytes", grouped(budget.scratch_bytes)});
  return table;
}

Table digest_table(const Reader& reader) {
  Table table("ll");
  table.add({"file", to_hex(reader.file_digest())});
  table.add({"weights", to_hex(reader.manifest().weights_identity)});
  return table;
}

Table base_table(const Manifest& manifest) {
  Table table("rll");
  if (!manifest.bases.empty()) table.add({"#", "name", "weights"});
  for (std::size_t i = 0; i < manifest.bases.size(); ++i) {
    table.add({std::to_string(i), escape(manifest.bases[i].name), to_hex(manifest.bases[i].weights_identity)});
  }
  return table;
}

Table generator_table(const Manifest& manifest) {
  Table table("rrrllll");
  if (!manifest.generators.empty()) table.add({"#", "k", "d", "arithmetic", "layers", "seed", "fingerprint"});
  for (std::size_t i = 0; i < manifest.generators.size(); ++i) {
    const Generator& generator = manifest.generators[i];
    table.add({std::to_string(i), std::to_string(generator.code_dim), std::to_string(generator.chunk_dim()),
               std::string(word(generator.arithmetic)), layers_text(generator), std::to_string(generator.seed),
               short_hex(generator.fingerprint)});
  }
  return table;
}

Table codes_table(const Manifest& manifest) {
  Table table("rrrrllr");
  if (!manifest.codes.empty()) table.add({"#", "generator", "chunks", "codes per chunk", "alpha", "beta", "weights"});
  for (std::size_t i = 0; i < manifest.codes.size(); ++i) {
    const Codes& codes = manifest.codes[i];
    const std::uint64_t weights = codes.chunks * manifest.generators[codes.generator].chunk_dim();
    table.add({std::to_string(i), std::to_string(codes.generator), grouped(codes.chunks),
               std::to_string(codes.codes_per_chunk), alpha_text(codes), beta_text(codes), grouped(weights)});
  }
  return table;
}

Table tensor_table(const Manifest& manifest) {
  Table table("lllrll");
  if (!manifest.tensors.empty()) table.add({"name", "dtype", "shape", "bytes", "made", "digest"});
  for (const Tensor& tensor : manifest.tensors) {
    table.add({escape(tensor.name), std::string(name(tensor.dtype)), shape_text(tensor.shape), grouped(tensor.bytes()),
               (tensor.factor ? "factor, " : "") + made_text(tensor.source, manifest), short_hex(tensor.digest)});
  }
  return table;
}

Table segment_table(const Manifest& manifest) {
  const std::vector<std::string> uses = segment_uses(manifest);
  Table table("rrrrlll");
  if (!manifest.segments.empty()) table.add({"#", "offset", "stored", "decoded", "as", "for", "digest"});
  for (std::size_t i = 0; i < manifest.segments.size(); ++i) {
    const Segment& segment = manifest.segments[i];
    table.add({std::to_string(i), grouped(segment.offset), grouped(segment.stored_length),
               grouped(segment.decoded_length), std::string(word(segment.encoding)), escape(uses[i]),
               short_hex(segment.digest)});
  }
  return table;
}

std::string info_text(const std::string& file, const Reader& reader) {
  const Manifest& manifest = reader.manifest();
  const auto factors = static_cast<std::uint64_t>(std::ranges::count_if(manifest.tensors, &Tensor::factor));
  const std::uint64_t output = manifest.budget.output_bytes;
  std::uint64_t unstacked = 0;
  for (const Tensor& tensor : manifest.tensors) unstacked += tensor.factor ? 0 : stack_size(tensor);
  const std::uint64_t tensors = manifest.tensors.size() - factors;
  Page page;
  page.add_line(escape(file) + ": " + human_bytes(reader.file_length()) + ", decodes to " + human_bytes(output) +
                " in " + counted(tensors, "tensor") +
                (unstacked > tensors ? " that stand for " + grouped(unstacked) : "") +
                (factors > 0 ? " made of " + counted(factors, "factor") : "") + ", " +
                ratio(output, reader.file_length()) + " times its size");
  page.add("metadata", metadata_table(manifest));
  page.add("cost", file_table(reader));
  page.add("digests", digest_table(reader));
  page.add("bases", base_table(manifest));
  page.add("generators", generator_table(manifest));
  page.add("codes", codes_table(manifest));
  page.add("tensors", tensor_table(manifest));
  page.add("segments", segment_table(manifest));
  return page.text();
}

Status info_file(const InfoOptions& options) {
  const Result<Reader> reader = open_reader(options.file, kUnlimited);
  if (!reader.ok()) return reader.status();
  return print(options.json ? info_json(options.file, *reader) : info_text(options.file, *reader));
}

}  // namespace

int info(const InfoOptions& options) { return report(kProgram, options.file, info_file(options)); }

}  // namespace mcnc::tools
