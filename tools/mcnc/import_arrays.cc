// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "import_arrays.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "common/code_types.h"
#include "common/report.h"
#include "common/suggest.h"
#include "describe.h"
#include "mcnc/boundary.h"
#include "mcnc/checked_math.h"
#include "mcnc/convert.h"
#include "mcnc/draft.h"
#include "mcnc/units.h"
#include "permute.h"

namespace mcnc::tools {
namespace {

// Of a shape that has been checked.
std::uint64_t product(const std::vector<std::uint64_t>& shape) {
  Checked elements = 1;
  for (const std::uint64_t dimension : shape) elements *= dimension;
  return elements.value();
}

// By pieces.
class ArrayInput final : public Input {
 public:
  explicit ArrayInput(Array array) : array_(std::move(array)) {}

  std::uint64_t size() const noexcept override { return array_.tensor->bytes; }
  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    return boundary([&]() -> Status { return array_.read(offset, out); });
  }

 private:
  Array array_;
};

// All bytes of a transposed array, in memory from the first that is asked for to the last.
class TransposedInput final : public Input {
 public:
  explicit TransposedInput(Array array) : array_(std::move(array)) {}

  std::uint64_t size() const noexcept override { return array_.tensor->bytes; }
  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    return boundary([&]() -> Status {
      if (bytes_.empty() && !out.empty()) {
        Result<std::vector<std::byte>> bytes = array_.bytes();
        if (!bytes.ok()) return bytes.status();
        bytes_ = *std::move(bytes);
      }
      std::ranges::copy(std::span(bytes_).subspan(static_cast<std::size_t>(offset), out.size()), out.begin());
      if (offset + out.size() == bytes_.size()) bytes_ = {};
      return {};
    });
  }

 private:
  Array array_;
  std::vector<std::byte> bytes_;
};

// Elements in another float type.
class NarrowedInput final : public Input {
 public:
  // wide: elements of type `from`.
  NarrowedInput(std::shared_ptr<Input> wide, DType from, DType to) : wide_(std::move(wide)), from_(from), to_(to) {}

  std::uint64_t size() const noexcept override { return wide_->size() / size_of(from_) * size_of(to_); }
  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    return boundary([&]() -> Status {
      const std::uint64_t first = offset / size_of(to_);
      const std::uint64_t end = (offset + out.size() + size_of(to_) - 1) / size_of(to_);
      std::vector<std::byte> raw(static_cast<std::size_t>((end - first) * size_of(from_)));
      if (Status s = wide_->read_at(first * size_of(from_), raw); !s.ok()) return s;
      std::vector<float> values(static_cast<std::size_t>(end - first));
      widen(raw, from_, values);
      std::vector<std::byte> elements(values.size() * size_of(to_));
      narrow(values, to_, elements);
      const std::size_t skipped = static_cast<std::size_t>(offset - first * size_of(to_));
      std::ranges::copy(std::span(elements).subspan(skipped, out.size()), out.begin());
      return {};
    });
  }

 private:
  std::shared_ptr<Input> wide_;
  DType from_;
  DType to_;
};

// `array`, unless .mcnc files have no tensors of its type.
Result<Array> known(Array array) {
  if (array.tensor->dtype) return array;
  return Status(ErrorCode::kFeature, "",
                array.path + ": " + array.label + " is " + array.tensor->type_and_shape() +
                    ", and .mcnc files have no such type: convert it, or leave it out");
}

}  // namespace

Status at(const std::string& path, const Status& status) {
  return {status.code(), status.rule(), path + ": " + status.message(), status.offset()};
}

Status mistake(const std::string& path, const std::string& message) {
  return {ErrorCode::kArgument, "", path + ": " + message};
}

float largest_of(DType type) noexcept {
  constexpr float kLargestF16 = 65504;
  constexpr float kLargestBf16 = 0x1.FEp127F;
  return type == DType::kF16 ? kLargestF16 : type == DType::kBf16 ? kLargestBf16 : std::numeric_limits<float>::max();
}

