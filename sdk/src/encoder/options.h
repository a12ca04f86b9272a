// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What EncoderOptions describe: whether they are in range, the generator, and the units of alpha and beta.
#ifndef MCNC_ENCODER_OPTIONS_H_
#define MCNC_ENCODER_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "mcnc/encoder.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"
#include "mcnc/writer.h"

namespace mcnc {

// kArgument where an option is out of range.
Status check(const EncoderOptions& options);

// kArgument where so many chunks need more codes than a file can hold.
Status check_codes(const EncoderOptions& options, std::uint64_t chunks);

// Sine layers of integer arithmetic, drawn from the seed.
Generator make_generator(const EncoderOptions& options);

// Segments and manifest of codes, without tensors: alpha, (codes, code_dim), as segment 0, and the stored bytes of
// beta, (codes), as segment 1.
Model make_model(const EncoderOptions& options, std::span<const std::int32_t> alpha, std::span<const std::byte> beta);

// A stored alpha of 1, in half turns of the first layer's phase.
float alpha_step(const EncoderOptions& options) noexcept;

}  // namespace mcnc

#endif  // MCNC_ENCODER_OPTIONS_H_
