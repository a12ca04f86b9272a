// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "container/zstd_block.h"

#include <algorithm>
#include <cstring>

namespace mcnc::zstd {
namespace {

using Bytes = std::span<const std::byte>;

// What a code of a sequence stands for: the least number, and how many bits are added to it.
struct Number {
  std::uint32_t least = 0;
  std::uint8_t bits = 0;
};

// Section 3.1.1.3.2: one of the three numbers of a sequence.
struct Field {
  // `plain` codes for the numbers from `first` on, then one for each of `wider`, which says its bits.
  constexpr Field(std::uint32_t first, std::size_t plain, std::span<const std::uint8_t> wider, unsigned largest,
                  unsigned predefined, std::span<const std::int16_t> predefined_probabilities)
      : max_accuracy(largest), accuracy(predefined), probabilities(predefined_probabilities) {
    for (; codes < plain; ++codes) numbers[codes] = {first++, 0};
    for (const std::uint8_t bits : wider) {
      numbers[codes++] = {first, bits};
      first += std::uint32_t{1} << bits;
    }
  }

  std::size_t codes = 0;
  std::array<Number, 53> numbers{};
  unsigned max_accuracy;
  unsigned accuracy;  // of the predefined table
  std::span<const std::int16_t> probabilities;
};

constexpr std::array<std::uint8_t, 20> kWideLiterals = {1, 1, 1, 1,  2,  2,  3,  3,  4,  6,
                                                        7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr std::array<std::uint8_t, 32> kWideOffsets = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                                       16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
constexpr std::array<std::uint8_t, 21> kWideMatches = {1, 1, 1, 1,  2,  2,  3,  3,  4,  4, 5,
                                                       7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr std::array<std::int16_t, 36> kLiteralDefaults = {4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1,  1,  2,  2,
                                                           2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1};
constexpr std::array<std::int16_t, 29> kOffsetDefaults = {1, 1, 1, 1, 1, 1, 2, 2, 2, 1,  1,  1,  1,  1, 1,
                                                          1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1};
constexpr std::array<std::int16_t, 53> kMatchDefaults = {1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1,  1,  1,  1,  1,  1,  1, 1,
                                                         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1,  1,  1,  1,  1, 1,
                                                         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1};

// In the order of their tables in a block.
enum : std::size_t { kLiteralLength, kOffset, kMatchLength };
constexpr std::array<Field, 3> kFields = {Field(0, 16, kWideLiterals, 9, 6, kLiteralDefaults),
                                          Field(1, 0, kWideOffsets, 8, 5, kOffsetDefaults),
                                          Field(3, 32, kWideMatches, 9, 6, kMatchDefaults)};

unsigned to_unsigned(std::byte byte) { return static_cast<unsigned>(byte); }

bool read_number(Bitstream& stream, Number number, std::uint32_t& value) {
  if (!stream.read(number.bits, value)) return false;
  value += number.least;
  return true;
}

// Copies what stands `offset` bytes before `to`, where that overlaps a period of `offset` bytes over and over.
void copy_match(std::byte* to, std::size_t offset, std::size_t length) {
  const std::byte* const from = to - offset;
  while (length > 0) {
    const std::size_t part = std::min(static_cast<std::size_t>(to - from), length);
    std::memcpy(to, from, part);
    to += part;
    length -= part;
  }
}

// How many sequences a block has, in `size` bytes of its data.
bool read_count(Bytes data, std::size_t& count, std::size_t& size) {
  constexpr unsigned kTwoBytes = 128;
  constexpr unsigned kThreeBytes = 255;
  if (data.empty()) return false;
  const unsigned first = to_unsigned(data[0]);
  size = first < kTwoBytes ? 1 : first < kThreeBytes ? 2 : 3;
  if (size > data.size()) return false;
  count = first;
  if (size == 2) count = (std::size_t{first - kTwoBytes} << 8U) + to_unsigned(data[1]);
  if (size == 3) count = to_unsigned(data[1]) + (std::size_t{to_unsigned(data[2])} << 8U) + 0x7F00;
  return count > 0 || size == 1;
}

}  // namespace

BlockDecoder::BlockDecoder() : literals_(kMaxContent) {}

void BlockDecoder::begin_frame() noexcept {
  has_tables_ = false;
  has_code_ = false;
  recent_ = {1, 4, 8};
}

bool BlockDecoder::decode(Bytes block, std::span<std::byte> content, std::size_t& filled) noexcept {
  const std::size_t start = filled;
  Bytes literals;
  std::size_t size = 0;
  if (!read_literals(block, content.size() - filled, literals, size)) return false;
  block = block.subspan(size);
  std::size_t count = 0;
  if (!read_count(block, count, size)) return false;
  if (count == 0) {
    if (size < block.size()) return false;
  } else {
    if (!read_tables(block, size)) return false;
    if (!run_sequences(block.subspan(size), count, literals, content, filled)) return false;
  }
  if (literals.size() > content.size() - filled) return false;
  std::ranges::copy(literals, content.begin() + static_cast<std::ptrdiff_t>(filled));
  filled += literals.size();
  return filled > start;
}

// Section 3.1.1.3.1, in the first `size` bytes of a block. The literals lie in the block or in literals_.
bool BlockDecoder::read_literals(Bytes block, std::size_t at_most, Bytes& literals, std::size_t& size) noexcept {
  enum : unsigned { kRaw, kRunLength, kCompressed, kSameCode };
  if (block.empty()) return false;
  const unsigned kind = to_unsigned(block[0]) & 3U;
  const unsigned form = to_unsigned(block[0]) >> 2U & 3U;
  if (kind == kRaw || kind == kRunLength) {
    constexpr std::array<std::size_t, 4> kSizes = {1, 2, 1, 3};
    size = kSizes[form];
    if (size > block.size()) return false;
    const std::size_t count = low_bits(bits_at(block, 0), static_cast<unsigned>(8 * size)) >> (form % 2 == 0 ? 3U : 4U);
    const std::size_t stored = kind == kRaw ? count : 1;
    if (count > at_most || stored > block.size() - size) return false;
    literals = block.subspan(size, stored);
    size += stored;
    if (kind == kRunLength) {
      std::ranges::fill(std::span(literals_).first(count), literals[0]);
      literals = Bytes(literals_).first(count);
    }
    return true;
  }
  constexpr std::array<std::size_t, 4> kSizes = {3, 3, 4, 5};
  constexpr std::array<unsigned, 4> kBits = {10, 10, 14, 18};  // of each of two sizes
  size = kSizes[form];
  if (size > block.size()) return false;
  const std::uint64_t sizes = bits_at(block, 0) >> 4U;
  const std::size_t count = low_bits(sizes, kBits[form]);
  const std::size_t stored = low_bits(sizes >> kBits[form], kBits[form]);
  if (count == 0 || count > at_most || stored > block.size() - size) return false;
  Bytes data = block.subspan(size, stored);
  size += stored;
  if (kind == kCompressed) {
    std::size_t tree = 0;
    if (!code_.read(data, tree)) return false;
    has_code_ = true;
    data = data.subspan(tree);
  }
  const std::span<std::byte> out = std::span(literals_).first(count);
  literals = out;
  return has_code_ && (form == 0 ? code_.decode(data, out) : code_.decode_four(data, out));
}

// Section 3.1.1.3.2.1, from data[at] on; moves `at` behind it.
bool BlockDecoder::read_tables(Bytes data, std::size_t& at) noexcept {
  enum : unsigned { kPredefined, kOneCode, kDescribed, kSameTable };
  if (at == data.size() || (to_unsigned(data[at]) & 3U) != 0) return false;
  unsigned modes = to_unsigned(data[at++]);
  for (std::size_t i = 0; i < tables_.size(); ++i, modes <<= 2U) {
    const Field& field = kFields[i];
    const unsigned mode = modes >> 6U & 3U;
    std::size_t size = 0;
    if (mode == kPredefined) {
      tables_[i].build(field.accuracy, field.probabilities);
    } else if (mode == kOneCode) {
      if (at == data.size() || to_unsigned(data[at]) >= field.codes) return false;
      tables_[i].build(static_cast<std::uint8_t>(data[at]));
      size = 1;
    } else if (mode == kDescribed) {
      if (!tables_[i].read(data.subspan(at), field.max_accuracy, field.codes, size)) return false;
    } else if (!has_tables_) {
      return false;
    }
    at += size;
  }
  has_tables_ = true;
  return true;
}

// Sections 3.1.1.4 and 3.1.1.5. Takes literals off the front.
bool BlockDecoder::run_sequences(Bytes data, std::size_t count, Bytes& literals, std::span<std::byte> content,
                                 std::size_t& filled) noexcept {
  Bitstream stream;
  if (!stream.open(data)) return false;
  std::array<std::uint32_t, 3> states{};
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (!stream.read(tables_[i].log(), states[i])) return false;
  }
  const auto number_of = [&](std::size_t i) { return kFields[i].numbers[tables_[i][states[i]].symbol]; };
  const auto advance = [&](std::size_t i) {
    const StateTable::State& state = tables_[i][states[i]];
    std::uint32_t bits = 0;
    if (!stream.read(state.bits, bits)) return false;
    states[i] = state.base + bits;
    return true;
  };
  for (; count > 0; --count) {
    std::uint32_t value = 0;
    std::uint32_t match = 0;
    std::uint32_t length = 0;
    if (!read_number(stream, number_of(kOffset), value) || !read_number(stream, number_of(kMatchLength), match) ||
        !read_number(stream, number_of(kLiteralLength), length)) {
      return false;
    }
    if (length > literals.size() || length > content.size() - filled) return false;
    std::ranges::copy(literals.first(length), content.begin() + static_cast<std::ptrdiff_t>(filled));
    literals = literals.subspan(length);
    filled += length;
    const std::size_t offset = take_offset(value, length == 0);
    if (offset == 0 || offset > filled || match > content.size() - filled) return false;
    copy_match(content.data() + filled, offset, match);
    filled += match;
    if (count > 1 && !(advance(kLiteralLength) && advance(kMatchLength) && advance(kOffset))) return false;
  }
  return stream.at_end();
}

// The offset that a value above 3 states, or one of those used last; that is the last one from now on.
std::size_t BlockDecoder::take_offset(std::uint32_t value, bool no_literals) noexcept {
  constexpr std::uint32_t kRecent = 3;
  std::uint32_t offset = value - kRecent;
  std::size_t place = 2;  // that it leaves, or that of the one which is forgotten
  if (value <= kRecent) {
    place = value - (no_literals ? 0 : 1);
    offset = place < kRecent ? recent_[place] : recent_[0] - 1;
    place = std::min<std::size_t>(place, 2);
  }
  std::copy_backward(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(place),
                     recent_.begin() + static_cast<std::ptrdiff_t>(place) + 1);
  recent_[0] = offset;
  return offset;
}

}  // namespace mcnc::zstd
