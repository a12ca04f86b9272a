// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What a .mcnc file says about itself, as plain C++ values. A Manifest that came out of Reader::open has passed every
// rule of the specification; one that a program fills in goes through the same rules in write_file.
// Terms are the MCNC paper's (arXiv 2406.19301): a chunk of d weights is theta0 + sum over its m codes of
// beta * phi(alpha), alpha in R^k.
#ifndef MCNC_MANIFEST_H_
#define MCNC_MANIFEST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mcnc/digest.h"
#include "mcnc/limits.h"

namespace mcnc {

// Enumerators carry the schema's values (schema/manifest.fbs).
enum class Encoding : std::uint8_t { kRaw = 0, kZstd = 1 };
enum class Activation : std::uint8_t { kSine = 0, kIdentity = 1 };
enum class Arithmetic : std::uint8_t { kInteger = 0, kFloat32 = 1 };
enum class AlphaType : std::uint8_t { kInt8 = 0, kInt16 = 1, kF32 = 2, kF16 = 3, kBf16 = 4 };
enum class BetaType : std::uint8_t { kF32 = 0, kF16 = 1, kBf16 = 2 };
enum class DType : std::uint8_t {
  kF32 = 0,
  kF16 = 1,
  kBf16 = 2,
  kF64 = 3,
  kI8 = 4,
  kI16 = 5,
  kI32 = 6,
  kI64 = 7,
  kU8 = 8,
  kU16 = 9,
  kU32 = 10,
  kU64 = 11,
  kBool = 12,
  kF8E4M3 = 13,
  kF8E5M2 = 14,
};

std::size_t size_of(DType dtype) noexcept;  // bytes of one element: 1, 2, 4 or 8
// Whether it is one of the types in which weights are made: f32, f16, bf16.
constexpr bool is_float(DType dtype) noexcept {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBf16;
}
std::size_t size_of(AlphaType type) noexcept;  // 1, 2 or 4
std::size_t size_of(BetaType type) noexcept;   // 4 or 2
std::string_view name(DType dtype) noexcept;   // as safetensors writes it: "F32", "BF16", ...

struct Segment {
  std::uint64_t offset = 0;          // bytes from the start of the file, a multiple of 64
  std::uint64_t stored_length = 0;   // bytes in the file
  std::uint64_t decoded_length = 0;  // bytes after decoding
  Encoding encoding = Encoding::kRaw;
  Digest digest{};  // of the stored bytes
};

// A dense layer, (n_in) -> (width).
struct Layer {
  std::uint32_t width = 0;
  Activation activation = Activation::kSine;
  std::uint32_t frequency = 0;                        // integer sine: 2^-32 turn per unit of the accumulator
  std::optional<std::uint32_t> weights_segment = {};  // (n_in, width), int8 or weights_type; none: drawn
  // float32 arithmetic only:
  float turns = 0;                                 // sine: turns per unit of the accumulator
  float weights_scale = 0;                         // of drawn weights
  DType weights_type = DType::kF32;                // of stored weights: f32, f16 or bf16
  std::optional<std::uint32_t> bias_segment = {};  // float32 (width)

  bool operator==(const Layer&) const = default;
};

struct Generator {
  Arithmetic arithmetic = Arithmetic::kInteger;
  std::uint32_t code_dim = 0;  // k
  std::uint64_t seed = 0;
  std::vector<Layer> layers;  // 1 to 16
  Digest fingerprint{};
  bool unit_norm = false;  // float32 arithmetic only

  std::uint32_t chunk_dim() const noexcept { return layers.back().width; }  // d
  // Inputs of layers[i].
  std::uint32_t n_in(std::size_t i) const noexcept { return i == 0 ? code_dim : layers[i - 1].width; }

