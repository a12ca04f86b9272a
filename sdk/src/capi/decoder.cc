// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Decoders, and the base models that they start from.
#include "capi/decoder.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "capi/accelerator.h"
#include "capi/call.h"
#include "capi/callback_base.h"
#include "capi/execution.h"
#include "capi/file.h"
#include "capi/generator_cache.h"
#include "mcnc/sink.h"

namespace mcnc::capi {
namespace {

class CallbackSink final : public Sink {
 public:
  CallbackSink(const Manifest& manifest, mcnc_write_function function, void* context) noexcept
      : manifest_(manifest), write_(function), context_(context) {}

  Status write(const Tensor& tensor, std::uint64_t offset, std::span<const std::byte> bytes) noexcept override {
    const auto index = static_cast<std::uint64_t>(&tensor - manifest_.tensors.data());
    const Result<int> result = call_back("write", write_, context_, index, offset, bytes.data(), bytes.size());
    if (!result.ok()) return result.status();
    if (*result == 0) return {};
    return {ErrorCode::kCancelled, "", "the write function asked for the end"};
  }

 private:
  const Manifest& manifest_;
  mcnc_write_function write_;
  void* context_;
};

}  // namespace
}  // namespace mcnc::capi

using namespace mcnc;        // NOLINT(google-build-using-namespace): functions of C have none of their own
using namespace mcnc::capi;  // NOLINT(google-build-using-namespace)

namespace mcnc::capi {
namespace {

Status output(void* out, std::size_t bytes, std::span<std::byte>& span) {
  if (out == nullptr && bytes != 0) return bad_argument("the output is NULL");
  span = {static_cast<std::byte*>(out), bytes};
  return {};
}

}  // namespace
}  // namespace mcnc::capi

int32_t mcnc_decoder_create(const mcnc_file* file, const mcnc_execution* execution, mcnc_decoder** decoder,
                            mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (decoder == nullptr) return bad_argument("there is no place for the handle: decoder is NULL");
    *decoder = nullptr;
    if (Status s = check(file); !s.ok()) return s;
    auto state = std::make_unique<ExecutionState>();
    DecoderOptions options;
    if (Status s = state->set(execution, options.execution); !s.ok()) return s;
    options.check_digests = state->options.skip_digests == 0;
    if (const mcnc_generator_cache* shared = state->options.generators; shared != nullptr) {
      if (Status s = check(shared); !s.ok()) return s;
      options.generators = shared->cache;
    }
    if (const mcnc_accelerator* device = state->options.accelerator; device != nullptr) {
      if (Status s = check(device); !s.ok()) return s;
      options.accelerator = device->accelerator;
    }
    Result<Decoder> made = Decoder::create(file->reader, options);
    if (!made.ok()) return made.status();
    std::vector<std::unique_ptr<BaseModel>> bases(file->reader.manifest().bases.size());
    *decoder = new mcnc_decoder{mcnc_decoder::kTag, std::move(state), std::move(bases), {}, *std::move(made)};
    return {};
  });
}

void mcnc_decoder_destroy(mcnc_decoder* decoder) { destroy(decoder); }

int32_t mcnc_generator_cache_create(uint64_t max_bytes, mcnc_generator_cache** cache, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (cache == nullptr) return bad_argument("there is no place for the handle: cache is NULL");
    *cache = nullptr;
    Result<std::shared_ptr<GeneratorCache>> made = GeneratorCache::create(max_bytes);
    if (!made.ok()) return made.status();
    *cache = new mcnc_generator_cache{mcnc_generator_cache::kTag, *std::move(made)};
    return {};
  });
}

void mcnc_generator_cache_destroy(mcnc_generator_cache* cache) { destroy(cache); }

int32_t mcnc_set_base(mcnc_decoder* decoder, uint64_t index, const mcnc_base_model* model, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (Status s = check(decoder); !s.ok()) return s;
    if (index >= decoder->bases.size()) return out_of_range("base", index, decoder->bases.size());
    const auto i = static_cast<std::size_t>(index);
    Result<std::unique_ptr<BaseModel>> base = base_of(model);
    if (!base.ok()) return base.status();
    if (Status s = decoder->decoder.set_base(i, **base); !s.ok()) return s;
    decoder->bases[i] = *std::move(base);
    return {};
  });
}

int32_t mcnc_decode(mcnc_decoder* decoder, uint64_t index, void* out, size_t bytes, mcnc_error* error) {
  return with_tensor(decoder, index, error, [&](Decoder& with, std::size_t i, const Tensor&) -> Status {
    std::span<std::byte> span;
    if (Status s = output(out, bytes, span); !s.ok()) return s;
    return with.decode(i, span);
  });
}

int32_t mcnc_decode_range(mcnc_decoder* decoder, uint64_t index, uint64_t first, uint64_t count, void* out,
                          size_t bytes, mcnc_error* error) {
  return with_tensor(decoder, index, error, [&](Decoder& with, std::size_t i, const Tensor&) -> Status {
    std::span<std::byte> span;
    if (Status s = output(out, bytes, span); !s.ok()) return s;
    return with.decode_range(i, first, count, span);
  });
}

int32_t mcnc_decode_rows(mcnc_decoder* decoder, uint64_t index, uint64_t first, uint64_t count, void* out, size_t bytes,
                         mcnc_error* error) {
  return with_tensor(decoder, index, error, [&](Decoder& with, std::size_t i, const Tensor& tensor) -> Status {
    std::span<std::byte> span;
    if (Status s = output(out, bytes, span); !s.ok()) return s;
    if (tensor.shape.empty()) return bad_argument("tensor " + tensor.name + " is a scalar: it has no rows");
    const std::uint64_t rows = tensor.shape[0];
    if (first > rows || count > rows - first) {
      return bad_argument("rows " + std::to_string(first) + " and the " + std::to_string(count) +
                          " from there on: tensor " + tensor.name + " has " + std::to_string(rows));
    }
    const std::uint64_t row = rows == 0 ? 0 : tensor.elements() / rows;
    return with.decode_range(i, first * row, count * row, span);
  });
}

int32_t mcnc_decode_stream(mcnc_decoder* decoder, uint64_t index, mcnc_write_function write, void* context,
                           mcnc_error* error) {
  return with_tensor(decoder, index, error, [&](Decoder& with, std::size_t i, const Tensor&) -> Status {
    if (write == nullptr) return bad_argument("the write function is NULL");
    CallbackSink sink(with.manifest(), write, context);
    return with.decode(i, sink);
  });
}

int32_t mcnc_decode_all(mcnc_decoder* decoder, mcnc_write_function write, void* context, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (Status s = check(decoder); !s.ok()) return s;
    if (write == nullptr) return bad_argument("the write function is NULL");
    CallbackSink sink(decoder->decoder.manifest(), write, context);
    return decoder->decoder.decode_all(sink);
  });
}

int32_t mcnc_verify(mcnc_decoder* decoder, mcnc_error* error) {
  return call(error, [&]() -> Status {
    if (Status s = check(decoder); !s.ok()) return s;
    return decoder->decoder.verify();
  });
}

void mcnc_decoder_cancel(mcnc_decoder* decoder, int cancel) {
  if (decoder != nullptr && decoder->tag == mcnc_decoder::kTag) decoder->execution->cancel = cancel != 0;
}
