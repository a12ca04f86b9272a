// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/decoder.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decoder/device_decoder.h"
#include "decoder/executor.h"
#include "decoder/tensor_decoder.h"
#include "mcnc/accelerator.h"
#include "mcnc/boundary.h"
#include "mcnc/checked_math.h"
#include "mcnc/fp_environment.h"

namespace mcnc {
namespace {

class NullSink final : public Sink {
 public:
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte>) noexcept override { return {}; }
};

Status moved_from() { return {ErrorCode::kArgument, "", "this Decoder was moved from: it has no file"}; }

Status other_digest(const Tensor& tensor) {
  return {ErrorCode::kTensorDigest, "tensor.digest",
          "tensor " + tensor.name + ": its decoded bytes are not those the file was written with"};
}

// From so many bytes on memcpy, too, streams: it writes past the caches.
constexpr std::uint64_t kStreamingBytes = std::uint64_t{1} << 25;

// Whether a base model is needed for tensor `index`, for what it shares or for a factor of it.
bool starts_from_base(const Manifest& manifest, std::size_t index) {
  const Tensor& tensor = manifest.tensors[index];
  const Theta0* theta0 = theta0_of(tensor);
  if (theta0 != nullptr && std::holds_alternative<BaseTheta0>(*theta0)) return true;
  if (const auto* shared = std::get_if<Shared>(&tensor.source)) return starts_from_base(manifest, shared->tensor);
  const auto* product = std::get_if<Product>(&tensor.source);
  return product != nullptr && (starts_from_base(manifest, product->b) || starts_from_base(manifest, product->a));
}

// What a tensor is made of is read once for all its ranges that are decoded one after the other.
struct Ranged {
  Ranged(std::size_t index, TensorDecoder loaded) : tensor(index), decoder(std::move(loaded)) {}

  std::size_t tensor;
  TensorDecoder decoder;
};

}  // namespace

struct Decoder::State {
  State(const Reader& file, std::unique_ptr<Executor> the_executor, const DecoderOptions& options)
      : reader(file),
        executor(std::move(the_executor)),
        check_digests(options.check_digests),
        generators(options.generators),
        accelerator(options.accelerator),
        parts(reader, executor->kernels(), executor->runner(), Fingerprints::kCheck, generators.get()) {}

  const std::vector<Tensor>& tensors() const { return reader.manifest().tensors; }

  // Segments, generators and base tensors are loaded on the calling thread.
  Result<TensorDecoder> load(std::size_t tensor) {
    const FpEnvironment environment;
    ranged.reset();
    return TensorDecoder::load(parts, tensor);
  }

  // What makes tensors on the accelerator.
  Result<DeviceDecoder*> on_device() {
    if (accelerator == nullptr) return Status(ErrorCode::kArgument, "", "the decoder has no accelerator");
    if (!device) {
      Result<DeviceDecoder> opened = DeviceDecoder::open(*accelerator, parts);
      if (!opened.ok()) return opened.status();
      device = *std::move(opened);
    }
    return &*device;
  }

  // file -> segments -> codes, generator -> windows of the tensor, each made on all threads, hashed and used.
  // streaming: see MakeWindows.
  Status decode_windows(std::size_t index, bool streaming, const WindowOf& window_of, const UseWindow& use) {
    const Tensor& tensor = tensors()[index];
    if (Status s = executor->step(tensor.bytes()); !s.ok()) return s;
    const Result<Digest> digest = made_digest(index, streaming, window_of, use);
    if (!digest.ok()) return digest.status();
    return *digest == tensor.digest ? Status() : other_digest(tensor);
  }

  Result<Digest> made_digest(std::size_t index, bool streaming, const WindowOf& window_of, const UseWindow& use) {
    if (accelerator != nullptr) {
      const Result<DeviceDecoder*> opened = on_device();
      if (!opened.ok()) return opened.status();
      return (*opened)->each_window(*executor, index, check_digests, window_of, use);
    }
    const Result<TensorDecoder> decoder = load(index);
    if (!decoder.ok()) return decoder.status();
    return decoder->each_window(*executor, {check_digests, streaming}, window_of, use);
  }

  Status stream(std::size_t index, Sink& sink) {
    const auto window_of = [&](std::uint64_t, std::uint64_t bytes) {
      window.resize(to_size(bytes));
      return std::span(window);
    };
    return decode_windows(index, false, window_of, [&](std::uint64_t first, std::span<const std::byte> made) {
      return sink.write(tensors()[index], first, made);
    });
  }

  // Every byte of the tensor is made and nothing of it kept; what an accelerator makes does not leave it.
  Status verify(std::size_t index) {
    NullSink nowhere;
    if (accelerator == nullptr) return stream(index, nowhere);
    return decode_windows(index, false, nullptr, [](std::uint64_t, std::span<const std::byte>) { return Status(); });
  }

