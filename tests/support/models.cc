// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "support/models.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

#include "arithmetic/philox.h"
#include "mcnc/checked_math.h"
#include "mcnc/convert.h"

namespace mcnc::testing {
namespace {

// Bytes that look random and are always the same.
std::vector<std::byte> noise(std::size_t size, std::uint32_t stream) {
  const RandomStream random(2026, Domain::kEncoder, stream);
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(random.odd_int8(i));
  return bytes;
}

std::vector<std::byte> numbers(std::size_t count, DType dtype, float step) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = (static_cast<float>(i % 17) - 8) * step;
  std::vector<std::byte> bytes(count * size_of(dtype));
  narrow(values, dtype, bytes);
  return bytes;
}

class Builder {
 public:
  std::uint32_t segment(std::vector<std::byte> bytes) {
    model.segments.push_back(std::move(bytes));
    return static_cast<std::uint32_t>(model.segments.size() - 1);
  }

  // Codes of `chunks` chunks with noise for alpha.
  Codes& codes(std::uint32_t generator, std::uint64_t chunks, std::uint32_t m, AlphaType type) {
    Codes codes;
    codes.generator = generator;
    codes.chunks = chunks;
    codes.codes_per_chunk = m;
    codes.alpha_type = type;
    const std::size_t count = to_size(chunks * m * model.manifest.generators[generator].code_dim);
    codes.alpha_segment = segment(noise(count * size_of(type), static_cast<std::uint32_t>(model.segments.size())));
    return model.manifest.codes.emplace_back(codes);
  }

  void tensor(std::string name, std::vector<std::uint64_t> shape, DType dtype, Source source) {
    model.manifest.tensors.push_back({std::move(name), dtype, std::move(shape), std::move(source), {}});
  }

  Model model;
};

}  // namespace

Model plain_model() {
  Builder b;
  b.model.manifest.generators.push_back({.code_dim = 3, .seed = 1, .layers = {{.width = 8, .frequency = 1U << 18}}});
  Codes& codes = b.codes(0, 3, 1, AlphaType::kInt8);
  codes.beta = 0x1p-18F;
  b.tensor("weight", {4, 5}, DType::kF32, Generated{0, 0, {}});
  return std::move(b.model);
}

Model rich_model() {
  Builder b;
  Manifest& m = b.model.manifest;
  m.generators.push_back({.code_dim = 3, .seed = 0xfedcba9876543210, .layers = {{.width = 37, .frequency = 1U << 20}}});
  m.generators.push_back({.code_dim = 2,
                          .seed = 7,
                          .layers = {{.width = 5, .frequency = 12345677, .weights_segment = b.segment(noise(10, 900))},
                                     {.width = 11, .activation = Activation::kIdentity}}});

  // Flat: three tensors over 100 weights in 3 chunks of 37.
  Codes& flat = b.codes(0, 3, 1, AlphaType::kInt8);
  flat.beta_type = BetaType::kBf16;
  flat.beta_exponent = -15;
  flat.beta_segment = b.segment(numbers(3, DType::kBf16, 0.25F));
  b.tensor("flat.a", {7, 9}, DType::kF32, Generated{0, 0, Uniform{99, 4, 0x1p-20F}});
  b.tensor("flat.b", {2, 1, 13}, DType::kBf16, Generated{0, 63, Constant{0.5F}});
  b.tensor("flat.c", {11}, DType::kF16, Generated{0, 89, {}});

  // Per tensor, m = 3, int16: 20 weights in 2 chunks of 11, then 11 in one.
  Codes& own = b.codes(1, 3, 3, AlphaType::kInt16);
  own.beta_type = BetaType::kF16;
  own.beta_exponent = -24;
  own.beta_segment = b.segment(numbers(9, DType::kF16, 1.5F));
  b.tensor("own.a", {4, 5}, DType::kF32,
           Generated{1, 0, StoredTheta0{b.segment(numbers(20, DType::kF16, 0.125F)), DType::kF16}});
  b.tensor("own.b", {11}, DType::kF32, Generated{1, 22, {}});

  // One beta for all.
  Codes& scaled = b.codes(0, 1, 2, AlphaType::kInt8);
  scaled.beta = -0.75F;
  scaled.beta_exponent = -14;
  b.tensor("scaled", {37}, DType::kF16, Generated{2, 0, Constant{-0.0F}});

  // float32 beta segment.
  Codes& wide = b.codes(0, 2, 1, AlphaType::kInt16);
  wide.beta_segment = b.segment(numbers(2, DType::kF32, 0x1p-16F));
  b.tensor("wide", {40}, DType::kBf16, Generated{3, 0, {}});

  b.tensor("stored.i64", {2, 3}, DType::kI64, Stored{b.segment(noise(48, 901))});
  b.tensor("stored.scalar", {}, DType::kF64, Stored{b.segment(noise(8, 902))});
  b.tensor("stored.empty", {3, 0}, DType::kU8, Stored{b.segment({})});
  b.tensor("stored.large", {300}, DType::kF32, Stored{b.segment(numbers(300, DType::kF32, 1.0F))});
  b.tensor("tied", {7, 9}, DType::kF32, Shared{0});

  m.metadata = {{"general.name", std::string("rich \"model\"")},
                {"test.count", std::int64_t{-3}},
                {"test.flag", true},
                {"test.real", 0.125}};
  return std::move(b.model);
}

