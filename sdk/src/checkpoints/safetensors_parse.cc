// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "mcnc/checked_math.h"
#include "mcnc/safetensors_header.h"

namespace mcnc {
namespace {

using nlohmann::json;

constexpr std::string_view kMetadataName = "__metadata__";
constexpr std::size_t kMaxDepth = 127;  // of what stands in fields that mean nothing here, as in the reference reader

// Types, with the bits of one element: those of .mcnc files, and others that the reference reader knows.
struct KnownType {
  std::string_view text;
  std::uint64_t bits;
  std::optional<DType> dtype;
};
constexpr KnownType kOtherTypes[] = {
    {"F4", 4, {}},          {"F6_E2M3", 6, {}},     {"F6_E3M2", 6, {}}, {"F8_E8M0", 8, {}},
    {"F8_E4M3FNUZ", 8, {}}, {"F8_E5M2FNUZ", 8, {}}, {"C64", 64, {}},
};

std::optional<KnownType> type_of(std::string_view text) noexcept {
  for (int i = 0; i <= static_cast<int>(DType::kF8E5M2); ++i) {
    const auto dtype = static_cast<DType>(i);
    if (name(dtype) == text) return KnownType{text, 8 * size_of(dtype), dtype};
  }
  const auto* other = std::ranges::find(kOtherTypes, text, &KnownType::text);
  return other == std::end(kOtherTypes) ? std::nullopt : std::optional(*other);
}

// What the parser of the JSON library reports, turned into a header. Each call returns whether to go on; where it does
// not, status() says why.
class Handler final : public nlohmann::json_sax<json> {
 public:
  const Status& status() const noexcept { return status_; }
  SafetensorsHeader& header() noexcept { return header_; }

  bool null() override {
    if (ignored()) return true;
    if (place_ != Place::kEntry || !is_metadata_) return misplaced();
    place_ = Place::kHeader;  // there is no metadata
    return true;
  }
  bool boolean(bool) override { return ignored() || misplaced(); }
  bool number_integer(number_integer_t) override { return ignored() || misplaced(); }
  bool number_unsigned(number_unsigned_t number) override {
    if (place_ != Place::kNumbers) return ignored() || misplaced();
    numbers_.push_back(number);
    return true;
  }
  bool number_float(number_float_t, const string_t&) override { return ignored() || misplaced(); }
  bool binary(binary_t&) override { return misplaced(); }
  bool string(string_t& text) override {
    if (place_ == Place::kText) {
      place_ = Place::kMetadata;
      return header_.metadata.emplace(key_, std::move(text)).second ||
             refuse("two texts of its metadata are called " + key_);
    }
    if (place_ != Place::kField || field_ != Field::kType) return ignored() || misplaced();
    type_ = std::move(text);
    place_ = Place::kTensor;
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::kStart) {
      place_ = Place::kHeader;
    } else if (place_ == Place::kEntry) {
      place_ = is_metadata_ ? Place::kMetadata : Place::kTensor;
      type_.reset();
      shape_.reset();
      offsets_.reset();
    } else {
      return opens_ignored() || misplaced();
    }
    return true;
  }
  bool end_object() override {
    if (place_ == Place::kIgnored) return close_ignored();
    if (place_ == Place::kTensor && !add_tensor()) return false;
    place_ = place_ == Place::kHeader ? Place::kStart : Place::kHeader;
    return true;
  }
  bool start_array(std::size_t) override {
    if (place_ != Place::kField || field_ == Field::kType || field_ == Field::kOther) {
      return opens_ignored() || misplaced();
    }
    place_ = Place::kNumbers;
    numbers_.clear();
    return true;
  }
  bool end_array() override {
    if (place_ == Place::kIgnored) return close_ignored();
    (field_ == Field::kShape ? shape_ : offsets_) = std::move(numbers_);
    numbers_ = {};
    place_ = Place::kTensor;
    return true;
  }

