// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A device that makes tensors in its own memory, such as a GPU. A Decoder computes on the host unless
// DecoderOptions::accelerator names one. The weights are the same, bit for bit. open_cuda (mcnc/cuda.h) opens the only
// one there is.
#ifndef MCNC_ACCELERATOR_H_
#define MCNC_ACCELERATOR_H_

#include <memory>
#include <string_view>

#include "mcnc/status.h"

namespace mcnc {

class Parts;        // of the library: what the tensors of a file are made of (sdk/src/model/parts.h)
class TensorMaker;  // of the library: the tensors of one open file on a device (sdk/src/decoder/tensor_maker.h)

// Several decoders may share an accelerator; one thread at a time may use it and them.
class Accelerator {
 public:
  virtual ~Accelerator() = default;

  // What the device is, for a person. Lives as long as this.
  virtual std::string_view name() const noexcept = 0;
  // For the Decoder alone. `parts` and this must outlive what is returned.
  virtual Result<std::shared_ptr<TensorMaker>> open(Parts& parts) noexcept = 0;
};

}  // namespace mcnc

#endif  // MCNC_ACCELERATOR_H_
