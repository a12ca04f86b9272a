// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/decoder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/boundary.h"
#include "base/checked_math.h"
#include "base/fp_environment.h"
#include "decoder/tensor_decoder.h"
#include "tensors/merkle.h"

namespace mcnc {
namespace {

class NullSink final : public Sink {
 public:
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte>) noexcept override { return {}; }
};

// file -> segments -> codes, generator -> pieces of the tensor -> digest and sink.
Status stream_tensor(Parts& parts, std::size_t index, Sink& sink) {
  const Tensor& tensor = parts.reader().manifest().tensors[index];
  Result<TensorDecoder> decoder = TensorDecoder::load(parts, index);
  if (!decoder.ok()) return decoder.status();

  const std::uint64_t size = size_of(tensor.dtype);
  const std::uint64_t elements = tensor.elements();
  std::vector<std::byte> piece;
  MerkleTree digest;
  for (std::uint64_t first = 0, end = 0; first < elements; first = end) {
    end = decoder->piece_end(first);
    piece.resize(to_size((end - first) * size));
    decoder->decode(first, end - first, piece);
    digest.update(piece);
    if (Status s = sink.write(tensor, first * size, piece); !s.ok()) return s;
  }
  if (digest.finish() != tensor.digest) {
    return {Code::kTensorDigest, "tensor.digest",
            "the decoded bytes of tensor " + tensor.name + " are not those the file was written with"};
  }
  return {};
}

}  // namespace

struct Decoder::State {
  explicit State(Reader& reader) : parts(reader) {}

  Status decode_each(Sink& sink, bool factors) {
    const FpEnvironment environment;
    const std::vector<Tensor>& tensors = parts.reader().manifest().tensors;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      if (tensors[i].factor && !factors) continue;
      if (Status s = stream_tensor(parts, i, sink); !s.ok()) return s;
    }
    return {};
  }

  Parts parts;
};

Result<Decoder> Decoder::create(Reader& reader) noexcept {
  return boundary([&]() -> Result<Decoder> { return Decoder(std::make_unique<State>(reader)); });
}

Decoder::Decoder(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

Status Decoder::set_base(std::size_t base, BaseModel& model) noexcept {
  if (base >= state_->parts.reader().manifest().bases.size()) return {Code::kArgument, "", {}};
  state_->parts.set_base(base, &model);
  return {};
}

Status Decoder::decode_range(std::size_t tensor, std::uint64_t first, std::uint64_t count,
                             std::span<std::byte> out) noexcept {
  return boundary([&]() -> Status {
    const std::vector<Tensor>& tensors = state_->parts.reader().manifest().tensors;
    if (tensor >= tensors.size()) return {Code::kArgument, "", "no tensor of that index"};
    const std::uint64_t elements = tensors[tensor].elements();
    if (first > elements || count > elements - first) return {Code::kArgument, "", "the tensor has no such range"};
    const std::uint64_t size = size_of(tensors[tensor].dtype);
    if (out.size() != count * size) return {Code::kArgument, "", "the output's size is not that of the range"};

    const FpEnvironment environment;
    Result<TensorDecoder> decoder = TensorDecoder::load(state_->parts, tensor);
    if (!decoder.ok()) return decoder.status();
    for (std::uint64_t done = 0, end = 0; done < count; done = end) {
      end = std::min(decoder->piece_end(first + done) - first, count);
      decoder->decode(
          first + done, end - done,
          out.subspan(static_cast<std::size_t>(done * size), static_cast<std::size_t>((end - done) * size)));
    }
    return {};
  });
}

Status Decoder::decode(std::size_t tensor, Sink& sink) noexcept {
  return boundary([&]() -> Status {
    if (tensor >= state_->parts.reader().manifest().tensors.size()) {
      return {Code::kArgument, "", "no tensor of that index"};
    }
    const FpEnvironment environment;
    return stream_tensor(state_->parts, tensor, sink);
  });
}

Status Decoder::decode_all(Sink& sink) noexcept {
  return boundary([&]() -> Status { return state_->decode_each(sink, false); });
}

// Every segment has a user (rule segment.reference) and every user is part of a tensor (rules generator.use,
// codes.coverage), so that decoding all reads all.
Status Decoder::verify() noexcept {
  return boundary([&]() -> Status {
    NullSink sink;
    return state_->decode_each(sink, true);
  });
}

}  // namespace mcnc
