// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "container/assemble.h"
#include "container/segment.h"
#include "decoder/executor.h"
#include "decoder/tensor_decoder.h"
#include "manifest/difference.h"
#include "manifest/layout.h"
#include "manifest/validate.h"
#include "mcnc/boundary.h"
#include "mcnc/checked_math.h"
#include "mcnc/cost.h"
#include "mcnc/fp_environment.h"
#include "mcnc/reader.h"
#include "mcnc/writer.h"
#include "writer/order.h"

namespace mcnc {
namespace {

std::uint64_t end_of(const Segment& segment) { return segment.offset + segment.stored_length; }

// Segments as they could come out, to learn how long the head is: its length depends on which encodings occur. A guess
// that is right saves moving the segments afterwards.
void guess_segments(Model& model) {
  constexpr std::uint64_t kSmall = 256;  // bytes that zstd seldom makes smaller
  model.manifest.segments.clear();
  for (const SegmentSource& source : model.segments) {
    Segment& segment = model.manifest.segments.emplace_back();
    segment.decoded_length = source_size(source);
    segment.stored_length = segment.decoded_length;
    segment.encoding = segment.decoded_length < kSmall ? Encoding::kRaw : Encoding::kZstd;
  }
}

// Everything of the head but what is only known once the tensors are decoded. Every rule on it is checked, before any
// of what it asks for is allocated.
Status complete(Model& model) {
  Manifest& manifest = model.manifest;
  guess_segments(model);
  const std::optional<Cost> cost = cost_of(manifest);
  if (!cost) return {ErrorCode::kArgument, "budget.exact", "the model is too large to be counted"};
  manifest.budget = *cost;
  for (Generator& generator : manifest.generators) generator.fingerprint = {};
  for (Tensor& tensor : manifest.tensors) tensor.digest = {};
  const Result<Digest> identity = weights_identity(manifest.tensors);
  if (!identity.ok()) return identity.status();
  manifest.weights_identity = *identity;
  const Result<std::vector<std::byte>> head = assemble_head(manifest);
  if (!head.ok()) return head.status();
  const std::uint64_t end = head->size();
  return validate(manifest, end, manifest.segments.empty() ? end : end_of(manifest.segments.back()));
}

// Bytes that are compressed, then bytes that are decoded for digests. The model has been checked.
std::uint64_t work_of(const Model& model) {
  Checked bytes = 0;
  for (const SegmentSource& source : model.segments) bytes += source_size(source);
  for (const Tensor& tensor : model.manifest.tensors) bytes += tensor.bytes();
  return bytes.value();
}

// From where the first segment is expected.
Status store_segments(std::span<SegmentSource> sources, int zstd_level, Executor& executor, std::span<Segment> segments,
                      Draft& draft) {
  const Proceed proceed = [&](std::uint64_t bytes) { return executor.advance(bytes); };
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (i > 0) segments[i].offset = layout::align_up(end_of(segments[i - 1]));
    Status status = executor.step(source_size(sources[i]));
    if (!status.ok()) return status;
    if (const auto* bytes = std::get_if<std::vector<std::byte>>(&sources[i])) {
      const Result<std::unique_ptr<Input>> memory = borrow_memory(*bytes);
      if (!memory.ok()) return memory.status();
      status = store_segment(**memory, zstd_level, proceed, draft, segments[i].offset, segments[i]);
    } else {
      Input& input = *std::get<std::shared_ptr<Input>>(sources[i]);
      status = store_segment(input, zstd_level, proceed, draft, segments[i].offset, segments[i]);
    }
    if (!status.ok()) return status;
    sources[i] = {};  // memory that is not needed any more
  }
  return {};
}

// The head of the segments as they came out, before them. Where it is longer or shorter than it was thought to be, they
// move.
Status write_head(Manifest& manifest, Executor& executor, Draft& draft) {
  const std::vector<Segment>& segments = manifest.segments;
  const std::uint64_t begin = segments.empty() ? 0 : segments.front().offset;
  const std::uint64_t length = segments.empty() ? 0 : end_of(segments.back()) - begin;
  const Result<std::vector<std::byte>> head = assemble_head(manifest);
  if (!head.ok()) return head.status();
  if (!segments.empty() && segments.front().offset != begin) {
    const Proceed proceed = [&](std::uint64_t) { return executor.advance(0); };
    if (Status s = move_bytes(draft, begin, segments.front().offset, length, proceed); !s.ok()) return s;
  }
  if (Status s = draft.write_at(0, *head); !s.ok()) return s;
  if (segments.empty()) return draft.resize(head->size());
  constexpr std::array<std::byte, layout::kAlignment> kPadding{};
  const auto padding = static_cast<std::size_t>(segments.front().offset - head->size());
  if (Status s = draft.write_at(head->size(), std::span(kPadding).first(padding)); !s.ok()) return s;
  return draft.resize(end_of(segments.back()));
}

// Decodes every tensor from the draft, as a reader would, and fills in the fingerprint of every generator and the
// digest of every tensor.
Status fill_digests(Draft& draft, std::span<BaseModel* const> given, Executor& executor, Manifest& manifest) {
  Result<Reader> reader = reopen_draft(draft, manifest);
  if (!reader.ok()) return reader.status();

  const FpEnvironment environment;
  Parts parts(*reader, executor.kernels(), executor.runner(), Fingerprints::kMake);
  const std::size_t bases = std::min(given.size(), reader->manifest().bases.size());
  for (std::size_t i = 0; i < bases; ++i) parts.set_base(i, given[i]);
  std::vector<std::byte> window;
  const auto window_of = [&](std::uint64_t, std::uint64_t bytes) {
    window.resize(to_size(bytes));
    return std::span(window);
  };
  const auto use = [](std::uint64_t, std::span<const std::byte>) { return Status(); };
  for (std::size_t i = 0; i < manifest.tensors.size(); ++i) {
    Tensor& tensor = manifest.tensors[i];
    if (Status s = executor.step(tensor.bytes()); !s.ok()) return s;
    const Result<TensorDecoder> decoder = TensorDecoder::load(parts, i);
    if (!decoder.ok()) return decoder.status();
    const Result<Digest> digest = decoder->each_window(executor, MakeWindows{}, window_of, use);
    if (!digest.ok()) return digest.status();
    tensor.digest = *digest;
  }
  // Every generator makes a tensor (rules generator.use, codes.coverage), so all have been loaded.
  for (std::size_t i = 0; i < manifest.generators.size(); ++i)
    manifest.generators[i].fingerprint = parts.fingerprint(i);
  return {};
}

// order -> check -> compress and place -> decode for fingerprints and digests -> the head again, with them -> read
// back.
Status write(Model model, const WriteOptions& options, Draft& draft) {
  if (options.zstd_level < 1 || options.zstd_level > 19)
    return {ErrorCode::kArgument, "", "zstd_level must be 1 to 19"};
  const Result<std::unique_ptr<Executor>> created = Executor::create(options.execution);
  if (!created.ok()) return created.status();
  Executor& executor = **created;
  if (Status s = put_in_order(model); !s.ok()) return s;
  if (Status s = complete(model); !s.ok()) return s;
  Manifest& manifest = model.manifest;
  executor.begin(work_of(model));
  if (Status s = store_segments(model.segments, options.zstd_level, executor, manifest.segments, draft); !s.ok()) {
    return s;
  }
  if (Status s = write_head(manifest, executor, draft); !s.ok()) return s;
  if (Status s = fill_digests(draft, options.bases, executor, manifest); !s.ok()) return s;
  const Result<Digest> identity = weights_identity(manifest.tensors);
  if (!identity.ok()) return identity.status();
  manifest.weights_identity = *identity;
  // Digests have a length of their own: the segments, which have been read back for the digests, stay.
  if (Status s = write_head(manifest, executor, draft); !s.ok()) return s;
  if (Status s = reopen_draft(draft, manifest).status(); !s.ok()) return s;
  return executor.step(0);
}

}  // namespace

Result<Reader> reopen_draft(Draft& draft, const Manifest& manifest) noexcept {
  return boundary([&]() -> Result<Reader> {
    constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
    Allowance allowance({kAny, kAny, kAny});
    Result<Reader> reader = Reader::open(borrow(draft), allowance);
    if (!reader.ok()) return reader;
    const std::string difference = first_difference(reader->manifest(), manifest);
    if (difference.empty()) return reader;
    return Status(ErrorCode::kWrite, "",
                  "the file as it was written does not read back as it was meant: " + difference + " is another one");
  });
}

Status write_draft(Model model, const WriteOptions& options, Draft& draft) noexcept {
  return boundary([&] { return write(std::move(model), options, draft); });
}

}  // namespace mcnc
