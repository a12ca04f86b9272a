// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The part of Parts that reads what tensors start from.

#include "tensors/theta0.h"

#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "manifest/references.h"
#include "mcnc/about.h"
#include "mcnc/checked_math.h"
#include "mcnc/convert.h"
#include "mcnc/ranges.h"
#include "model/parts.h"
#include "tensors/merkle.h"

namespace mcnc {
namespace {

// offset: of the segment that has it, or kNoOffset.
Status check_values(std::span<const std::byte> stored, DType dtype, std::uint64_t offset) {
  const std::size_t size = size_of(dtype);
  for (std::size_t at = 0; at < stored.size(); at += size) {
    float value = 0;
    widen(stored.subspan(at, size), dtype, std::span(&value, 1));
    if (!(std::fabs(value) <= kMaxTheta0)) {
      return {ErrorCode::kValue, "tensor.theta0",
              "theta0 is not finite or larger than 2^64 at element " + std::to_string(at / size), offset};
    }
  }
  return {};
}

std::string form_text(DType dtype, const std::vector<std::uint64_t>& shape) {
  std::string text(name(dtype));
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? " " : " x ") + std::to_string(shape[i]);
  return text;
}

// start: what the tensor `name` starts from, of the model `base`. The caller names the tensor that starts from it.
Status wrong_base(const std::string& name, const BaseTheta0& start, const Base& base, const std::string& why) {
  const std::string& there = start.tensor.empty() ? name : start.tensor;
  return {ErrorCode::kBase, "tensor.base", "it starts from tensor " + there + " of the base model " + base.name + why};
}

// What goes wrong within a base is not a fault of the file that starts from it: whatever a status says about a file
// (classes 1, 3 and 4), for the tensor here it is that its base is not there. Limits and the machine are no such thing.
Status in_base(const Status& status) {
  const int about = exit_code(status.code());
  if (status.code() == ErrorCode::kBase || (about != 1 && about != 3 && about != 4)) return status;
  return {ErrorCode::kBase, "tensor.base", "the base model cannot be read: " + status.to_string()};
}

// Reads what `tensor` starts from, of the model that is given for `described`, or nullptr, and holds it against what
// the file says of it.
Status read_base(const Tensor& tensor, const BaseTheta0& start, const Base& described, BaseModel* model,
                 std::vector<std::byte>& bytes) {
  if (model == nullptr) return wrong_base(tensor.name, start, described, ", which was not given");
  const std::string& name = start.tensor.empty() ? tensor.name : start.tensor;
  const Result<BaseModel::Entry> entry = model->find(name);
  if (!entry.ok()) return in_base(entry.status());
  if (entry->dtype != start.dtype || entry->shape != tensor.shape) {
    return wrong_base(tensor.name, start, described,
                      ", which is " + form_text(start.dtype, tensor.shape) + "; in the model given it is " +
                          form_text(entry->dtype, entry->shape));
  }
  bytes.resize(to_size(tensor.elements() * size_of(start.dtype)));
  if (Status s = model->read(name, bytes); !s.ok()) return in_base(s);
  MerkleTree digest;
  digest.update(bytes);
  if (digest.finish() == start.digest) return {};
  return wrong_base(tensor.name, start, described,
                    ", and in the model given it has other values: another version of that model, or changed");
}

}  // namespace

Result<std::vector<std::byte>> Parts::theta0(const Tensor& tensor) {
  const Theta0* theta0 = theta0_of(tensor);
  std::vector<std::byte> bytes;
  if (theta0 == nullptr) return bytes;
  std::uint64_t offset = Status::kNoOffset;
  if (const auto* stored = std::get_if<StoredTheta0>(theta0)) {
    Result<std::vector<std::byte>> segment = reader_->read_segment(stored->segment);
    if (!segment.ok()) return about("theta0", segment.status());
    bytes = *std::move(segment);
    offset = reader_->manifest().segments[stored->segment].offset;
  } else if (const auto* base = std::get_if<BaseTheta0>(theta0)) {
    if (Status s = read_base(tensor, *base, reader_->manifest().bases[base->base], bases_[base->base], bytes);
        !s.ok()) {
      return s;
    }
  }
  const std::optional<DType> dtype = kept_dtype(*theta0);
  if (Status s = dtype ? check_values(bytes, *dtype, offset) : Status(); !s.ok()) return s;
  return bytes;
}

}  // namespace mcnc
