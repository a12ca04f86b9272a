// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What the interpreter must not let a kernel do: each check is seen to stop a kernel, and to let its neighbour that
// does it right go on.
#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "cuda/ptx/device.h"
#include "cuda/ptx/fault.h"

namespace mcnc::ptx {
namespace {

// A kernel k(in, out) with registers of every kind, %in and %out, and %tid.
std::string kernel(const std::string& body, const std::string& declarations = "") {
  return ".version 9.0\n.target sm_90\n.address_size 64\n" + declarations +
         ".visible .entry k(.param .u64 in, .param .u64 out)\n{\n"
         ".reg .pred %p<9>; .reg .b16 %h<9>; .reg .b32 %r<20>; .reg .b64 %d<20>, %in, %out; .reg .b32 %tid;\n"
         "ld.param.u64 %in, [in]; ld.param.u64 %out, [out]; mov.u32 %tid, %tid.x;\n" +
         body + "\n}\n";
}

// What stops the kernel, or "" where nothing does. 64 numbers, number i being i, go in; room for 64 is there to go out.
std::string fault_of(const std::string& ptx, Dim block = {.x = 64}, std::size_t dynamic_shared_bytes = 0,
                     std::vector<std::uint32_t>* result = nullptr) {
  Device device(ptx);
  std::vector<std::uint32_t> numbers(64);
  std::iota(numbers.begin(), numbers.end(), 0);
  const Address in = device.upload<std::uint32_t>("in", numbers);
  const Address out = device.allocate("out", 256);
  device.set_instruction_limit(100000);
  try {
    device.launch("k", {.grid = {}, .block = block, .dynamic_shared_bytes = dynamic_shared_bytes}, in, out);
    if (result != nullptr) *result = device.download<std::uint32_t>(out, 64);
  } catch (const Fault& fault) {
    return fault.what();
  }
  return "";
}

std::string refusal_of(const std::string& ptx) {
  try {
    Device device(ptx);
  } catch (const Refused& refused) {
    return refused.what();
  }
  return "";
}

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

// The address of element %tid of a buffer goes to %d1.
const std::string kOwnOut = "mad.wide.u32 %d1, %tid, 4, %out;\n";
const std::string kOwnIn = "mad.wide.u32 %d0, %tid, 4, %in;\n";

TEST(Checks, AFaultSaysWhereItHappened) {
  const std::string fault =
      fault_of(kernel("mad.wide.u32 %d1, %tid, 4, %out;\nsetp.ne.u32 %p1, %tid, 37;\n@%p1 ret;\n"
                      "st.global.u32 [%d1+256], %tid;\nret;"));
  expect_contains(fault, "k, line 11, block (0, 0, 0), thread 37:");
  expect_contains(fault, "byte 404 of out, which has 256");
}

TEST(Checks, GlobalMemoryHasBounds) {
  EXPECT_EQ(fault_of(kernel(kOwnOut + "st.global.u32 [%d1], %tid; ret;")), "");
  expect_contains(fault_of(kernel(kOwnOut + "st.global.u32 [%d1+4], %tid; ret;")), "byte 256 of out");
  expect_contains(fault_of(kernel(kOwnIn + "ld.global.u32 %r1, [%d0+-4]; ret;")), "there is no memory");
  expect_contains(fault_of(kernel("ld.global.u64 %d1, [%in+252]; ret;")), "not a multiple");
  expect_contains(fault_of(kernel("ld.global.v4.u32 {%r1,%r2,%r3,%r4}, [%in+244]; ret;")), "not a multiple");
  expect_contains(fault_of(kernel("mov.u64 %d1, 0; ld.global.u32 %r1, [%d1]; ret;")), "there is no memory");
}

TEST(Checks, BuffersForReadingAreNotWritten) {
  expect_contains(fault_of(kernel("st.global.u32 [%in], %tid; ret;")), "for reading");
}

TEST(Checks, NonCoherentLoadsAreOfWhatNobodyWrites) {
  EXPECT_EQ(fault_of(kernel("ld.global.nc.u32 %r1, [%in]; st.global.u32 [%out], %r1; ret;"), {.x = 1}), "");
  expect_contains(fault_of(kernel("st.global.u32 [%out], %tid; ld.global.nc.u32 %r1, [%out]; ret;"), {.x = 1}),
                  "that the same launch writes");
}

TEST(Checks, WhatIsReadWasWritten) {
  EXPECT_EQ(fault_of(kernel("st.global.u32 [%out], %tid; ld.global.u32 %r1, [%out]; ret;"), {.x = 1}), "");
  expect_contains(fault_of(kernel("ld.global.u32 %r1, [%out]; ret;")), "never written");
  expect_contains(fault_of(kernel("st.global.u8 [%out], %tid; ld.global.u16 %h1, [%out]; ret;"), {.x = 1}),
                  "never written");
  expect_contains(fault_of(kernel("add.s32 %r1, %r2, 1; ret;")), "operand 2 is a register that was never written");
  // Written in some lanes is not written in the others.
  expect_contains(fault_of(kernel("setp.lt.u32 %p1, %tid, 5; @%p1 mov.u32 %r2, 1; add.s32 %r1, %r2, 1; ret;")),
                  "operand 2 is a register that was never written");
  expect_contains(fault_of(kernel("@%p1 bra L; L: ret;")), "the guard was never written");
  const std::string shared = ".shared .align 4 .b8 s[256];\n";
  expect_contains(fault_of(kernel("ld.shared.u32 %r1, [s+4]; ret;", shared)), "never written");
  const std::string local = ".local .align 4 .b8 l[8];\n";
  expect_contains(fault_of(kernel(local + "ld.local.u32 %r1, [l]; ret;")), "never written");
}

TEST(Checks, ThreadsDoNotSeeWhatOthersWrite) {
  // Every thread writes its word of `out`, and may read it again, and no other one.
  EXPECT_EQ(fault_of(kernel(kOwnOut + "st.global.u32 [%d1], %tid; ld.global.u32 %r1, [%d1]; ret;")), "");
  expect_contains(fault_of(kernel(kOwnOut + "st.global.u32 [%d1], %tid; ld.global.u32 %r1, [%out]; ret;")),
                  "reads what another thread");
  expect_contains(fault_of(kernel("st.global.u32 [%out], 7; ret;")),
                  "writes what another thread of the launch has written");
  expect_contains(fault_of(kernel(kOwnOut + "setp.ne.u32 %p1, %tid, 0; @!%p1 st.global.u32 [%out], 7; "
                                            "@!%p1 ld.global.u32 %r1, [%out]; @%p1 st.global.u32 [%out], 7; ret;")),
                  "writes what another thread");
  // Neighbours may write the bytes of one word.
  EXPECT_EQ(fault_of(kernel("cvt.u64.u32 %d1, %tid; add.s64 %d1, %d1, %out; st.global.u8 [%d1], %tid; ret;")), "");
}

TEST(Checks, AtomicOperationsMeet) {
  Device device(kernel("mov.u32 %r1, 1; shl.b32 %r1, %r1, %tid; atom.global.or.b32 %r2, [%out], %r1; ret;"));
  const std::vector<std::uint32_t> zero(1);
  const Address out = device.upload<std::uint32_t>("out", zero, Access::kReadWrite);
  device.launch("k", {.grid = {}, .block = {.x = 31}}, out, out);
  EXPECT_EQ(device.download<std::uint32_t>(out, 1)[0], 0x7FFFFFFFU);
  // What was there depends on the order.
  Device other(kernel("atom.global.or.b32 %r2, [%out], %tid; add.s32 %r1, %r2, 1; ret;"));
  const Address word = other.upload<std::uint32_t>("out", zero, Access::kReadWrite);
  EXPECT_THROW(other.launch("k", {.grid = {}, .block = {.x = 32}}, word, word), Fault);
  Device mixed(
      kernel("setp.eq.u32 %p1, %tid, 0; @!%p1 red.global.or.b32 [%out], %tid; @%p1 st.global.u32 [%out], 1; ret;"));
  const Address place = mixed.upload<std::uint32_t>("out", zero, Access::kReadWrite);
  EXPECT_THROW(mixed.launch("k", {.grid = {}, .block = {.x = 32}}, place, place), Fault);
}

TEST(Checks, NothingIsDividedByZero) {
  expect_contains(fault_of(kernel("div.u32 %r1, 7, %tid; ret;")), "divides by zero in lane 0");
  EXPECT_EQ(fault_of(kernel("setp.ne.u32 %p1, %tid, 0; @%p1 rem.u32 %r1, 7, %tid; ret;")), "");
}

TEST(Checks, ReleasedMemoryIsGone) {
  Device device(kernel("ld.global.u32 %r1, [%in]; ret;"));
  const std::vector<std::uint32_t> zero(1);
  const Address in = device.upload<std::uint32_t>("in", zero);
  device.launch("k", {.grid = {}, .block = {.x = 32}}, in, in);
  device.release(in);
  EXPECT_THROW(device.launch("k", {.grid = {}, .block = {.x = 32}}, in, in), Fault);
}

TEST(Checks, OutputsThatNobodyWroteAreNotDownloaded) {
  std::vector<std::uint32_t> result;
  expect_contains(fault_of(kernel(kOwnOut + "st.global.u32 [%d1], %tid; ret;"), {.x = 63}, 0, &result),
                  "never written");
  EXPECT_EQ(fault_of(kernel(kOwnOut + "st.global.u32 [%d1], %tid; ret;"), {.x = 64}, 0, &result), "");
  EXPECT_EQ(result[63], 63U);
}

TEST(Checks, SharedAndLocalMemoryHaveBounds) {
  const std::string shared = ".shared .align 4 .b8 s[256];\n";
  const std::string own = "mov.u32 %r1, s; mad.lo.s32 %r1, %tid, 4, %r1;\n";
  EXPECT_EQ(fault_of(kernel(own + "st.shared.u32 [%r1], %tid; ret;", shared)), "");
  expect_contains(fault_of(kernel(own + "st.shared.u32 [%r1+4], %tid; ret;", shared)), "byte 256 of shared memory");
  const std::string dynamic = ".extern .shared .align 4 .b8 s[];\n";
  EXPECT_EQ(fault_of(kernel(own + "st.shared.u32 [%r1], %tid; ret;", dynamic), {.x = 64}, 256), "");
  expect_contains(fault_of(kernel(own + "st.shared.u32 [%r1], %tid; ret;", dynamic), {.x = 64}, 252), "byte 252");
  const std::string local = ".local .align 4 .b8 l[8];\n";
  EXPECT_EQ(fault_of(kernel(local + "st.local.u32 [l+4], %tid; ret;")), "");
  expect_contains(fault_of(kernel(local + "st.local.u32 [l+8], %tid; ret;")), "byte 8 of local memory");
}

// Every thread writes its place in shared memory, which holds zeros before, then reads the place of thread tid ^
// `other`.
std::string exchange(const std::string& between, int other) {
  return kernel(
      "mov.u32 %r1, s; mad.lo.s32 %r2, %tid, 4, %r1; st.shared.u32 [%r2], 0; bar.sync 0; st.shared.u32 [%r2], %tid;\n" +
          between + "\nxor.b32 %r3, %tid, " + std::to_string(other) +
          "; mad.lo.s32 %r3, %r3, 4, %r1; ld.shared.u32 %r4, [%r3];\n" + kOwnOut + "st.global.u32 [%d1], %r4; ret;",
      ".shared .align 4 .b8 s[256];\n");
}

TEST(Checks, SharedMemoryWithoutABarrierIsARace) {
  std::vector<std::uint32_t> result;
  EXPECT_EQ(fault_of(exchange("bar.sync 0;", 33), {.x = 64}, 0, &result), "");
  EXPECT_EQ(result[5], 36U);
  expect_contains(fault_of(exchange("", 1)), "a race at byte");
  // bar.warp.sync orders the lanes of a warp, and not warps.
  EXPECT_EQ(fault_of(exchange("bar.warp.sync -1;", 1)), "");
  expect_contains(fault_of(exchange("bar.warp.sync -1;", 32)), "a race at byte");
  // A thread does not race with itself.
  EXPECT_EQ(fault_of(exchange("", 0)), "");
}

TEST(Checks, OverwritingWhatOthersReadIsARace) {
  const std::string shared = ".shared .align 4 .b8 s[256];\n";
  const auto body = [](const std::string& between) {
    return "setp.ne.u32 %p1, %tid, 0; @!%p1 st.shared.u32 [s], %tid; bar.sync 0;\n"
           "ld.shared.u32 %r1, [s];\n" +
           between + "\nsetp.eq.u32 %p2, %tid, 40; @%p2 st.shared.u32 [s], %tid; ret;";
  };
  EXPECT_EQ(fault_of(kernel(body("bar.sync 0;"), shared)), "");
  expect_contains(fault_of(kernel(body(""), shared)), "overwrites what was read");
  // The readers of the other warp are not ordered by it.
  expect_contains(fault_of(kernel(body("bar.warp.sync -1;"), shared)), "overwrites what was read");
  // Two lanes that write one place race even if they write the same.
  expect_contains(fault_of(kernel("st.shared.u32 [s], 7; ret;", shared)), "overwrites what was written");
}

TEST(Checks, BarriersAreForAllThreads) {
  const std::string first_only = "setp.ge.u32 %p1, %tid, 10;\n";
  EXPECT_EQ(fault_of(kernel("bar.sync 0; bar.sync 0; ret;")), "");
  expect_contains(fault_of(kernel(first_only + "@%p1 ret; bar.sync 0; ret;")), "others have ended");
  expect_contains(fault_of(kernel(first_only + "@%p1 bra L; bar.sync 0; bra E; L: bar.sync 0; E: ret;")),
                  "different barriers");
  // Of two warps one may come late.
  EXPECT_EQ(fault_of(kernel("setp.ge.u32 %p1, %tid, 32; @%p1 bra L; add.s32 %r1, %tid, 1; L: bar.sync 0; ret;")), "");
}

TEST(Checks, MembersOfACollectiveMeet) {
  const std::string some = "setp.ge.u32 %p1, %tid.x, 10; setp.ge.u32 %p3, %tid.x, 0;\n";
  EXPECT_EQ(
      fault_of(kernel(some + "@%p1 bra L; add.s32 %r1, %tid, 1; L: vote.sync.any.pred %p2, %p1, -1; ret;"), {.x = 32}),
      "");
  expect_contains(fault_of(kernel(some + "@%p1 ret; vote.sync.any.pred %p2, %p1, -1; ret;"), {.x = 32}), "lane 10");
  expect_contains(fault_of(kernel(some + "vote.sync.any.pred %p2, %p1, -1; ret;"), {.x = 31}), "lane 31");
  expect_contains(fault_of(kernel(some + "vote.sync.any.pred %p2, %p1, 0xffff; ret;"), {.x = 32}), "own member mask");
  expect_contains(
      fault_of(
          kernel(some + "@%p1 bra L; vote.sync.any.pred %p2, %p1, -1; ret; L: vote.sync.any.pred %p2, %p1, -1; ret;"),
          {.x = 32}),
      "wait elsewhere");
  // A part of a warp is enough where the mask says so.
  EXPECT_EQ(fault_of(kernel(some + "@%p1 ret; vote.sync.any.pred %p2, %p1, 0x3ff; ret;"), {.x = 32}), "");
  expect_contains(fault_of(kernel(some + "@%p1 ret; shfl.sync.bfly.b32 %r1, %tid, 16, 31, 0x3ff; ret;"), {.x = 32}),
                  "not a member");
}

TEST(Checks, EndlessLoopsEnd) { expect_contains(fault_of(kernel("L: bra L;")), "longer than the limit"); }

TEST(Checks, KernelsEndWithAReturn) { expect_contains(fault_of(kernel("add.s32 %r1, %tid, 1;")), "past the end"); }

TEST(Checks, LaunchesFit) {
  Device device(kernel("ret;"));
  const auto launch = [&](auto... arguments) {
    try {
      device.launch("k", {.grid = {}, .block = {.x = 32}}, arguments...);
    } catch (const Fault& fault) {
      return std::string(fault.what());
    }
    return std::string();
  };
  EXPECT_EQ(launch(std::uint64_t{1}, std::uint64_t{2}), "");
  expect_contains(launch(std::uint64_t{1}), "has 2 parameters, not 1");
  expect_contains(launch(std::uint64_t{1}, std::uint32_t{2}), "has 8 bytes, not 4");
  expect_contains(fault_of(kernel("ret;"), {.x = 1025}), "at most 1024 threads");
  expect_contains(fault_of(kernel("ret;"), {.x = 0}), "at most 1024 threads");
}

TEST(Control, LanesPartAndMeetAgain) {
  // The Collatz steps of tid + 1, so that every lane leaves the loop at another time.
  std::vector<std::uint32_t> result;
  EXPECT_EQ(fault_of(kernel(kOwnOut + R"(
      add.s32 %r1, %tid, 1;
      mov.u32 %r2, 0;
  LOOP:
      setp.eq.u32 %p1, %r1, 1;
      @%p1 bra DONE;
      add.s32 %r2, %r2, 1;
      and.b32 %r3, %r1, 1;
      setp.ne.u32 %p2, %r3, 0;
      @%p2 bra ODD;
      shr.u32 %r1, %r1, 1;
      bra LOOP;
  ODD:
      mad.lo.s32 %r1, %r1, 3, 1;
      bra.uni LOOP;
  DONE:
      vote.sync.ballot.b32 %r4, %p1, -1;
      st.global.u32 [%d1], %r2;
      setp.ne.b32 %p3, %r4, -1;
      @%p3 bra LOOP;
      ret;)"),
                     {.x = 64}, 0, &result),
            "");
  for (std::uint32_t i = 0; i < 64; ++i) {
    std::uint32_t steps = 0;
    for (std::uint32_t n = i + 1; n != 1; n = n % 2 != 0 ? 3 * n + 1 : n / 2) ++steps;
    EXPECT_EQ(result[i], steps) << i;
  }
}

TEST(Control, GuardsKeepTheOtherLanes) {
  std::vector<std::uint32_t> result;
  EXPECT_EQ(fault_of(kernel(kOwnOut + kOwnIn + R"(
      mov.u32 %r1, 100;
      setp.lt.u32 %p1, %tid, 7;
      @%p1 ld.global.u32 %r1, [%d0];
      @!%p1 add.s32 %r1, %r1, 1;
      @%p1 st.global.u32 [%d1], %r1;
      @!%p1 st.global.u32 [%d1], %r1;
      ret;)"),
                     {.x = 64}, 0, &result),
            "");
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(result[i], i < 7 ? i : 101) << i;
}

TEST(Control, NumbersStandForPredicates) {
  std::vector<std::uint32_t> result;
  EXPECT_EQ(fault_of(kernel(kOwnOut + R"(
      mov.pred %p1, 0;
      mov.pred %p2, -1;
      mov.pred %p3, 2;
      mov.u32 %r1, 0;
      @%p1 add.s32 %r1, %r1, 1;
      @%p2 add.s32 %r1, %r1, 10;
      @%p3 add.s32 %r1, %r1, 100;
      selp.b32 %r2, 1000, 2000, 0;
      add.s32 %r1, %r1, %r2;
      st.global.u32 [%d1], %r1;
      ret;)"),
                     {.x = 64}, 0, &result),
            "");
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(result[i], 2110) << i;
}

TEST(Memory, ElementsOfEverySizeAreExtended) {
  std::vector<std::uint32_t> result;
  const std::string local = ".local .align 4 .b8 l[4];\n";
  EXPECT_EQ(fault_of(kernel(local + kOwnOut + R"(
      mov.u32 %r1, 0x8081fffe;
      st.local.u32 [l], %r1;
      ld.local.s8 %r2, [l];
      ld.local.u8 %r3, [l+3];
      ld.local.s16 %r4, [l+2];
      ld.local.u16 %h1, [l+2];
      cvt.u32.u16 %r5, %h1;
      sub.s32 %r2, %r3, %r2;
      sub.s32 %r4, %r5, %r4;
      add.s32 %r2, %r2, %r4;
      st.global.u32 [%d1], %r2;
      ret;)"),
                     {.x = 64}, 0, &result),
            "");
  EXPECT_EQ(result[0], 0x80U + 2 + 0x10000);
}

TEST(Memory, VectorsAndGenericAddresses) {
  std::vector<std::uint32_t> result;
  const std::string shared = ".shared .align 16 .b8 s[256];\n.const .align 4 .u32 c[2] = {7, 0x10};\n";
  EXPECT_EQ(fault_of(kernel(R"(
      .local .align 8 .b8 l[8];
      setp.ge.u32 %p1, %tid, 16;
      @%p1 ret;
      mad.wide.u32 %d1, %tid, 16, %out;
      mad.wide.u32 %d0, %tid, 16, %in;
      ld.global.nc.L1::no_allocate.L2::128B.v4.u32 {%r1, %r2, %r3, %r4}, [%d0];
      mov.u64 %d2, s;
      cvta.shared.u64 %d3, %d2;
      mad.wide.u32 %d3, %tid, 16, %d3;
      st.v2.u32 [%d3], {%r1, %r2};
      st.u32 [%d3+8], %r3;
      cvta.to.shared.u64 %d4, %d3;
      ld.shared.v2.b32 {%r5, %r6}, [%d4];
      mov.u64 %d5, l;
      cvta.local.u64 %d6, %d5;
      st.local.u64 [%d5], %d4;
      st.u32 [%d6+4], %r4;
      ld.u32 %r8, [%d6+4];
      ld.const.u32 %r9, [c+4];
      add.s32 %r8, %r8, %r9;
      ld.shared.u32 %r7, [%d4+8];
      st.global.cs.v4.b32 [%d1], {%r5, %r6, %r7, %r8};
      ret;)",
                            shared),
                     {.x = 64}, 0, &result),
            "");
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(result[i], i + (i % 4 == 3 ? 16 : 0)) << i;
}

TEST(Memory, VariablesOfTheModuleHoldTheirValues) {
  std::vector<std::uint32_t> result;
  const std::string tables = ".const .align 4 .b8 c[8] = {1, 0, 0, 0, 2};\n.global .align 8 .u64 g[2] = {5};\n";
  EXPECT_EQ(fault_of(kernel(kOwnOut + R"(
      mov.u64 %d2, g;
      ld.global.u64 %d3, [%d2];
      ld.global.u64 %d4, [g+8];
      add.s64 %d3, %d3, %d4;
      cvt.u32.u64 %r1, %d3;
      ld.const.u32 %r2, [c+4];
      add.s32 %r1, %r1, %r2;
      st.global.u32 [%d1], %r1;
      ret;)",
                            tables),
                     {.x = 64}, 0, &result),
            "");
  EXPECT_EQ(result[0], 7U);
  expect_contains(fault_of(kernel("mov.u64 %d1, c; ld.global.u32 %r1, [%d1]; ret;", tables)), "constant memory");
  expect_contains(fault_of(kernel("mov.u64 %d1, c; st.global.u32 [%d1], %tid; ret;", tables)), "for reading");
}

