// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Files written through mcnc.h are those that the C++ interface writes of the same model, byte for byte.
#include "mcnc/writer.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "mcnc.h"
#include "mcnc/draw.h"
#include "support/models.h"

namespace mcnc {
namespace {

using Bytes = std::vector<std::byte>;

// A base model with one tensor.
class OneTensor final : public BaseModel {
 public:
  OneTensor(std::string name, Entry entry, Bytes values)
      : name_(std::move(name)), entry_(std::move(entry)), values_(std::move(values)) {}
  Result<Entry> find(const std::string& name) noexcept override {
    if (name == name_) return entry_;
    return Status(ErrorCode::kBase, "", "no such tensor");
  }
  Status read(const std::string&, std::span<std::byte> out) noexcept override {
    std::memcpy(out.data(), values_.data(), out.size());
    return {};
  }

 private:
  std::string name_;
  Entry entry_;
  Bytes values_;
};

int find_in(void* context, const char* name, int32_t* dtype, uint32_t* rank, uint64_t shape[8]) {
  const auto entry = static_cast<OneTensor*>(context)->find(name);
  if (!entry.ok()) return 1;
  *dtype = static_cast<int32_t>(entry->dtype);
  *rank = static_cast<uint32_t>(entry->shape.size());
  for (std::size_t i = 0; i < entry->shape.size(); ++i) shape[i] = entry->shape[i];
  return 0;
}

int read_in(void* context, const char* name, void* out, size_t bytes) {
  return static_cast<OneTensor*>(context)->read(name, {static_cast<std::byte*>(out), bytes}).ok() ? 0 : 1;
}

int append(void* context, uint64_t index, uint64_t offset, const void* data, size_t bytes) {
  auto& all = *static_cast<Bytes*>(context);
  EXPECT_EQ(index, 0u);
  EXPECT_EQ(offset, all.size());
  const auto* first = static_cast<const std::byte*>(data);
  all.insert(all.end(), first, first + bytes);
  return 0;
}

// A product with a factor that is generated and one that is stored, starting from a base; a float32 generator with
// stored weights and a bias; slices.
Model product_model() {
  Model model;
  Manifest& m = model.manifest;
  const auto bytes = [](std::size_t size) {
    Bytes made(size);
    for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<std::byte>(i % 4 == 3 ? 0x3c : i % 50);
    return made;
  };
  m.generators.push_back({.arithmetic = Arithmetic::kFloat32,
                          .code_dim = 2,
                          .seed = 5,
                          .layers = {{.width = 3, .weights_segment = 0, .turns = 0.5F, .bias_segment = 1},
                                     {.width = 6, .activation = Activation::kIdentity, .weights_scale = 0.25F}},
                          .unit_norm = true});
  model.segments = {bytes(24), bytes(12), bytes(32), bytes(32)};
  Codes codes;
  codes.chunks = 4;
  codes.alpha_type = AlphaType::kF32;
  codes.alpha_segment = 2;
  codes.alpha_scale = 0.5F;
  codes.beta = 2;
  m.codes.push_back(codes);
  m.tensors.push_back({"a", DType::kF32, {2, 4}, Stored{3}, {}, true});
  m.tensors.push_back({"b", DType::kBf16, {10, 2}, Generated{0, 0, Constant{1}, 2}, {}, true});
  m.tensors.push_back({"w", DType::kF16, {10, 4}, Product{1, 0, 0.5F, BaseTheta0{0, "base.w", DType::kF32, {}}}, {}});
  m.bases.push_back({"the base", {std::byte{7}}});
  return model;
}

class CapiWriterTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(mcnc_writer_create(&writer_, &error_), MCNC_OK) << error_.message; }
  void TearDown() override { mcnc_writer_destroy(writer_); }

