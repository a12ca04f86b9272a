// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/zstd_entropy.h"

#include <algorithm>
#include <bit>

#include "mcnc/little_endian.h"

namespace mcnc::zstd {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kMaxLiterals = 256;
using Weights = std::array<std::uint8_t, kMaxLiterals>;

// Section 4.2.1.2: two states of one table take turns until the bits run out.
bool read_compressed_weights(Bytes data, Weights& weights, std::size_t& count) {
  constexpr unsigned kMaxAccuracy = 6;
  StateTable table;
  std::size_t size = 0;
  Bitstream stream;
  if (!table.read(data, kMaxAccuracy, kMaxLiterals, size) || !stream.open(data.subspan(size))) return false;
  std::array<std::uint32_t, 2> states{};
  for (std::uint32_t& state : states) {
    if (!stream.read(table.log(), state)) return false;
  }
  // The weight of the last literal is not among them.
  for (count = 0; count + 2 < kMaxLiterals;) {
    std::uint32_t& state = states[count % 2];
    const StateTable::State found = table[state];
    weights[count++] = found.symbol;
    std::uint32_t bits = 0;
    if (!stream.read(found.bits, bits)) {
      weights[count] = table[states[count % 2]].symbol;
      ++count;
      return true;
    }
    state = found.base + bits;
  }
  return false;
}

// Section 4.2.1.1. count: of weights that are stated. False where they end behind the data.
bool read_weights(Bytes data, Weights& weights, std::size_t& count, std::size_t& size) {
  constexpr std::size_t kDirect = 128;
  if (data.empty()) return false;
  const auto header = static_cast<std::size_t>(data[0]);
  if (header < kDirect) {
    size = 1 + header;
    return size <= data.size() && read_compressed_weights(data.subspan(1, header), weights, count);
  }
  const std::size_t stated = header - kDirect + 1;
  size = 1 + (stated + 1) / 2;
  if (size > data.size()) return false;
  for (count = 0; count < stated; ++count) {
    const auto pair = static_cast<unsigned>(data[1 + count / 2]);
    weights[count] = static_cast<std::uint8_t>(count % 2 == 0 ? pair >> 4U : pair & 15U);
  }
  return true;
}

}  // namespace

bool Bitstream::open(Bytes bytes) noexcept {
  if (bytes.empty() || bytes.back() == std::byte{0}) return false;
  const auto mark = static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(bytes.back()))) - 1;
  bytes_ = bytes;
  left_ = 8 * (bytes.size() - 1) + mark;
  return true;
}

void StateTable::build(unsigned accuracy, std::span<const std::int16_t> probabilities) noexcept {
  const std::size_t size = std::size_t{1} << accuracy;
  std::array<std::uint16_t, 256> numbers;  // of the next state of each symbol
  std::size_t end = size;                  // of the states that no probability of less than 1 has taken
  for (std::size_t symbol = 0; symbol < probabilities.size(); ++symbol) {
    const std::int16_t probability = probabilities[symbol];
    if (probability == -1) states_[--end].symbol = static_cast<std::uint8_t>(symbol);
    numbers[symbol] = static_cast<std::uint16_t>(probability == -1 ? 1 : probability);
  }
  std::size_t at = 0;
  for (std::size_t symbol = 0; symbol < probabilities.size(); ++symbol) {
    for (int i = 0; i < probabilities[symbol]; ++i) {
      states_[at].symbol = static_cast<std::uint8_t>(symbol);
      do {
        at = (at + (size >> 1U) + (size >> 3U) + 3) & (size - 1);
      } while (at >= end);
    }
  }
  for (State& state : std::span(states_).first(size)) {
    const unsigned number = numbers[state.symbol]++;
    state.bits = static_cast<std::uint8_t>(accuracy + 1 - static_cast<unsigned>(std::bit_width(number)));
    state.base = static_cast<std::uint16_t>((number << state.bits) - size);
  }
  log_ = accuracy;
}

void StateTable::build(std::uint8_t symbol) noexcept {
  states_[0] = {.base = 0, .bits = 0, .symbol = symbol};
  log_ = 0;
}

