// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "lora_factors.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "common/interruptible_sink.h"
#include "decoder/product_rows.h"
#include "decoder/write_rows.h"
#include "mcnc/checked_math.h"
#include "mcnc/ranges.h"
#include "mcnc/sink.h"
#include "non_finite.h"
#include "tensors/convert.h"
#include "util/boundary.h"

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
  LoraDelta delta;
  // PEFT keeps the scale as a Python float, and PyTorch makes it a float32 to multiply a float32 tensor.
  delta.scale_ = static_cast<float>(module.scale);
  if (change.is_bias) {
    Result<std::vector<float>> bias = factors.read(*module.bias, module);
    if (!bias.ok()) return bias.status();
    delta.b_ = *std::move(bias);
    delta.a_.emplace(default_kernels(), std::vector<float>{1}.data(), 1, 1);
    return delta;
  }
  Result<std::vector<float>> b = factors.read(module.b, module);  // (rows, rank)
  if (!b.ok()) return b.status();
  Result<std::vector<float>> a = factors.read(module.a, module);  // (rank, columns)
  if (!a.ok()) return a.status();
  const std::size_t rank = to_size(module.rank);
  const std::size_t rows = to_size(module.rows);
  const std::size_t columns = to_size(module.columns);
  delta.is_rounded_first_ = module.kind == LoraKind::kEmbedding;
  if (change.is_transposed) {
    delta.b_ = transposed(*a, rank, columns);
    delta.a_.emplace(default_kernels(), transposed(*b, rows, rank).data(), rank, rows);
  } else {
    delta.b_ = *std::move(b);
    delta.a_.emplace(default_kernels(), a->data(), rank, columns);
  }
  return delta;
}

// The order of roundings is that of PEFT 0.21, which keeps factors as float32 whatever the base is: the sum over the
// rank, times the scale, then added to the weight, each a float32, and the sum rounded to the weight's type by the
// caller. Of embeddings the product is rounded to that type before it is added. Sums over the rank are one chain of
// fused multiply-adds here, as in products of the format; PyTorch's matrix product may add in another order, so that
// results agree bit for bit where these sums are exact and otherwise to a rounding of float32.
void LoraDelta::add(std::uint64_t first, DType dtype, std::span<float> w) const {
  const std::unique_ptr<RowMaker> rows = make_product_rows(b_, *a_, scale_);
  if (!is_rounded_first_ || dtype == DType::kF32) return add_rows(*rows, first, w);
  std::vector<float> change(w.size());
  add_rows(*rows, first, change);
  std::vector<std::byte> rounded(w.size() * size_of(dtype));
  narrow(change, dtype, rounded);
  widen(rounded, dtype, change);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] += change[i];
}

}  // namespace mcnc::tools
