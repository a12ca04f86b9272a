// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "write.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "error.h"
#include "mcnc/digest.h"
#include "mcnc/draw.h"
#include "mcnc/writer.h"
#include "source.h"

namespace mcnc::python {
namespace py = pybind11;
namespace {

template <typename T>
T field(const py::tuple& values, std::size_t index) {
  return values[index].cast<T>();
}

Digest digest_of(const py::object& bytes) {
  const auto text = bytes.cast<std::string>();
  Digest digest{};
  if (text.size() != digest.size()) throw StatusError({ErrorCode::kArgument, "", "a digest has 32 bytes"});
  std::memcpy(digest.data(), text.data(), text.size());
  return digest;
}

py::bytes to_python(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

// (arithmetic, code_dim, seed, unit_norm, layers), a layer (width, activation, frequency, weights segment or None,
// turns, weights_scale, weights dtype, bias segment or None).
Generator generator_of(const py::tuple& values) {
  Generator generator;
  generator.arithmetic = static_cast<Arithmetic>(field<std::uint8_t>(values, 0));
  generator.code_dim = field<std::uint32_t>(values, 1);
  generator.seed = field<std::uint64_t>(values, 2);
  generator.unit_norm = field<bool>(values, 3);
  for (const py::handle handle : field<py::list>(values, 4)) {
    const auto layer = handle.cast<py::tuple>();
    generator.layers.push_back({.width = field<std::uint32_t>(layer, 0),
                                .activation = static_cast<Activation>(field<std::uint8_t>(layer, 1)),
                                .frequency = field<std::uint32_t>(layer, 2),
                                .weights_segment = field<std::optional<std::uint32_t>>(layer, 3),
                                .turns = field<float>(layer, 4),
                                .weights_scale = field<float>(layer, 5),
                                .weights_type = dtype_of(field<std::string>(layer, 6)),
                                .bias_segment = field<std::optional<std::uint32_t>>(layer, 7)});
  }
  return generator;
}

// (generator, chunks, codes_per_chunk, alpha type, alpha segment, beta type, beta_exponent, beta segment or None, beta,
// alpha_scale).
Codes codes_of(const py::tuple& values) {
  return {.generator = field<std::uint32_t>(values, 0),
          .chunks = field<std::uint64_t>(values, 1),
          .codes_per_chunk = field<std::uint32_t>(values, 2),
          .alpha_type = static_cast<AlphaType>(field<std::uint8_t>(values, 3)),
          .alpha_segment = field<std::uint32_t>(values, 4),
          .beta_type = static_cast<BetaType>(field<std::uint8_t>(values, 5)),
          .beta_exponent = field<std::int8_t>(values, 6),
          .beta_segment = field<std::optional<std::uint32_t>>(values, 7),
          .beta = field<float>(values, 8),
          .alpha_scale = field<float>(values, 9)};
}

// None, ("constant", value), ("uniform", seed, stream, scale), ("stored", segment, dtype) or ("base", base, tensor,
// dtype, digest).
Theta0 theta0_of(const py::object& object) {
  if (object.is_none()) return {};
  const auto values = object.cast<py::tuple>();
  const auto kind = field<std::string>(values, 0);
  if (kind == "constant") return Constant{field<float>(values, 1)};
  if (kind == "uniform") {
    return Uniform{field<std::uint64_t>(values, 1), field<std::uint32_t>(values, 2), field<float>(values, 3)};
  }
  if (kind == "stored") return StoredTheta0{field<std::uint32_t>(values, 1), dtype_of(field<std::string>(values, 2))};
  return BaseTheta0{field<std::uint32_t>(values, 1), field<std::string>(values, 2),
                    dtype_of(field<std::string>(values, 3)), digest_of(values[4])};
}

// ("generated", codes, first_element, slices, theta0), ("stored", segment), ("shared", tensor) or ("product", b, a,
// scale, theta0).
Source source_of(const py::tuple& values) {
  const auto kind = field<std::string>(values, 0);
  if (kind == "stored") return Stored{field<std::uint32_t>(values, 1)};
  if (kind == "shared") return Shared{field<std::uint32_t>(values, 1)};
  if (kind == "product") {
    return Product{field<std::uint32_t>(values, 1), field<std::uint32_t>(values, 2), field<float>(values, 3),
                   theta0_of(values[4])};
  }
  return Generated{field<std::uint32_t>(values, 1), field<std::uint64_t>(values, 2), theta0_of(values[4]),
                   field<std::uint32_t>(values, 3)};
}

// (name, dtype, shape, source, factor).
Tensor tensor_of(const py::tuple& values) {
  return {.name = field<std::string>(values, 0),
          .dtype = dtype_of(field<std::string>(values, 1)),
          .shape = field<std::vector<std::uint64_t>>(values, 2),
          .source = source_of(field<py::tuple>(values, 3)),
          .digest = {},
          .factor = field<bool>(values, 4)};
}

MetadataValue metadata_value_of(const py::handle& value) {
  if (py::isinstance<py::bool_>(value)) return value.cast<bool>();
  if (py::isinstance<py::int_>(value)) return value.cast<std::int64_t>();
  if (py::isinstance<py::float_>(value)) return value.cast<double>();
  return value.cast<std::string>();
}

// A model, and what it points to.
struct PythonModel {
  Model model;
  std::vector<std::unique_ptr<Buffer>> buffers;
  std::shared_ptr<PendingException> pending = std::make_shared<PendingException>();
  std::vector<std::unique_ptr<BaseModel>> bases;
};

PythonModel model_of(const py::dict& values) {
  PythonModel read;
  Manifest& manifest = read.model.manifest;
  for (const py::handle segment : values["segments"].cast<py::list>()) {
    read.buffers.push_back(
        std::make_unique<Buffer>(py::reinterpret_borrow<py::object>(segment), Buffer::Access::kRead));
    read.model.segments.emplace_back(
        std::shared_ptr<Input>(value_or_raise(borrow_memory(read.buffers.back()->bytes()))));
  }
  for (const py::handle item : values["generators"].cast<py::list>()) {
    manifest.generators.push_back(generator_of(item.cast<py::tuple>()));
  }
  for (const py::handle item : values["codes"].cast<py::list>()) {
    manifest.codes.push_back(codes_of(item.cast<py::tuple>()));
  }
  for (const py::handle item : values["tensors"].cast<py::list>()) {
    manifest.tensors.push_back(tensor_of(item.cast<py::tuple>()));
  }
  for (const auto& [key, value] : values["metadata"].cast<py::dict>()) {
    manifest.metadata.push_back({key.cast<std::string>(), metadata_value_of(value)});
  }
  for (const py::handle item : values["bases"].cast<py::list>()) {
    const auto base = item.cast<py::tuple>();
    manifest.bases.push_back({field<std::string>(base, 0), digest_of(base[1])});
    read.bases.push_back(base_from_python(base[2], read.pending));
  }
  return read;
}

// body(), of which a value that does not fit its C++ type is the caller's mistake.
template <typename Body>
auto checked_values(Body&& body) {
  try {
    return body();
  } catch (const py::cast_error&) {
    throw StatusError(
        {ErrorCode::kArgument, "", "a number, text or list has another type or range than the file has for it"});
  }
}

}  // namespace

py::object write(const py::object& path, const py::dict& values, int zstd_level, unsigned threads) {
  PythonModel read = checked_values([&] { return model_of(values); });
  const std::string file = path.is_none() ? std::string() : path.cast<std::string>();
  WriteOptions options{.zstd_level = zstd_level, .execution = {.threads = threads}};
  for (const auto& base : read.bases) options.bases.push_back(base.get());
  Status status;
  std::vector<std::byte> bytes;
  {
    const py::gil_scoped_release no_gil;
    if (path.is_none()) {
      Result<std::vector<std::byte>> made = serialize(std::move(read.model), options);
      status = made.status();
      if (made.ok()) bytes = *std::move(made);
    } else {
      status = write_file(file, std::move(read.model), options);
    }
  }
  read.pending->raise(status);
  if (!path.is_none()) return py::none();
  return py::bytes(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

py::bytes tensor_digest(const py::object& bytes) {
  const Buffer buffer(bytes, Buffer::Access::kRead);
  std::optional<Result<Digest>> digest;
  {
    const py::gil_scoped_release no_gil;
    digest.emplace(mcnc::tensor_digest(buffer.bytes()));
  }
  return to_python(value_or_raise(*std::move(digest)));
}

py::bytes weights_identity(const py::list& tensors) {
  std::vector<Tensor> model;
  checked_values([&] {
    for (const py::handle item : tensors) {
      const auto values = item.cast<py::tuple>();
      Tensor& tensor = model.emplace_back();
      tensor.name = field<std::string>(values, 0);
      tensor.dtype = dtype_of(field<std::string>(values, 1));
      tensor.shape = field<std::vector<std::uint64_t>>(values, 2);
      tensor.digest = digest_of(values[3]);
    }
  });
  return to_python(value_or_raise(mcnc::weights_identity(model)));
}

void draw_weights(const py::tuple& generator, std::size_t layer, const py::object& out) {
  const Generator description = checked_values([&] { return generator_of(generator); });
  const Buffer buffer(out, Buffer::Access::kWrite);
  Status status;
  {
    const py::gil_scoped_release no_gil;
    status = mcnc::draw_weights(description, layer, buffer.bytes());
  }
  raise_if_error(status);
}

void draw_theta0(std::uint64_t seed, std::uint32_t stream, float scale, std::uint64_t first, const py::object& out) {
  const Buffer buffer(out, Buffer::Access::kWrite);
  const std::span<std::byte> bytes = buffer.bytes();
  Status status;
  {
    const py::gil_scoped_release no_gil;
    status = mcnc::draw_theta0({seed, stream, scale}, first,
                               {reinterpret_cast<float*>(bytes.data()), bytes.size() / sizeof(float)});
  }
  raise_if_error(status);
}

}  // namespace mcnc::python