  Status decode_and_check(std::size_t index, std::span<std::byte> out) {
    const auto window_of = [&](std::uint64_t first, std::uint64_t bytes) {
      return out.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(bytes));
    };
    const auto use = [](std::uint64_t, std::span<const std::byte>) { return Status(); };
    return decode_windows(index, out.size() >= kStreamingBytes, window_of, use);
  }

  Status decode_range(std::size_t index, std::uint64_t first, std::uint64_t count, std::span<std::byte> out) {
    if (Status s = executor->step(out.size()); !s.ok()) return s;
    if (accelerator != nullptr) {
      const Result<DeviceDecoder*> opened = on_device();
      if (!opened.ok()) return opened.status();
      const Status s = (*opened)->decode({index, first, count}, out);
      return s.ok() ? executor->advance(out.size()) : s;
    }
    if (!ranged || ranged->tensor != index) {
      Result<TensorDecoder> decoder = load(index);
      if (!decoder.ok()) return decoder.status();
      ranged.emplace(index, *std::move(decoder));
    }
    const Status s = ranged->decoder.decode(*executor, first, count, out, out.size() >= kStreamingBytes);
    return s.ok() ? executor->advance(out.size()) : s;
  }

  Status decode_to_device(const TensorRange& range, void* out, std::uint64_t bytes) {
    if (Status s = executor->step(bytes); !s.ok()) return s;
    const Result<DeviceDecoder*> opened = on_device();
    if (!opened.ok()) return opened.status();
    const Status s = (*opened)->decode_to_device(range, out, bytes);
    return s.ok() ? executor->advance(bytes) : s;
  }

  Status check_on_device(std::size_t index, const void* data, std::uint64_t bytes) {
    const Result<DeviceDecoder*> opened = on_device();
    if (!opened.ok()) return opened.status();
    const Result<Digest> digest = (*opened)->digest(data, bytes);
    if (!digest.ok()) return digest.status();
    return *digest == tensors()[index].digest ? Status() : other_digest(tensors()[index]);
  }

  Status decode_unchecked(std::size_t index, std::span<std::byte> out) {
    const Status s = decode_range(index, 0, tensors()[index].elements(), out);
    ranged.reset();
    return s;
  }

  // Every tensor of which is_wanted(index) holds. sink: nullptr where they are made and checked only.
  template <typename IsWanted>
  Status stream_each(Sink* sink, const IsWanted& is_wanted) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < tensors().size(); ++i) total += is_wanted(i) ? tensors()[i].bytes() : 0;
    executor->begin(total);
    for (std::size_t i = 0; i < tensors().size(); ++i) {
      if (!is_wanted(i)) continue;
      if (Status s = sink != nullptr ? stream(i, *sink) : verify(i); !s.ok()) return s;
    }
    return {};
  }

  Status load_all_parts() {
    const FpEnvironment environment;
    Status status;
    for (std::size_t i = 0; i < reader.manifest().generators.size(); ++i) {
      if (parts.generator(i, status) == nullptr) return status;
    }
    for (std::size_t i = 0; i < reader.manifest().codes.size(); ++i) {
      if (parts.codes(i, status) == nullptr) return status;
    }
    return executor->step(0);
  }

  Status check_index(std::size_t tensor) const {
    if (tensor < tensors().size()) return {};
    return {ErrorCode::kArgument, "",
            "no tensor of index " + std::to_string(tensor) + ": the file has " + std::to_string(tensors().size())};
  }

  // What a caller hands over as output for elements [first, first + count).
  Status check_output(std::size_t tensor, std::uint64_t first, std::uint64_t count,
                      std::span<const std::byte> out) const {
    if (Status s = check_range(tensor, first, count, out.size()); !s.ok()) return s;
    if (reader.overlaps(out)) return {ErrorCode::kArgument, "", "the output is part of the file that is decoded"};
    return {};
  }

  Status check_range(std::size_t tensor, std::uint64_t first, std::uint64_t count, std::uint64_t out_bytes) const {
    if (Status s = check_index(tensor); !s.ok()) return s;
    const std::uint64_t elements = tensors()[tensor].elements();
    if (first > elements || count > elements - first) {
      return {ErrorCode::kArgument, "",
              "the tensor has " + std::to_string(elements) + " elements, not " + std::to_string(count) + " from " +
                  std::to_string(first) + " on"};
    }
    const std::uint64_t bytes = count * size_of(tensors()[tensor].dtype);
    if (out_bytes != bytes) {
      return {ErrorCode::kArgument, "",
              "the output has " + std::to_string(out_bytes) + " bytes, the elements take " + std::to_string(bytes)};
    }
    return {};
  }

  Reader reader;
  std::unique_ptr<Executor> executor;
  bool check_digests;
  std::shared_ptr<GeneratorCache> generators;
  std::shared_ptr<Accelerator> accelerator;
  Parts parts;
  std::optional<DeviceDecoder> device;  // on the accelerator
  std::vector<std::byte> window;
  std::optional<Ranged> ranged;
};

Result<Decoder> Decoder::create(const Reader& reader, const DecoderOptions& options) noexcept {
  return boundary([&]() -> Result<Decoder> {
    Result<std::unique_ptr<Executor>> executor = Executor::create(options.execution);
    if (!executor.ok()) return executor.status();
    return Decoder(std::make_unique<State>(reader, *std::move(executor), options));
  });
}

