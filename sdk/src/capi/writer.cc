// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Files in the making: metadata, bases, and the file itself. Tensors and codes are added in files of their own.
#include "capi/writer.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>
#include <utility>

#include "capi/callback_base.h"
#include "capi/execution.h"
#include "mcnc/checked_math.h"

namespace mcnc::capi {
namespace {

template <typename T>
void shorten(std::vector<T>& vector, std::size_t size) noexcept {
  while (vector.size() > size) vector.pop_back();
}

Result<MetadataValue> value_of(const mcnc_metadata& entry) {
  switch (entry.type) {
    case MCNC_METADATA_TEXT:
      if (entry.text == nullptr && entry.text_bytes != 0) return bad_argument("the text of the metadata is NULL");
      return MetadataValue(std::string(entry.text == nullptr ? "" : entry.text, to_size(entry.text_bytes)));
    case MCNC_METADATA_INTEGER:
      return MetadataValue(entry.integer);
    case MCNC_METADATA_REAL:
      return MetadataValue(entry.real);
    case MCNC_METADATA_BOOLEAN:
      return MetadataValue(entry.boolean != 0);
    default:
      return bad_argument("the type of the metadata is not one of MCNC_METADATA_TEXT ...");
  }
}

using Numbers = std::map<std::string_view, std::uint32_t>;  // of tensors, by name

Result<std::uint32_t> number_of(const Numbers& numbers, const std::string& asking, const std::string& name) {
  const auto found = numbers.find(name);
  if (found != numbers.end()) return found->second;
  return bad_argument("tensor " + asking + " is made of tensor " + name + ", which was not added");
}

// Puts numbers where tensors were named.
Status resolve(const mcnc_writer& writer, Manifest& manifest) {
  Numbers numbers;
  for (std::size_t i = 0; i < manifest.tensors.size(); ++i) {
    numbers.emplace(manifest.tensors[i].name, static_cast<std::uint32_t>(i));
  }
  for (std::size_t i = 0; i < manifest.tensors.size(); ++i) {
    Tensor& tensor = manifest.tensors[i];
    const auto& [first, second] = writer.parts[i];
    if (auto* product = std::get_if<Product>(&tensor.source); product != nullptr) {
      const Result<std::uint32_t> b = number_of(numbers, tensor.name, first);
      const Result<std::uint32_t> a = number_of(numbers, tensor.name, second);
      if (!b.ok() || !a.ok()) return b.ok() ? a.status() : b.status();
      product->b = *b;
      product->a = *a;
    } else if (auto* shared = std::get_if<Shared>(&tensor.source); shared != nullptr) {
      const Result<std::uint32_t> same = number_of(numbers, tensor.name, first);
      if (!same.ok()) return same.status();
      shared->tensor = *same;
      tensor.dtype = manifest.tensors[*same].dtype;
      tensor.shape = manifest.tensors[*same].shape;
    }
  }
  return {};
}

// Runs body(model, options) to write what was added.
template <typename Body>
int32_t write(mcnc_writer* writer, const mcnc_write_options* options, mcnc_error* error, Body&& body) noexcept {
  return call(error, [&]() -> Status {
    if (Status s = check(writer); !s.ok()) return s;
    mcnc_write_options taken;
    mcnc_write_options_init(&taken);
    if (Status s = take(options, taken); !s.ok()) return s;
    ExecutionState state;
    WriteOptions how;
    how.zstd_level = taken.zstd_level;
    if (Status s = state.set(taken.execution, how.execution); !s.ok()) return s;
    for (const auto& base : writer->bases) how.bases.push_back(base.get());
    Model model = writer->model;
    if (Status s = resolve(*writer, model.manifest); !s.ok()) return s;
    return body(std::move(model), how);
  });
}

}  // namespace

Additions::Additions(mcnc_writer& writer) noexcept
    : writer_(writer),
      segments_(writer.model.segments.size()),
      generators_(writer.model.manifest.generators.size()),
      codes_(writer.model.manifest.codes.size()),
      tensors_(writer.model.manifest.tensors.size()),
      bases_(writer.model.manifest.bases.size()),
      models_(writer.bases.size()),
      parts_(writer.parts.size()) {}

Additions::~Additions() {
  if (kept_) return;
  shorten(writer_.model.segments, segments_);
  shorten(writer_.model.manifest.generators, generators_);
  shorten(writer_.model.manifest.codes, codes_);
  shorten(writer_.model.manifest.tensors, tensors_);
  shorten(writer_.model.manifest.bases, bases_);
  shorten(writer_.bases, models_);
  shorten(writer_.parts, parts_);
}

std::uint32_t add_segment(mcnc_writer& writer, SegmentSource segment) {
  writer.model.segments.push_back(std::move(segment));
  return static_cast<std::uint32_t>(writer.model.segments.size() - 1);
}

std::uint32_t add_trained(mcnc_writer& writer, Model trained) {
  Manifest& manifest = writer.model.manifest;
  const auto first_segment = static_cast<std::uint32_t>(writer.model.segments.size());
  const auto first_codes = static_cast<std::uint32_t>(manifest.codes.size());
  for (SegmentSource& segment : trained.segments) writer.model.segments.push_back(std::move(segment));
  const auto same = std::ranges::find(manifest.generators, trained.manifest.generators.front());
  const auto generator = static_cast<std::uint32_t>(same - manifest.generators.begin());
  if (same == manifest.generators.end()) manifest.generators.push_back(trained.manifest.generators.front());
  for (Codes& codes : trained.manifest.codes) {
    codes.generator = generator;
    codes.alpha_segment += first_segment;
    if (codes.beta_segment) *codes.beta_segment += first_segment;
    manifest.codes.push_back(codes);
  }
  for (Tensor& tensor : trained.manifest.tensors) {
    std::get<Generated>(tensor.source).codes += first_codes;
    manifest.tensors.push_back(std::move(tensor));
    writer.parts.emplace_back();
  }
  return first_codes;
}

Result<std::vector<std::byte>> copy_of(const void* data, std::uint64_t count, std::size_t size, const char* what) {
  const Checked bytes = Checked(count) * size;
  if (data == nullptr && count != 0) return bad_argument(std::string(what) + " is NULL");
  if (bytes.value() > PTRDIFF_MAX) return bad_argument(std::string(what) + " cannot have so many numbers");
  const auto* first = static_cast<const std::byte*>(data);
  return count == 0 ? std::vector<std::byte>() : std::vector<std::byte>(first, first + bytes.value());
}

Status check_form(const char* name, const std::uint64_t* shape, std::uint32_t rank) {
  if (name == nullptr) return bad_argument("a tensor has no name: it is NULL");
  if (shape == nullptr && rank != 0) return bad_argument(std::string("tensor ") + name + " has no shape");
  if (rank > 64) return bad_argument(std::string("tensor ") + name + " has more than 64 dimensions");
  return {};
}

}  // namespace mcnc::capi

