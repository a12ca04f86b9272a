// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/reopen.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "common/interrupt.h"
#include "common/interruptible_sink.h"
#include "container/assemble.h"
#include "container/segment.h"
#include "decoder/tensor_decoder.h"
#include "kernels/kernels.h"
#include "manifest/layout.h"
#include "manifest/references.h"
#include "manifest/validate.h"
#include "mcnc/little_endian.h"
#include "mcnc/recognize.h"
#include "mcnc/thread_pool.h"
#include "util/fp_environment.h"

namespace mcnc::tools {
namespace {

// Lets a reader and its owner use one input.
class SharedInput final : public Input {
 public:
  explicit SharedInput(std::shared_ptr<Input> input) noexcept : input_(std::move(input)) {}

  std::uint64_t size() const noexcept override { return input_->size(); }
  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    return input_->read_at(offset, out);
  }

 private:
  std::shared_ptr<Input> input_;
};

// from, to: the stored bytes of one segment, where they were and where they come.
Status copy(Input& input, const Segment& from, Draft& draft, const Segment& to) {
  std::vector<std::byte> piece;
  for (std::uint64_t done = 0; done < from.stored_length; done += piece.size()) {
    if (Status s = check_interrupt(); !s.ok()) return s;
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, from.stored_length - done)));
    if (Status s = input.read_at(from.offset + done, piece); !s.ok()) return s;
    if (Status s = draft.write_at(to.offset + done, piece); !s.ok()) return s;
  }
  return {};
}

// Whether a base model is needed for tensor `index`, for what it shares or for a factor of it.
bool starts_from_base(const Manifest& manifest, std::uint32_t index) {
  const Tensor& tensor = manifest.tensors[index];
  const Theta0* theta0 = theta0_of(tensor);
  if (theta0 != nullptr && std::holds_alternative<BaseTheta0>(*theta0)) return true;
  if (const auto* shared = std::get_if<Shared>(&tensor.source)) return starts_from_base(manifest, shared->tensor);
  const auto* product = std::get_if<Product>(&tensor.source);
  return product != nullptr && (starts_from_base(manifest, product->b) || starts_from_base(manifest, product->a));
}

}  // namespace

Result<Reopened> reopen(std::unique_ptr<Input> input, const Limits& limits) {
  const std::shared_ptr<Input> shared = std::move(input);
  Allowance allowance(limits);
  Result<Reader> reader = Reader::open(std::make_unique<SharedInput>(shared), allowance);
  if (!reader.ok()) return explain(reader.status(), *shared, Wanted::kMcnc);
  std::array<std::byte, layout::kPreambleSize> preamble;
  if (Status s = shared->read_at(0, preamble); !s.ok()) return s;
  const auto minor = load_le<std::uint16_t>(preamble.data() + layout::kMinor);
  if (minor > layout::kVersionMinor) {
    return Status(
        ErrorCode::kVersion, "container.version",
        "format 1." + std::to_string(minor) + " is later than this program: it can read the file, not change it");
  }
  return Reopened{shared, *std::move(reader)};
}

Result<Model> model_of(Reader& reader) {
  Model model{reader.manifest(), {}};
  for (std::size_t i = 0; i < model.manifest.segments.size(); ++i) {
    Result<std::shared_ptr<Input>> segment = reader.open_segment(i);
    if (!segment.ok()) return segment.status();
    model.segments.emplace_back(*std::move(segment));
  }
  return model;
}

Status check_weights(Reader& reader, Decoder& decoder, bool with_bases) {
  const Manifest& manifest = reader.manifest();
  InterruptibleSink sink;
  for (std::uint32_t i = 0; i < manifest.tensors.size(); ++i) {
    if (!with_bases && starts_from_base(manifest, i)) continue;
    if (Status s = decoder.decode(i, sink); !s.ok()) return s;
  }
  if (with_bases || manifest.bases.empty()) return {};
  // What tensors that were left out are made of.
  const FpEnvironment environment;
  ThreadPool this_thread(1);
  Parts parts(reader, default_kernels(), this_thread);
  Status status;
  for (std::size_t i = 0; i < manifest.generators.size(); ++i) {
    if (parts.generator(i, status) == nullptr) return status;
  }
  for (std::size_t i = 0; i < manifest.codes.size(); ++i) {
    if (parts.codes(i, status) == nullptr) return status;
  }
  return check_interrupt();
}

Status write_again(const Reopened& file, Manifest& manifest, Draft& draft) {
  const Result<std::vector<std::byte>> head = assemble_head(manifest);
  if (!head.ok()) return head.status();
  const std::vector<Segment>& segments = manifest.segments;
  const std::uint64_t length = segments.empty() ? head->size() : segments.back().offset + segments.back().stored_length;
  if (Status s = validate(manifest, head->size(), length); !s.ok()) return s;

  if (Status s = draft.write_at(0, *head); !s.ok()) return s;
  std::uint64_t end = layout::kPreambleSize + file.reader.manifest_length();
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Segment& from = file.reader.manifest().segments[i];
    if (Status s = check_padding(*file.input, end, i, from); !s.ok()) return s;
    if (Status s = copy(*file.input, from, draft, segments[i]); !s.ok()) return s;
    end = from.offset + from.stored_length;
  }
  return draft.resize(length);
}

}  // namespace mcnc::tools
