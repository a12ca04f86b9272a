// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// How far the weights of two models are apart, a tensor at a time.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands.h"
#include "common/escape.h"
#include "common/output.h"
#include "common/report.h"
#include "common/table.h"
#include "element.h"
#include "json_text.h"
#include "mcnc/base_models.h"
#include "mcnc/checked_math.h"
#include "mcnc/units.h"

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

// What two tensors of one name and shape have to do with each other.
class Distance {
 public:
  Distance(DType a, DType b) : a_(a), b_(b) {}

  // Values of one type are the same where their bytes are: 0 and -0 differ, and a NaN is itself.
  void add(const std::byte* a, const std::byte* b) {
    const double from = value_at(a, a_);
    const double to = value_at(b, b_);
    squares_of_a_ += from * from;
    ++elements_;
    if (a_ == b_ ? std::equal(a, a + size_of(a_), b) : from == to) return;
    ++differing_;
    const double change = std::fabs(from - to);
    max_ = std::isnan(change) ? INFINITY : std::max(max_, change);
    squares_ += change * change;
  }

  std::uint64_t elements() const noexcept { return elements_; }
  std::uint64_t differing() const noexcept { return differing_; }
  double max() const noexcept { return max_; }
  double rms() const noexcept { return std::sqrt(finite(squares_) / static_cast<double>(elements_)); }
  // Norm of the difference by norm of a.
  double relative() const noexcept { return std::sqrt(finite(squares_) / squares_of_a_); }

 private:
  static double finite(double sum) noexcept { return std::isnan(sum) ? INFINITY : sum; }

  DType a_;
  DType b_;
  std::uint64_t elements_ = 0;
  std::uint64_t differing_ = 0;
  double max_ = 0;
  double squares_ = 0;
  double squares_of_a_ = 0;
};

struct TensorDifference {
  std::string name;
  TensorForm a;
  TensorForm b;
  std::optional<Distance> distance = {};  // where the shapes are the same and both types have numbers
  bool bytes_differ = false;              // where they are of one shape and one type that has none here
};

struct Difference {
  std::vector<std::string> only_a;
  std::vector<std::string> only_b;
  std::size_t compared = 0;
  std::vector<TensorDifference> tensors;  // those that differ

  bool any() const noexcept { return !only_a.empty() || !only_b.empty() || !tensors.empty(); }
};

Result<std::vector<std::byte>> all_bytes(ModelFile& model, const std::string& name, const TensorForm& form) {
  std::vector<std::byte> bytes;
  bytes.reserve(to_size(form.bytes));
  const Status s = model.stream(name, [&](std::span<const std::byte> piece) -> Status {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return {};
  });
  if (!s.ok()) return s;
  return bytes;
}

// Of b, a piece is in memory at a time; of a, the tensor. Both types have numbers.
Result<Distance> measure(ModelFile& a, ModelFile& b, const TensorDifference& tensor) {
  const std::size_t a_size = size_of(*tensor.a.dtype);
  const std::size_t b_size = size_of(*tensor.b.dtype);
  const Result<std::vector<std::byte>> all_a = all_bytes(a, tensor.name, tensor.a);
  if (!all_a.ok()) return all_a.status();
  Distance distance(*tensor.a.dtype, *tensor.b.dtype);
  const std::byte* next_a = all_a->data();
  const Status s = b.stream(tensor.name, [&](std::span<const std::byte> piece) -> Status {
    for (std::size_t at = 0; at < piece.size(); at += b_size, next_a += a_size) distance.add(next_a, &piece[at]);
    return {};
  });
  if (!s.ok()) return s;
  return distance;
}

// The same for a type whose numbers nobody here knows: whether any byte differs.
Result<bool> differs(ModelFile& a, ModelFile& b, const TensorDifference& tensor) {
  if (tensor.a.bytes != tensor.b.bytes) return true;
  const Result<std::vector<std::byte>> all_a = all_bytes(a, tensor.name, tensor.a);
  if (!all_a.ok()) return all_a.status();
  bool equal = true;
  const std::byte* next_a = all_a->data();
  const Status s = b.stream(tensor.name, [&](std::span<const std::byte> piece) -> Status {
    equal = equal && std::ranges::equal(piece, std::span(next_a, piece.size()));
    next_a += piece.size();
    return {};
  });
  if (!s.ok()) return s;
  return !equal;
}

// What is different between two tensors of one name; nothing where they are the same.
Result<std::optional<TensorDifference>> compare(ModelFile& a, ModelFile& b, const std::string& name) {
  TensorDifference tensor{name, a.form(name), b.form(name)};
  const bool same_shape = tensor.a.shape == tensor.b.shape;
  bool same = same_shape && tensor.a.type == tensor.b.type;
  if (same_shape && tensor.a.dtype && tensor.b.dtype) {
    const Result<Distance> distance = measure(a, b, tensor);
    if (!distance.ok()) return distance.status();
    tensor.distance = *distance;
    same = same && distance->differing() == 0;
  } else if (same) {
    const Result<bool> bytes_differ = differs(a, b, tensor);
    if (!bytes_differ.ok()) return bytes_differ.status();
    tensor.bytes_differ = *bytes_differ;
    same = !*bytes_differ;
  }
  return same ? std::nullopt : std::optional(std::move(tensor));
}