using namespace mcnc;        // NOLINT(google-build-using-namespace): functions of C have none of their own
using namespace mcnc::capi;  // NOLINT(google-build-using-namespace)

int32_t mcnc_writer_create(mcnc_writer** writer, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (writer == nullptr) return bad_argument("there is no place for the handle: writer is NULL");
    *writer = nullptr;
    *writer = new mcnc_writer;
    return {};
  });
}

void mcnc_writer_destroy(mcnc_writer* writer) { destroy(writer); }

int32_t mcnc_writer_set_metadata(mcnc_writer* writer, const mcnc_metadata* entry, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (Status s = check(writer); !s.ok()) return s;
    if (entry == nullptr || entry->key == nullptr) return bad_argument("the metadata, or its key, is NULL");
    Result<MetadataValue> value = value_of(*entry);
    if (!value.ok()) return value.status();
    std::vector<Metadata>& all = writer->model.manifest.metadata;
    const auto found = std::ranges::find(all, std::string_view(entry->key), &Metadata::key);
    if (found == all.end()) {
      all.push_back({entry->key, *std::move(value)});
    } else {
      found->value = *std::move(value);
    }
    return {};
  });
}

int32_t mcnc_writer_add_base(mcnc_writer* writer, const char* name, const uint8_t weights_identity[32],
                             const mcnc_base_model* model, uint32_t* index, mcnc_error* error) {
  return add(writer, error, [&]() -> Status {
    if (name == nullptr || weights_identity == nullptr || index == nullptr) {
      return bad_argument("the base's name or weights identity, or the place for its number, is NULL");
    }
    Result<std::unique_ptr<BaseModel>> made = base_of(model);
    if (!made.ok()) return made.status();
    Base base{name, {}};
    std::memcpy(base.weights_identity.data(), weights_identity, base.weights_identity.size());
    writer->model.manifest.bases.push_back(std::move(base));
    writer->bases.push_back(*std::move(made));
    *index = static_cast<std::uint32_t>(writer->bases.size() - 1);
    return {};
  });
}

void mcnc_write_options_init(mcnc_write_options* options) {
  if (options == nullptr) return;
  *options = {};
  options->struct_size = sizeof(mcnc_write_options);
  options->zstd_level = WriteOptions().zstd_level;
}

int32_t mcnc_writer_write_file(mcnc_writer* writer, const char* path, const mcnc_write_options* options,
                               mcnc_error* error) {
  return write(writer, options, error, [&](Model model, const WriteOptions& how) -> Status {
    if (path == nullptr) return bad_argument("the path is NULL");
    return write_file(path, std::move(model), how);
  });
}

int32_t mcnc_writer_write(mcnc_writer* writer, const mcnc_write_options* options, mcnc_write_function function,
                          void* context, mcnc_error* error) {
  return write(writer, options, error, [&](Model model, const WriteOptions& how) -> Status {
    if (function == nullptr) return bad_argument("the write function is NULL");
    const Result<std::vector<std::byte>> bytes = serialize(std::move(model), how);
    if (!bytes.ok()) return bytes.status();
    const Result<int> result =
        call_back("write", function, context, std::uint64_t{0}, std::uint64_t{0}, bytes->data(), bytes->size());
    if (!result.ok()) return result.status();
    if (*result == 0) return {};
    return {ErrorCode::kCancelled, "", "the write function asked for the end"};
  });
}
