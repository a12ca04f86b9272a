// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "train/load.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "mcnc/convert.h"
#include "mcnc/decoder.h"
#include "mcnc/limits.h"
#include "mcnc/reader.h"
#include "mcnc/recognize.h"
#include "mcnc/safetensors.h"
#include "mcnc/sink.h"

namespace mcnc::tools {
namespace {

// More than any MLP that is trained here; what would cost more is refused.
constexpr Limits kLimits = {std::uint64_t{1} << 32, 1'000'000'000'000, std::uint64_t{1} << 32};

using ShapeMap = std::map<std::string, std::vector<std::uint64_t>>;

// The shape whose mlp_tensors are exactly `tensors`.
Result<MlpShape> shape_of(const ShapeMap& tensors) {
  MlpShape shape;
  for (std::size_t l = 1;; ++l) {
    const auto weight = tensors.find("fc" + std::to_string(l) + ".weight");
    if (weight == tensors.end()) break;
    const std::vector<std::uint64_t>& size = weight->second;
    if (size.size() != 2 || std::max(size[0], size[1]) > kLargestWidth) break;
    if (l == 1) shape.widths.push_back(static_cast<std::uint32_t>(size[1]));
    shape.widths.push_back(static_cast<std::uint32_t>(size[0]));
  }
  ShapeMap expected;
  if (!shape.widths.empty()) {
    for (const MlpTensor& tensor : mlp_tensors(shape)) expected[tensor.name] = tensor.shape;
  }
  if (expected.empty() || expected != tensors) {
    return Status(
        ErrorCode::kFeature, "",
        "its tensors are not those of an MLP: fc1.weight (width x inputs), fc1.bias (width), fc2.weight and so on, "
        "each layer with as many inputs as the one before it has outputs, and nothing else");
  }
  return shape;
}

// read(name, values) gives the elements of a tensor.
Result<LoadedMlp> assemble(const ShapeMap& tensors,
                           const std::function<Status(const std::string&, std::span<float>)>& read) {
  Result<MlpShape> shape = shape_of(tensors);
  if (!shape.ok()) return shape.status();
  LoadedMlp mlp{*std::move(shape), {}};
  mlp.parameters.resize(mlp.shape.parameters());
  for (const MlpTensor& tensor : mlp_tensors(mlp.shape)) {
    Status status = read(tensor.name, std::span(mlp.parameters).subspan(tensor.offset, tensor.count));
    if (!status.ok()) return status;
  }
  return mlp;
}

// type: as people read it.
Status check_dtype(const std::string& name, std::optional<DType> dtype, std::string_view type) {
  if (dtype && is_float(*dtype)) return {};
  return Status(ErrorCode::kFeature, "",
                "tensor " + name + " is " + std::string(type) + "; weights of an MLP are F32, F16 or BF16");
}

class FloatSink final : public Sink {
 public:
  explicit FloatSink(std::span<float> values) noexcept : values_(values) {}

  Status write(const Tensor& tensor, std::uint64_t offset, std::span<const std::byte> bytes) noexcept override {
    const std::size_t size = size_of(tensor.dtype);
    widen(bytes, tensor.dtype, values_.subspan(offset / size, bytes.size() / size));
    return {};
  }

 private:
  std::span<float> values_;
};

Result<LoadedMlp> load_safetensors(const std::string& path) {
  Result<SafetensorsReader> reader = SafetensorsReader::open(path);
  if (!reader.ok()) return reader.status();
  ShapeMap shapes;
  for (const SafetensorsTensor& tensor : reader->tensors()) {
    if (Status status = check_dtype(tensor.name, tensor.dtype, tensor.type); !status.ok()) return status;
    shapes[tensor.name] = tensor.shape;
  }
  return assemble(shapes, [&](const std::string& name, std::span<float> out) -> Status {
    const Result<std::vector<float>> values = reader->read_floats(*reader->find(name));
    if (!values.ok()) return values.status();
    std::copy(values->begin(), values->end(), out.begin());
    return {};
  });
}

}  // namespace

bool is_safetensors(const std::string& path) { return path.ends_with(".safetensors"); }

Result<LoadedMlp> load_mlp(const std::string& path) {
  if (is_safetensors(path)) return load_safetensors(path);
  Result<std::unique_ptr<Input>> input = open_file(path);
  if (!input.ok()) return input.status();
  return load_mlp(*std::move(input));
}

Result<LoadedMlp> load_mlp(std::unique_ptr<Input> mcnc_file) {
  const std::vector<std::byte> head = first_bytes(*mcnc_file);
  Allowance allowance(kLimits);
  Result<Reader> reader = Reader::open(std::move(mcnc_file), allowance);
  if (!reader.ok()) return explain(reader.status(), head, Wanted::kMcnc);
  const std::vector<Tensor>& tensors = reader->manifest().tensors;
  ShapeMap shapes;
  for (const Tensor& tensor : tensors) {
    if (Status status = check_dtype(tensor.name, tensor.dtype, name(tensor.dtype)); !status.ok()) return status;
    shapes[tensor.name] = tensor.shape;
  }
  Result<Decoder> decoder = Decoder::create(*reader);
  if (!decoder.ok()) return decoder.status();
  return assemble(shapes, [&](const std::string& name, std::span<float> out) {
    FloatSink sink(out);
    return decoder->decode(static_cast<std::size_t>(reader->manifest().find(name) - tensors.data()), sink);
  });
}

}  // namespace mcnc::tools
