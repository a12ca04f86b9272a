// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// make_file KIND FILE [BASE...]: writes one of the small models that the tests of the programs look at. Those that
// start from a base take the first BASE; that one may start from the others.

#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mcnc/base_models.h"
#include "mcnc/convert.h"
#include "mcnc/reader.h"
#include "mcnc/writer.h"
#include "tensors/merkle.h"

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
  for (std::byte& code : std::get<0>(model.segments[0])) code = std::byte{0};
  model.manifest.tensors.push_back(tensor("w", DType::kF32, {chunks, kChunkDim}, Generated{0, 0, {}}));
  return model;
}

Model large() { return amplifier(std::uint64_t{1} << 17); }  // 16 MiB
Model huge() { return amplifier(std::uint64_t{1} << 20); }   // 128 MiB

// Tensors that threads share out among themselves: 12 MB of one layer, one of them from the middle of a chunk on, and
// 1 MB of two layers.
Model pieces() {
  Model model;
  add_codes(model, {{1024, Activation::kSine, 1U << 18, {}}}, 3072, false);
  add_codes(model, {{64, Activation::kSine, 1U << 18, {}}, {1000, Activation::kIdentity, 0, {}}}, 500, true);
  auto& tensors = model.manifest.tensors;
  tensors.push_back(tensor("a", DType::kF32, {2047, 1024}, Generated{0, 0, Uniform{7, 3, 0x1p-20F}}));
  tensors.push_back(tensor("b", DType::kBf16, {1025 * 1024}, Generated{0, 2047 * 1024, {}}));
  tensors.push_back(tensor("c", DType::kF16, {500, 1000}, Generated{1, 0, Constant{0.5F}}));
  return model;
}

// -8, -7, ..., 8, -8, ... times `step`.
std::vector<std::byte> numbers(std::uint64_t count, DType dtype, float step) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = (static_cast<float>(i % 17) - 8) * step;
  std::vector<std::byte> bytes(values.size() * size_of(dtype));
  narrow(values, dtype, bytes);
  return bytes;
}

// The index of a new tensor of these numbers.
std::uint32_t add_numbers(Model& model, std::string name, DType dtype, std::vector<std::uint64_t> shape, float step) {
  Tensor made = tensor(std::move(name), dtype, std::move(shape), Stored{});
  made.source = Stored{add_segment(model, numbers(made.elements(), dtype, step))};
  model.manifest.tensors.push_back(std::move(made));
  return static_cast<std::uint32_t>(model.manifest.tensors.size() - 1);
}

// Codes of one chunk of a float32 generator with everything that has.
void add_float_codes(Model& model) {
  Generator generator;
  generator.arithmetic = Arithmetic::kFloat32;
  generator.code_dim = kCodeDim;
  generator.seed = 11;
  generator.unit_norm = true;
  Layer hidden;
  hidden.width = 8;
  hidden.turns = 0.75F;
  hidden.weights_type = DType::kF16;
  hidden.weights_segment = add_segment(model, numbers(std::uint64_t{kCodeDim} * hidden.width, DType::kF16, 0.0625F));
  hidden.bias_segment = add_segment(model, numbers(hidden.width, DType::kF32, 0.01F));
  Layer last;
  last.width = kChunkDim;
  last.activation = Activation::kIdentity;
  last.weights_scale = 0.25F;
  generator.layers = {hidden, last};
  model.manifest.generators.push_back(std::move(generator));

  Codes codes;
  codes.generator = static_cast<std::uint32_t>(model.manifest.generators.size() - 1);
  codes.chunks = 1;
  codes.alpha_type = AlphaType::kInt16;
  codes.alpha_scale = 0x1p-12F;
  codes.alpha_segment = add_segment(model, ramp(2 * kCodeDim));
  codes.beta = 1.5F;
  model.manifest.codes.push_back(codes);
}

std::uint32_t add_product(Model& model, std::string name, std::uint32_t b, std::uint32_t a, float scale,
                          Theta0 theta0 = {}) {
  auto& tensors = model.manifest.tensors;
  tensors[b].factor = tensors[a].factor = true;
  tensors.push_back(tensor(std::move(name), DType::kF32, {tensors[b].shape[0], tensors[a].shape[1]},
                           Product{b, a, scale, std::move(theta0)}));
  return static_cast<std::uint32_t>(tensors.size() - 1);
}

// A float32 generator, and a product whose B is generated by it.
Model family() {
  Model model;
  add_float_codes(model);
  model.manifest.tensors.push_back(tensor("b", DType::kBf16, {16, 2}, Generated{0, 0, Constant{0.125F}}));
  const std::uint32_t a = add_numbers(model, "a", DType::kF32, {2, 5}, 0.3F);
  add_product(model, "w", 0, a, 0.5F, Constant{10});
  return model;
}

constexpr char kLayers[] = "model.layers.";

// Products of a low-rank adapter, not all of one rank and scale.
Model adapter() {
  Model model;
  const auto add = [&](const std::string& module, std::uint64_t rows, std::uint64_t rank, float scale) {
    const std::uint32_t b = add_numbers(model, module + ".b", DType::kF32, {rows, rank}, 0.03F);
    const std::uint32_t a = add_numbers(model, module + ".a", DType::kBf16, {rank, 16}, 0.07F);
    add_product(model, module + ".weight", b, a, scale);
  };
  add(std::string(kLayers) + "0.q_proj", 8, 2, 2);
  add(std::string(kLayers) + "0.v_proj", 4, 2, 2);
  add(std::string(kLayers) + "1.q_proj", 8, 4, 0.75F);
  return model;
}