  bool operator==(const Generator&) const = default;
};

struct Codes {
  std::uint32_t generator = 0;        // index into Manifest::generators
  std::uint64_t chunks = 0;           // n
  std::uint32_t codes_per_chunk = 1;  // m
  AlphaType alpha_type = AlphaType::kInt8;
  std::uint32_t alpha_segment = 0;  // (k, n * m), planar by code dimension
  BetaType beta_type = BetaType::kF32;
  std::int8_t beta_exponent = 0;                   // beta = stored value * 2^beta_exponent
  std::optional<std::uint32_t> beta_segment = {};  // (n * m); none: `beta` for every code
  float beta = 0;
  float alpha_scale = 1;  // float32 arithmetic: alpha = stored value * alpha_scale
};

struct Constant {
  float value = 0;
};
struct Uniform {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;
  float scale = 0;  // of an int16: the values reach +-32768 * scale
};
struct StoredTheta0 {
  std::uint32_t segment = 0;
  DType dtype = DType::kF32;  // f32, f16 or bf16
};
struct BaseTheta0 {
  std::uint32_t base = 0;     // index into Manifest::bases
  std::string tensor;         // its name there; empty: the same name
  DType dtype = DType::kF32;  // f32, f16 or bf16
  Digest digest{};
};
// monostate: zero.
using Theta0 = std::variant<std::monostate, Constant, Uniform, StoredTheta0, BaseTheta0>;

struct Generated {
  std::uint32_t codes = 0;          // index into Manifest::codes
  std::uint64_t first_element = 0;  // among the n * d weights of those codes
  Theta0 theta0;
  std::uint32_t slices = 1;  // equal parts of the first dimension, each starts a chunk
};
struct Stored {
  std::uint32_t segment = 0;
};
struct Shared {
  std::uint32_t tensor = 0;  // index into Manifest::tensors
};
// theta0 + scale * B * A.
struct Product {
  std::uint32_t b = 0;  // index into Manifest::tensors, (rows, rank)
  std::uint32_t a = 0;  // index into Manifest::tensors, (rank, columns)
  float scale = 1;
  Theta0 theta0;
};
using Source = std::variant<Generated, Stored, Shared, Product>;

struct Tensor {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::uint64_t> shape;  // row-major; empty: a scalar
  Source source;
  Digest digest{};      // Merkle root of the decoded bytes
  bool factor = false;  // made for products only, no part of the output

  std::uint64_t elements() const noexcept;  // product of shape; exact after validation
  std::uint64_t bytes() const noexcept { return elements() * size_of(dtype); }
};

// theta0 of a generated tensor or a product, else nullptr. Constant where the tensor is.
template <typename T>
auto theta0_of(T& tensor) noexcept -> decltype(&std::get<Generated>(tensor.source).theta0) {
  if (auto* generated = std::get_if<Generated>(&tensor.source)) return &generated->theta0;
  if (auto* product = std::get_if<Product>(&tensor.source)) return &product->theta0;
  return nullptr;
}

using MetadataValue = std::variant<std::string, std::int64_t, double, bool>;
struct Metadata {
  std::string key;
  MetadataValue value;
};

// A model that tensors start from.
struct Base {
  std::string name;
  Digest weights_identity{};
};

struct Manifest {
  std::vector<Segment> segments;
  std::vector<Generator> generators;
  std::vector<Codes> codes;
  std::vector<Tensor> tensors;     // sorted by name
  std::vector<Metadata> metadata;  // sorted by key
  Cost budget;
  Digest weights_identity{};
  std::vector<Base> bases;

  // The tensor called `name`, and the value of metadata `key`; nullptr where there is none. In any order of the
  // vectors; what is in its place in a sorted one, as a file's are, is found in O(log n).
  const Tensor* find(std::string_view name) const noexcept;
  const MetadataValue* find_metadata(std::string_view key) const noexcept;
};

// The identity of a model (spec section "weights identity"): equal for any two files that decode to the same tensors.
// Name, dtype, shape and digest count, and factors do not; any order gives the same. kMemory.
Result<Digest> weights_identity(std::span<const Tensor> tensors) noexcept;

}  // namespace mcnc

#endif  // MCNC_MANIFEST_H_
