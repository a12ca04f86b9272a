// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The entropy coding of Zstandard (RFC 8878, section 4), as strict as its text: bitstreams, finite state entropy,
// Huffman codes. Everything that reads returns false where the RFC calls the data corrupted, and then has changed only
// what it was to fill in.
#ifndef MCNC_CONTAINER_ZSTD_ENTROPY_H_
#define MCNC_CONTAINER_ZSTD_ENTROPY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "mcnc/little_endian.h"

namespace mcnc::zstd {

// The 57 or more bits from bit `at` on, the first one lowest. Zeros follow the end.
inline std::uint64_t bits_at(std::span<const std::byte> bytes, std::size_t at) noexcept {
  const std::size_t byte = at / 8;
  std::uint64_t word = 0;
  if (byte + sizeof word <= bytes.size()) {
    word = load_le<std::uint64_t>(bytes.data() + byte);
  } else {
    for (std::size_t i = byte; i < bytes.size(); ++i) word |= static_cast<std::uint64_t>(bytes[i]) << (8 * (i - byte));
  }
  return word >> (at % 8);
}

constexpr std::uint32_t low_bits(std::uint64_t bits, unsigned count) noexcept {
  return static_cast<std::uint32_t>(bits & ((std::uint64_t{1} << count) - 1));
}

// A bitstream that is read from its end, where a 1 stands before at most seven zeros. The bytes must outlive it.
class Bitstream {
 public:
  // False where the end is not marked so.
  bool open(std::span<const std::byte> bytes) noexcept;

  bool at_end() const noexcept { return left_ == 0; }
  // Whether word() may be called.
  bool has_word() const noexcept { return left_ >= 64; }
  // The next 57 or more bits, the first of them highest.
  std::uint64_t word() const noexcept {
    const std::size_t byte = (left_ + 7) / 8 - sizeof(std::uint64_t);
    return load_le<std::uint64_t>(bytes_.data() + byte) << (8 * byte + 64 - left_);
  }
  // Passes over bits that are there.
  void drop(unsigned count) noexcept { left_ -= count; }
  // The next `count` bits, at most 32. Zeros take the place of those that are not there.
  std::uint32_t peek(unsigned count) const noexcept {
    if (left_ >= count) return low_bits(bits_at(bytes_, left_ - count), count);
    return low_bits(bits_at(bytes_, 0), static_cast<unsigned>(left_)) << (count - left_);
  }
  // False where there are fewer.
  bool skip(unsigned count) noexcept {
    if (count > left_) return false;
    left_ -= count;
    return true;
  }
  bool read(unsigned count, std::uint32_t& bits) noexcept {
    bits = peek(count);
    return skip(count);
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t left_ = 0;  // bits
};

// Decoding table of finite state entropy.
class StateTable {
 public:
  static constexpr unsigned kMaxAccuracy = 9;

  struct State {
    std::uint16_t base = 0;  // of the next state: plus so many bits
    std::uint8_t bits = 0;
    std::uint8_t symbol = 0;
  };

  // The number of its states is a power of 2.
  unsigned log() const noexcept { return log_; }
  const State& operator[](std::size_t state) const noexcept { return states_[state]; }

  // Of probabilities as the RFC has them (-1: less than 1), which add up to 2^accuracy. At most 256.
  void build(unsigned accuracy, std::span<const std::int16_t> probabilities) noexcept;
  // One state, which stands for `symbol` and takes no bits.
  void build(std::uint8_t symbol) noexcept;
  // From a description (section 4.1.1), which is the first `size` bytes of `data`. max_symbols: at most 256.
  bool read(std::span<const std::byte> data, unsigned max_accuracy, std::size_t max_symbols,
            std::size_t& size) noexcept;

 private:
  unsigned log_ = 0;
  std::array<State, std::size_t{1} << kMaxAccuracy> states_;
};

// The Huffman code of literals.
class LiteralCode {
 public:
  // From a description of its tree (section 4.2.1), which is the first `size` bytes of `data`.
  bool read(std::span<const std::byte> data, std::size_t& size) noexcept;
  // Decodes a stream that has as many literals as `out` has room for.
  bool decode(std::span<const std::byte> stream, std::span<std::byte> out) const noexcept;
  // The same of literals that four streams share, behind the lengths of three of them.
  bool decode_four(std::span<const std::byte> streams, std::span<std::byte> out) const noexcept;

 private:
  static constexpr unsigned kMaxDepth = 11;

  struct Entry {
    std::byte literal{};
    std::uint8_t bits = 0;
  };

  // So many literals are never longer than a word of a stream.
  static constexpr std::size_t kRun = 57 / kMaxDepth;

  void decode_run(Bitstream& stream, std::byte* out) const noexcept;
  // Decodes as many as `out` has room for; false where they do not end with the stream.
  bool decode_rest(Bitstream& stream, std::span<std::byte> out) const noexcept;

  unsigned depth_ = 0;
  std::array<Entry, std::size_t{1} << kMaxDepth> entries_;  // by the next depth_ bits
};

}  // namespace mcnc::zstd

#endif  // MCNC_CONTAINER_ZSTD_ENTROPY_H_
