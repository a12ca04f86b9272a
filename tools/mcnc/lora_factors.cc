// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "lora_factors.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/interruptible_sink.h"
#include "mcnc/boundary.h"
#include "mcnc/checked_math.h"
#include "mcnc/convert.h"
#include "mcnc/ranges.h"
#include "mcnc/sink.h"
#include "non_finite.h"

namespace mcnc::tools {
namespace {

class CollectingSink final : public Sink {
 public:
  explicit CollectingSink(std::vector<std::byte>& bytes) noexcept : bytes_(bytes) {}
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte> bytes) noexcept override {
    return boundary([&]() -> Status {
      bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
      return {};
    });
  }

 private:
  std::vector<std::byte>& bytes_;
};

// (columns, rows) of (rows, columns).
std::vector<float> transposed(const std::vector<float>& matrix, std::size_t rows, std::size_t columns) {
  std::vector<float> turned(matrix.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) turned[c * rows + r] = matrix[r * columns + c];
  }
  return turned;
}

}  // namespace

// Decodes it once for its digest, which covers all slices: they are needed far apart, and all are too much to keep.
Status FactorReader::check_stack(std::size_t index) {
  if (!checked_.insert(index).second) return {};
  InterruptibleSink sink;
  return decoder_.decode(index, sink);
}

Result<std::vector<float>> FactorReader::read(std::size_t index, const AdaptedModule& module) {
  const Tensor& tensor = manifest_.tensors[index];
  const std::uint64_t elements = tensor.elements() / module.slices;
  std::vector<std::byte> bytes;
  if (module.slices == 1) {
    bytes.reserve(to_size(tensor.bytes()));
    CollectingSink sink(bytes);
    if (Status s = decoder_.decode(index, sink); !s.ok()) return s;
  } else {
    if (Status s = check_stack(index); !s.ok()) return s;
    bytes.resize(to_size(elements * size_of(tensor.dtype)));
    if (Status s = decoder_.decode_range(index, module.slice * elements, elements, bytes); !s.ok()) return s;
  }
  std::vector<float> values(to_size(elements));
  widen(bytes, tensor.dtype, values);
  const auto is_allowed = [](float value) { return std::fabs(value) <= kMaxFactor; };
  if (module.is_product && !std::ranges::all_of(values, is_allowed)) {
    return Status(ErrorCode::kValue, "tensor.factor_value",
                  "factor " + tensor.name + " is not finite or larger than 2^40");
  }
  if (!allow_non_finite_) {
    NonFinite found;
    found.add(tensor.name, tensor.dtype, count_non_finite(bytes, tensor.dtype));
    if (Status s = found.status("the adapter's "); !s.ok()) return s;
  }
  return values;
}

Result<LoraDelta> LoraDelta::load(const LoraChange& change, FactorReader& factors) {
  const AdaptedModule& module = change.module;
  // PEFT keeps the scale as a Python float, and PyTorch makes it a float32 to multiply a float32 tensor.
  const auto scale = static_cast<float>(module.scale);
  const auto made = [&](std::vector<float> b, std::span<const float> a, std::uint64_t rank) -> Result<LoraDelta> {
    Result<ScaledProduct> product = ScaledProduct::create(std::move(b), a, rank, scale);
    if (!product.ok()) return product.status();
    return LoraDelta(*std::move(product), module.kind == LoraKind::kEmbedding && !change.is_bias);
  };
  if (change.is_bias) {
    Result<std::vector<float>> bias = factors.read(*module.bias, module);
    if (!bias.ok()) return bias.status();
    return made(*std::move(bias), std::vector<float>{1}, 1);
  }
  Result<std::vector<float>> b = factors.read(module.b, module);  // (rows, rank)
  if (!b.ok()) return b.status();
  Result<std::vector<float>> a = factors.read(module.a, module);  // (rank, columns)
  if (!a.ok()) return a.status();
  if (!change.is_transposed) return made(*std::move(b), *a, module.rank);
  const std::size_t rank = to_size(module.rank);
  return made(transposed(*a, rank, to_size(module.columns)), transposed(*b, to_size(module.rows), rank), rank);
}

// The order of roundings is that of PEFT 0.21, which keeps factors as float32 whatever the base is: the sum over the
// rank, times the scale, then added to the weight, each a float32, and the sum rounded to the weight's type by the
// caller. Of embeddings the product is rounded to that type before it is added. Sums over the rank are one chain of
// fused multiply-adds here, as in products of the format; PyTorch's matrix product may add in another order, so that
// results agree bit for bit where these sums are exact and otherwise to a rounding of float32.
Status LoraDelta::add(std::uint64_t first, DType dtype, std::span<float> w) const {
  if (!is_rounded_first_ || dtype == DType::kF32) return product_.add(first, w);
  std::vector<float> change(w.size());
  if (Status s = product_.add(first, change); !s.ok()) return s;
  std::vector<std::byte> rounded(w.size() * size_of(dtype));
  narrow(change, dtype, rounded);
  widen(rounded, dtype, change);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] += change[i];
  return {};
}

}  // namespace mcnc::tools
