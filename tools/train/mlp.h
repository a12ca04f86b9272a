// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A multi-layer perceptron: ReLU between layers, softmax cross entropy after the last. Its results do not depend on the
// number of threads or on the machine's caches: the work is cut into fixed pieces, each by one thread.
#ifndef MCNC_TOOLS_TRAIN_MLP_H_
#define MCNC_TOOLS_TRAIN_MLP_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mcnc/thread_pool.h"
#include "train/idx.h"

namespace mcnc::tools {

// What a pixel, 0 to 255, is as an input. The same for every data set, so that a file of weights alone can be
// evaluated.
inline constexpr float kPixelScale = 1.0F / 128;
inline constexpr float kPixelMean = 0.5F;
inline constexpr char kInputText[] = "pixel / 128 - 0.5";

// Of a layer.
inline constexpr std::uint32_t kLargestWidth = 65536;

struct MlpShape {
  std::vector<std::uint32_t> widths;  // inputs, hidden layers, classes

  std::size_t layers() const noexcept { return widths.size() - 1; }
  std::size_t parameters() const noexcept;
};

// One parameter tensor; the parameters are all of them, one after the other: fc1.weight, fc1.bias, fc2.weight, ...
struct MlpTensor {
  std::string name;
  std::vector<std::uint64_t> shape;  // weight: (out, in), bias: (out)
  std::uint32_t inputs = 0;          // of its layer
  std::size_t offset = 0;            // among the parameters
  std::size_t count = 0;
};
std::vector<MlpTensor> mlp_tensors(const MlpShape& shape);

class Mlp {
 public:
  Mlp(MlpShape shape, std::size_t threads);

  const MlpShape& shape() const noexcept { return shape_; }

  struct Loss {
    double sum = 0;           // of the cross entropies
    std::size_t correct = 0;  // images whose largest output is their label

    friend Loss operator+(const Loss& a, const Loss& b) noexcept { return {a.sum + b.sum, a.correct + b.correct}; }
  };

  // The loss over the images `rows` names, and the gradient of its mean. Sizes of parameters and gradient:
  // shape.parameters().
  Loss gradient(std::span<const float> parameters, const LabelledImages& images, std::span<const std::uint32_t> rows,
                std::span<float> gradient);

  // The loss over all images.
  Loss evaluate(std::span<const float> parameters, const LabelledImages& images);

 private:
  void forward(std::span<const float> parameters, const LabelledImages& images, std::span<const std::uint32_t> rows,
               std::size_t first);
  void backward(std::span<const float> parameters, std::size_t first, std::size_t count);
  void resize(std::size_t rows);

  MlpShape shape_;
  std::vector<MlpTensor> tensors_;
  ThreadPool pool_;
  std::vector<std::vector<float>> inputs_;  // of each layer, (rows, in)
  std::vector<std::vector<float>> deltas_;  // gradients with respect to each layer's outputs, (rows, out)
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_TRAIN_MLP_H_