std::string Array::description() const {
  return label + " is " + tensor->type_and_shape() + (is_turned ? ", turned into " + shape_text(turned) : "");
}

Status Array::refuse(const std::string& message) const { return mistake(path, description() + "; " + message); }

Status Array::read(std::uint64_t first, std::span<std::byte> out) const {
  const Status s = model->read(*tensor, first, out);
  return s.ok() ? s : at(path + ": " + label, s);
}

Result<std::vector<std::byte>> Array::bytes() const {
  std::vector<std::byte> bytes(to_size(tensor->bytes));
  if (Status s = read(0, bytes); !s.ok()) return s;
  if (order.empty()) return bytes;
  std::vector<std::byte> permuted(bytes.size());
  permute(bytes, tensor->shape, order, size_of(dtype()), permuted);
  return permuted;
}

Result<std::vector<float>> Array::numbers(float most, std::string_view rule) const {
  std::vector<float> values;
  const Status s = each_piece(
      most, rule, [&](std::span<const float> piece) { values.insert(values.end(), piece.begin(), piece.end()); });
  if (!s.ok()) return s;
  if (order.empty()) return values;
  std::vector<float> permuted(values.size());
  permute(std::as_bytes(std::span(values)), tensor->shape, order, sizeof(float),
          std::as_writable_bytes(std::span(permuted)));
  return permuted;
}

Status Array::check_numbers(float most, std::string_view rule) const {
  return each_piece(most, rule, [](std::span<const float>) {});
}

Status Array::each_piece(float most, std::string_view rule, const Visit& visit) const {
  const bool whole = dtype() == DType::kI8 || dtype() == DType::kI16;
  if (!whole && !is_float(dtype())) {
    return refuse("F32, F16, BF16, I8 or I16 is needed");
  }
  std::vector<std::byte> raw;
  std::vector<float> values;
  for (std::uint64_t done = 0; done < tensor->bytes; done += raw.size()) {
    raw.resize(static_cast<std::size_t>(std::min(kPieceBytes, tensor->bytes - done)));
    if (Status s = read(done, raw); !s.ok()) return s;
    if (whole) {
      values = numbers_of(raw, dtype() == DType::kI8 ? AlphaType::kInt8 : AlphaType::kInt16);
    } else {
      values.resize(raw.size() / size_of(dtype()));
      widen(raw, dtype(), values);
    }
    const auto wrong = std::ranges::find_if(values, [&](float value) { return !(std::fabs(value) <= most); });
    if (wrong != values.end()) {
      const std::uint64_t number = done / size_of(dtype()) + static_cast<std::uint64_t>(wrong - values.begin());
      return {ErrorCode::kValue, rule,
              path + ": " + label + ": number " + std::to_string(number) + " is " + text_of(*wrong) +
                  "; it must be finite and at most " + text_of(most) + " in magnitude"};
    }
    visit(values);
  }
  return {};
}

std::shared_ptr<Input> Array::input() const {
  if (order.empty()) return std::make_shared<ArrayInput>(*this);
  return std::make_shared<TransposedInput>(*this);
}

std::shared_ptr<Input> Array::input_as(DType type) const {
  if (type == dtype()) return input();
  return std::make_shared<NarrowedInput>(input(), dtype(), type);
}

Result<SafetensorsModel*> Arrays::open(const FileRef& file) {
  std::unique_ptr<SafetensorsModel>& slot = models_[file.file];
  if (slot) return slot.get();
  const std::string path = resolved(file.file).string();
  Result<SafetensorsModel> model = SafetensorsModel::open(path);
  if (!model.ok()) return at(file.path, in_file(path, model.status()));
  slot = std::make_unique<SafetensorsModel>(*std::move(model));
  return slot.get();
}

std::vector<std::string> Arrays::opened() const {
  std::vector<std::string> paths;
  for (const auto& [file, model] : models_) paths.push_back(resolved(file).string());
  return paths;
}

