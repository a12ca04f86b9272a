// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A base model with an adapter worked in, as one safetensors file, a tensor at a time.

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <variant>

#include "adapter.h"
#include "commands.h"
#include "common/inputs.h"
#include "common/interrupt.h"
#include "common/output.h"
#include "common/progress_line.h"
#include "common/report.h"
#include "common/weights_output.h"
#include "lora_factors.h"
#include "mcnc/boundary.h"
#include "mcnc/convert.h"
#include "mcnc/decoder.h"
#include "mcnc/fp_environment.h"
#include "mcnc/little_endian.h"
#include "mcnc/safetensors.h"
#include "mcnc/safetensors_model.h"
#include "merge_plan.h"
#include "non_finite.h"
#include "open.h"
#include "output_sink.h"

namespace mcnc::tools {
namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;

// As narrow, which has no NaN: those stay NaN in every type.
void narrow_all(std::span<const float> values, DType dtype, std::span<std::byte> out) {
  narrow(values, dtype, out);
  for (std::size_t i = 0; i < values.size() && dtype != DType::kF32; ++i) {
    if (!std::isnan(values[i])) continue;
    store_le(out.data() + i * size_of(dtype), static_cast<std::uint16_t>(dtype == DType::kF16 ? 0x7e00 : 0x7fc0));
  }
}

// Takes a tensor of the output as it comes, a piece at a time, and hands it on, changed.
class MergingSink final : public Sink {
 public:
  // given: the type of the pieces, another float type than the tensor's or the same.
  MergingSink(const MergedTensor& merged, DType given, std::vector<LoraDelta> deltas, Output& output)
      : merged_(merged), given_(given), deltas_(std::move(deltas)), output_(output) {}

  Status write(const Tensor&, std::uint64_t offset, std::span<const std::byte> bytes) noexcept override {
    return boundary([&]() -> Status {
      if (Status s = check_interrupt(); !s.ok()) return s;
      before_ += count_non_finite(bytes, given_);
      if (Status s = change(offset / size_of(given_), bytes); !s.ok()) return s;
      after_ += count_non_finite(piece_, merged_.tensor.dtype);
      return output_.write(piece_);
    });
  }

  std::uint64_t before() const noexcept { return before_; }  // numbers that came NaN or infinite
  std::uint64_t after() const noexcept { return after_; }    // and that went

 private:
  // piece_ = elements from `first` on, which came as `bytes`.
  Status change(std::uint64_t first, std::span<const std::byte> bytes) {
    const FpEnvironment environment;
    const DType dtype = merged_.tensor.dtype;
    if (deltas_.empty() && given_ == dtype) {
      piece_.assign(bytes.begin(), bytes.end());
      return {};
    }
    values_.resize(bytes.size() / size_of(given_));
    piece_.resize(values_.size() * size_of(dtype));
    widen(bytes, given_, values_);
    narrow_all(values_, dtype, piece_);
    for (const LoraDelta& delta : deltas_) {
      widen(piece_, dtype, values_);
      if (Status s = delta.add(first, dtype, values_); !s.ok()) return s;
      narrow_all(values_, dtype, piece_);
    }
    return {};
  }

  const MergedTensor& merged_;
  DType given_;
  std::vector<LoraDelta> deltas_;
  Output& output_;
  std::vector<float> values_;
  std::vector<std::byte> piece_;
  std::uint64_t before_ = 0;
  std::uint64_t after_ = 0;
};

class Merge {
 public:
  Merge(SafetensorsModel& base, const Manifest& adapter, Decoder& decoder, bool allow_non_finite)
      : base_(base),
        adapter_(adapter),
        decoder_(decoder),
        allow_non_finite_(allow_non_finite),
        factors_(adapter, decoder, allow_non_finite) {}

  Status write(const std::vector<MergedTensor>& tensors, Output& output);

 private:
  Status write_one(const MergedTensor& merged, Output& output);
  Status read_base(const SafetensorsTensor& from, Sink& sink);

  SafetensorsModel& base_;
  const Manifest& adapter_;
  Decoder& decoder_;
  bool allow_non_finite_;
  FactorReader factors_;
  NonFinite found_;
};

Status Merge::write(const std::vector<MergedTensor>& tensors, Output& output) {
  std::vector<SafetensorsEntry> entries;
  for (const MergedTensor& merged : tensors) entries.push_back(merged.entry());
  const std::vector<std::size_t> order = safetensors_order(entries);
  std::vector<SafetensorsEntry> ordered;
  for (const std::size_t index : order) ordered.push_back(entries[index]);
  TextMap metadata = base_.metadata();
  metadata.emplace("format", "pt");
  metadata.erase(kIdentityKey);  // of the base as it was
  const auto header = safetensors_header(ordered, metadata);
  if (!header.ok()) return header.status();
  if (Status s = output.write(*header); !s.ok()) return s;
  std::uint64_t total = 0;
  for (const MergedTensor& merged : tensors) total += merged.tensor.bytes();
  ProgressLine line("merging", total);
  WatchedOutput watched(output, line);
  for (const std::size_t index : order) {
    if (Status s = write_one(tensors[index], watched); !s.ok()) return s;
  }
  if (Status s = found_.status("merged, "); !allow_non_finite_ && !s.ok()) return s;
  return output.commit();
}

Status Merge::read_base(const SafetensorsTensor& from, Sink& sink) {
  const Tensor no_matter;
  std::vector<std::byte> piece;
  for (std::uint64_t first = 0; first < from.bytes; first += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, from.bytes - first)));
    if (Status s = base_.read(from, first, piece); !s.ok()) return s;
    if (Status s = sink.write(no_matter, first, piece); !s.ok()) return s;
  }
  return {};
}

