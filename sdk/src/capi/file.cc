// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Opening files, and what is in them.
#include "capi/file.h"

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "mcnc/input.h"
#include "mcnc/limits.h"
#include "mcnc/manifest.h"

namespace mcnc::capi {
namespace {

static_assert(static_cast<int>(DType::kF8E5M2) == MCNC_F8_E5M2 && static_cast<int>(DType::kBool) == MCNC_BOOL);

class CallbackInput final : public Input {
 public:
  explicit CallbackInput(const mcnc_source& source) noexcept : source_(source) {}
  std::uint64_t size() const noexcept override { return source_.size; }
  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    if (offset > source_.size || out.size() > source_.size - offset) {
      return {ErrorCode::kTruncated, "", "the file ends too early", source_.size};
    }
    if (out.empty()) return {};
    return boundary([&]() -> Status {
      const Result<int> result = call_back("read_at", source_.read_at, source_.context, offset, out.data(), out.size());
      if (!result.ok()) return result.status();
      if (*result == 0) return {};
      return {ErrorCode::kRead, "", "the source could not read " + std::to_string(out.size()) + " bytes", offset};
    });
  }

 private:
  mcnc_source source_;
};

Status open(Result<std::unique_ptr<Input>> input, const mcnc_limits* limits, mcnc_file** file) {
  if (!input.ok()) return input.status();
  Limits most;
  if (Status s = limits_of(limits, most); !s.ok()) return s;
  Allowance allowance(most);
  Result<Reader> reader = Reader::open(*std::move(input), allowance);
  if (!reader.ok()) return reader.status();
  *file = new mcnc_file{mcnc_file::kTag, *std::move(reader)};
  return {};
}

// Runs body() with *file at NULL; NULL itself is the caller's mistake.
template <typename Body>
int32_t opening(mcnc_file** file, mcnc_error* error, Body&& body) noexcept {
  return call(error, [&]() -> Status {
    if (file == nullptr) return bad_argument("there is no place for the handle: file is NULL");
    *file = nullptr;
    return body();
  });
}

// Runs body(manifest) of an open file that has an output to write to.
template <typename Out, typename Body>
int32_t looking(const mcnc_file* file, Out* out, mcnc_error* error, Body&& body) noexcept {
  return call(error, [&]() -> Status {
    if (Status s = check(file); !s.ok()) return s;
    if (out == nullptr) return bad_argument("there is no place for the result: it is NULL");
    return body(file->reader.manifest());
  });
}

void copy(const Digest& digest, uint8_t* out) { std::memcpy(out, digest.data(), digest.size()); }

Status describe(const Manifest& manifest, std::uint64_t index, mcnc_tensor* out) {
  if (index >= manifest.tensors.size()) return out_of_range("tensor", index, manifest.tensors.size());
  const Tensor& tensor = manifest.tensors[static_cast<std::size_t>(index)];
  *out = {};
  out->index = index;
  out->name = tensor.name.c_str();
  out->dtype = static_cast<int32_t>(tensor.dtype);
  out->rank = static_cast<uint32_t>(tensor.shape.size());
  out->shape = tensor.shape.data();
  out->elements = tensor.elements();
  out->bytes = tensor.bytes();
  out->is_factor = tensor.factor ? 1 : 0;
  copy(tensor.digest, out->digest);
  return {};
}

struct MetadataWriter {
  mcnc_metadata* out;

  void operator()(const std::string& text) const {
    out->type = MCNC_METADATA_TEXT;
    out->text = text.c_str();
    out->text_bytes = text.size();
  }
  void operator()(std::int64_t integer) const {
    out->type = MCNC_METADATA_INTEGER;
    out->integer = integer;
  }
  void operator()(double real) const {
    out->type = MCNC_METADATA_REAL;
    out->real = real;
  }
  void operator()(bool boolean) const {
    out->type = MCNC_METADATA_BOOLEAN;
    out->boolean = boolean ? 1 : 0;
  }
};

Status describe(const Manifest& manifest, std::uint64_t index, mcnc_metadata* out) {
  if (index >= manifest.metadata.size()) return out_of_range("metadata entry", index, manifest.metadata.size());
  const Metadata& entry = manifest.metadata[static_cast<std::size_t>(index)];
  *out = {};
  out->key = entry.key.c_str();
  std::visit(MetadataWriter{out}, entry.value);
  return {};
}

}  // namespace

Status limits_of(const mcnc_limits* from, Limits& limits) {
  mcnc_limits taken;
  mcnc_limits_init(&taken);
  if (Status s = take(from, taken); !s.ok()) return s;
  limits = {taken.output_bytes, taken.multiply_adds, taken.scratch_bytes};
  return {};
}

}  // namespace mcnc::capi

