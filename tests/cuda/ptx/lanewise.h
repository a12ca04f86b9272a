// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Operations of one lane made into operations of 32.
#ifndef MCNC_TESTS_CUDA_PTX_LANEWISE_H_
#define MCNC_TESTS_CUDA_PTX_LANEWISE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include "cuda/ptx/operations.h"

namespace mcnc::ptx {

// How a lane's value is held in the registers of a warp.
template <typename T>
using Held = std::conditional_t<std::is_same_v<T, bool>, std::uint32_t, T>;

template <typename T>
constexpr unsigned width_of() {
  return std::is_same_v<T, bool> ? 1U : static_cast<unsigned>(8 * sizeof(T));
}

// The value of a lane, and back.
template <typename T>
constexpr T value(Held<T> held) {
  if constexpr (std::is_same_v<T, bool>)
    return held != 0;
  else
    return held;
}
template <typename T>
constexpr Held<T> held(T value) {
  if constexpr (std::is_same_v<T, bool>)
    return 0U - static_cast<std::uint32_t>(value);
  else
    return value;
}

// Copies the results of active lanes.
template <typename T>
void keep_active(const Warp& warp, const std::array<T, kLanes>& results, T* destination) {
  if (warp.active() == ~Warp::Mask{0}) {
    std::ranges::copy(results, destination);
    return;
  }
  const auto& active = warp.active_words();
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (active[lane] != 0) destination[lane] = results[lane];
  }
}

template <auto kFunction, typename D, typename... S>
struct Lanewise {
  static void run(Warp& warp, const Instruction& instruction) {
    run(warp, instruction, std::index_sequence_for<S...>());
  }

  template <std::size_t... kIndex>
  static void run(Warp& warp, const Instruction& instruction, std::index_sequence<kIndex...>) {
    const std::tuple<const Held<S>*...> sources(warp.lanes<Held<S>>(instruction.registers[1 + kIndex])...);
    // In all lanes, without a branch, so that compilers make vectors of it; then those that are active are kept.
    std::array<Held<D>, kLanes> results;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      results[lane] = held<D>(kFunction(value<S>(std::get<kIndex>(sources)[lane])...));
    }
    Held<D>* destination = warp.lanes<Held<D>>(instruction.registers[0]);
    keep_active(warp, results, destination);
  }
};

// The operation of a function D f(S...).
template <auto kFunction, typename D, typename... S>
Operation lanewise() {
  Operation operation;
  operation.run = &Lanewise<kFunction, D, S...>::run;
  operation.destinations = {width_of<D>()};
  operation.sources = {width_of<S>()...};
  return operation;
}

}  // namespace mcnc::ptx

#endif  // MCNC_TESTS_CUDA_PTX_LANEWISE_H_
