// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The random numbers of the format, for programs that train through a generator of their own: what a seed stands for in
// a file (spec section "random numbers"), the same bits on every machine.
#ifndef MCNC_DRAW_H_
#define MCNC_DRAW_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "mcnc/manifest.h"
#include "mcnc/status.h"

namespace mcnc {

// The drawn weights of layer `layer` of `generator`, (n_in, width), row-major: odd int8 for integer arithmetic, float32
// in the byte order of this machine for float32 arithmetic. `out` holds exactly as many bytes. kArgument where there is
// no such layer, where its weights are stored and not drawn, where its sizes are not 1 to 2^28, or where `out` does not
// fit. Thread-safe.
Status draw_weights(const Generator& generator, std::size_t layer, std::span<std::byte> out) noexcept;

// Elements [first, first + out.size()) of a uniform theta0. kArgument where they are not all below 2^48. Thread-safe.
Status draw_theta0(const Uniform& uniform, std::uint64_t first, std::span<float> out) noexcept;

// Words [first, first + out.size()) of stream `stream` of the domain that the format leaves to encoders: for whoever
// wants to shuffle or to start training with numbers that are the same on every machine. Stream 0 is that of Encoder.
// kArgument where they are not all below 2^48. Thread-safe.
Status draw_words(std::uint64_t seed, std::uint32_t stream, std::uint64_t first, std::span<std::uint32_t> out) noexcept;

}  // namespace mcnc

#endif  // MCNC_DRAW_H_
