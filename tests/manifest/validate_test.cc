// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Each rule of validate_*.cc, broken by one change to a manifest that keeps all of them, is the one that is named.
// Whole files that break them are those of conformance/vectors; here a rule that is lost or misnamed is found in a
// second.

#include "manifest/validate.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/models.h"
#include "support/status.h"

namespace mcnc {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class Validate : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::vector<std::byte> file = testing::file_of(testing::rich_model());
    const Result<Reader> reader = testing::open(file);
    ASSERT_OK(reader);
    manifest_ = reader->manifest();
    manifest_end_ = 64 + reader->manifest_length();
    file_length_ = file.size();
    ASSERT_OK(validate(manifest_, manifest_end_, file_length_));
  }

  // The rule that a manifest breaks once `change` has been at it; "" where it keeps all.
  template <typename Change>
  std::string after(Change change) const {
    Manifest changed = manifest_;
    change(changed);
    const Status status = validate(changed, manifest_end_, file_length_);
    EXPECT_EQ(status.ok(), status.message().empty());
    return std::string(status.rule());
  }

  static Tensor& tensor(Manifest& m, std::string_view name) {
    for (Tensor& t : m.tensors) {
      if (t.name == name) return t;
    }
    ADD_FAILURE() << "no tensor " << name;
    return m.tensors.front();
  }
  static Generated& generated(Manifest& m, std::string_view name) {
    return std::get<Generated>(tensor(m, name).source);
  }

  Manifest manifest_;
  std::uint64_t manifest_end_ = 0;
  std::uint64_t file_length_ = 0;
};

TEST_F(Validate, Segments) {
  EXPECT_EQ(after([](Manifest& m) { m.segments[1].offset += 64; }), "segment.offset");
  EXPECT_EQ(after([](Manifest& m) { m.segments.back().stored_length += 1; }), "segment.offset");
  EXPECT_EQ(after([](Manifest& m) { m.segments.back().stored_length -= 1; }), "segment.end");
  EXPECT_EQ(after([](Manifest& m) { m.segments[0].decoded_length = 0; }), "segment.length");
  EXPECT_EQ(after([](Manifest& m) { std::swap(m.codes[0].alpha_segment, *m.codes[0].beta_segment); }),
            "segment.reference");
  EXPECT_EQ(after([](Manifest& m) { tensor(m, "stored.i64").shape = {2, 4}; }), "segment.size");
}

TEST_F(Validate, Generators) {
  EXPECT_EQ(after([](Manifest& m) { m.generators[0].layers.clear(); }), "generator.layers");
  EXPECT_EQ(after([](Manifest& m) { m.generators[0].layers.resize(17, m.generators[0].layers[0]); }),
            "generator.layers");
  EXPECT_EQ(after([](Manifest& m) { m.generators[0].code_dim = 0; }), "generator.width");
  EXPECT_EQ(after([](Manifest& m) { m.generators[1].layers[0].width = (1U << 28) + 1; }), "generator.width");
  EXPECT_EQ(after([](Manifest& m) { m.generators[1].layers[0].activation = Activation::kIdentity; }),
            "generator.activation");
  EXPECT_EQ(after([](Manifest& m) { m.generators[0].layers[0].frequency = 0; }), "generator.frequency");
  EXPECT_EQ(after([](Manifest& m) { m.generators[1].layers[1].frequency = 1; }), "generator.frequency");
  EXPECT_EQ(after([](Manifest& m) { m.generators[0].layers[0].turns = 1; }), "generator.float");
  EXPECT_EQ(after([](Manifest& m) { m.generators[0].unit_norm = true; }), "generator.float");
  const auto as_floats = [](Manifest& m) {
    m.generators[0].arithmetic = Arithmetic::kFloat32;
    m.generators[0].layers[0] = {.width = 37, .turns = 1, .weights_scale = 1};
  };
  EXPECT_EQ(after([&](Manifest& m) {
              as_floats(m);
              m.generators[0].layers[0].weights_scale = kNan;
            }),
            "generator.float");
  EXPECT_EQ(after([&](Manifest& m) {
              as_floats(m);
              m.generators[0].code_dim = (1U << 20) + 1;
            }),
            "generator.inputs");
  EXPECT_EQ(after([](Manifest& m) {
              m.generators[1].layers.erase(m.generators[1].layers.begin());
              m.generators[1].code_dim = 512;  // 512 * 128 * 32768 is 2^31, for int16 alphas
            }),
            "generator.bound");
  EXPECT_EQ(after([](Manifest& m) { m.generators.push_back(m.generators[0]); }), "generator.use");
}

