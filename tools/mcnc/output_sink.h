// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_MCNC_OUTPUT_SINK_H_
#define MCNC_TOOLS_MCNC_OUTPUT_SINK_H_

#include "common/interrupt.h"
#include "common/output.h"
#include "mcnc/boundary.h"
#include "mcnc/sink.h"

namespace mcnc::tools {

// Passes decoded pieces on, until an interrupt.
class OutputSink final : public Sink {
 public:
  explicit OutputSink(Output& output) noexcept : output_(output) {}

  Status write(const Tensor&, std::uint64_t, std::span<const std::byte> bytes) noexcept override {
    return boundary([&]() -> Status {
      if (Status s = check_interrupt(); !s.ok()) return s;
      return output_.write(bytes);
    });
  }

 private:
  Output& output_;
};

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_OUTPUT_SINK_H_
