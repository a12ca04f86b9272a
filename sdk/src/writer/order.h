// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_WRITER_ORDER_H_
#define MCNC_WRITER_ORDER_H_

#include <cstdint>

#include "mcnc/status.h"
#include "mcnc/writer.h"

namespace mcnc {

std::uint64_t source_size(const SegmentSource& source) noexcept;

// Brings tensors, metadata and segments into the order of the file. kArgument where the model is too unsound for that,
// or where a segment is not used once by what needs exactly its bytes.
Status put_in_order(Model& model);

}  // namespace mcnc

#endif  // MCNC_WRITER_ORDER_H_
