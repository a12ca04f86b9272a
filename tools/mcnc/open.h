// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_MCNC_OPEN_H_
#define MCNC_TOOLS_MCNC_OPEN_H_

#include <cstdint>
#include <memory>
#include <string>

#include "mcnc/base_models.h"
#include "mcnc/decoder.h"
#include "mcnc/input.h"
#include "mcnc/limits.h"
#include "mcnc/reader.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// For commands that decode nothing: a file may cost what it likes.
inline constexpr Limits kUnlimited = {~std::uint64_t{0}, ~std::uint64_t{0}, ~std::uint64_t{0}};

// A file; for "-" and named pipes the whole stream, in memory, of at most `max_stream_bytes`.
Result<std::unique_ptr<Input>> open_input(const std::string& file, std::uint64_t max_stream_bytes);

// A stream counts as scratch memory.
Result<Reader> open_reader(const std::string& file, const Limits& limits);
Result<Reader> open_reader(std::unique_ptr<Input> input, const Limits& limits);

// A decoder that has what the file starts from. `reader` and `bases` must outlive it.
Result<Decoder> make_decoder(Reader& reader, BaseModels& bases, const DecoderOptions& options);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_OPEN_H_
