// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/decoder.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decoder/pieces.h"
#include "decoder/tensor_decoder.h"
#include "kernels/kernels.h"
#include "tensors/merkle.h"
#include "util/boundary.h"
#include "util/checked_math.h"
#include "util/fp_environment.h"
#include "util/thread_pool.h"

namespace mcnc {
namespace {

class NullSink final : public Sink {
 public:
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte>) noexcept override { return {}; }
};

Status other_digest(const Tensor& tensor) {
  return {ErrorCode::kTensorDigest, "tensor.digest",
          "tensor " + tensor.name + ": its decoded bytes are not those the file was written with"};
}

// From here on memcpy, too, writes past the caches.
constexpr std::uint64_t kPastCacheBytes = std::uint64_t{1} << 25;

// What a tensor is made of is read once for all its ranges that are decoded one after the other.
struct Ranged {
  Ranged(std::size_t index, TensorDecoder loaded) : tensor(index), decoder(std::move(loaded)) {}

  std::size_t tensor;
  TensorDecoder decoder;
};

}  // namespace

struct Decoder::State {
  State(Reader& reader, const Kernels& chosen, const DecoderOptions& options)
      : kernels(chosen), check_digests(options.check_digests) {
    if (options.runner == nullptr) pool.emplace(options.threads);
    work = {options.runner != nullptr ? options.runner : &*pool, options.cancel};
    parts.emplace(reader, chosen, *work.runner);
  }

  const std::vector<Tensor>& tensors() { return parts->reader().manifest().tensors; }

  // Segments, generators and base tensors are loaded on the calling thread.
  Result<TensorDecoder> load(std::size_t tensor) {
    const FpEnvironment environment;
    ranged.reset();
    return TensorDecoder::load(*parts, tensor);
  }

  // file -> segments -> codes, generator -> windows of the tensor, on all threads -> digest and sink.
  Status stream(std::size_t index, Sink& sink) {
    const Tensor& tensor = tensors()[index];
    const Result<TensorDecoder> decoder = load(index);
    if (!decoder.ok()) return decoder.status();
    const std::uint64_t size = size_of(tensor.dtype);
    const std::uint64_t least = check_digests ? hashed_together(kernels, work) : 0;
    MerkleTree digest(kernels);
    for (std::uint64_t first = 0, end = 0; first < tensor.elements(); first = end) {
      end = window_end(*decoder, work, first, least / size);
      window.resize(to_size((end - first) * size));
      if (Status s = decode_pieces(*decoder, work, first, end - first, window, false); !s.ok()) return s;
      if (check_digests) digest.update(window, *work.runner);
      if (Status s = sink.write(tensor, first * size, window); !s.ok()) return s;
    }
    return check_digests && digest.finish() != tensor.digest ? other_digest(tensor) : Status();
  }

  Status decode_range(std::size_t index, std::uint64_t first, std::uint64_t count, std::span<std::byte> out) {
    if (!ranged || ranged->tensor != index) {
      Result<TensorDecoder> decoder = load(index);
      if (!decoder.ok()) return decoder.status();
      ranged.emplace(index, *std::move(decoder));
    }
    return decode_pieces(ranged->decoder, work, first, count, out, out.size() >= kPastCacheBytes);
  }

  Status decode_into(std::size_t index, std::span<std::byte> out) {
    const Result<TensorDecoder> decoder = load(index);
    if (!decoder.ok()) return decoder.status();
    return decode_pieces(*decoder, work, 0, tensors()[index].elements(), out, out.size() >= kPastCacheBytes);
  }

  // The same, and the digest: windows are hashed while they are in the caches.
  Status decode_and_check(std::size_t index, std::span<std::byte> out) {
    const Tensor& tensor = tensors()[index];
    const Result<TensorDecoder> decoder = load(index);
    if (!decoder.ok()) return decoder.status();
    const std::uint64_t size = size_of(tensor.dtype);
    const std::uint64_t least = hashed_together(kernels, work);
    MerkleTree digest(kernels);
    for (std::uint64_t first = 0, end = 0; first < tensor.elements(); first = end) {
      end = window_end(*decoder, work, first, least / size);
      const std::span part =
          out.subspan(static_cast<std::size_t>(first * size), static_cast<std::size_t>((end - first) * size));
      if (Status s = decode_pieces(*decoder, work, first, end - first, part, false); !s.ok()) return s;
      digest.update(part, *work.runner);
    }
    return digest.finish() != tensor.digest ? other_digest(tensor) : Status();
  }