bool StateTable::read(Bytes data, unsigned max_accuracy, std::size_t max_symbols, std::size_t& size) noexcept {
  if (data.empty()) return false;
  const unsigned accuracy = low_bits(bits_at(data, 0), 4) + 5;
  if (accuracy > max_accuracy) return false;
  std::array<std::int16_t, 256> probabilities{};
  std::size_t symbols = 0;
  std::size_t used = 0;  // symbols that have a probability
  std::size_t at = 4;    // bit of the data
  for (std::uint32_t left = std::uint32_t{1} << accuracy; left > 0;) {
    if (symbols == max_symbols) return false;
    // A number of 0 to left + 1 in as few bits as that takes; the lower ones have one bit less.
    const auto bits = static_cast<unsigned>(std::bit_width(left + 1));
    const std::uint32_t half = std::uint32_t{1} << (bits - 1);
    const std::uint32_t short_ones = 2 * half - (left + 2);
    std::uint32_t value = low_bits(bits_at(data, at), bits);
    if ((value & (half - 1)) < short_ones) {
      value &= half - 1;
      at += bits - 1;
    } else {
      if (value >= half) value -= short_ones;
      at += bits;
    }
    const int probability = static_cast<int>(value) - 1;
    probabilities[symbols++] = static_cast<std::int16_t>(probability);
    left -= static_cast<std::uint32_t>(probability == -1 ? 1 : probability);
    if (probability != 0) {
      ++used;
      continue;
    }
    // Two bits say how many more symbols have none; where they are 3, two more follow.
    std::uint32_t more = 0;
    do {
      more = low_bits(bits_at(data, at), 2);
      at += 2;
      if (more > max_symbols - symbols) return false;
      symbols += more;
    } while (more == 3);
  }
  if (used < 2 || at > 8 * data.size()) return false;
  size = (at + 7) / 8;
  build(accuracy, std::span(probabilities).first(symbols));
  return true;
}

bool LiteralCode::read(Bytes data, std::size_t& size) noexcept {
  Weights weights{};
  std::size_t count = 0;
  if (!read_weights(data, weights, count, size)) return false;
  std::uint32_t total = 0;
  for (const std::uint8_t weight : weights) {
    if (weight > kMaxDepth) return false;
    total += weight > 0 ? std::uint32_t{1} << (weight - 1U) : 0;
  }
  // The last literal has what is missing to the next power of 2.
  const auto depth = static_cast<unsigned>(std::bit_width(total));
  if (total == 0 || depth > kMaxDepth) return false;
  const std::uint32_t rest = (std::uint32_t{1} << depth) - total;
  if (!std::has_single_bit(rest)) return false;
  weights[count++] = static_cast<std::uint8_t>(std::bit_width(rest));
  if (std::ranges::count(weights, 1) == 0) return false;
  std::size_t at = 0;
  for (unsigned weight = 1; weight <= depth; ++weight) {
    for (std::size_t literal = 0; literal < count; ++literal) {
      if (weights[literal] != weight) continue;
      const Entry entry{.literal = static_cast<std::byte>(literal),
                        .bits = static_cast<std::uint8_t>(depth + 1 - weight)};
      const std::size_t end = at + (std::size_t{1} << (weight - 1));
      for (; at < end; ++at) entries_[at] = entry;
    }
  }
  depth_ = depth;
  return true;
}

void LiteralCode::decode_run(Bitstream& stream, std::byte* out) const noexcept {
  std::uint64_t word = stream.word();
  unsigned used = 0;
  for (std::size_t i = 0; i < kRun; ++i) {
    const Entry entry = entries_[word >> (64 - depth_)];
    out[i] = entry.literal;
    word <<= entry.bits;
    used += entry.bits;
  }
  stream.drop(used);
}

bool LiteralCode::decode_rest(Bitstream& stream, std::span<std::byte> out) const noexcept {
  std::size_t n = 0;
  for (; out.size() - n >= kRun && stream.has_word(); n += kRun) decode_run(stream, out.data() + n);
  for (std::byte& literal : out.subspan(n)) {
    const Entry entry = entries_[stream.peek(depth_)];
    if (!stream.skip(entry.bits)) return false;
    literal = entry.literal;
  }
  return stream.at_end();
}

bool LiteralCode::decode(Bytes stream, std::span<std::byte> out) const noexcept {
  Bitstream bits;
  return bits.open(stream) && decode_rest(bits, out);
}

// Some literals of each stream in turn, so that the processor need not wait for one.
bool LiteralCode::decode_four(Bytes streams, std::span<std::byte> out) const noexcept {
  constexpr std::size_t kLengths = 6;  // bytes
  constexpr std::size_t kLeast = 6;    // literals
  if (out.size() < kLeast || streams.size() < kLengths) return false;
  std::array<Bitstream, 4> bits;
  std::size_t begin = kLengths;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const std::size_t left = streams.size() - begin;
    const std::size_t length = i < 3 ? load_le<std::uint16_t>(streams.data() + 2 * i) : left;
    if (length > left || !bits[i].open(streams.subspan(begin, length))) return false;
    begin += length;
  }
  const std::size_t each = (out.size() + 3) / 4;
  const std::size_t last = out.size() - 3 * each;  // the fourth stream has that many, the others `each`
  std::byte* const to = out.data();
  std::size_t n = 0;
  for (; last - n >= kRun && std::ranges::all_of(bits, &Bitstream::has_word); n += kRun) {
    for (std::size_t i = 0; i < bits.size(); ++i) decode_run(bits[i], to + i * each + n);
  }
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (!decode_rest(bits[i], out.subspan(i * each + n, (i < 3 ? each : last) - n))) return false;
  }
  return true;
}

}  // namespace mcnc::zstd
