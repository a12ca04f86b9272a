// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Logic, shifts, bytes and fields of bits, and moves.
#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <string>

#include "cuda/ptx/lanewise.h"
#include "cuda/ptx/memory.h"

namespace mcnc::ptx {
namespace {

using Word = std::uint32_t;

template <typename T>
T complement(T a) {
  if constexpr (std::is_same_v<T, bool>) {
    return !a;
  } else {
    return static_cast<T>(~a);
  }
}

template <typename T>
void add_logic(OperationTable& table, const std::string& type) {
  table["and." + type] = lanewise<[](T a, T b) { return static_cast<T>(a & b); }, T, T, T>();
  table["or." + type] = lanewise<[](T a, T b) { return static_cast<T>(a | b); }, T, T, T>();
  table["xor." + type] = lanewise<[](T a, T b) { return static_cast<T>(a ^ b); }, T, T, T>();
  table["not." + type] = lanewise<&complement<T>, T, T>();
  table["mov." + type] = lanewise<[](T a) { return a; }, T, T>();
}

// Amounts that are greater than the width shift everything out.
template <std::unsigned_integral T>
T shift_left(T a, Word amount) {
  return amount >= 8 * sizeof(T) ? T{0} : static_cast<T>(static_cast<std::uint64_t>(a) << amount);
}
template <std::integral T>
T shift_right(T a, Word amount) {
  if (amount >= 8 * sizeof(T)) return static_cast<T>(a < 0 ? -1 : 0);
  return static_cast<T>(a >> amount);
}

// The 64 bits of b and a, b above.
constexpr std::uint64_t funnel(Word a, Word b) { return static_cast<std::uint64_t>(b) << 32 | a; }

Word shf_left(Word a, Word b, Word n) { return static_cast<Word>((funnel(a, b) << n) >> 32); }
Word shf_right(Word a, Word b, Word n) { return static_cast<Word>(funnel(a, b) >> n); }

Word lop3(Word a, Word b, Word c, Word table) {
  Word result = 0;
  if ((table & 0x01U) != 0) result |= ~a & ~b & ~c;
  if ((table & 0x02U) != 0) result |= ~a & ~b & c;
  if ((table & 0x04U) != 0) result |= ~a & b & ~c;
  if ((table & 0x08U) != 0) result |= ~a & b & c;
  if ((table & 0x10U) != 0) result |= a & ~b & ~c;
  if ((table & 0x20U) != 0) result |= a & ~b & c;
  if ((table & 0x40U) != 0) result |= a & b & ~c;
  if ((table & 0x80U) != 0) result |= a & b & c;
  return result;
}

// Byte i of the result is the byte of (b, a) that nibble i of c names; with the highest bit of the nibble, its sign.
Word prmt(Word a, Word b, Word c) {
  Word result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    const Word nibble = c >> (4 * i);
    Word byte = static_cast<Word>(funnel(a, b) >> (8 * (nibble & 7U))) & 0xFFU;
    if ((nibble & 8U) != 0) byte = (byte & 0x80U) != 0 ? 0xFFU : 0;
    result |= byte << (8 * i);
  }
  return result;
}

// `length` ones from bit `position` on, up to the highest bit.
template <std::unsigned_integral T>
constexpr T field(Word position, Word length) {
  constexpr Word kWidth = 8 * sizeof(T);
  const T ones = length >= kWidth ? static_cast<T>(~T{0}) : static_cast<T>((T{1} << length) - 1);
  return position >= kWidth ? 0 : static_cast<T>(ones << position);
}

Word bfe_unsigned(Word a, Word b, Word c) {
  const Word position = b & 0xFFU;
  return position >= 32 ? 0 : (a & field<Word>(position, c & 0xFFU)) >> position;
}

Word bfe_signed(Word a, Word b, Word c) {
  const Word position = b & 0xFFU;
  const Word length = c & 0xFFU;
  if (length == 0) return 0;
  const bool is_negative = ((a >> std::min<Word>(position + length - 1, 31)) & 1U) != 0;
  const Word available = position >= 32 ? 0 : std::min<Word>(length, 32 - position);
  return bfe_unsigned(a, b, c) | (is_negative ? ~field<Word>(0, available) : 0);
}

template <std::unsigned_integral T>
T bfi(T a, T b, Word c, Word d) {
  const Word position = c & 0xFFU;
  const T mask = field<T>(position, d & 0xFFU);
  return (b & ~mask) | (shift_left(a, position) & mask);
}

Word brev(Word a) {
  Word result = 0;
  for (unsigned i = 0; i < 32; ++i) result |= ((a >> i) & 1U) << (31 - i);
  return result;
}

template <typename T>
void add_selection(OperationTable& table, std::initializer_list<const char*> types) {
  for (const char* type : types) {
    table[std::string("selp.") + type] = lanewise<[](T a, T b, bool p) { return p ? a : b; }, T, T, T, bool>();
    table[std::string("mov.") + type] = lanewise<[](T a) { return a; }, T, T>();
  }
}

template <std::unsigned_integral T, std::signed_integral S>
void add_shifts(OperationTable& table, const std::string& bits) {
  table["shl.b" + bits] = lanewise<&shift_left<T>, T, T, Word>();
  table["shr.b" + bits] = lanewise<&shift_right<T>, T, T, Word>();
  table["shr.u" + bits] = lanewise<&shift_right<T>, T, T, Word>();
  table["shr.s" + bits] = lanewise<&shift_right<S>, S, S, Word>();
}

// mov of parts: the low part first.
template <typename Part, typename Whole>
struct Parts {
  static constexpr std::size_t kCount = sizeof(Whole) / sizeof(Part);