  void ok(int32_t code) { ASSERT_EQ(code, MCNC_OK) << error_.message; }
  void expect_mistake(int32_t code) {
    EXPECT_EQ(code, MCNC_ARGUMENT);
    EXPECT_GT(std::strlen(error_.message), 10u);
    error_ = {};
  }

  Bytes written() {
    Bytes all;
    EXPECT_EQ(mcnc_writer_write(writer_, nullptr, append, &all, &error_), MCNC_OK) << error_.message;
    return all;
  }

  const Bytes& segment(const Model& model, std::uint32_t index) { return std::get<Bytes>(model.segments[index]); }

  void add(const Model& model, const Generator& generator) {
    std::vector<mcnc_layer> layers;
    for (const Layer& layer : generator.layers) {
      mcnc_layer& made = layers.emplace_back();
      made.struct_size = sizeof(mcnc_layer);
      made.width = layer.width;
      made.activation = static_cast<int32_t>(layer.activation);
      made.frequency = layer.frequency;
      made.turns = layer.turns;
      made.weights_scale = layer.weights_scale;
      made.weights_dtype =
          generator.arithmetic == Arithmetic::kInteger ? MCNC_I8 : static_cast<int32_t>(layer.weights_type);
      if (layer.weights_segment) made.weights = segment(model, *layer.weights_segment).data();
      if (layer.bias_segment) made.bias = segment(model, *layer.bias_segment).data();
    }
    mcnc_generator made = {};
    made.struct_size = sizeof(made);
    made.arithmetic = static_cast<int32_t>(generator.arithmetic);
    made.code_dim = generator.code_dim;
    made.seed = generator.seed;
    made.unit_norm = generator.unit_norm;
    made.layer_count = static_cast<uint32_t>(layers.size());
    made.layers = layers.data();
    uint32_t index = 0;
    ok(mcnc_writer_add_generator(writer_, &made, &index, &error_));
  }

  void add(const Model& model, const Codes& codes) {
    constexpr int32_t kAlphaTypes[] = {MCNC_I8, MCNC_I16, MCNC_F32, MCNC_F16, MCNC_BF16};
    const Bytes& planar = segment(model, codes.alpha_segment);
    const std::size_t size = size_of(codes.alpha_type);
    const std::size_t k = model.manifest.generators[codes.generator].code_dim;
    const std::size_t count = planar.size() / size / k;
    Bytes rows(planar.size());
    for (std::size_t i = 0; i < count * k; ++i) {
      std::memcpy(rows.data() + i * size, planar.data() + (i % k * count + i / k) * size, size);
    }
    mcnc_codes made;
    mcnc_codes_init(&made);
    made.chunks = codes.chunks;
    made.generator = codes.generator;
    made.codes_per_chunk = codes.codes_per_chunk;
    made.alpha_dtype = kAlphaTypes[static_cast<std::size_t>(codes.alpha_type)];
    made.alpha = rows.data();
    made.alpha_scale = codes.alpha_scale;
    made.beta_dtype = static_cast<int32_t>(codes.beta_type);
    made.beta_exponent = codes.beta_exponent;
    made.beta_value = codes.beta;
    if (codes.beta_segment) made.beta = segment(model, *codes.beta_segment).data();
    uint32_t index = 0;
    ok(mcnc_writer_add_codes(writer_, &made, &index, &error_));
  }

  void set_theta0(const Model& model, const Theta0& theta0, mcnc_new_tensor& made) {
    made.theta0 = static_cast<int32_t>(theta0.index());
    if (const auto* constant = std::get_if<Constant>(&theta0)) made.theta0_value = constant->value;
    if (const auto* uniform = std::get_if<Uniform>(&theta0)) {
      made.theta0_seed = uniform->seed;
      made.theta0_stream = uniform->stream;
      made.theta0_scale = uniform->scale;
    }
    if (const auto* stored = std::get_if<StoredTheta0>(&theta0)) {
      made.theta0_dtype = static_cast<int32_t>(stored->dtype);
      made.theta0_data = segment(model, stored->segment).data();
    }
    if (const auto* base = std::get_if<BaseTheta0>(&theta0)) {
      made.theta0_base = base->base;
      made.theta0_tensor = base->tensor.c_str();
    }
  }