using namespace mcnc;        // NOLINT(google-build-using-namespace): functions of C have none of their own
using namespace mcnc::capi;  // NOLINT(google-build-using-namespace)

void mcnc_limits_init(mcnc_limits* limits) {
  if (limits == nullptr) return;
  const Limits defaults;
  *limits = {sizeof(mcnc_limits), defaults.output_bytes, defaults.multiply_adds, defaults.scratch_bytes};
}

int32_t mcnc_open_file(const char* path, const mcnc_limits* limits, mcnc_file** file, mcnc_error* error) {
  return opening(file, error, [&]() -> Status {
    if (path == nullptr) return bad_argument("the path is NULL");
    return open(open_file(path), limits, file);
  });
}

int32_t mcnc_open_memory(const void* data, size_t bytes, const mcnc_limits* limits, mcnc_file** file,
                         mcnc_error* error) {
  return opening(file, error, [&]() -> Status {
    if (data == nullptr && bytes != 0) return bad_argument("the memory is NULL");
    return open(borrow_memory({static_cast<const std::byte*>(data), bytes}), limits, file);
  });
}

int32_t mcnc_open_source(const mcnc_source* source, const mcnc_limits* limits, mcnc_file** file, mcnc_error* error) {
  return opening(file, error, [&]() -> Status {
    mcnc_source taken{};
    if (Status s = take(source, taken); !s.ok()) return s;
    if (taken.read_at == nullptr) return bad_argument("the source has no function read_at");
    return open(std::unique_ptr<Input>(std::make_unique<CallbackInput>(taken)), limits, file);
  });
}

void mcnc_close(mcnc_file* file) { destroy(file); }

int32_t mcnc_get_info(const mcnc_file* file, mcnc_file_info* info, mcnc_error* error) {
  return looking(file, info, error, [&](const Manifest& manifest) -> Status {
    *info = {};
    info->file_bytes = file->reader.file_length();
    info->output_bytes = manifest.budget.output_bytes;
    info->multiply_adds = manifest.budget.multiply_adds;
    info->scratch_bytes = manifest.budget.scratch_bytes;
    info->tensors = manifest.tensors.size();
    info->metadata = manifest.metadata.size();
    info->bases = manifest.bases.size();
    copy(file->reader.file_digest(), info->file_digest);
    copy(manifest.weights_identity, info->weights_identity);
    return {};
  });
}

int32_t mcnc_tensor_at(const mcnc_file* file, uint64_t index, mcnc_tensor* tensor, mcnc_error* error) {
  return looking(file, tensor, error, [&](const Manifest& manifest) { return describe(manifest, index, tensor); });
}

int32_t mcnc_find_tensor(const mcnc_file* file, const char* name, mcnc_tensor* tensor, mcnc_error* error) {
  return looking(file, tensor, error, [&](const Manifest& manifest) -> Status {
    if (name == nullptr) return bad_argument("the name is NULL");
    const Result<std::size_t> index = file->reader.find_tensor(name);
    return index.ok() ? describe(manifest, *index, tensor) : index.status();
  });
}

int32_t mcnc_metadata_at(const mcnc_file* file, uint64_t index, mcnc_metadata* entry, mcnc_error* error) {
  return looking(file, entry, error, [&](const Manifest& manifest) { return describe(manifest, index, entry); });
}

int32_t mcnc_find_metadata(const mcnc_file* file, const char* key, mcnc_metadata* entry, mcnc_error* error) {
  return looking(file, entry, error, [&](const Manifest& manifest) -> Status {
    if (key == nullptr) return bad_argument("the key is NULL");
    const Result<std::size_t> index = file->reader.find_metadata(key);
    return index.ok() ? describe(manifest, *index, entry) : index.status();
  });
}

int32_t mcnc_base_at(const mcnc_file* file, uint64_t index, mcnc_base* base, mcnc_error* error) {
  return looking(file, base, error, [&](const Manifest& manifest) -> Status {
    if (index >= manifest.bases.size()) return out_of_range("base", index, manifest.bases.size());
    const Base& found = manifest.bases[static_cast<std::size_t>(index)];
    base->name = found.name.c_str();
    copy(found.weights_identity, base->weights_identity);
    return {};
  });
}

int32_t mcnc_tensor_digest(const void* data, size_t bytes, uint8_t digest[32], mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (data == nullptr && bytes != 0) return bad_argument("the memory is NULL");
    if (digest == nullptr) return bad_argument("there is no place for the digest: it is NULL");
    const Result<Digest> made = tensor_digest({static_cast<const std::byte*>(data), bytes});
    if (!made.ok()) return made.status();
    copy(*made, digest);
    return {};
  });
}