TEST_F(Validate, Codes) {
  EXPECT_EQ(after([](Manifest& m) { m.codes[0].generator = 2; }), "codes.generator");
  EXPECT_EQ(after([](Manifest& m) { m.codes[0].chunks = 0; }), "codes.count");
  EXPECT_EQ(after([](Manifest& m) { m.codes[0].codes_per_chunk = 65537; }), "codes.count");
  EXPECT_EQ(after([](Manifest& m) { m.codes[0].chunks = std::uint64_t{1} << 47; }), "codes.count");
  EXPECT_EQ(after([](Manifest& m) { m.codes[0].alpha_type = AlphaType::kF32; }), "codes.alpha_type");
  EXPECT_EQ(after([](Manifest& m) { m.codes[0].alpha_scale = 2; }), "codes.alpha_type");
  EXPECT_EQ(after([](Manifest& m) { m.codes[0].beta_exponent = 64; }), "codes.exponent");
  EXPECT_EQ(after([](Manifest& m) { m.codes[0].beta_exponent = -65; }), "codes.exponent");
  EXPECT_EQ(after([](Manifest& m) { m.codes[0].beta = 1; }), "codes.beta");  // beside a segment
  EXPECT_EQ(after([](Manifest& m) { m.codes[2].beta = kNan; }), "codes.beta");
  EXPECT_EQ(after([](Manifest& m) { generated(m, "flat.c").first_element += 1; }), "codes.coverage");  // a gap
  EXPECT_EQ(after([](Manifest& m) { generated(m, "flat.c").first_element -= 1; }), "codes.coverage");  // taken twice
  EXPECT_EQ(after([](Manifest& m) { m.codes[0].chunks += 1; }), "codes.coverage");                     // not taken
}

TEST_F(Validate, Tensors) {
  EXPECT_EQ(after([](Manifest& m) { m.tensors[0].name = "a/../b"; }), "tensor.name");
  EXPECT_EQ(after([](Manifest& m) { m.tensors[1].name = m.tensors[0].name; }), "tensor.order");
  EXPECT_EQ(after([](Manifest& m) { tensor(m, "stored.scalar").shape.assign(17, 1); }), "tensor.shape");
  EXPECT_EQ(after([](Manifest& m) {
              tensor(m, "stored.empty").shape = {std::uint64_t{1} << 30, 0, std::uint64_t{1} << 30};
            }),
            "tensor.shape");
  EXPECT_EQ(after([](Manifest& m) { tensor(m, "scaled").dtype = DType::kI16; }), "tensor.generated");
  EXPECT_EQ(after([](Manifest& m) { generated(m, "scaled").codes = 4; }), "tensor.generated");
  EXPECT_EQ(after([](Manifest& m) { generated(m, "scaled").slices = 0; }), "tensor.slices");
  EXPECT_EQ(after([](Manifest& m) { generated(m, "scaled").slices = 2; }), "tensor.slices");  // 37 is odd
  EXPECT_EQ(after([](Manifest& m) { generated(m, "flat.b").slices = 2; }), "tensor.slices");  // not at a chunk
  EXPECT_EQ(after([](Manifest& m) { generated(m, "scaled").theta0 = Constant{kNan}; }), "tensor.theta0");
  EXPECT_EQ(after([](Manifest& m) { generated(m, "scaled").theta0 = Uniform{1, 1, 0}; }), "tensor.theta0");
  EXPECT_EQ(after([](Manifest& m) { generated(m, "scaled").theta0 = Uniform{99, 4, 1}; }), "tensor.stream");
  EXPECT_EQ(after([](Manifest& m) { tensor(m, "tied").shape = {9, 7}; }), "tensor.shared");
  EXPECT_EQ(after([](Manifest& m) { tensor(m, "tied").digest[0] ^= std::byte{1}; }), "tensor.shared");
  EXPECT_EQ(after([](Manifest& m) { tensor(m, "stored.large").factor = true; }), "tensor.factor");
  EXPECT_EQ(after([](Manifest& m) { tensor(m, "tied").source = Product{0, 0, 1, {}}; }), "tensor.product");
}

TEST_F(Validate, Bases) {
  const auto start_from = [](Manifest& m, std::uint32_t base, std::string name) {
    m.bases.push_back({"someone/model", {}});
    generated(m, "scaled").theta0 = BaseTheta0{base, std::move(name), DType::kF32, {}};
  };
  EXPECT_EQ(after([&](Manifest& m) { start_from(m, 1, ""); }), "base.index");
  EXPECT_EQ(after([&](Manifest& m) { start_from(m, 0, "/etc"); }), "base.name");
  EXPECT_EQ(after([&](Manifest& m) {
              start_from(m, 0, "");
              m.bases[0].name.clear();
            }),
            "base.name");
  EXPECT_EQ(after([](Manifest& m) { m.bases.push_back({"someone/model", {}}); }), "base.use");
}

TEST_F(Validate, Metadata) {
  EXPECT_EQ(after([](Manifest& m) { m.metadata[0].key = "General.Name"; }), "metadata.key");
  EXPECT_EQ(after([](Manifest& m) { std::swap(m.metadata[0], m.metadata[1]); }), "metadata.order");
  EXPECT_EQ(after([](Manifest& m) { m.metadata[0].value = std::string(65537, 'x'); }), "metadata.text");
  EXPECT_EQ(after([](Manifest& m) { m.metadata[0].value = std::string("\xff"); }), "metadata.text");
  EXPECT_EQ(after([](Manifest& m) { m.metadata[0].value = std::numeric_limits<double>::infinity(); }), "metadata.real");
}

TEST_F(Validate, WhatFollowsFromTheRest) {
  EXPECT_EQ(after([](Manifest& m) { ++m.budget.multiply_adds; }), "budget.exact");
  EXPECT_EQ(after([](Manifest& m) { m.weights_identity[0] ^= std::byte{1}; }), "manifest.identity");
  EXPECT_EQ(after([](Manifest& m) { m.metadata.clear(); }), "");
}

}  // namespace
}  // namespace mcnc