  void add(const Model& model, const Tensor& tensor) {
    mcnc_new_tensor made;
    mcnc_new_tensor_init(&made);
    made.name = tensor.name.c_str();
    made.shape = tensor.shape.data();
    made.rank = static_cast<uint32_t>(tensor.shape.size());
    made.dtype = static_cast<int32_t>(tensor.dtype);
    made.is_factor = tensor.factor;
    const std::vector<Tensor>& all = model.manifest.tensors;
    if (const auto* stored = std::get_if<Stored>(&tensor.source)) {
      const Bytes& data = segment(model, stored->segment);
      ok(mcnc_writer_add_stored(writer_, &made, data.data(), data.size(), &error_));
    } else if (const auto* generated = std::get_if<Generated>(&tensor.source)) {
      set_theta0(model, generated->theta0, made);
      ok(mcnc_writer_add_generated(writer_, &made, generated->codes, generated->first_element, generated->slices,
                                   &error_));
    } else if (const auto* product = std::get_if<Product>(&tensor.source)) {
      set_theta0(model, product->theta0, made);
      ok(mcnc_writer_add_product(writer_, &made, all[product->b].name.c_str(), all[product->a].name.c_str(),
                                 product->scale, &error_));
    } else {
      const std::string& same = all[std::get<Shared>(tensor.source).tensor].name;
      ok(mcnc_writer_add_shared(writer_, made.name, same.c_str(), &error_));
    }
  }

  void set(const Metadata& metadata) {
    mcnc_metadata entry = {};
    entry.key = metadata.key.c_str();
    entry.type = static_cast<int32_t>(metadata.value.index());
    if (const auto* text = std::get_if<std::string>(&metadata.value)) {
      entry.text = text->data();
      entry.text_bytes = text->size();
    }
    if (const auto* integer = std::get_if<std::int64_t>(&metadata.value)) entry.integer = *integer;
    if (const auto* real = std::get_if<double>(&metadata.value)) entry.real = *real;
    if (const auto* boolean = std::get_if<bool>(&metadata.value)) entry.boolean = *boolean;
    ok(mcnc_writer_set_metadata(writer_, &entry, &error_));
  }

  // The tensors last first: names that are not there yet, and an order that is not the file's.
  void add_all(const Model& model) {
    const Manifest& m = model.manifest;
    for (const Generator& generator : m.generators) add(model, generator);
    for (const Codes& codes : m.codes) add(model, codes);
    for (auto tensor = m.tensors.rbegin(); tensor != m.tensors.rend(); ++tensor) add(model, *tensor);
    for (const Metadata& metadata : m.metadata) set(metadata);
  }

  mcnc_writer* writer_ = nullptr;
  mcnc_error error_ = {};
};

TEST_F(CapiWriterTest, EveryKindOfTensor) {
  const Model model = testing::rich_model();
  add_all(model);
  EXPECT_EQ(written(), testing::file_of(model));
  const testing::TemporaryFolder folder;
  const std::string path = folder.path / "model.mcnc";
  mcnc_write_options options;
  mcnc_write_options_init(&options);
  options.zstd_level = 1;
  ok(mcnc_writer_write_file(writer_, path.c_str(), &options, &error_));  // a second time
  EXPECT_EQ(testing::bytes_of(path), testing::file_of(model, {.zstd_level = 1}));
}

