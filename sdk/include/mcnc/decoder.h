// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Turns codes back into weights: the same bits on every platform.
#ifndef MCNC_DECODER_H_
#define MCNC_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "mcnc/base.h"
#include "mcnc/execution.h"
#include "mcnc/generator_cache.h"
#include "mcnc/reader.h"
#include "mcnc/sink.h"
#include "mcnc/status.h"

namespace mcnc {

class Accelerator;  // mcnc/accelerator.h

struct DecoderOptions {
  Execution execution = {};
  // Whether decode, decode_all and verify compare the digest of every tensor. Whoever turns it off has the segments'
  // digests and the generators' fingerprints still, not the proof that this decoder made the right weights of them.
  bool check_digests = true;
  // Shared with other decoders, and kept as long as the decoder is; nullptr: the decoder draws its own generators.
  std::shared_ptr<GeneratorCache> generators = {};
  // Makes tensors on a device, and hashes them there; nullptr: on the host, by `execution`. Kept as long as the
  // decoder. With one, every call that decodes returns kDevice, too. Segments and base models are read and checked on
  // the host.
  std::shared_ptr<Accelerator> accelerator = {};
};

// Decodes the tensors of one open file. Generators and codes are expanded at first use, checked (segment digest,
// fingerprint) and kept. Any number of threads and any target give the same bits. One thread at a time may use a
// Decoder; threads of the caller's that decode side by side have one each, of the same Reader. The floating-point
// environment is set on every thread that computes, for as long as it does, and restored. Every function of a Decoder
// that was moved from returns kArgument; target() is empty and manifest() as of no file.
class Decoder {
 public:
  // Shares what `reader` has open; the reader itself may go. kArgument for options that cannot be, kMemory.
  static Result<Decoder> create(const Reader& reader, const DecoderOptions& options = {}) noexcept;
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  // Supplies manifest().bases[base]. Tensors that start from a base that was not supplied, or from another one, are
  // refused with kBase. model must outlive the decoder, or the next call that replaces it. kArgument where there is no
  // such base.
  Status set_base(std::size_t base, BaseModel& model) noexcept;

  // Of the file that is decoded: where indices of tensors point to. Lives as long as the decoder.
  const Manifest& manifest() const noexcept;
  // Name of the instruction set in use. Static storage.
  std::string_view target() const noexcept;

  // Elements [first, first + count) of manifest().tensors[tensor] into `out`, which holds exactly
  // count * size_of(dtype) bytes and is not part of the memory the file is read from. Costs what the range costs, so
  // that each device of several decodes its own rows; the first of several ranges of a tensor also reads what the
  // tensor is made of, stored or base weights and factors as a whole, which is kept until another tensor is decoded.
  // The tensor digest is not checked: it covers whole tensors.
  // kArgument where tensor, range or out do not fit; on any error `out` may be partly written. Further errors: those of
  // Reader::read_segment, kFingerprint, kValue, kBase, kMemory, kCancelled.
  Status decode_range(std::size_t tensor, std::uint64_t first, std::uint64_t count, std::span<std::byte> out) noexcept;

  // The whole tensor into `out`, which holds exactly tensor.bytes() bytes, digest checked at the end; else as
  // decode_range.
  Status decode(std::size_t tensor, std::span<std::byte> out) noexcept;

  // The whole tensor, in pieces, digest checked at the end: on kTensorDigest the sink has already seen the bytes and
  // must drop them.
  Status decode(std::size_t tensor, Sink& sink) noexcept;

  // The same for the tensor of that name; kArgument where there is none.
  Status decode_range(std::string_view tensor, std::uint64_t first, std::uint64_t count,
                      std::span<std::byte> out) noexcept;
  Status decode(std::string_view tensor, std::span<std::byte> out) noexcept;
  Status decode(std::string_view tensor, Sink& sink) noexcept;

  // The three below are for a decoder with an accelerator, kArgument without one, and memory of its device: kDevice
  // where it is memory of another one or of the host, or its allocation is too small, as far as the device can tell.
  // `bytes` is what the elements take.
  //
  // The same range into `out`, which is aligned for an element. May return before the elements are there: they are once
  // the accelerator's stream has come to the end of what it was given. So the ranges of many tensors can be under way.
  // It waits only where a part of the file is used for the first time, and where pinned memory for copies is all in
  // use. The tensor digest is not checked: check_on_device does it, once the tensor is whole.
  Status decode_range_to_device(std::size_t tensor, std::uint64_t first, std::uint64_t count, void* out,
                                std::uint64_t bytes) noexcept;
  // Computes the digest of a whole tensor on the device and waits for it. kTensorDigest where it is not the manifest's.
  // data: aligned to 16 bytes.
  Status check_on_device(std::size_t tensor, const void* data, std::uint64_t bytes) noexcept;
  // Both: the whole tensor, with its digest checked unless DecoderOptions says otherwise.
  Status decode_to_device(std::size_t tensor, void* out, std::uint64_t bytes) noexcept;

  // Every tensor in manifest order, without factors. Progress covers all of them.
  Status decode_all(Sink& sink) noexcept;

  // Reads and checks everything the file holds, keeps nothing: segments, fingerprints, values and, unless they are
  // turned off, tensor digests.
  Status verify() noexcept;

  // The same for a file whose base models are not at hand: tensors that start from one, or are made of one that does,
  // are not decoded; the generators and codes that they are made of are loaded and checked.
  Status verify_without_bases() noexcept;

 private:
  struct State;
  Result<std::size_t> find(std::string_view tensor) const noexcept;
  explicit Decoder(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace mcnc

#endif  // MCNC_DECODER_H_