  static void pack(Warp& warp, const Instruction& instruction) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      if (warp.active_words()[lane] == 0) continue;
      std::uint64_t whole = 0;
      for (std::size_t i = 0; i < kCount; ++i) {
        whole |= std::uint64_t{warp.lanes<Part>(instruction.registers[1 + i])[lane]} << (8 * sizeof(Part) * i);
      }
      warp.lanes<Whole>(instruction.registers[0])[lane] = static_cast<Whole>(whole);
    }
  }

  static void unpack(Warp& warp, const Instruction& instruction) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      if (warp.active_words()[lane] == 0) continue;
      const Whole whole = warp.lanes<Whole>(instruction.registers[kCount])[lane];
      for (std::size_t i = 0; i < kCount; ++i) {
        warp.lanes<Part>(instruction.registers[i])[lane] = static_cast<Part>(whole >> (8 * sizeof(Part) * i));
      }
    }
  }

  static void add(OperationTable& table, const std::string& type, const std::string& part_count) {
    Operation packing;
    packing.run = &pack;
    packing.destinations = {width_of<Whole>()};
    packing.sources.assign(kCount, width_of<Part>());
    table["pack" + part_count + "." + type] = packing;
    Operation unpacking;
    unpacking.run = &unpack;
    unpacking.destinations.assign(kCount, width_of<Part>());
    unpacking.sources = {width_of<Whole>()};
    table["unpack" + part_count + "." + type] = unpacking;
  }
};

}  // namespace

void add_bit_operations(OperationTable& table) {
  add_logic<bool>(table, "pred");
  add_logic<std::uint16_t>(table, "b16");
  add_logic<std::uint32_t>(table, "b32");
  add_logic<std::uint64_t>(table, "b64");
  add_shifts<std::uint16_t, std::int16_t>(table, "16");
  add_shifts<std::uint32_t, std::int32_t>(table, "32");
  add_shifts<std::uint64_t, std::int64_t>(table, "64");
  add_selection<std::uint16_t>(table, {"b16", "u16", "s16"});
  add_selection<std::uint32_t>(table, {"b32", "u32", "s32", "f32"});
  add_selection<std::uint64_t>(table, {"b64", "u64", "s64"});
  table["shf.l.wrap.b32"] =
      lanewise<[](Word a, Word b, Word n) { return shf_left(a, b, n & 31U); }, Word, Word, Word, Word>();
  table["shf.r.wrap.b32"] =
      lanewise<[](Word a, Word b, Word n) { return shf_right(a, b, n & 31U); }, Word, Word, Word, Word>();
  table["shf.l.clamp.b32"] =
      lanewise<[](Word a, Word b, Word n) { return shf_left(a, b, std::min<Word>(n, 32)); }, Word, Word, Word, Word>();
  table["shf.r.clamp.b32"] =
      lanewise<[](Word a, Word b, Word n) { return shf_right(a, b, std::min<Word>(n, 32)); }, Word, Word, Word, Word>();
  table["lop3.b32"] = lanewise<&lop3, Word, Word, Word, Word, Word>();
  table["prmt.b32"] = lanewise<&prmt, Word, Word, Word, Word>();
  table["bfe.u32"] = lanewise<&bfe_unsigned, Word, Word, Word, Word>();
  table["bfe.s32"] = lanewise<&bfe_signed, Word, Word, Word, Word>();
  table["bfi.b32"] = lanewise<&bfi<Word>, Word, Word, Word, Word, Word>();
  table["bfi.b64"] = lanewise<&bfi<std::uint64_t>, std::uint64_t, std::uint64_t, std::uint64_t, Word, Word>();
  table["brev.b32"] = lanewise<&brev, Word, Word>();
  table["clz.b32"] = lanewise<[](Word a) { return static_cast<Word>(std::countl_zero(a)); }, Word, Word>();
  table["popc.b32"] = lanewise<[](Word a) { return static_cast<Word>(std::popcount(a)); }, Word, Word>();
  // Global and constant memory stand in the generic address space as they are; the others have a window.
  using A = Address;
  for (const char* space : {"global", "const"}) {
    table[std::string("cvta.") + space + ".u64"] = lanewise<[](A a) { return a; }, A, A>();
    table[std::string("cvta.to.") + space + ".u64"] = lanewise<[](A a) { return a; }, A, A>();
  }
  table["cvta.shared.u64"] = lanewise<[](A a) { return a + kSharedWindow; }, A, A>();
  table["cvta.to.shared.u64"] = lanewise<[](A a) { return a - kSharedWindow; }, A, A>();
  table["cvta.local.u64"] = lanewise<[](A a) { return a + kLocalWindow; }, A, A>();
  table["cvta.to.local.u64"] = lanewise<[](A a) { return a - kLocalWindow; }, A, A>();
  // mov.b32 of two registers is called pack2.b32 or unpack2.b32 here.
  Parts<std::uint16_t, std::uint32_t>::add(table, "b32", "2");
  Parts<std::uint16_t, std::uint64_t>::add(table, "b64", "4");
  Parts<std::uint32_t, std::uint64_t>::add(table, "b64", "2");
}

}  // namespace mcnc::ptx
