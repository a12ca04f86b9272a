// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Instructions by which the lanes of a warp see one another. The machine has let them wait for each other: the active
// lanes are those of the member mask, which is the last source and the same in all of them.
#include <array>
#include <cstdint>
#include <string>

#include "cuda/ptx/fault.h"
#include "cuda/ptx/operations.h"

namespace mcnc::ptx {
namespace {

using Word = std::uint32_t;

enum class Shuffle : std::uint8_t { kUp, kDown, kButterfly, kIndex };

// registers: result, [predicate,] value, offset or lane, clamp and segments, member mask.
template <Shuffle kMode>
void shuffle(Warp& warp, const Instruction& instruction) {
  const std::size_t first = instruction.destinations;
  const Word* a = warp.lanes<Word>(instruction.registers[first]);
  const Word* b = warp.lanes<Word>(instruction.registers[first + 1]);
  const Word* c = warp.lanes<Word>(instruction.registers[first + 2]);
  std::array<Word, kLanes> result = {};
  std::array<Word, kLanes> is_in_range = {};
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (warp.active_words()[lane] == 0) continue;
    const int own = static_cast<int>(lane);
    const int offset = static_cast<int>(b[lane] & 31U);
    const int segment = static_cast<int>((c[lane] >> 8) & 31U);
    const int clamp = static_cast<int>(c[lane] & 31U);
    const int lowest = own & segment;
    const int limit = lowest | (clamp & ~segment);
    int from = 0;
    bool in_range = false;
    switch (kMode) {
      case Shuffle::kUp:
        from = own - offset;
        in_range = from >= limit;
        break;
      case Shuffle::kDown:
        from = own + offset;
        in_range = from <= limit;
        break;
      case Shuffle::kButterfly:
        from = own ^ offset;
        in_range = from <= limit;
        break;
      case Shuffle::kIndex:
        from = lowest | (offset & ~segment);
        in_range = from <= limit;
        break;
    }
    if (!in_range) from = own;
    const auto source = static_cast<std::size_t>(from);
    if (warp.active_words()[source] == 0) {
      throw Fault("lane " + std::to_string(lane) + " reads lane " + std::to_string(source) + ", which is not a member");
    }
    result[lane] = a[source];
    is_in_range[lane] = in_range ? ~0U : 0;
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (warp.active_words()[lane] == 0) continue;
    warp.lanes<Word>(instruction.registers[0])[lane] = result[lane];
    if (first == 2) warp.lanes<Word>(instruction.registers[1])[lane] = is_in_range[lane];
  }
}

enum class Vote : std::uint8_t { kAll, kAny, kUniform, kBallot };

// registers: result, predicate, member mask.
template <Vote kMode>
void vote(Warp& warp, const Instruction& instruction) {
  const Word* predicate = warp.lanes<Word>(instruction.registers[1]);
  const Word members = warp.active();
  Word ballot = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) ballot |= (predicate[lane] & 1U) << lane;
  ballot &= members;
  Word result = 0;
  switch (kMode) {
    case Vote::kAll:
      result = ballot == members ? ~0U : 0;
      break;
    case Vote::kAny:
      result = ballot != 0 ? ~0U : 0;
      break;
    case Vote::kUniform:
      result = ballot == 0 || ballot == members ? ~0U : 0;
      break;
    case Vote::kBallot:
      result = ballot;
      break;
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (warp.active_words()[lane] != 0) warp.lanes<Word>(instruction.registers[0])[lane] = result;
  }
}

void add(OperationTable& table, const std::string& opcode, LaneOperation run, std::vector<unsigned> destinations,
         std::vector<unsigned> sources) {
  Operation operation;
  operation.run = run;
  operation.destinations = std::move(destinations);
  operation.sources = std::move(sources);
  operation.kind = Instruction::Kind::kCollective;
  table[opcode] = operation;
}

// With and without the predicate that says whether the other lane is in range; the first has another name here.
template <Shuffle kMode>
void add_shuffle(OperationTable& table, const std::string& mode) {
  add(table, "shfl.sync." + mode + ".b32", &shuffle<kMode>, {32}, {32, 32, 32, 32});
  add(table, "pair.shfl.sync." + mode + ".b32", &shuffle<kMode>, {32, 1}, {32, 32, 32, 32});
}

}  // namespace

void add_collectives(OperationTable& table) {
  add_shuffle<Shuffle::kUp>(table, "up");
  add_shuffle<Shuffle::kDown>(table, "down");
  add_shuffle<Shuffle::kButterfly>(table, "bfly");
  add_shuffle<Shuffle::kIndex>(table, "idx");
  add(table, "vote.sync.all.pred", &vote<Vote::kAll>, {1}, {1, 32});
  add(table, "vote.sync.any.pred", &vote<Vote::kAny>, {1}, {1, 32});
  add(table, "vote.sync.uni.pred", &vote<Vote::kUniform>, {1}, {1, 32});
  add(table, "vote.sync.ballot.b32", &vote<Vote::kBallot>, {32}, {1, 32});
  add(table, "bar.warp.sync", [](Warp& warp, const Instruction&) { ++warp.epoch; }, {}, {32});
}

}  // namespace mcnc::ptx