std::vector<std::byte> file_of(const Model& model, const WriteOptions& options) {
  Result<std::vector<std::byte>> file = serialize(model, options);
  Model read = model;
  for (std::size_t i = 0; i < read.segments.size(); ++i) {
    read.segments[i] = std::shared_ptr<Input>(*borrow_memory(std::get<0>(model.segments[i])));
  }
  const TemporaryFolder folder;
  const Status status = write_file(folder.path / "model.mcnc", std::move(read), options);
  if (!file.ok() || !status.ok()) {
    std::fprintf(stderr, "%s\n", (file.ok() ? status : file.status()).to_string().c_str());
    std::abort();
  }
  if (bytes_of(folder.path / "model.mcnc") != *file) {
    std::fprintf(stderr, "serialize and write_file differ\n");
    std::abort();
  }
  return *std::move(file);
}

TemporaryFolder::TemporaryFolder() {
  std::string name = std::filesystem::temp_directory_path() / "mcnc-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code no_matter;
  std::filesystem::remove_all(path, no_matter);
}

std::vector<std::byte> bytes_of(const std::filesystem::path& path) {
  const auto input = open_file(path);
  if (!input.ok()) return {};
  std::vector<std::byte> bytes(to_size((*input)->size()));
  return (*input)->read_at(0, bytes).ok() ? bytes : std::vector<std::byte>();
}

Result<Reader> open(std::span<const std::byte> file) {
  Allowance allowance;
  Result<std::unique_ptr<Input>> input = borrow_memory(file);
  if (!input.ok()) return input.status();
  return Reader::open(*std::move(input), allowance);
}

Status verify(std::span<const std::byte> file) {
  Result<Reader> reader = open(file);
  if (!reader.ok()) return reader.status();
  Result<Decoder> decoder = Decoder::create(*reader);
  return decoder.ok() ? decoder->verify() : decoder.status();
}

std::vector<std::byte> decode(std::span<const std::byte> file, const std::string& name) {
  Result<Reader> reader = open(file);
  if (!reader.ok()) return {};
  const Tensor* tensor = reader->manifest().find(name);
  Result<Decoder> decoder = Decoder::create(*reader);
  if (tensor == nullptr || !decoder.ok()) return {};
  std::vector<std::byte> bytes(to_size(tensor->bytes()));
  const auto index = static_cast<std::size_t>(tensor - reader->manifest().tensors.data());
  const Status status = decoder->decode_range(index, 0, tensor->elements(), bytes);
  return status.ok() ? bytes : std::vector<std::byte>();
}

}  // namespace mcnc::testing