Status Merge::write_one(const MergedTensor& merged, Output& output) {
  std::vector<LoraDelta> deltas;
  for (const LoraChange& change : merged.changes) {
    Result<LoraDelta> delta = LoraDelta::load(change, factors_);
    if (!delta.ok()) return delta.status();
    deltas.push_back(*std::move(delta));
  }
  // What the base has that is not finite is not the adapter's doing; nor is what a file keeps as it is beside what it
  // makes from a base, such as a mask.
  if (merged.base != nullptr && deltas.empty()) {
    OutputSink sink(output);
    return read_base(*merged.base, sink);
  }
  if (merged.base != nullptr) {
    MergingSink sink(merged, merged.tensor.dtype, std::move(deltas), output);
    if (Status s = read_base(*merged.base, sink); !s.ok()) return s;
    found_.add(merged.tensor.name, merged.tensor.dtype, sink.after() - sink.before());
    return {};
  }
  const Tensor& decoded = adapter_.tensors[merged.decoded];
  MergingSink sink(merged, decoded.dtype, std::move(deltas), output);
  if (Status s = decoder_.decode(merged.decoded, sink); !s.ok()) return s;
  const bool is_kept = std::holds_alternative<Stored>(decoded.source) && !adapter_.bases.empty();
  found_.add(merged.tensor.name, decoded.dtype, is_kept ? 0 : sink.after());
  return {};
}

// Why the base could not be opened. A .mcnc file in its place is most often the adapter.
Status explain_base(const MergeOptions& options, const Status& status) {
  const Result<bool> mcnc = is_mcnc(options.base);
  if (!mcnc.ok() || !*mcnc) return in_file(options.base, status);
  const std::string fault = options.base + ": is a .mcnc file, and the first argument is the base model, safetensors";
  if (!SafetensorsModel::open(options.adapter).ok()) {
    return {ErrorCode::kArgument, "", fault + "; mcnc decode makes safetensors of a .mcnc file"};
  }
  return {ErrorCode::kArgument, "",
          fault + ", like " + options.adapter + ": say mcnc merge " + options.adapter + " " + options.base};
}

Status merge_files(const MergeOptions& options) {
  std::vector<std::string> inputs = options.bases;
  inputs.insert(inputs.end(), {options.base, options.adapter});
  if (Status s = check_not_input(options.output, inputs); !s.ok()) return s;
  Result<SafetensorsModel> base = SafetensorsModel::open(options.base);
  if (!base.ok()) return explain_base(options, base.status());
  std::vector<std::string> base_paths = options.bases;
  base_paths.push_back(options.base);
  Result<BaseModels> bases = BaseModels::open(base_paths, options.limits, options.decoding);
  if (!bases.ok()) return bases.status();
  Result<Reader> reader = open_reader(options.adapter, options.limits);
  if (!reader.ok()) return reader.status();
  Result<Decoder> decoder = make_decoder(*reader, *bases, options.decoding);
  if (!decoder.ok()) return decoder.status();

  std::vector<MergedTensor> tensors;
  if (reader->manifest().bases.empty()) {
    const Result<Adapter> adapter = find_adapter(reader->manifest(), options.lora_alpha);
    if (!adapter.ok()) return adapter.status();
    auto planned = plan_changed(*base, reader->manifest(), *adapter, options.fan_in_fan_out);
    if (!planned.ok()) return planned.status();
    tensors = *std::move(planned);
  } else if (options.lora_alpha || options.fan_in_fan_out) {
    return {ErrorCode::kArgument, "",
            "it starts from the base model and says all itself: leave out --alpha and --fan-in-fan-out"};
  } else {
    tensors = plan_decoded(*base, reader->manifest());
  }
  hold_interrupts();
  auto output = open_weights(options.output, options.force, inputs);
  if (!output.ok()) return output.status();
  return Merge(*base, reader->manifest(), *decoder, options.allow_non_finite).write(tensors, **output);
}

}  // namespace

int merge(const MergeOptions& options) {
  std::vector<std::string> others = options.bases;
  others.push_back(options.base);
  others.push_back(options.output);
  const int code = report(kProgram, options.adapter, merge_files(options), others);
  release_interrupts();
  return code;
}

}  // namespace mcnc::tools
