// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_COMMON_INTERRUPTIBLE_SINK_H_
#define MCNC_TOOLS_COMMON_INTERRUPTIBLE_SINK_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/interrupt.h"
#include "mcnc/sink.h"

namespace mcnc::tools {

// Drops what is decoded, for whoever wants digests compared and no bytes, until an interrupt.
class InterruptibleSink final : public Sink {
 public:
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte>) noexcept override { return check_interrupt(); }
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_INTERRUPTIBLE_SINK_H_
