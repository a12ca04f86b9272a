// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "train/mlp.h"

#include <Eigen/Core>
#include <algorithm>
#include <numeric>
#include <utility>

namespace mcnc::tools {
namespace {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Matrix = Eigen::Map<RowMatrix>;
using ConstMatrix = Eigen::Map<const RowMatrix>;
using ConstRow = Eigen::Map<const Eigen::RowVectorXf>;

// Images that go forward together, and outputs whose weight gradients are made together: the pieces of parallel work.
constexpr std::size_t kRowsPerPiece = 64;
constexpr std::size_t kOutputsPerPiece = 64;
// Bounds the memory of activations.
constexpr std::size_t kEvaluationBatch = 2048;

Eigen::Index index(std::size_t i) noexcept { return static_cast<Eigen::Index>(i); }

std::size_t pieces(std::size_t size, std::size_t piece) noexcept { return (size + piece - 1) / piece; }

// Turns logits, (rows, classes), into the gradient of the cross entropy with respect to them, times `scale`.
Mlp::Loss softmax_cross_entropy(Matrix logits, const LabelledImages& images, std::span<const std::uint32_t> rows,
                                float scale) {
  Mlp::Loss loss;
  const Eigen::VectorXf largest = logits.rowwise().maxCoeff();
  logits.colwise() -= largest;
  Eigen::VectorXf label_logits(logits.rows());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    Eigen::Index best = 0;
    logits.row(index(r)).maxCoeff(&best);
    const Eigen::Index label = images.labels[rows[r]];
    loss.correct += best == label ? 1 : 0;
    label_logits[index(r)] = logits(index(r), label);
  }
  logits = logits.array().exp();
  const Eigen::VectorXf sums = logits.rowwise().sum();
  loss.sum = (sums.array().log() - label_logits.array()).cast<double>().sum();
  logits.array().colwise() /= sums.array();
  for (std::size_t r = 0; r < rows.size(); ++r) logits(index(r), images.labels[rows[r]]) -= 1;
  logits *= scale;
  return loss;
}

}  // namespace

std::size_t MlpShape::parameters() const noexcept {
  std::size_t sum = 0;
  for (std::size_t l = 0; l < layers(); ++l) sum += (std::size_t{widths[l]} + 1) * widths[l + 1];
  return sum;
}

std::vector<MlpTensor> mlp_tensors(const MlpShape& shape) {
  std::vector<MlpTensor> tensors;
  std::size_t offset = 0;
  for (std::size_t l = 0; l < shape.layers(); ++l) {
    const std::uint32_t in = shape.widths[l];
    const std::uint32_t out = shape.widths[l + 1];
    const std::string layer = "fc" + std::to_string(l + 1);
    const std::size_t weights = std::size_t{in} * out;
    tensors.push_back({layer + ".weight", {out, in}, in, offset, weights});
    tensors.push_back({layer + ".bias", {out}, in, offset + weights, out});
    offset += weights + out;
  }
  return tensors;
}

Mlp::Mlp(MlpShape shape, std::size_t threads)
    : shape_(std::move(shape)), tensors_(mlp_tensors(shape_)), pool_(threads) {
  inputs_.resize(shape_.layers());
  deltas_.resize(shape_.layers());
  // The order of additions in a product depends on its blocks, and those on the caches Eigen believes in.
  Eigen::setCpuCacheSizes(32 << 10, 1 << 20, 4 << 20);
}

void Mlp::resize(std::size_t rows) {
  for (std::size_t l = 0; l < shape_.layers(); ++l) {
    inputs_[l].resize(rows * shape_.widths[l]);
    deltas_[l].resize(rows * shape_.widths[l + 1]);
  }
}

void Mlp::forward(std::span<const float> parameters, const LabelledImages& images, std::span<const std::uint32_t> rows,
                  std::size_t first) {
  float* x = inputs_[0].data() + first * images.pixels;
  for (const std::uint32_t row : rows) {
    const std::uint8_t* image = images.images.data() + row * images.pixels;
    for (std::size_t p = 0; p < images.pixels; ++p) *x++ = static_cast<float>(image[p]) * kPixelScale - kPixelMean;
  }
  for (std::size_t l = 0; l < shape_.layers(); ++l) {
    const std::size_t in = shape_.widths[l];
    const std::size_t out = shape_.widths[l + 1];
    const ConstMatrix w(parameters.data() + tensors_[2 * l].offset, index(out), index(in));
    const ConstRow b(parameters.data() + tensors_[2 * l + 1].offset, index(out));
    const ConstMatrix inputs(inputs_[l].data() + first * in, index(rows.size()), index(in));
    const bool last = l + 1 == shape_.layers();
    Matrix outputs((last ? deltas_[l] : inputs_[l + 1]).data() + first * out, index(rows.size()), index(out));
    outputs.noalias() = inputs * w.transpose();
    outputs.rowwise() += b;
    if (!last) outputs = outputs.cwiseMax(0.0F);
  }
}

