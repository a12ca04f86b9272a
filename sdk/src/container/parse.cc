// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/parse.h"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <string>
#include <utility>

#include "manifest/layout.h"
#include "manifest_generated.h"

namespace mcnc {
namespace {

Status broken(const char* what) {
  return {ErrorCode::kFlatBuffer, "manifest.flatbuffer", std::string("the manifest is not a valid FlatBuffer: ") + what,
          layout::kPreambleSize};
}

Status unknown(std::string_view rule, const char* what) {
  return {ErrorCode::kFeature, rule, std::string(what) + " of a kind this decoder does not know"};
}

// Charges every table and string its least size (rule manifest.footprint). An honest buffer has room for each once; one
// that refers to the same bytes many times, to make its reader's memory explode, runs out.
class Footprint {
 public:
  explicit Footprint(std::size_t bytes) noexcept : left_(bytes) {}

  void charge(std::size_t bytes) noexcept {
    exceeded_ = exceeded_ || bytes > left_;
    left_ -= std::min(bytes, left_);
  }
  bool exceeded() const noexcept { return exceeded_; }

 private:
  std::size_t left_;
  bool exceeded_ = false;
};

// Least sizes of the tables, their slot in a vector included; a union's member is referred to by its owner.
constexpr std::size_t kSegmentSize = 40;
constexpr std::size_t kGeneratorSize = 44;
constexpr std::size_t kLayerSize = 8;
constexpr std::size_t kCodesSize = 8;
constexpr std::size_t kTensorSize = 56;
constexpr std::size_t kMetadataSize = 16;
constexpr std::size_t kBaseSize = 44;
constexpr std::size_t kMemberSize = 4;

Digest copy(const fb::Digest* digest) {
  Digest out;
  std::ranges::copy(std::as_bytes(std::span(digest->bytes()->data(), out.size())), out.begin());
  return out;
}

class Parser {
 public:
  explicit Parser(std::size_t bytes) noexcept : footprint_(bytes) {}

  Status parse(const fb::Manifest& in, Manifest& out) {
    if (Status s = each(in.segments(), out.segments, kSegmentSize, &Parser::segment); !s.ok()) return s;
    if (Status s = each(in.generators(), out.generators, kGeneratorSize, &Parser::generator); !s.ok()) return s;
    if (Status s = each(in.codes(), out.codes, kCodesSize, &Parser::codes); !s.ok()) return s;
    if (Status s = each(in.tensors(), out.tensors, kTensorSize, &Parser::tensor); !s.ok()) return s;
    if (Status s = each(in.metadata(), out.metadata, kMetadataSize, &Parser::metadata); !s.ok()) return s;
    if (Status s = each(in.bases(), out.bases, kBaseSize, &Parser::base); !s.ok()) return s;
    out.budget = {in.budget()->output_bytes(), in.budget()->multiply_adds(), in.budget()->scratch_bytes()};
    out.weights_identity = copy(in.weights_identity());
    return {};
  }

 private:
  Status charge(std::size_t bytes) {
    footprint_.charge(bytes);
    if (!footprint_.exceeded()) return {};
    return {ErrorCode::kFlatBuffer, "manifest.footprint", "the manifest refers to the same bytes more than once",
            layout::kPreambleSize};
  }

  template <typename In, typename Out>
  Status each(const flatbuffers::Vector<flatbuffers::Offset<In>>* in, std::vector<Out>& out, std::size_t size,
              Status (Parser::*parse_one)(const In&, Out&)) {
    if (in == nullptr) return {};
    if (Status s = charge(in->size() * size); !s.ok()) return s;
    out.resize(in->size());
    for (flatbuffers::uoffset_t i = 0; i < in->size(); ++i) {
      const In* element = in->Get(i);
      // The verifier looks at the place an offset leads to and not at the offset. With pointers of 32 bits an offset of
      // 2^31 or more wraps around and leads back, to a place that may well be inside the buffer.
      if (reinterpret_cast<const std::uint8_t*>(element) < in->Data()) return broken("an offset leads back");
      if (Status s = (this->*parse_one)(*element, out[i]); !s.ok()) return s;
    }
    return {};
  }

