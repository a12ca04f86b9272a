// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Float generators, products and base models, from file to weights.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>

#include "mcnc/convert.h"
#include "support/models.h"
#include "support/reference.h"
#include "tensors/merkle.h"

namespace mcnc {
namespace {

std::vector<std::byte> bytes_of(const std::vector<float>& values, DType dtype = DType::kF32) {
  std::vector<std::byte> bytes(values.size() * size_of(dtype));
  narrow(values, dtype, bytes);
  return bytes;
}

std::vector<float> floats_of(std::span<const std::byte> bytes) {
  std::vector<float> values(bytes.size() / 4);
  widen(bytes, DType::kF32, values);
  return values;
}

Digest digest_of(std::span<const std::byte> bytes) {
  MerkleTree tree;
  tree.update(bytes);
  return tree.finish();
}

class MemoryBase final : public BaseModel {
 public:
  struct Held {
    Entry entry;
    std::vector<std::byte> bytes;
  };
  std::map<std::string, Held> tensors;

  Result<Entry> find(const std::string& name) noexcept override {
    const auto held = tensors.find(name);
    if (held == tensors.end()) return Status(ErrorCode::kBase, "tensor.base", "no tensor " + name);
    return held->second.entry;
  }
  Status read(const std::string& name, std::span<std::byte> out) noexcept override {
    std::ranges::copy(tensors.at(name).bytes, out.begin());
    return {};
  }
};

// PRANC: one linear layer, one code of k coefficients, unit beta.
Model linear_model(AlphaType type, std::vector<std::byte> alpha, float alpha_scale) {
  Model model;
  model.manifest.generators = {{.arithmetic = Arithmetic::kFloat32,
                                .code_dim = 4,
                                .seed = 5,
                                .layers = {{.width = 6, .activation = Activation::kIdentity, .weights_scale = 0.5F}}}};
  Codes codes;
  codes.chunks = 1;
  codes.alpha_type = type;
  codes.beta = 1;
  codes.alpha_scale = alpha_scale;
  model.manifest.codes = {codes};
  model.segments = {std::move(alpha)};
  model.manifest.tensors = {{"w", DType::kF32, {2, 3}, Generated{0, 0, {}}, {}}};
  return model;
}

TEST(Family, LinearGeneratorIsTheSumOfItsBasis) {
  const std::vector<float> alpha = {1.5F, -2, 0.25F, 0};
  const std::vector<std::byte> file = testing::file_of(linear_model(AlphaType::kF32, bytes_of(alpha), 1));
  EXPECT_TRUE(testing::verify(file).ok());
  const std::vector<float> w = floats_of(testing::decode(file, "w"));
  const ReferenceGenerator basis = expand_float(linear_model(AlphaType::kF32, {}, 1).manifest.generators[0]);
  for (std::size_t j = 0; j < 6; ++j) {
    float acc = 0;
    for (std::size_t i = 0; i < 4; ++i) acc = std::fma(basis.layers[0].weights[i * 6 + j], alpha[i], acc);
    EXPECT_EQ(w[j], 0 + 1.0F * acc);
  }
}

TEST(Family, AlphaTypesThatHoldTheSameNumbersGiveTheSameWeights) {
  const std::vector<float> alpha = {1.5F, -2, 0.25F, 0};
  const std::vector<float> expected =
      floats_of(testing::decode(testing::file_of(linear_model(AlphaType::kF32, bytes_of(alpha), 1)), "w"));
  const auto weights = [](AlphaType type, std::vector<std::byte> bytes, float scale) {
    return floats_of(testing::decode(testing::file_of(linear_model(type, std::move(bytes), scale)), "w"));
  };
  EXPECT_EQ(weights(AlphaType::kF16, bytes_of(alpha, DType::kF16), 1), expected);
  EXPECT_EQ(weights(AlphaType::kBf16, bytes_of(alpha, DType::kBf16), 1), expected);
  EXPECT_EQ(weights(AlphaType::kInt8, {std::byte{6}, std::byte{248}, std::byte{1}, std::byte{0}}, 0.25F), expected);
}

TEST(Family, RefusesNumbersThatAreNotFinite) {
  const auto rule = [](Model model) {
    const Result<std::vector<std::byte>> file = serialize(std::move(model));
    return file.ok() ? std::string() : std::string(file.status().rule());
  };
  EXPECT_EQ(rule(linear_model(AlphaType::kF32, bytes_of({1, NAN, 0, 0}), 1)), "codes.alpha");
  EXPECT_EQ(rule(linear_model(AlphaType::kF32, bytes_of({1, 65537, 0, 0}), 1)), "codes.alpha");
  EXPECT_EQ(rule(linear_model(AlphaType::kF32, bytes_of({1, 65536, 0, 0}), 1)), "");
  EXPECT_EQ(rule(linear_model(AlphaType::kF32, bytes_of({1, 2, 0, 0}), 0)), "codes.alpha_type");
  Model stored = linear_model(AlphaType::kF32, bytes_of({1, 2, 0, 0}), 1);
  stored.manifest.generators[0].layers[0].weights_scale = 0;
  stored.manifest.generators[0].layers[0].weights_segment = 1;
  stored.segments.push_back(bytes_of(std::vector<float>(24, 1.0F)));
  EXPECT_EQ(rule(stored), "");
  stored.segments[1] = bytes_of(std::vector<float>(24, -INFINITY));
  EXPECT_EQ(rule(stored), "generator.weights");
  stored.manifest.generators[0].arithmetic = Arithmetic::kInteger;
  EXPECT_NE(rule(stored), "");
}

Model product_model(bool factors) {
  Model model;
  model.segments = {bytes_of({1, 2, 3, 4, 5, 6}), bytes_of({1, 0, -1, 2, 0.5F, 0.25F, 0, 8}, DType::kBf16)};
  model.manifest.tensors = {{"b", DType::kF32, {3, 2}, Stored{0}, {}, factors},
                            {"a", DType::kBf16, {2, 4}, Stored{1}, {}, factors},
                            {"w", DType::kF32, {3, 4}, Product{0, 1, 0.5F, Constant{10}}, {}}};
  return model;
}

TEST(Family, ProductIsTheta0PlusScaleTimesBTimesA) {
  const std::vector<std::byte> file = testing::file_of(product_model(true));
  const Status status = testing::verify(file);
  EXPECT_TRUE(status.ok()) << status.to_string();
  const std::vector<float> expected = {11, 10.25F, 9.5F, 19, 12.5F, 10.5F, 8.5F, 29, 14, 10.75F, 7.5F, 39};
  EXPECT_EQ(floats_of(testing::decode(file, "w")), expected);
  EXPECT_EQ(floats_of(testing::decode(file, "b")), (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(Family, FactorsDoNotCountAsWeights) {
  Model dense;
  dense.segments = {testing::decode(testing::file_of(product_model(true)), "w")};
  dense.manifest.tensors = {{"w", DType::kF32, {3, 4}, Stored{0}, {}}};
  const auto identity = [](Model model) {
    const std::vector<std::byte> file = testing::file_of(std::move(model));
    return testing::open(file)->manifest().weights_identity;
  };
  EXPECT_EQ(identity(product_model(true)), identity(std::move(dense)));
  EXPECT_NE(identity(product_model(true)), identity(product_model(false)));
}

TEST(Family, RefusesProductsThatDoNotFit) {
  const auto rule = [](auto change) {
    Model model = product_model(true);
    change(model.manifest);
    const Result<std::vector<std::byte>> file = serialize(std::move(model));
    return file.ok() ? std::string() : std::string(file.status().rule());
  };
  EXPECT_EQ(rule([](Manifest& m) { m.tensors[2].shape = {4, 3}; }), "tensor.product");
  EXPECT_EQ(rule([](Manifest& m) { m.tensors[2].source = Product{1, 0, 1, {}}; }), "tensor.product");
  EXPECT_EQ(rule([](Manifest& m) { m.tensors[2].source = Product{2, 1, 1, {}}; }), "tensor.product");
  EXPECT_EQ(rule([](Manifest& m) { m.tensors[2].source = Product{9, 1, 1, {}}; }), "tensor.product");
  EXPECT_EQ(rule([](Manifest& m) { m.tensors[2].source = Product{0, 1, NAN, {}}; }), "tensor.product");
  EXPECT_EQ(rule([](Manifest& m) { m.tensors.pop_back(); }), "tensor.factor");
}

TEST(Family, ProductRefusesAFactorThatIsNotFinite) {
  Model model = product_model(true);
  model.segments[0] = bytes_of({1, 2, 3, INFINITY, 5, 6});
  const Result<std::vector<std::byte>> file = serialize(std::move(model));
  EXPECT_EQ(file.status().rule(), "tensor.factor_value");
}

struct Based {
  Model model = linear_model(AlphaType::kF32, bytes_of({1, 2, 3, 4}), 1);
  MemoryBase base;

  Based() {
    const std::vector<std::byte> bytes = bytes_of({1, 2, 3, 4, 5, 6}, DType::kF16);
    MemoryBase::Held& held = base.tensors["w"];
    held.entry.dtype = DType::kF16;
    held.entry.shape = {2, 3};
    held.bytes = bytes;
    model.manifest.bases = {{"someone/model", {}}};
    BaseTheta0 theta0;
    theta0.dtype = DType::kF16;
    theta0.digest = digest_of(bytes);
    model.manifest.tensors[0].source = Generated{0, 0, theta0};
  }
};

TEST(Family, BaseModelIsWhereWeightsStart) {
  Based based;
  WriteOptions options;
  options.bases = {&based.base};
  const std::vector<std::byte> file = testing::file_of(based.model, options);
  const std::vector<float> change =
      floats_of(testing::decode(testing::file_of(linear_model(AlphaType::kF32, bytes_of({1, 2, 3, 4}), 1)), "w"));

  Result<Reader> reader = testing::open(file);
  Result<Decoder> decoder = Decoder::create(*reader);
  EXPECT_EQ(decoder->verify().code(), ErrorCode::kBase);
  ASSERT_TRUE(decoder->set_base(0, based.base).ok());
  EXPECT_TRUE(decoder->verify().ok());
  std::vector<std::byte> bytes(24);
  ASSERT_TRUE(decoder->decode_range(0, 0, 6, bytes).ok());
  for (std::size_t j = 0; j < 6; ++j) EXPECT_EQ(floats_of(bytes)[j], static_cast<float>(j + 1) + change[j]);
  EXPECT_EQ(decoder->set_base(1, based.base).code(), ErrorCode::kArgument);

  MemoryBase other;  // what was kept for the next range is not of this one
  ASSERT_TRUE(decoder->set_base(0, other).ok());
  EXPECT_FALSE(decoder->decode_range(0, 0, 6, bytes).ok());
}

TEST(Family, AnotherBaseIsRefusedNamingTheTensor) {
  const Based right;
  const auto status = [&](auto change) {
    Based based;
    WriteOptions options;
    options.bases = {&based.base};
    const std::vector<std::byte> file = testing::file_of(right.model, options);
    change(based.base);
    Result<Reader> reader = testing::open(file);
    Result<Decoder> decoder = Decoder::create(*reader);
    EXPECT_TRUE(decoder->set_base(0, based.base).ok());
    return decoder->verify();
  };
  const auto refused = [](const Status& s) {
    return s.code() == ErrorCode::kBase && s.message().find(" w") != std::string::npos;
  };
  EXPECT_TRUE(status([](MemoryBase&) {}).ok());
  EXPECT_TRUE(refused(status([](MemoryBase& b) { b.tensors["w"].bytes[3] ^= std::byte{1}; })));
  EXPECT_TRUE(refused(status([](MemoryBase& b) { b.tensors["w"].entry.dtype = DType::kBf16; })));
  EXPECT_TRUE(refused(status([](MemoryBase& b) { b.tensors["w"].entry.shape = {3, 2}; })));
  EXPECT_TRUE(refused(status([](MemoryBase& b) { b.tensors.clear(); })));
}

}  // namespace
}  // namespace mcnc