// The same, as PEFT calls its tensors.
Model lora() {
  Model model;
  const std::string module = std::string("base_model.model.") + kLayers + "0.q_proj";
  add_numbers(model, module + ".lora_A.weight", DType::kF32, {2, 16}, 0.07F);
  add_numbers(model, module + ".lora_B.weight", DType::kF32, {8, 2}, 0.03F);
  return model;
}

// Such a pair whose file says what it is scaled by.
Model lora_that_says_alpha() {
  Model model = lora();
  model.manifest.metadata = {{"peft.lora_alpha", std::int64_t{3}}};
  return model;
}

// For a tensor of 50 MB.
Model wide_adapter() {
  Model model;
  const std::uint32_t b = add_numbers(model, "wide.b", DType::kF32, {3200, 4}, 0.03F);
  const std::uint32_t a = add_numbers(model, "wide.a", DType::kF32, {4, 4096}, 0.07F);
  add_product(model, "wide.weight", b, a, 2);
  return model;
}

// A base that models are made on.
struct Start {
  std::unique_ptr<ModelFile> model;
  Digest identity{};  // of a .mcnc file

  BaseTheta0 theta0(const std::string& name, DType dtype) {
    MerkleTree digest;
    const Status s = model->stream(name, [&](std::span<const std::byte> bytes) -> Status {
      digest.update(bytes);
      return {};
    });
    return s.ok() ? BaseTheta0{0, "", dtype, digest.finish()} : BaseTheta0{};
  }
};

// Every float tensor of the base plus codes times `beta`, all in one codes table.
Model changed(Start& start, float beta) {
  Model model;
  model.manifest.bases = {{"someone/model", start.identity}};
  std::uint64_t elements = 0;
  for (const std::string& name : start.model->names()) {
    const BaseModel::Entry entry = *start.model->find(name);
    if (entry.dtype != DType::kF32 && entry.dtype != DType::kF16 && entry.dtype != DType::kBf16) continue;
    model.manifest.tensors.push_back(
        tensor(name, entry.dtype, entry.shape, Generated{0, elements, start.theta0(name, entry.dtype)}));
    elements += model.manifest.tensors.back().elements();
  }
  add_codes(model, {{kChunkDim, Activation::kSine, 1U << 18, {}}}, (elements + kChunkDim - 1) / kChunkDim, true);
  model.manifest.codes[0].beta = beta;
  return model;
}

// A product that starts from the base, and a tensor of the base replaced.
Model adapted(Start& start) {
  Model model;
  model.manifest.bases = {{"someone/model", start.identity}};
  const std::string module = std::string(kLayers) + "0.q_proj";
  const BaseModel::Entry entry = *start.model->find(module + ".weight");
  const std::uint32_t b = add_numbers(model, module + ".b", DType::kF32, {entry.shape[0], 2}, 0.03F);
  const std::uint32_t a = add_numbers(model, module + ".a", DType::kF32, {2, entry.shape[1]}, 0.07F);
  const std::uint32_t product =
      add_product(model, module + ".weight", b, a, 0.5F, start.theta0(module + ".weight", entry.dtype));
  model.manifest.tensors[product].dtype = entry.dtype;
  return model;
}

// Empty where `path` is not a .mcnc file.
Digest identity_of(const std::string& path) {
  Allowance allowance;
  auto input = open_file(path);
  if (!input.ok()) return {};
  const Result<Reader> reader = Reader::open(*std::move(input), allowance);
  return reader.ok() ? reader->manifest().weights_identity : Digest{};
}

Status make_on_base(const std::function<Model(Start&)>& make, const std::string& path,
                    const std::vector<std::string>& base_paths) {
  Result<BaseModels> bases = BaseModels::open(base_paths, {});
  if (!bases.ok()) return bases.status();
  Result<std::unique_ptr<ModelFile>> model = bases->open_model(base_paths.front(), {});
  if (!model.ok()) return model.status();
  Start start{*std::move(model), identity_of(base_paths.front())};
  WriteOptions options;
  options.bases = {start.model.get()};
  return write_file(path, make(start), options);
}

int run(const std::string& kind, const std::string& path, const std::vector<std::string>& bases) {
  const std::map<std::string, std::function<Model()>> kinds = {
      {"every", every},
      {"tiny", tiny},
      {"empty", empty},
      {"large", large},
      {"huge", huge},
      {"pieces", pieces},
      {"family", family},
      {"adapter", adapter},
      {"lora", lora},
      {"lora_that_says_alpha", lora_that_says_alpha},
      {"wide_adapter", wide_adapter},
  };
  const std::map<std::string, std::function<Model(Start&)>> kinds_on_base = {
      {"changed", [](Start& start) { return changed(start, 0.125F); }},
      {"unchanged", [](Start& start) { return changed(start, 0); }},
      {"adapted", adapted},
  };
  Status status(ErrorCode::kArgument, "", "no such kind");
  if (const auto made = kinds.find(kind); made != kinds.end() && bases.empty())
    status = write_file(path, made->second());
  if (const auto made = kinds_on_base.find(kind); made != kinds_on_base.end() && !bases.empty()) {
    status = make_on_base(made->second, path, bases);
  }
  if (!status.ok()) std::fprintf(stderr, "make_file: %s\n", status.to_string().c_str());
  return exit_code(status.code());
}

}  // namespace
}  // namespace mcnc

int main(int argc, char** argv) { return argc >= 3 ? mcnc::run(argv[1], argv[2], {argv + 3, argv + argc}) : 2; }