  Status text(const flatbuffers::String& in, std::string& out) {
    if (Status s = charge(in.size()); !s.ok()) return s;
    out = in.str();
    return {};
  }

  Status segment(const fb::Segment& in, Segment& out) {
    if (in.encoding() > fb::Encoding::MAX) return unknown("segment.encoding", "a segment has an encoding");
    out = {in.offset(), in.stored_length(), in.decoded_length(), static_cast<Encoding>(in.encoding()),
           copy(in.digest())};
    return {};
  }

  Status generator(const fb::Generator& in, Generator& out) {
    if (in.arithmetic() > fb::Arithmetic::MAX) return unknown("generator.arithmetic", "a generator has an arithmetic");
    out.arithmetic = static_cast<Arithmetic>(in.arithmetic());
    out.code_dim = in.code_dim();
    out.seed = in.seed();
    out.fingerprint = copy(in.fingerprint());
    out.unit_norm = in.unit_norm();
    return each(in.layers(), out.layers, kLayerSize, &Parser::layer);
  }

  Status layer(const fb::Layer& in, Layer& out) {
    if (in.activation() > fb::Activation::MAX) {
      return unknown("generator.activation_type", "a layer has an activation");
    }
    out.width = in.width();
    out.activation = static_cast<Activation>(in.activation());
    out.frequency = in.frequency();
    if (const auto segment = in.weights_segment()) out.weights_segment = *segment;
    out.turns = in.turns();
    out.weights_scale = in.weights_scale();
    if (in.weights_type() > fb::DType::MAX) return unknown("tensor.dtype", "a layer has an element type");
    out.weights_type = static_cast<DType>(in.weights_type());
    if (const auto segment = in.bias_segment()) out.bias_segment = *segment;
    return {};
  }

  Status codes(const fb::Codes& in, Codes& out) {
    if (in.alpha_type() > fb::AlphaType::MAX || in.beta_type() > fb::BetaType::MAX) {
      return unknown("codes.type", "codes have a number type");
    }
    out.generator = in.generator();
    out.chunks = in.chunks();
    out.codes_per_chunk = in.codes_per_chunk();
    out.alpha_type = static_cast<AlphaType>(in.alpha_type());
    out.alpha_segment = in.alpha_segment();
    out.beta_type = static_cast<BetaType>(in.beta_type());
    out.beta_exponent = in.beta_exponent();
    if (const auto segment = in.beta_segment()) out.beta_segment = *segment;
    out.beta = in.beta();
    out.alpha_scale = in.alpha_scale();
    return {};
  }

  Status tensor(const fb::Tensor& in, Tensor& out) {
    if (in.dtype() > fb::DType::MAX) return unknown("tensor.dtype", "a tensor has an element type");
    if (Status s = text(*in.name(), out.name); !s.ok()) return s;
    out.dtype = static_cast<DType>(in.dtype());
    out.digest = copy(in.digest());
    out.factor = in.factor();
    if (const auto* shape = in.shape(); shape != nullptr && shape->size() > 0) {
      // The verifier checks where a vector starts, not how its elements are aligned.
      if (reinterpret_cast<std::uintptr_t>(shape->Data()) % sizeof(std::uint64_t) != 0) {
        return broken("a shape is not aligned");
      }
      if (Status s = charge(shape->size() * sizeof(std::uint64_t)); !s.ok()) return s;
      out.shape.assign(shape->begin(), shape->end());
    }
    if (Status s = charge(kMemberSize); !s.ok()) return s;
    switch (in.source_type()) {
      case fb::Source::Generated:
        return generated(*in.source_as_Generated(), out.source);
      case fb::Source::Stored:
        out.source = Stored{in.source_as_Stored()->segment()};
        return {};
      case fb::Source::Shared:
        out.source = Shared{in.source_as_Shared()->tensor()};
        return {};
      case fb::Source::Product:
        return product(*in.source_as_Product(), out.source);
      default:
        return unknown("tensor.source", "a tensor has a source");
    }
  }

