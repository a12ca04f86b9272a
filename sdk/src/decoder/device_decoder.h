// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The tensors of a file by an accelerator: TensorDecoder's counterpart for all of them. The device makes and hashes;
// leaves become digests here.
#ifndef MCNC_DECODER_DEVICE_DECODER_H_
#define MCNC_DECODER_DEVICE_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "decoder/executor.h"
#include "decoder/tensor_decoder.h"
#include "decoder/tensor_maker.h"
#include "mcnc/accelerator.h"
#include "mcnc/digest.h"
#include "mcnc/status.h"
#include "model/parts.h"

namespace mcnc {

class DeviceDecoder {
 public:
  // Both must outlive the result.
  static Result<DeviceDecoder> open(Accelerator& accelerator, Parts& parts);

  // As TensorDecoder::each_window, of tensor number `tensor`.
  Result<Digest> each_window(Executor& executor, std::size_t tensor, bool hashes, const WindowOf& window_of,
                             const UseWindow& use);
  Status decode(const TensorRange& range, std::span<std::byte> out) { return maker_->make(range, out, nullptr); }
  // See TensorMaker::make_on_device.
  Status decode_to_device(const TensorRange& range, void* out, std::uint64_t bytes) {
    return maker_->make_on_device(range, out, bytes);
  }
  // Of a whole tensor in memory of the device.
  Result<Digest> digest(const void* data, std::uint64_t bytes);

 private:
  DeviceDecoder(Parts& parts, std::shared_ptr<TensorMaker> maker) : parts_(&parts), maker_(std::move(maker)) {}

  Parts* parts_;
  std::shared_ptr<TensorMaker> maker_;
};

}  // namespace mcnc

#endif  // MCNC_DECODER_DEVICE_DECODER_H_
