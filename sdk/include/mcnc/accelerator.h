// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A device that makes tensors in its own memory, such as a GPU. A Decoder computes on the host unless
// DecoderOptions::accelerator names one, and a CodeExpander may be given one. The weights are the same, bit for bit.
// open_cuda (mcnc/cuda.h) opens the only one there is.
#ifndef MCNC_ACCELERATOR_H_
#define MCNC_ACCELERATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "mcnc/status.h"

namespace mcnc {

// Of the library, for what it asks of an accelerator itself:
class DeviceExpander;     // codes under training on a device (sdk/src/model/device_expander.h)
class Parts;              // what the tensors of a file are made of (sdk/src/model/parts.h)
class TensorMaker;        // the tensors of one open file on a device (sdk/src/decoder/tensor_maker.h)
struct TrainedGenerator;  // a generator, and what the numbers of codes under training mean (device_expander.h)

// Several decoders and expanders may share an accelerator; one thread at a time may use it and them. What it is asked
// for is done in the order of the calls. Errors are kDevice, with what the device says.
class Accelerator {
 public:
  virtual ~Accelerator() = default;

  // What the device is, for a person. Lives as long as this.
  virtual std::string_view name() const noexcept = 0;

  // Memory of the device, bytes > 0, for programs that have no other way to get it; aligned to 16 bytes, released with
  // the last copy of the pointer. This must outlive it.
  virtual Result<std::shared_ptr<std::byte>> allocate(std::uint64_t bytes) noexcept = 0;
  // Copies from the host to the device, within the device, and from the device to the host, of which the last one waits
  // until the bytes are there.
  virtual Status upload(std::span<const std::byte> from, std::byte* to) noexcept = 0;
  virtual Status copy(const std::byte* from, std::byte* to, std::uint64_t bytes) noexcept = 0;
  virtual Status download(const std::byte* from, std::span<std::byte> to) noexcept = 0;
  // Waits for everything before, and says whether it went well.
  virtual Status synchronize() noexcept = 0;

  // For the Decoder alone. `parts` and this must outlive what is returned.
  virtual Result<std::shared_ptr<TensorMaker>> open(Parts& parts) noexcept = 0;
  // For the CodeExpander alone. This must outlive what is returned.
  virtual Result<std::shared_ptr<DeviceExpander>> expand(const TrainedGenerator& generator) noexcept = 0;
};

}  // namespace mcnc

#endif  // MCNC_ACCELERATOR_H_