Decoder::Decoder(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

const Manifest& Decoder::manifest() const noexcept {
  static const Manifest none;
  return state_ == nullptr ? none : state_->reader.manifest();
}

std::string_view Decoder::target() const noexcept {
  return state_ == nullptr ? std::string_view() : state_->executor->kernels().name;
}

Status Decoder::set_base(std::size_t base, BaseModel& model) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    const std::size_t bases = state_->reader.manifest().bases.size();
    if (base >= bases) {
      return {ErrorCode::kArgument, "",
              "no base of index " + std::to_string(base) + ": the file has " + std::to_string(bases)};
    }
    state_->parts.set_base(base, &model);
    state_->ranged.reset();
    state_->device.reset();
    return {};
  });
}

Status Decoder::decode_range(std::size_t tensor, std::uint64_t first, std::uint64_t count,
                             std::span<std::byte> out) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    if (Status s = state_->check_output(tensor, first, count, out); !s.ok()) return s;
    state_->executor->begin(out.size());
    return state_->decode_range(tensor, first, count, out);
  });
}

Status Decoder::decode_range_to_device(std::size_t tensor, std::uint64_t first, std::uint64_t count, void* out,
                                       std::uint64_t bytes) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    if (Status s = state_->check_range(tensor, first, count, bytes); !s.ok()) return s;
    state_->executor->begin(bytes);
    return state_->decode_to_device({tensor, first, count}, out, bytes);
  });
}

Status Decoder::check_on_device(std::size_t tensor, const void* data, std::uint64_t bytes) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    if (Status s = state_->check_index(tensor); !s.ok()) return s;
    if (Status s = state_->check_range(tensor, 0, state_->tensors()[tensor].elements(), bytes); !s.ok()) return s;
    return state_->check_on_device(tensor, data, bytes);
  });
}

Status Decoder::decode_to_device(std::size_t tensor, void* out, std::uint64_t bytes) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    const std::uint64_t elements = tensor < state_->tensors().size() ? state_->tensors()[tensor].elements() : 0;
    if (Status s = state_->check_range(tensor, 0, elements, bytes); !s.ok()) return s;
    state_->executor->begin(bytes);
    if (Status s = state_->decode_to_device({tensor, 0, elements}, out, bytes); !s.ok()) return s;
    return state_->check_digests ? state_->check_on_device(tensor, out, bytes) : Status();
  });
}

Status Decoder::decode(std::size_t tensor, std::span<std::byte> out) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    const std::uint64_t elements = tensor < state_->tensors().size() ? state_->tensors()[tensor].elements() : 0;
    if (Status s = state_->check_output(tensor, 0, elements, out); !s.ok()) return s;
    state_->executor->begin(out.size());
    return state_->check_digests ? state_->decode_and_check(tensor, out) : state_->decode_unchecked(tensor, out);
  });
}

Status Decoder::decode(std::size_t tensor, Sink& sink) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    if (Status s = state_->check_index(tensor); !s.ok()) return s;
    state_->executor->begin(state_->tensors()[tensor].bytes());
    return state_->stream(tensor, sink);
  });
}

Result<std::size_t> Decoder::find(std::string_view tensor) const noexcept {
  if (state_ == nullptr) return moved_from();
  return state_->reader.find_tensor(tensor);
}

Status Decoder::decode_range(std::string_view tensor, std::uint64_t first, std::uint64_t count,
                             std::span<std::byte> out) noexcept {
  const Result<std::size_t> index = find(tensor);
  return index.ok() ? decode_range(*index, first, count, out) : index.status();
}

Status Decoder::decode(std::string_view tensor, std::span<std::byte> out) noexcept {
  const Result<std::size_t> index = find(tensor);
  return index.ok() ? decode(*index, out) : index.status();
}

Status Decoder::decode(std::string_view tensor, Sink& sink) noexcept {
  const Result<std::size_t> index = find(tensor);
  return index.ok() ? decode(*index, sink) : index.status();
}

Status Decoder::decode_all(Sink& sink) noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    return state_->stream_each(&sink, [&](std::size_t i) { return !state_->tensors()[i].factor; });
  });
}

// Every segment has a user (rule segment.reference) and every user is part of a tensor (rules generator.use,
// codes.coverage), so that decoding all reads all.
Status Decoder::verify() noexcept {
  return boundary([&]() -> Status {
    return state_ == nullptr ? moved_from() : state_->stream_each(nullptr, [](std::size_t) { return true; });
  });
}

Status Decoder::verify_without_bases() noexcept {
  return boundary([&]() -> Status {
    if (state_ == nullptr) return moved_from();
    const Manifest& file = state_->reader.manifest();
    if (Status s = state_->stream_each(nullptr, [&](std::size_t i) { return !starts_from_base(file, i); }); !s.ok())
      return s;
    return state_->load_all_parts();
  });
}

}  // namespace mcnc
