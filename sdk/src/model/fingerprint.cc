// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "model/fingerprint.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <span>
#include <vector>

#include "arithmetic/activation.h"
#include "arithmetic/unit_norm.h"
#include "kernels/scalar.h"
#include "kernels/scalar_integer.h"
#include "mcnc/little_endian.h"
#include "util/ceil_div.h"
#include "util/run_pieces.h"
#include "util/sha256.h"

namespace mcnc {
namespace {

// The outputs of all probes by windows of `window` outputs. make(first, n, y): outputs [first, first + n) of probe t to
// y[t]; pieces of `piece` outputs, a multiple of kBlock, are made side by side. finish(y, n): what is then done with
// the n outputs that the rows of a window have.
template <typename Number, typename Make, typename Finish>
Result<Digest> hash_outputs(std::size_t outputs, std::size_t window, std::size_t piece, ParallelRunner& runner,
                            const Make& make, const Finish& finish) {
  window = std::min(window, outputs);
  RowBuffer<Number> y;
  y.resize(kProbes, whole_blocks(window));
  constexpr std::size_t kOutputs = 256;  // hashed at a time
  std::array<std::byte, kOutputs * kProbes * sizeof(std::uint32_t)> bytes;
  Sha256 hash;
  for (std::size_t first = 0; first < outputs; first += window) {
    const std::size_t n = std::min(window, outputs - first);
    const Status status = run_pieces(runner, ceil_div(n, piece), [&](std::size_t i) -> Status {
      const std::size_t from = i * piece;
      make(first + from, std::min(piece, n - from), Rows<Number>{y.data.data() + from, y.stride, kProbes});
      return {};
    });
    if (!status.ok()) return status;
    finish(y, n);
    // In this order: output 0 of all probes, then output 1 of all probes, and so on.
    for (std::size_t j = 0; j < n;) {
      std::byte* at = bytes.data();
      for (const std::size_t end = std::min(n, j + kOutputs); j < end; ++j) {
        for (std::uint32_t t = 0; t < kProbes; ++t, at += sizeof(std::uint32_t)) {
          store_le(at, std::bit_cast<std::uint32_t>(y.row(t)[j]));
        }
      }
      hash.update(std::span(bytes).first(static_cast<std::size_t>(at - bytes.data())));
    }
  }
  return hash.finish();
}

}  // namespace

Result<Digest> fingerprint(const ExpandedGenerator& generator, std::uint64_t seed, ParallelRunner& runner) {
  const PackedInteger phi(kScalarKernels, generator, false);
  const IntegerLayer& last = phi.layers.back();
  const Probes probe(seed, generator.code_dim());
  RowBuffer<std::byte> x;
  x.resize(kProbes, phi.code_stride());
  std::vector<std::int32_t> alpha(generator.code_dim());
  for (std::uint32_t t = 0; t < kProbes; ++t) {
    for (std::size_t i = 0; i < alpha.size(); ++i) alpha[i] = probe(t, i);
    phi.set_code(alpha, x.row(t));
  }
  std::array<RowBuffer<std::byte>, 2> hidden;
  const Rows<const std::byte> inputs = phi.run_hidden(x, hidden).rows();

  constexpr std::size_t kPiece = 4096;
  const auto make = [&](std::size_t first, std::size_t n, Rows<std::int32_t> y) {
    for (std::size_t j = 0; j < n; j += kBlock) {
      for (std::uint32_t t = 0; t < kProbes; ++t) {
        const scalar::BlockSums sums = scalar::integer_sums(last, (first + j) / kBlock, inputs[t]);
        std::ranges::transform(sums, y[t] + j,
                               [&](std::uint32_t acc) { return activate(last.activation, last.frequency, acc); });
      }
    }
  };
  return hash_outputs<std::int32_t>(last.width, 2 * runner.threads() * kPiece, kPiece, runner, make,
                                    [](RowBuffer<std::int32_t>&, std::size_t) {});
}

Result<Digest> fingerprint(const PackedFloat& generator, std::uint64_t seed, ParallelRunner& runner) {
  const FloatLayer& last = generator.layers.back();
  const std::size_t code_dim = generator.layers.front().n_in;
  const Probes probe(seed, code_dim);
  RowBuffer<float> x;
  x.resize(kProbes, generator.code_stride());
  for (std::uint32_t t = 0; t < kProbes; ++t) {
    for (std::size_t i = 0; i < code_dim; ++i) x.row(t)[i] = static_cast<float>(probe(t, i)) * 0x1p-6F;
  }
  std::array<RowBuffer<float>, 2> hidden;
  const RowBuffer<float>& inputs = generator.run_hidden(x, hidden);

  constexpr std::size_t kPiece = 8 * kDrawnColumns;
  const std::size_t window = generator.unit_norm ? last.width : 2 * runner.threads() * kPiece;
  const auto make = [&](std::size_t first, std::size_t n, Rows<float> y) {
    generator.kernels->float_layer(last, inputs.rows(), first, n, y.data, y.stride);
  };
  return hash_outputs<float>(last.width, window, kPiece, runner, make, [&](RowBuffer<float>& y, std::size_t n) {
    for (std::uint32_t t = 0; generator.unit_norm && t < kProbes; ++t) normalize({y.row(t), n});
  });
}

}  // namespace mcnc
