// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "train/mlp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include "arithmetic/philox.h"

namespace mcnc::tools {
namespace {

LabelledImages some_images(std::size_t count, std::size_t pixels, std::uint32_t classes) {
  const RandomStream stream(1, Domain::kProbe, 1);
  LabelledImages images;
  images.pixels = pixels;
  for (std::size_t i = 0; i < count * pixels; ++i) {
    images.images.push_back(static_cast<std::uint8_t>(stream.odd_int8(i) + 128));
  }
  for (std::size_t i = 0; i < count; ++i) images.labels.push_back(static_cast<std::uint8_t>(i * 7 % classes));
  return images;
}

std::vector<float> some_parameters(const MlpShape& shape) {
  const RandomStream stream(1, Domain::kProbe, 2);
  std::vector<float> parameters(shape.parameters());
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] = 0x1p-16F * stream.int16(i);
  return parameters;
}

std::vector<std::uint32_t> all_rows(const LabelledImages& images) {
  std::vector<std::uint32_t> rows(images.count());
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

TEST(Mlp, NamesItsTensorsInOrder) {
  const MlpShape shape{{784, 256, 256, 10}};
  EXPECT_EQ(shape.parameters(), 269'322U);
  const std::vector<MlpTensor> tensors = mlp_tensors(shape);
  ASSERT_EQ(tensors.size(), 6U);
  EXPECT_EQ(tensors[0].name, "fc1.weight");
  EXPECT_EQ(tensors[0].shape, (std::vector<std::uint64_t>{256, 784}));
  EXPECT_EQ(tensors[5].name, "fc3.bias");
  EXPECT_EQ(tensors[5].offset + tensors[5].count, shape.parameters());
}

TEST(Mlp, GradientIsThatOfTheLoss) {
  const MlpShape shape{{6, 5, 4, 3}};
  const LabelledImages images = some_images(70, 6, 3);
  const std::vector<std::uint32_t> rows = all_rows(images);
  Mlp mlp(shape, 1);
  std::vector<float> parameters = some_parameters(shape);
  std::vector<float> gradient(parameters.size());
  const Mlp::Loss loss = mlp.gradient(parameters, images, rows, gradient);
  EXPECT_NEAR(loss.sum, mlp.evaluate(parameters, images).sum, 1e-4);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    constexpr float kStep = 1e-2F;
    const float at = parameters[i];
    parameters[i] = at + kStep;
    const double up = mlp.evaluate(parameters, images).sum;
    parameters[i] = at - kStep;
    const double down = mlp.evaluate(parameters, images).sum;
    parameters[i] = at;
    EXPECT_NEAR(gradient[i], (up - down) / (2 * kStep) / 70, 2e-3) << i;
  }
}

TEST(Mlp, ThreadsDoNotMatter) {
  const MlpShape shape{{49, 130, 70, 10}};
  const LabelledImages images = some_images(200, 49, 10);
  const std::vector<std::uint32_t> rows = all_rows(images);
  const std::vector<float> parameters = some_parameters(shape);
  Mlp one(shape, 1);
  Mlp three(shape, 3);
  std::vector<float> a(parameters.size());
  std::vector<float> b(parameters.size());
  const Mlp::Loss loss = one.gradient(parameters, images, rows, a);
  EXPECT_EQ(loss.sum, three.gradient(parameters, images, rows, b).sum);
  EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0);
}

}  // namespace
}  // namespace mcnc::tools