  bool key(string_t& text) override {
    if (place_ == Place::kHeader) {
      is_metadata_ = text == kMetadataName;
      if (is_metadata_ && std::exchange(has_metadata_, true))
        return refuse("it has two of " + std::string(kMetadataName));
      key_ = std::move(text);
      place_ = Place::kEntry;
    } else if (place_ == Place::kMetadata) {
      key_ = std::move(text);
      place_ = Place::kText;
    } else if (place_ == Place::kTensor) {
      place_ = Place::kField;
      field_ = text == "dtype"          ? Field::kType
               : text == "shape"        ? Field::kShape
               : text == "data_offsets" ? Field::kOffsets
                                        : Field::kOther;
      const bool twice = (field_ == Field::kType && type_) || (field_ == Field::kShape && shape_) ||
                         (field_ == Field::kOffsets && offsets_);
      if (twice) return refuse("tensor " + key_ + " has two of " + text);
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return refuse("it is not JSON from this byte on", position > 0 ? position - 1 : 0);
  }

  // offset: in the header.
  bool refuse(const std::string& why, std::uint64_t offset = Status::kNoOffset) {
    const bool known = offset != Status::kNoOffset;
    status_ = {ErrorCode::kLayout, "", "its header is malformed: " + why, known ? kHeaderLengthSize + offset : offset};
    return false;
  }

 private:
  enum class Place {
    kStart,     // outside of the header's object
    kHeader,    // in it, where a name comes next
    kEntry,     // behind the name of a tensor, or of the metadata
    kMetadata,  // in the metadata, where a name comes next
    kText,      // behind such a name
    kTensor,    // in a tensor, where a field's name comes next
    kField,     // behind such a name
    kNumbers,   // in the list that is a shape or the offsets
    kIgnored,   // in a field that means nothing here
  };
  enum class Field { kType, kShape, kOffsets, kOther };

  // The value of a field that means nothing.
  bool ignored() noexcept {
    if (place_ == Place::kIgnored) return true;
    if (place_ != Place::kField || field_ != Field::kOther) return false;
    place_ = Place::kTensor;
    return true;
  }
  // The same for an object or a list.
  bool opens_ignored() {
    if (place_ != Place::kIgnored && (place_ != Place::kField || field_ != Field::kOther)) return false;
    place_ = Place::kIgnored;
    if (++depth_ > kMaxDepth) return refuse("tensor " + key_ + ": it is nested too deeply");
    return true;
  }
  bool close_ignored() noexcept {
    if (--depth_ == 0) place_ = Place::kTensor;
    return true;
  }

  // A value that is none of those that may stand where it does.
  bool misplaced() {
    if (!status_.ok()) return false;
    switch (place_) {
      case Place::kStart:
        return refuse("it is not a JSON object");
      case Place::kText:
      case Place::kMetadata:
        return refuse("its metadata is not all text");
      case Place::kHeader:
      case Place::kEntry:
        return refuse(is_metadata_ ? "its metadata is not an object" : "tensor " + key_ + " is not an object");
      case Place::kNumbers:
        return refuse("tensor " + key_ + ": its shape and data_offsets are whole numbers from 0 to 2^64 - 1");
      case Place::kTensor:
      case Place::kField:
      case Place::kIgnored:
        break;
    }
    return refuse("tensor " + key_ + ": its dtype is not text, or its shape or data_offsets is not a list");
  }

  // The tensor whose object ends here.
  bool add_tensor() {
    const std::string what = "tensor " + key_;
    if (!type_ || !shape_ || !offsets_) {
      return refuse(what + " has no " + (!type_ ? "dtype" : !shape_ ? "shape" : "data_offsets"));
    }
    if (offsets_->size() != 2 || (*offsets_)[0] > (*offsets_)[1]) {
      return refuse(what + ": data_offsets are not where it begins and where it ends");
    }
    SafetensorsTensor tensor{std::move(key_), *std::move(type_), {}, *std::move(shape_), 0, 0};
    tensor.offset = offsets_->front();
    tensor.bytes = offsets_->back() - offsets_->front();
    // As the reference reader, which multiplies from the left: a 0 that comes too late does not help.
    std::uint64_t elements = 1;
    for (const std::uint64_t dimension : tensor.shape) {
      const Checked product = Checked(elements) * dimension;
      if (product.overflowed()) return refuse(what + ": its shape has more elements than can be");
      elements = product.value();
    }
    if (const std::optional<KnownType> type = type_of(tensor.type)) {
      tensor.dtype = type->dtype;
      const Checked bits = Checked(elements) * type->bits;
      if (bits.overflowed() || bits.value() % 8 != 0 || bits.value() / 8 != tensor.bytes) {
        return refuse(what + " is " + tensor.type_and_shape() + ", which does not take the " +
                      std::to_string(tensor.bytes) + " bytes it has");
      }
    } else if (tensor.type.empty()) {
      return refuse(what + ": its dtype is empty");
    }
    header_.tensors.push_back(std::move(tensor));
    return true;
  }

  SafetensorsHeader header_;
  Status status_;
  Place place_ = Place::kStart;
  Field field_ = Field::kOther;
  std::size_t depth_ = 0;      // of objects and lists in an ignored field
  std::string key_;            // of the tensor, or of the text in the metadata
  bool is_metadata_ = false;   // the entry is the metadata
  bool has_metadata_ = false;  // there was one
  std::optional<std::string> type_;
  std::optional<std::vector<std::uint64_t>> shape_;
  std::optional<std::vector<std::uint64_t>> offsets_;
  std::vector<std::uint64_t> numbers_;
};

}  // namespace

Result<SafetensorsHeader> parse_safetensors_header(std::string_view text) {
  Handler handler;
  // The JSON library steps over a byte order mark, and takes a NUL for the end of the text.
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) {
    handler.refuse("it begins with a byte order mark", 0);
    return handler.status();
  }
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    handler.refuse("it has a NUL byte, which JSON has nowhere", nul);
    return handler.status();
  }
  if (!json::sax_parse(text.begin(), text.end(), &handler)) return handler.status();
  return std::move(handler.header());
}

}  // namespace mcnc