void Mlp::backward(std::span<const float> parameters, std::size_t first, std::size_t count) {
  for (std::size_t l = shape_.layers() - 1; l > 0; --l) {
    const std::size_t in = shape_.widths[l];
    const std::size_t out = shape_.widths[l + 1];
    const ConstMatrix w(parameters.data() + tensors_[2 * l].offset, index(out), index(in));
    const ConstMatrix delta(deltas_[l].data() + first * out, index(count), index(out));
    const ConstMatrix activations(inputs_[l].data() + first * in, index(count), index(in));
    Matrix below(deltas_[l - 1].data() + first * in, index(count), index(in));
    below.noalias() = delta * w;
    below.array() *= (activations.array() > 0.0F).cast<float>();
  }
}

Mlp::Loss Mlp::gradient(std::span<const float> parameters, const LabelledImages& images,
                        std::span<const std::uint32_t> rows, std::span<float> gradient) {
  const std::size_t batch = rows.size();
  const std::size_t classes = shape_.widths.back();
  resize(batch);
  std::vector<Loss> losses(pieces(batch, kRowsPerPiece));
  pool_.run(losses.size(), [&](std::size_t piece) {
    const std::size_t first = piece * kRowsPerPiece;
    const std::size_t count = std::min(kRowsPerPiece, batch - first);
    forward(parameters, images, rows.subspan(first, count), first);
    const Matrix logits(deltas_.back().data() + first * classes, index(count), index(classes));
    losses[piece] = softmax_cross_entropy(logits, images, rows.subspan(first, count), 1.0F / static_cast<float>(batch));
    backward(parameters, first, count);
  });

  std::vector<std::pair<std::size_t, std::size_t>> blocks;  // (layer, first output)
  for (std::size_t l = 0; l < shape_.layers(); ++l) {
    for (std::size_t o = 0; o < shape_.widths[l + 1]; o += kOutputsPerPiece) blocks.emplace_back(l, o);
  }
  pool_.run(blocks.size(), [&](std::size_t block) {
    const auto [l, first] = blocks[block];
    const std::size_t in = shape_.widths[l];
    const std::size_t out = shape_.widths[l + 1];
    const std::size_t count = std::min(kOutputsPerPiece, out - first);
    const ConstMatrix inputs(inputs_[l].data(), index(batch), index(in));
    const ConstMatrix deltas(deltas_[l].data(), index(batch), index(out));
    const auto columns = deltas.middleCols(index(first), index(count));
    Matrix(gradient.data() + tensors_[2 * l].offset + first * in, index(count), index(in)).noalias() =
        columns.transpose() * inputs;
    Eigen::Map<Eigen::RowVectorXf>(gradient.data() + tensors_[2 * l + 1].offset + first, index(count)) =
        columns.colwise().sum();
  });

  return std::accumulate(losses.begin(), losses.end(), Loss{});
}

Mlp::Loss Mlp::evaluate(std::span<const float> parameters, const LabelledImages& images) {
  const std::size_t classes = shape_.widths.back();
  std::vector<std::uint32_t> all(images.count());
  std::iota(all.begin(), all.end(), 0U);
  Loss total;
  for (std::size_t start = 0; start < all.size(); start += kEvaluationBatch) {
    const auto rows =
        std::span<const std::uint32_t>(all).subspan(start, std::min(kEvaluationBatch, all.size() - start));
    resize(rows.size());
    std::vector<Loss> losses(pieces(rows.size(), kRowsPerPiece));
    pool_.run(losses.size(), [&](std::size_t piece) {
      const std::size_t first = piece * kRowsPerPiece;
      const auto part = rows.subspan(first, std::min(kRowsPerPiece, rows.size() - first));
      forward(parameters, images, part, first);
      const Matrix logits(deltas_.back().data() + first * classes, index(part.size()), index(classes));
      losses[piece] = softmax_cross_entropy(logits, images, part, 1);
    });
    total = std::accumulate(losses.begin(), losses.end(), total);
  }
  return total;
}

}  // namespace mcnc::tools
