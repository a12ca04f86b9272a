// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "import_arrays.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "base/checked_math.h"
#include "common/code_types.h"
#include "common/suggest.h"
#include "common/units.h"
#include "describe.h"
#include "tensors/convert.h"

namespace mcnc::tools {

Status at(const std::string& path, const Status& status) {
  return {status.code(), status.rule(), path + ": " + status.message(), status.offset()};
}

Status mistake(const std::string& path, const std::string& message) {
  return {Code::kArgument, "", path + ": " + message};
}

Status Array::refuse(const std::string& message) const {
  return mistake(path, label + " is " + std::string(name(dtype())) + " " + shape_text(shape()) + "; " + message);
}

Result<std::vector<std::byte>> Array::bytes() const {
  std::vector<std::byte> bytes(to_size(tensor->bytes));
  if (Status s = model->read(*tensor, 0, bytes); !s.ok()) return at(path, s);
  return bytes;
}

Result<std::vector<float>> Array::numbers(float most, std::string_view rule) const {
  const bool whole = dtype() == DType::kI8 || dtype() == DType::kI16;
  if (!whole && dtype() != DType::kF32 && dtype() != DType::kF16 && dtype() != DType::kBf16) {
    return refuse("F32, F16, BF16, I8 or I16 is needed");
  }
  const Result<std::vector<std::byte>> raw = bytes();
  if (!raw.ok()) return raw.status();
  std::vector<float> values;
  if (whole) {
    values = numbers_of(*raw, dtype() == DType::kI8 ? AlphaType::kInt8 : AlphaType::kInt16);
  } else {
    values.resize(raw->size() / size_of(dtype()));
    widen(*raw, dtype(), values);
  }
  const auto wrong = std::ranges::find_if(values, [&](float value) { return !(std::fabs(value) <= most); });
  if (wrong == values.end()) return values;
  return Status(Code::kValue, rule,
                path + ": " + label + ": number " + std::to_string(wrong - values.begin()) + " is " + text_of(*wrong) +
                    "; it must be finite and at most " + text_of(most) + " in magnitude");
}

Result<SafetensorsModel*> Arrays::open(const FileRef& file) {
  std::unique_ptr<SafetensorsModel>& slot = models_[file.file];
  if (slot) return slot.get();
  const std::string path = resolved(file.file).string();
  Result<SafetensorsModel> model = SafetensorsModel::open(path);
  if (!model.ok()) {
    const Status& s = model.status();
    const bool named = s.message().starts_with(path);
    return at(file.path, named ? s : at(path, s));
  }
  slot = std::make_unique<SafetensorsModel>(*std::move(model));
  return slot.get();
}

Status Arrays::search(const FileRef& file) {
  const Result<SafetensorsModel*> model = open(file);
  if (!model.ok()) return model.status();
  if (std::ranges::find(searched_, file.file) == searched_.end()) searched_.push_back(file.file);
  return {};
}

Result<Array> Arrays::found_in(const std::string& file, const ArrayRef& ref) {
  SafetensorsModel& model = *models_.at(file);
  return Array{ref.path, "tensor " + ref.tensor + " of " + file, model.find(ref.tensor), &model};
}

Result<Array> Arrays::find(const ArrayRef& ref) {
  std::vector<std::string> files = searched_;
  if (!ref.file.empty()) {
    const Result<SafetensorsModel*> model = open({ref.path, ref.file});
    if (!model.ok()) return model.status();
    files = {ref.file};
  }
  if (files.empty()) {
    return mistake(ref.path, "the recipe has no \"files\" to look for tensor \"" + ref.tensor + "\" in");
  }

  std::vector<std::string> having;
  std::vector<std::string_view> known;
  for (const std::string& file : files) {
    const SafetensorsModel& model = *models_.at(file);
    if (model.find(ref.tensor) != nullptr) having.push_back(file);
    for (const SafetensorsTensor* tensor : model.tensors()) known.push_back(tensor->name);
  }
  if (having.size() == 1) return found_in(having.front(), ref);
  if (having.size() > 1) {
    return mistake(ref.path, "tensor \"" + ref.tensor + "\" is in " + having[0] + " and in " + having[1] +
                                 "; say which with {\"file\": ..., \"tensor\": ...}");
  }
  const std::string where = files.size() == 1 ? files.front() : "any of the recipe's files";
  return mistake(ref.path, "no tensor \"" + ref.tensor + "\" in " + where + suggestion(ref.tensor, known));
}

}  // namespace mcnc::tools
