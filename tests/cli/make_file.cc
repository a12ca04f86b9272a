// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// make_file KIND FILE: writes one of the small models that the tests of the programs look at.

#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mcnc/writer.h"

namespace mcnc {
namespace {

constexpr std::uint32_t kCodeDim = 3;
constexpr std::uint32_t kChunkDim = 32;

// Bytes without a pattern that the tests know: 0, 37, 74, ... mod 256.
std::vector<std::byte> ramp(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(static_cast<unsigned char>(37 * i));
  return bytes;
}

std::uint32_t add_segment(Model& model, std::vector<std::byte> bytes) {
  model.segments.push_back(std::move(bytes));
  return static_cast<std::uint32_t>(model.segments.size() - 1);
}

Tensor tensor(std::string name, DType dtype, std::vector<std::uint64_t> shape, Source source) {
  Tensor made;
  made.name = std::move(name);
  made.dtype = dtype;
  made.shape = std::move(shape);
  made.source = std::move(source);
  return made;
}

void add_stored(Model& model, std::string name, DType dtype, std::vector<std::uint64_t> shape) {
  Tensor made = tensor(std::move(name), dtype, std::move(shape), Stored{});
  made.source = Stored{add_segment(model, ramp(made.bytes()))};
  model.manifest.tensors.push_back(std::move(made));
}

// Codes of `chunks` chunks of a generator with these layers.
void add_codes(Model& model, std::vector<Layer> layers, std::uint64_t chunks, bool one_beta) {
  Generator generator;
  generator.code_dim = kCodeDim;
  generator.seed = 0xfedcba9876543210;
  generator.layers = std::move(layers);
  model.manifest.generators.push_back(std::move(generator));

  Codes codes;
  codes.generator = static_cast<std::uint32_t>(model.manifest.generators.size() - 1);
  codes.chunks = chunks;
  codes.alpha_segment = add_segment(model, ramp(kCodeDim * chunks));
  codes.beta_exponent = -15;
  if (one_beta) {
    codes.beta = 0.125F;
  } else {
    // 0x0201, 0x0403, ... as bfloat16: small and finite.
    std::vector<std::byte> beta(2 * chunks);
    for (std::size_t i = 0; i < beta.size(); ++i)
      beta[i] = static_cast<std::byte>(static_cast<unsigned char>(i % 64 + 1));
    codes.beta_type = BetaType::kBf16;
    codes.beta_segment = add_segment(model, std::move(beta));
  }
  model.manifest.codes.push_back(codes);
}

// One of everything.
Model every() {
  Model model;
  add_codes(model, {{kChunkDim, Activation::kSine, 1U << 18, {}}}, 5, false);
  add_codes(model, {{8, Activation::kSine, 1U << 18, {}}, {kChunkDim, Activation::kIdentity, 0, {}}}, 2, true);

  auto& tensors = model.manifest.tensors;
  tensors.push_back(tensor("fc1.weight", DType::kF32, {8, 16}, Generated{0, 0, Uniform{7, 3, 0x1p-20F}}));
  tensors.push_back(tensor("fc1.half", DType::kF16, {20}, Generated{0, 128, Constant{0.5F}}));
  tensors.push_back(tensor("fc2.weight", DType::kBf16, {7, 7}, Generated{1, 0, {}}));
  tensors.push_back(tensor("fc2.tied", DType::kBf16, {7, 7}, Shared{2}));
  add_stored(model, "norm.count", DType::kI64, {});
  add_stored(model, "norm.mask", DType::kU8, {5});
  add_stored(model, "norm.empty", DType::kF32, {0, 4});
  add_stored(model, "größe \u202Eesrever", DType::kU16, {3});

  model.manifest.metadata = {
      {"general.name", std::string("every\ttensor\n\u202E\"quoted\"")},
      {"general.parameters", std::int64_t{-9007199254740993}},
      {"test.flag", true},
      {"test.long", std::string(5000, 'x')},
      {"test.real", 0.1},
  };
  return model;
}

// As small as a file with all kinds of segments gets.
Model tiny() {
  Model model;
  add_codes(model, {{kChunkDim, Activation::kSine, 1U << 18, {}}}, 2, false);
  model.manifest.tensors.push_back(tensor("w", DType::kF32, {50}, Generated{0, 0, {}}));
  add_stored(model, "b", DType::kF32, {100});
  return model;
}

Model empty() { return {}; }

// `chunks` zero codes: a file of a few hundred bytes that decodes to 128 bytes a chunk.
Model amplifier(std::uint64_t chunks) {
  Model model;
  add_codes(model, {{kChunkDim, Activation::kSine, 1U << 18, {}}}, chunks, true);
  for (std::byte& code : model.segments[0]) code = std::byte{0};
  model.manifest.tensors.push_back(tensor("w", DType::kF32, {chunks, kChunkDim}, Generated{0, 0, {}}));
  return model;
}

Model large() { return amplifier(std::uint64_t{1} << 17); }  // 16 MiB
Model huge() { return amplifier(std::uint64_t{1} << 20); }   // 128 MiB

int run(const std::string& kind, const std::string& path) {
  const std::map<std::string, std::function<Model()>> kinds = {
      {"every", every}, {"tiny", tiny}, {"empty", empty}, {"large", large}, {"huge", huge}};
  const auto made = kinds.find(kind);
  if (made == kinds.end()) return 2;
  const Result<std::vector<std::byte>> bytes = serialize(made->second());
  Status status = bytes.ok() ? replace_file(path, *bytes) : bytes.status();
  if (!status.ok()) std::fprintf(stderr, "make_file: %s\n", status.to_string().c_str());
  return exit_code(status.code());
}

}  // namespace
}  // namespace mcnc

int main(int argc, char** argv) { return argc == 3 ? mcnc::run(argv[1], argv[2]) : 2; }