TEST_F(CapiWriterTest, ProductsBasesAndFloatGenerators) {
  Model model = product_model();
  OneTensor base("base.w", {DType::kF32, {10, 4}}, Bytes(160));
  const mcnc_base_model functions = {sizeof(mcnc_base_model), &base, find_in, read_in};
  uint32_t index = 9;
  ok(mcnc_writer_add_base(writer_, "the base",
                          reinterpret_cast<const uint8_t*>(model.manifest.bases[0].weights_identity.data()), &functions,
                          &index, &error_));
  EXPECT_EQ(index, 0u);
  add_all(model);
  std::get<BaseTheta0>(std::get<Product>(model.manifest.tensors[2].source).theta0).digest = *tensor_digest(Bytes(160));
  const Result<Bytes> right = serialize(model, {.bases = {&base}});
  ASSERT_TRUE(right.ok()) << right.status().to_string();
  EXPECT_EQ(written(), *right);
}

TEST_F(CapiWriterTest, MetadataIsReplaced) {
  const Model model = testing::plain_model();
  add_all(model);
  set({"test.key", std::string("first\0text", 10)});
  set({"test.key", std::int64_t{-5}});
  Model same = model;
  same.manifest.metadata = {{"test.key", std::int64_t{-5}}};
  EXPECT_EQ(written(), *serialize(same));
}