  Status stream_each(Sink& sink, bool factors) {
    for (std::size_t i = 0; i < tensors().size(); ++i) {
      if (tensors()[i].factor && !factors) continue;
      if (Status s = stream(i, sink); !s.ok()) return s;
    }
    return {};
  }

  // What a caller hands over as output.
  Status check_output(std::size_t tensor, std::uint64_t first, std::uint64_t count, std::span<const std::byte> out) {
    if (tensor >= tensors().size()) return {ErrorCode::kArgument, "", "no tensor of that index"};
    const std::uint64_t elements = tensors()[tensor].elements();
    if (first > elements || count > elements - first) return {ErrorCode::kArgument, "", "the tensor has no such range"};
    if (out.size() != count * size_of(tensors()[tensor].dtype)) {
      return {ErrorCode::kArgument, "", "the output's size is not that of the range"};
    }
    if (parts->reader().overlaps(out))
      return {ErrorCode::kArgument, "", "the output is part of the file that is decoded"};
    return {};
  }

  const Kernels& kernels;
  bool check_digests;
  std::optional<ThreadPool> pool;
  Work work{};
  std::optional<Parts> parts;  // never empty
  std::vector<std::byte> window;
  std::optional<Ranged> ranged;
};

std::vector<std::string_view> supported_targets() {
  std::vector<std::string_view> names;
  for (const Kernels* kernels : supported_kernels()) names.push_back(kernels->name);
  return names;
}

Result<Decoder> Decoder::create(Reader& reader, const DecoderOptions& options) noexcept {
  constexpr unsigned kMostThreads = 1024;
  return boundary([&]() -> Result<Decoder> {
    if (options.runner == nullptr && (options.threads < 1 || options.threads > kMostThreads)) {
      return Status(ErrorCode::kArgument, "", "threads must be 1 to 1024");
    }
    const Kernels* kernels = options.target.empty() ? &default_kernels() : find_kernels(options.target);
    if (kernels == nullptr) {
      return Status(ErrorCode::kArgument, "", "this processor has no target " + std::string(options.target));
    }
    return Decoder(std::make_unique<State>(reader, *kernels, options));
  });
}

Decoder::Decoder(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

Status Decoder::set_base(std::size_t base, BaseModel& model) noexcept {
  return boundary([&]() -> Status {
    const std::size_t bases = state_->parts->reader().manifest().bases.size();
    if (base >= bases) {
      return {ErrorCode::kArgument, "",
              "no base of index " + std::to_string(base) + ": the file has " + std::to_string(bases)};
    }
    state_->parts->set_base(base, &model);
    state_->ranged.reset();
    return {};
  });
}

std::string_view Decoder::target() const noexcept { return state_->kernels.name; }

Status Decoder::decode_range(std::size_t tensor, std::uint64_t first, std::uint64_t count,
                             std::span<std::byte> out) noexcept {
  return boundary([&]() -> Status {
    if (Status s = state_->check_output(tensor, first, count, out); !s.ok()) return s;
    return state_->decode_range(tensor, first, count, out);
  });
}

Status Decoder::decode(std::size_t tensor, std::span<std::byte> out) noexcept {
  return boundary([&]() -> Status {
    const std::vector<Tensor>& tensors = state_->tensors();
    const std::uint64_t elements = tensor < tensors.size() ? tensors[tensor].elements() : 0;
    if (Status s = state_->check_output(tensor, 0, elements, out); !s.ok()) return s;
    return state_->check_digests ? state_->decode_and_check(tensor, out) : state_->decode_into(tensor, out);
  });
}

Status Decoder::decode(std::size_t tensor, Sink& sink) noexcept {
  return boundary([&]() -> Status {
    if (tensor >= state_->tensors().size()) return {ErrorCode::kArgument, "", "no tensor of that index"};
    return state_->stream(tensor, sink);
  });
}

Status Decoder::decode_all(Sink& sink) noexcept {
  return boundary([&]() -> Status { return state_->stream_each(sink, false); });
}

// Every segment has a user (rule segment.reference) and every user is part of a tensor (rules generator.use,
// codes.coverage), so that decoding all reads all.
Status Decoder::verify() noexcept {
  return boundary([&]() -> Status {
    NullSink sink;
    return state_->stream_each(sink, true);
  });
}

}  // namespace mcnc