TEST(Shape, ThreadsKnowWhereTheyAre) {
  Device device(kernel(R"(
      mov.u32 %r1, %tid.y; mov.u32 %r2, %tid.z; mov.u32 %r3, %ntid.x; mov.u32 %r4, %ntid.y; mov.u32 %r5, %ntid.z;
      mad.lo.s32 %r1, %r2, %r4, %r1; mad.lo.s32 %r1, %r1, %r3, %tid;
      mov.u32 %r6, %ctaid.x; mov.u32 %r7, %ctaid.y; mov.u32 %r8, %ctaid.z; mov.u32 %r9, %nctaid.x;
      mov.u32 %r10, %nctaid.y; mov.u32 %r12, %nctaid.z;
      mad.lo.s32 %r11, %r8, %r10, %r7; mad.lo.s32 %r11, %r11, %r9, %r6;
      mul.lo.s32 %r3, %r3, %r4; mul.lo.s32 %r3, %r3, %r5; mad.lo.s32 %r1, %r11, %r3, %r1;
      mad.wide.u32 %d1, %r1, 4, %out; mov.u32 %r13, %laneid; mad.lo.s32 %r13, %r12, 100, %r13;
      st.global.u32 [%d1], %r13; ret;)"));
  const Address out = device.allocate("out", 4 * 2 * 3 * 5 * 3 * 4 * 7);
  device.launch("k", {.grid = {2, 3, 5}, .block = {3, 4, 7}}, out, out);
  const auto lanes = device.download<std::uint32_t>(out, 2 * 3 * 5 * 3 * 4 * 7);
  for (std::size_t i = 0; i < lanes.size(); ++i) EXPECT_EQ(lanes[i], 500 + i % (3 * 4 * 7) % 32) << i;
}

TEST(Refusals, WhatIsNotKnownIsNamedWithItsLine) {
  const auto refused = [](const std::string& body) { return refusal_of(kernel(body)); };
  EXPECT_EQ(refused("ret;"), "");
  // Everything that computes something else than it seems to, or depends on who compiles it.
  for (const char* opcode :
       {"add.f32", "mul.f32", "fma.rn.ftz.f32", "add.rn.ftz.f32", "mul.rn.sat.f32", "div.approx.f32", "min.ftz.f32",
        "max.NaN.f32", "add.sat.s32", "fma.rz.f32", "mul.lo.f32", "vadd4.s32.s32.s32"}) {
    expect_contains(refused(std::string(opcode) + " %r1, %r2, %r3;"), std::string("line 8, ") + opcode + ":");
  }
  for (const char* statement : {"sin.approx.f32 %r1, %r2;",
                                "ex2.approx.f32 %r1, %r2;",
                                "cvt.f32.s32 %r1, %r2;",
                                "cvt.rn.satfinite.f16.f32 %h1, %r2;",
                                "cvt.sat.s8.s32 %h1, %r1;",
                                "cvt.rzi.ftz.s32.f32 %r1, %r2;",
                                "cvt.rz.f16.f32 %h1, %r2;",
                                "atom.global.add.f32 %r1, [%in], %r2;",
                                "red.global.add.f32 [%in], %r2;",
                                "ld.volatile.global.u32 %r1, [%in];",
                                "ld.acquire.gpu.u32 %r1, [%in];",
                                "ld.global.nc.L2::cache_hint.u32 %r1, [%in];",
                                "st.param.u32 [%in], %r1;",
                                "st.global.nc.u32 [%in], %r1;",
                                "membar.gl;",
                                "bar.red.popc.u32 %r1, 0, %p1;",
                                "activemask.b32 %r1;",
                                "mov.u32 %r1, %clock;",
                                "call foo;",
                                "trap;",
                                "div.s32 %r1, %r2, %r3;",
                                "prmt.b32.f4e %r1, %r2, %r3, %r4;",
                                "bar.sync 0, 64;"}) {
    expect_contains(refused(statement), "line 8");
  }
}

// The opcode, then D, A, B and C.
std::string multiply(const std::string& opcode) {
  return opcode + " {%r1,%r2,%r3,%r4}, {%r5,%r6,%r7,%r8}, {%r9,%r10}, {%r1,%r2,%r3,%r4};\n";
}
const std::string kMultiply = multiply("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32");

TEST(Checks, MatricesAreMultipliedByWholeWarps) {
  std::string filled;
  for (int i = 1; i <= 10; ++i) filled += "mov.u32 %r" + std::to_string(i) + ", 0x01010101;\n";
  EXPECT_EQ(fault_of(kernel(filled + kMultiply + "ret;"), {.x = 64}), "");
  expect_contains(fault_of(kernel(filled + kMultiply + "ret;"), {.x = 63}), "not all 32 lanes");
  const std::string some = filled + "setp.ne.u32 %p1, %tid, 31;\n";
  expect_contains(fault_of(kernel(some + "@%p1 " + kMultiply + "ret;"), {.x = 32}), "not all 32 lanes");
  expect_contains(fault_of(kernel(some + "@%p1 ret;\n" + kMultiply + "ret;"), {.x = 32}), "not all 32 lanes");
  // Each lane comes to one of them, and no two to the same.
  expect_contains(fault_of(kernel(some + "@%p1 bra L;\n" + kMultiply + "ret;\nL:\n" + kMultiply + "ret;"), {.x = 32}),
                  "not all 32 lanes");
  // Parted lanes that have met again.
  EXPECT_EQ(
      fault_of(kernel(some + "@%p1 bra L;\nmov.u32 %r1, 5;\nL:\nbar.warp.sync -1;\n" + kMultiply + "ret;"), {.x = 32}),
      "");
  expect_contains(fault_of(kernel(kMultiply + "ret;"), {.x = 32}), "never written");
}

TEST(Refusals, OtherMatrices) {
  EXPECT_EQ(refusal_of(kernel(kMultiply)), "");
  for (const char* opcode :
       {"mma.sync.aligned.m16n8k32.row.col.satfinite.s32.s8.s8.s32", "mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32",
        "mma.sync.m16n8k32.row.col.s32.s8.s8.s32", "mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32",
        "wmma.mma.sync.aligned.row.col.m16n16k16.s32.s8.s8.s32"}) {
    expect_contains(refusal_of(kernel(multiply(opcode))), "known");
  }
  expect_contains(refusal_of(kernel("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%r1,%r2,%r3,%r4}, "
                                    "{%r5,%r6,%r7}, {%r8,%r9,%r10}, {%r1,%r2,%r3,%r4};")),
                  "not known");
}

TEST(Refusals, OperandsFit) {
  const auto refused = [](const std::string& body) { return refusal_of(kernel(body)); };
  expect_contains(refused("add.s32 %r1, %r2;"), "3 operands are expected");
  expect_contains(refused("add.s32 %r1, %r2, %d3;"), "operand 3 has 64 bits, not 32");
  expect_contains(refused("add.s32 %h1, %r2, %r3;"), "operand 1 has 16 bits, not 32");
  expect_contains(refused("add.s32 %r1, %r2, 0x100000000;"), "more than 32 bits");
  expect_contains(refused("add.s32 %r1, %r2, %nobody;"), "there is no register or variable '%nobody'");
  expect_contains(refused("add.s32 5, %r2, %r3;"), "must be a register");
  expect_contains(refused("add.s32 %r1, %r2, {%r3, %r4};"), "not known here");
  expect_contains(refused("ld.global.u32 %h1, [%in];"), "too narrow");
  expect_contains(refused("ld.global.v2.u32 %r1, [%in];"), "2 registers are expected");
  expect_contains(refused("ld.global.u32 %r1, %in;"), "an address is expected");
  expect_contains(refused("ld.global.u32 %r1, [%h1];"), "32 or 64 bits");
  expect_contains(refused("ld.global.u32 %r1, [nobody];"), "there is no register or variable");
  expect_contains(refused("@%r1 ret;"), "not a predicate");
  expect_contains(refused("bra NOWHERE;"), "there is no label NOWHERE");
  expect_contains(refused("selp.b32 %r1, %r2, %r3, !%p1;"), "not known here");
}

TEST(Refusals, TextIsWellFormed) {
  const auto module = [](const std::string& rest) { return ".version 9.0\n.target sm_90\n.address_size 64\n" + rest; };
  EXPECT_EQ(refusal_of(module("")), "");
  expect_contains(refusal_of(""), "'.version' is expected");
  expect_contains(refusal_of(".version 9.0\n.target sm_90\n.address_size 32\n"), "'64' is expected");
  expect_contains(refusal_of(module(".func f() { ret; }")), "neither a kernel nor a variable");
  expect_contains(refusal_of(module(".entry k() .cluster 2 { ret; }")), "not known");
  expect_contains(refusal_of(module(".entry k() { .pragma \"other\"; ret; }")), "pragma");
  expect_contains(refusal_of(module(".entry k() { .reg .f16x2 %r; ret; }")), "registers of type .f16x2");
  expect_contains(refusal_of(module(".entry k() { .reg .b8 %r; ret; }")), "registers of type .b8");
  expect_contains(refusal_of(module(".entry k() { L: ret; L: ret; }")), "stands twice");
  expect_contains(refusal_of(module(".entry k() { ret; ")), "ends too early");
  expect_contains(refusal_of(module(".entry k() { ret }")), "not a number");
  expect_contains(refusal_of(module("/* no end")), "does not end");
  expect_contains(refusal_of(module(".const .u8 c[2] = {1, 2, 3};")), "more values");
  expect_contains(refusal_of(module(".const .u8 c[2] = {x};")), "not a number");
  expect_contains(refusal_of(module(".entry k() { .shared .u32 s = 5; ret; }")), "no initial value");
  expect_contains(refusal_of(module(".entry k() { .loc 1 2 3; ret; }")), "not an instruction");
}

TEST(Text, BracesHaveRegistersOfTheirOwn) {
  std::vector<std::uint32_t> result;
  EXPECT_EQ(fault_of(kernel(kOwnOut + R"(
      mov.u32 %r1, 1;
      // begin inline asm
      { .reg .b32 %r1, x; mov.u32 %r1, 50; mov.u32 x, 5; add.s32 %r2, %r1, x; }
      // end inline asm
      { .reg .b32 x; mov.u32 x, 500; add.s32 %r2, %r2, x; }
      add.s32 %r2, %r2, %r1; /* 556 */
      st.global.u32 [%d1], %r2;
      ret;)"),
                     {.x = 64}, 0, &result),
            "");
  EXPECT_EQ(result[0], 556U);
}

}  // namespace
}  // namespace mcnc::ptx