TEST_F(CapiWriterTest, MistakesAreSentencesAndChangeNothing) {
  const Model model = testing::plain_model();
  add_all(model);
  const Bytes right = written();
  const uint64_t shape[] = {4, 5};
  mcnc_new_tensor tensor;
  mcnc_new_tensor_init(&tensor);
  tensor.name = "new";
  tensor.shape = shape;
  tensor.rank = 2;
  float data[20] = {};
  uint32_t index = 0;
  const auto refused = [&](auto change) {
    mcnc_new_tensor wrong = tensor;
    change(wrong);
    expect_mistake(mcnc_writer_add_generated(writer_, &wrong, 0, 0, 1, &error_));
  };
  refused([](mcnc_new_tensor& t) { t.struct_size = 0; });
  refused([](mcnc_new_tensor& t) { t.name = nullptr; });
  refused([](mcnc_new_tensor& t) { t.shape = nullptr; });
  refused([](mcnc_new_tensor& t) { t.rank = 65; });
  refused([](mcnc_new_tensor& t) { t.dtype = MCNC_F8_E5M2 + 1; });
  refused([](mcnc_new_tensor& t) { t.dtype = -1; });
  refused([](mcnc_new_tensor& t) { t.theta0 = 5; });
  refused([](mcnc_new_tensor& t) { t.theta0 = MCNC_THETA0_STORED; });
  refused([](mcnc_new_tensor& t) { t.theta0 = MCNC_THETA0_BASE; });
  expect_mistake(mcnc_writer_add_generated(writer_, nullptr, 0, 0, 1, &error_));
  expect_mistake(mcnc_writer_add_generated(nullptr, &tensor, 0, 0, 1, &error_));
  expect_mistake(mcnc_writer_add_generated(writer_, &tensor, 1, 0, 1, &error_));
  expect_mistake(mcnc_writer_add_stored(writer_, &tensor, nullptr, sizeof(data), &error_));
  expect_mistake(mcnc_writer_add_stored(writer_, &tensor, data, sizeof(data) - 1, &error_));
  expect_mistake(mcnc_writer_add_product(writer_, &tensor, "weight", nullptr, 1, &error_));
  expect_mistake(mcnc_writer_add_shared(writer_, "new", nullptr, &error_));
  expect_mistake(mcnc_writer_add_shared(writer_, nullptr, "weight", &error_));
  expect_mistake(mcnc_writer_set_metadata(writer_, nullptr, &error_));
  mcnc_metadata entry = {};
  expect_mistake(mcnc_writer_set_metadata(writer_, &entry, &error_));
  entry.key = "test.key";
  entry.type = 4;
  expect_mistake(mcnc_writer_set_metadata(writer_, &entry, &error_));
  entry.type = MCNC_METADATA_TEXT;
  entry.text_bytes = 1;
  expect_mistake(mcnc_writer_set_metadata(writer_, &entry, &error_));

  mcnc_layer layer = {};
  layer.struct_size = sizeof(layer);
  layer.width = 8;
  mcnc_generator generator = {};
  generator.struct_size = sizeof(generator);
  generator.code_dim = 3;
  generator.layer_count = 1;
  expect_mistake(mcnc_writer_add_generator(writer_, nullptr, &index, &error_));
  expect_mistake(mcnc_writer_add_generator(writer_, &generator, &index, &error_));  // no layers
  generator.layers = &layer;
  expect_mistake(mcnc_writer_add_generator(writer_, &generator, nullptr, &error_));
  generator.layer_count = 17;
  expect_mistake(mcnc_writer_add_generator(writer_, &generator, &index, &error_));
  generator.layer_count = 1;
  layer.weights = data;  // of float32: the arithmetic is integer
  expect_mistake(mcnc_writer_add_generator(writer_, &generator, &index, &error_));
  layer.weights_dtype = MCNC_I8;
  mcnc_layer two[2] = {layer, layer};
  generator.layers = two;
  generator.layer_count = 2;
  two[0].struct_size = sizeof(layer) - 3;  // the second layer would not be aligned
  EXPECT_EQ(mcnc_writer_add_generator(writer_, &generator, &index, &error_), MCNC_ARGUMENT);
  EXPECT_NE(std::string(error_.message).find("struct_size"), std::string::npos) << error_.message;
  two[0].struct_size = sizeof(layer);
  two[1].activation = 2;  // after the weights of the first layer were added
  expect_mistake(mcnc_writer_add_generator(writer_, &generator, &index, &error_));
  generator.layers = &layer;
  generator.layer_count = 1;
  layer.width = UINT32_MAX;
  generator.code_dim = UINT32_MAX;  // more than any memory
  expect_mistake(mcnc_writer_add_generator(writer_, &generator, &index, &error_));

  mcnc_codes codes;
  mcnc_codes_init(&codes);
  const auto bad_codes = [&](auto change) {
    mcnc_codes wrong = codes;
    change(wrong);
    expect_mistake(mcnc_writer_add_codes(writer_, &wrong, &index, &error_));
  };
  codes.chunks = 1;
  codes.alpha = data;
  bad_codes([](mcnc_codes& c) { c.generator = 1; });
  bad_codes([](mcnc_codes& c) { c.chunks = 0; });
  bad_codes([](mcnc_codes& c) { c.chunks = UINT64_MAX; });
  bad_codes([](mcnc_codes& c) { c.alpha = nullptr; });
  bad_codes([](mcnc_codes& c) { c.alpha_dtype = MCNC_BOOL; });
  bad_codes([](mcnc_codes& c) { c.beta_dtype = MCNC_I8; });
  bad_codes([](mcnc_codes& c) { c.beta_exponent = 128; });
  expect_mistake(mcnc_writer_add_codes(writer_, nullptr, &index, &error_));
  expect_mistake(mcnc_writer_add_base(writer_, "base", nullptr, nullptr, &index, &error_));
  expect_mistake(mcnc_writer_create(nullptr, &error_));
  expect_mistake(mcnc_writer_write_file(writer_, nullptr, nullptr, &error_));
  expect_mistake(mcnc_writer_write(writer_, nullptr, nullptr, nullptr, &error_));
  expect_mistake(mcnc_writer_write(reinterpret_cast<mcnc_writer*>(this), nullptr, append, nullptr, &error_));
  EXPECT_EQ(written(), right);
  mcnc_writer_destroy(nullptr);
}