  Status generated(const fb::Generated& in, Source& out) {
    Generated generated{in.codes(), in.first_element(), {}, in.slices()};
    if (Status s = theta0(in, generated.theta0); !s.ok()) return s;
    out = generated;
    return {};
  }

  Status product(const fb::Product& in, Source& out) {
    Product product{in.b(), in.a(), in.scale(), {}};
    if (Status s = theta0(in, product.theta0); !s.ok()) return s;
    out = product;
    return {};
  }

  // In: fb::Generated or fb::Product.
  template <typename In>
  Status theta0(const In& in, Theta0& out) {
    if (in.theta0_type() == fb::Theta0::NONE) return {};
    if (in.theta0() == nullptr) return broken("a union has a type and no value");
    if (Status s = charge(kMemberSize); !s.ok()) return s;
    switch (in.theta0_type()) {
      case fb::Theta0::Constant:
        out = Constant{in.theta0_as_Constant()->value()};
        return {};
      case fb::Theta0::Uniform: {
        const fb::Uniform& uniform = *in.theta0_as_Uniform();
        out = Uniform{uniform.seed(), uniform.stream(), uniform.scale()};
        return {};
      }
      case fb::Theta0::StoredTheta0: {
        const fb::StoredTheta0& stored = *in.theta0_as_StoredTheta0();
        if (stored.dtype() > fb::DType::MAX) return unknown("tensor.dtype", "theta0 has an element type");
        out = StoredTheta0{stored.segment(), static_cast<DType>(stored.dtype())};
        return {};
      }
      case fb::Theta0::BaseTheta0: {
        const fb::BaseTheta0& base = *in.theta0_as_BaseTheta0();
        if (base.dtype() > fb::DType::MAX) return unknown("tensor.dtype", "theta0 has an element type");
        auto& theta0 = out.emplace<BaseTheta0>();
        theta0.base = base.base();
        theta0.dtype = static_cast<DType>(base.dtype());
        theta0.digest = copy(base.digest());
        return base.tensor() == nullptr ? Status() : text(*base.tensor(), theta0.tensor);
      }
      default:
        return unknown("tensor.theta0_type", "a tensor has a theta0");
    }
  }

  Status base(const fb::Base& in, Base& out) {
    out.weights_identity = copy(in.weights_identity());
    return text(*in.name(), out.name);
  }

  Status metadata(const fb::Metadata& in, Metadata& out) {
    if (Status s = text(*in.key(), out.key); !s.ok()) return s;
    if (Status s = charge(kMemberSize); !s.ok()) return s;
    switch (in.value_type()) {
      case fb::MetadataValue::Text:
        return text(*in.value_as_Text()->value(), out.value.emplace<std::string>());
      case fb::MetadataValue::Integer:
        out.value = std::int64_t{in.value_as_Integer()->value()};
        return {};
      case fb::MetadataValue::Real:
        out.value = in.value_as_Real()->value();
        return {};
      case fb::MetadataValue::Boolean:
        out.value = in.value_as_Boolean()->value();
        return {};
      default:
        return unknown("metadata.type", "a metadata entry has a value");
    }
  }

  Footprint footprint_;
};

}  // namespace

Result<Manifest> parse_manifest(std::span<const std::byte> bytes) {
  // FlatBuffers computes with 32-bit offsets of up to 2^31; 16 MiB is far from it. The smallest table takes 4 bytes
  // of its own and 4 for the reference to it.
  constexpr flatbuffers::uoffset_t kMaxDepth = 8;
  constexpr std::size_t kLeastBuffer = 16;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (bytes.size() < kLeastBuffer) return broken("too short");
  flatbuffers::Verifier verifier(data, bytes.size(), kMaxDepth, static_cast<flatbuffers::uoffset_t>(bytes.size() / 8));
  if (!fb::VerifyManifestBuffer(verifier)) return broken("an offset, a length or a required field is wrong");

  Manifest manifest;
  if (Status s = Parser(bytes.size()).parse(*fb::GetManifest(data), manifest); !s.ok()) return s;
  return manifest;
}

}  // namespace mcnc