Result<Difference> compare(ModelFile& a, ModelFile& b) {
  const std::vector<std::string> a_names = a.names();
  const std::vector<std::string> b_names = b.names();
  Difference difference;
  std::ranges::set_difference(a_names, b_names, std::back_inserter(difference.only_a));
  std::ranges::set_difference(b_names, a_names, std::back_inserter(difference.only_b));
  std::vector<std::string> common;
  std::ranges::set_intersection(a_names, b_names, std::back_inserter(common));
  difference.compared = common.size();
  for (const std::string& name : common) {
    Result<std::optional<TensorDifference>> tensor = compare(a, b, name);
    if (!tensor.ok()) return tensor.status();
    if (*tensor) difference.tensors.push_back(**std::move(tensor));
  }
  return difference;
}

std::string short_number(double value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

// "F32", "F32 -> BF16"
std::string change_text(const std::string& a, const std::string& b) { return a == b ? a : a + " -> " + b; }

std::string text_of(const Difference& difference) {
  std::string text;
  for (const std::string& name : difference.only_a) text += "only in A: " + escape(name) + "\n";
  for (const std::string& name : difference.only_b) text += "only in B: " + escape(name) + "\n";
  Table table("lllrrrr");
  if (!difference.tensors.empty()) table.add({"name", "dtype", "shape", "differing", "max", "rms", "relative"});
  for (const TensorDifference& tensor : difference.tensors) {
    std::vector<std::string> row = {
        escape(tensor.name),
        change_text(tensor.a.type, tensor.b.type),
        change_text(shape_text(tensor.a.shape), shape_text(tensor.b.shape)),
    };
    if (const auto& distance = tensor.distance) {
      row.push_back(grouped(distance->differing()) + " of " + grouped(distance->elements()));
      for (const double value : {distance->max(), distance->rms(), distance->relative()}) {
        row.push_back(distance->differing() == 0 ? "0" : short_number(value));
      }
    } else if (tensor.bytes_differ) {
      row.emplace_back("bytes differ");
    }
    table.add(std::move(row));
  }
  return text + table.to_string("");
}

ordered_json json_of(const TensorDifference& tensor) {
  ordered_json entry = ordered_json::object();
  entry["name"] = tensor.name;
  entry["dtype"] = {tensor.a.type, tensor.b.type};
  entry["shape"] = {tensor.a.shape, tensor.b.shape};
  if (const auto& distance = tensor.distance) {
    const bool differs = distance->differing() > 0;
    entry["elements"] = distance->elements();
    entry["differing"] = distance->differing();
    entry["max_abs"] = distance->max();
    entry["rms"] = differs ? distance->rms() : 0;
    entry["relative"] = differs ? distance->relative() : 0;
  } else if (tensor.bytes_differ) {
    entry["bytes_differ"] = true;
  }
  return entry;
}

std::string json_of(const Difference& difference, const DiffOptions& options) {
  JsonText text("mcnc.diff/1");
  text.add("a", ordered_json(options.a));
  text.add("b", ordered_json(options.b));
  text.add("same", ordered_json(!difference.any()));
  text.add("compared", ordered_json(difference.compared));
  text.add("only_in_a", ordered_json(difference.only_a));
  text.add("only_in_b", ordered_json(difference.only_b));
  text.add_list("tensors", difference.tensors, [](const TensorDifference& tensor) { return json_of(tensor); });
  return std::move(text).finish();
}

Status diff_files(const DiffOptions& options) {
  Result<BaseModels> bases = BaseModels::open(options.bases, options.limits, options.decoding);
  if (!bases.ok()) return bases.status();
  Result<std::unique_ptr<ModelFile>> a = bases->open_model(options.a, options.limits);
  if (!a.ok()) return a.status();
  Result<std::unique_ptr<ModelFile>> b = bases->open_model(options.b, options.limits);
  if (!b.ok()) return b.status();
  const Result<Difference> difference = compare(**a, **b);
  if (!difference.ok()) return difference.status();
  if (Status s = print(options.json ? json_of(*difference, options) : text_of(*difference)); !s.ok()) return s;
  if (!difference->any()) return {};
  return {ErrorCode::kIdentity, "", options.a + " and " + options.b + " differ"};
}

}  // namespace

int diff(const DiffOptions& options) { return report(kProgram, "", diff_files(options)); }

}  // namespace mcnc::tools