Status Arrays::search(const FileRef& file) {
  const Result<SafetensorsModel*> model = open(file);
  if (!model.ok()) return model.status();
  if (std::ranges::find(searched_, file.file) == searched_.end()) searched_.push_back(file.file);
  return {};
}

Result<std::vector<Array>> Arrays::all(const FileRef& file) {
  const Result<SafetensorsModel*> model = open(file);
  if (!model.ok()) return model.status();
  std::vector<Array> arrays;
  for (const SafetensorsTensor* tensor : (*model)->tensors()) {
    Result<Array> array = known({file.path, "tensor " + tensor->name + " of " + file.file, tensor, *model});
    if (!array.ok()) return array.status();
    use(*tensor);
    arrays.push_back(*std::move(array));
  }
  return arrays;
}

void Arrays::use(const SafetensorsTensor& tensor) {
  if (used_.insert(&tensor).second) used_bytes_ += tensor.bytes;
}

Result<Array> Arrays::turn(const std::string& file, const SafetensorsTensor& tensor, const ArrayRef& ref) {
  use(tensor);
  Result<Array> found = known({ref.path, "tensor " + ref.tensor + " of " + file, &tensor, models_.at(file).get()});
  if (!found.ok() || (!ref.transpose && !ref.reshape)) return found;
  Array array = *std::move(found);
  array.turned = tensor.shape;
  if (ref.transpose) {
    if (ref.transpose->size() != tensor.shape.size()) {
      return mistake(ref.path + "/transpose",
                     array.description() + ", which has " + counted(tensor.shape.size(), "dimension") + "; " +
                         counted(ref.transpose->size(), "dimension") + " cannot be put in another order for it");
    }
    if (!keeps_order(tensor.shape, *ref.transpose)) array.order = *ref.transpose;
    for (std::size_t i = 0; i < array.turned.size(); ++i) array.turned[i] = tensor.shape[(*ref.transpose)[i]];
  }
  if (ref.reshape) {
    const std::uint64_t elements = product(tensor.shape);
    if (product(*ref.reshape) != elements) {
      return mistake(ref.path + "/reshape", array.description() + ", which has " + counted(elements, "element") + "; " +
                                                shape_text(*ref.reshape) + " has " + grouped(product(*ref.reshape)));
    }
    array.turned = *ref.reshape;
  }
  array.is_turned = true;
  return array;
}

Result<Array> Arrays::find(const ArrayRef& ref) {
  std::vector<std::string> files = searched_;
  if (!ref.file.empty()) {
    const Result<SafetensorsModel*> model = open({ref.path + "/file", ref.file});
    if (!model.ok()) return model.status();
    files = {ref.file};
  }
  const std::string place = ref.is_object ? ref.path + "/tensor" : ref.path;
  if (files.empty()) {
    return mistake(place, "the recipe has no \"files\" to look for tensor \"" + ref.tensor + "\" in");
  }

  std::vector<const SafetensorsTensor*> found;
  std::vector<std::string> having;
  for (const std::string& file : files) {
    const SafetensorsTensor* tensor = models_.at(file)->find(ref.tensor);
    if (tensor == nullptr) continue;
    found.push_back(tensor);
    having.push_back(file);
  }
  if (having.size() == 1) return turn(having.front(), *found.front(), ref);
  if (having.size() > 1) {
    return mistake(place, "tensor \"" + ref.tensor + "\" is in " + having[0] + " and in " + having[1] +
                              "; say which with {\"file\": ..., \"tensor\": ...}");
  }
  return no_tensor(place, ref, files);
}

Status Arrays::no_tensor(const std::string& place, const ArrayRef& ref, const std::vector<std::string>& files) const {
  std::vector<std::string_view> known;
  for (const std::string& file : files) {
    for (const SafetensorsTensor* tensor : models_.at(file)->tensors()) known.push_back(tensor->name);
  }
  const std::string where = files.size() == 1 ? files.front() : "any of the recipe's files";
  return mistake(place, "no tensor \"" + ref.tensor + "\" in " + where + suggestion(ref.tensor, known));
}

}  // namespace mcnc::tools