TEST_F(CapiWriterTest, WhatAReaderWouldRefuseIsRefused) {
  const Model model = testing::plain_model();
  add_all(model);
  ok(mcnc_writer_add_shared(writer_, "tied", "nowhere", &error_));
  Bytes out;
  expect_mistake(mcnc_writer_write(writer_, nullptr, append, &out, &error_));
  ok(mcnc_writer_add_shared(writer_, "nowhere", "tied", &error_));  // a circle
  EXPECT_EQ(mcnc_writer_write(writer_, nullptr, append, &out, &error_), MCNC_ARGUMENT);
  EXPECT_STREQ(error_.rule, "tensor.shared");
  mcnc_writer_destroy(writer_);
  SetUp();
  add_all(model);
  set({"KEY", true});
  EXPECT_EQ(mcnc_writer_write(writer_, nullptr, append, &out, &error_), MCNC_TEXT);
  EXPECT_STREQ(error_.rule, "metadata.key");
  EXPECT_TRUE(out.empty());
}

TEST_F(CapiWriterTest, FunctionsThatFailOrThrow) {
  const Model model = testing::plain_model();
  add_all(model);
  const auto stop = [](void*, uint64_t, uint64_t, const void*, size_t) { return 1; };
  const auto fail = [](void*, uint64_t, uint64_t, const void*, size_t) -> int { throw std::runtime_error("full"); };
  EXPECT_EQ(mcnc_writer_write(writer_, nullptr, stop, nullptr, &error_), MCNC_CANCELLED);
  EXPECT_EQ(mcnc_writer_write(writer_, nullptr, fail, nullptr, &error_), MCNC_INTERNAL);
  mcnc_base_model throwing = {sizeof(mcnc_base_model), nullptr,
                              [](void*, const char*, int32_t*, uint32_t*, uint64_t*) -> int { throw 1; },
                              [](void*, const char*, void*, size_t) -> int { throw 1; }};
  const uint8_t identity[32] = {};
  uint32_t index = 0;
  ok(mcnc_writer_add_base(writer_, "base", identity, &throwing, &index, &error_));
  mcnc_new_tensor tensor;
  mcnc_new_tensor_init(&tensor);
  tensor.name = "new";
  tensor.theta0 = MCNC_THETA0_BASE;
  EXPECT_EQ(mcnc_writer_add_generated(writer_, &tensor, 0, 0, 1, &error_), MCNC_INTERNAL) << error_.message;
}

TEST_F(CapiWriterTest, RandomNumbersAreThoseOfDecoders) {
  mcnc_layer layer = {};
  layer.struct_size = sizeof(layer);
  layer.width = 8;
  layer.frequency = 1;
  mcnc_generator generator = {};
  generator.struct_size = sizeof(generator);
  generator.code_dim = 3;
  generator.seed = 77;
  generator.layer_count = 1;
  generator.layers = &layer;
  Bytes drawn(24);
  Bytes right(24);
  ok(mcnc_draw_weights(&generator, 0, drawn.data(), drawn.size(), &error_));
  ASSERT_TRUE(draw_weights({.code_dim = 3, .seed = 77, .layers = {{.width = 8}}}, 0, right).ok());
  EXPECT_EQ(drawn, right);
  expect_mistake(mcnc_draw_weights(&generator, 1, drawn.data(), drawn.size(), &error_));
  expect_mistake(mcnc_draw_weights(&generator, 0, drawn.data(), 23, &error_));
  expect_mistake(mcnc_draw_weights(&generator, 0, nullptr, 24, &error_));
  std::vector<float> numbers(5);
  std::vector<float> same(5);
  ok(mcnc_draw_theta0(9, 2, 0.5F, 100, numbers.data(), 5, &error_));
  ASSERT_TRUE(draw_theta0({9, 2, 0.5F}, 100, same).ok());
  EXPECT_EQ(numbers, same);
  expect_mistake(mcnc_draw_theta0(9, 2, 0.5F, 0, nullptr, 5, &error_));
  expect_mistake(mcnc_draw_theta0(9, 2, 0.5F, UINT64_MAX, numbers.data(), 5, &error_));
}

}  // namespace
}  // namespace mcnc
