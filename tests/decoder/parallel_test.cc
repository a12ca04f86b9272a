// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Threads, targets, ranges and buffers: the same bits, and clear answers where they do not fit.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "arithmetic/philox.h"
#include "support/models.h"

namespace mcnc {
namespace {

using testing::file_of;

// Tensors of some pieces each: one sine layer with a chunk_dim that no vector divides, three layers with int16 codes
// and seeded theta0, a float32 generator with two codes a chunk in bfloat16, and a stored tensor.
Model large_model() {
  Model model;
  const RandomStream noise(7, Domain::kEncoder, 0);
  std::uint64_t drawn = 0;
  const auto bytes = [&](std::size_t n) {
    std::vector<std::byte> out(n);
    for (std::byte& b : out) b = static_cast<std::byte>(noise.odd_int8(drawn++) >> 1);
    model.segments.push_back(out);
    return static_cast<std::uint32_t>(model.segments.size() - 1);
  };
  Manifest& m = model.manifest;
  m.generators.resize(3);
  m.generators[0] = {.code_dim = 5, .seed = 1, .layers = {{.width = 1003, .frequency = 1U << 18}}};
  m.generators[1] = {.code_dim = 3,
                     .seed = 2,
                     .layers = {{.width = 40, .frequency = 1U << 18},
                                {.width = 70, .frequency = 12345},
                                {.width = 999, .activation = Activation::kIdentity}}};
  m.generators[2] = {.arithmetic = Arithmetic::kFloat32,
                     .code_dim = 4,
                     .seed = 3,
                     .layers = {{.width = 33, .turns = 0.5F, .weights_scale = 0.3F},
                                {.width = 777, .turns = 0.25F, .weights_scale = 0.2F}}};
  m.codes.resize(3);
  m.codes[0] = {.generator = 0, .chunks = 300, .alpha_segment = bytes(1500), .beta_exponent = -15, .beta = 1};
  m.codes[1] = {.generator = 1,
                .chunks = 250,
                .alpha_type = AlphaType::kInt16,
                .alpha_segment = bytes(1500),
                .beta_exponent = -20,
                .beta = 1};
  m.codes[2] = {.generator = 2, .chunks = 200, .codes_per_chunk = 2, .alpha_segment = bytes(1600), .beta = 0.5F};
  m.codes[2].alpha_scale = 0.01F;
  m.tensors.resize(4);
  m.tensors[0] = {.name = "one", .shape = {300 * 1003 - 17}, .source = Generated{0, 0, Constant{0.125F}}};
  m.tensors[1] = {.name = "three", .shape = {249 * 999 + 5}, .source = Generated{1, 0, Uniform{9, 1, 0x1p-18F}}};
  m.tensors[2] = {.name = "float", .dtype = DType::kBf16, .shape = {200, 777}, .source = Generated{2, 0, {}}};
  m.tensors[3] = {.name = "stored", .dtype = DType::kI8, .shape = {200001}, .source = Stored{bytes(200001)}};
  return model;
}

class Threads final : public ParallelRunner {
 public:
  std::size_t threads() const noexcept override { return 3; }
  void run(std::size_t pieces, const std::function<void(std::size_t)>& work) noexcept override {
    std::vector<std::thread> threads;
    for (std::size_t i = pieces; i-- > 0;) threads.emplace_back([&work, i] { work(i); });
    for (std::thread& thread : threads) thread.join();
  }
};

class Idle final : public ParallelRunner {
 public:
  std::size_t threads() const noexcept override { return 2; }
  void run(std::size_t, const std::function<void(std::size_t)>&) noexcept override {}
};

std::vector<std::byte> decode(Reader& reader, std::size_t tensor, const DecoderOptions& options) {
  Result<Decoder> decoder = Decoder::create(reader, options);
  std::vector<std::byte> out(static_cast<std::size_t>(reader.manifest().tensors[tensor].bytes()));
  const Status status = decoder->decode(tensor, out);
  EXPECT_TRUE(status.ok()) << status.to_string();
  return out;
}

TEST(Parallel, EveryTargetAndNumberOfThreadsGivesTheSameBits) {
  const std::vector<std::byte> file = file_of(large_model());
  Result<Reader> reader = testing::open(file);
  Threads runner;
  for (std::size_t tensor = 0; tensor < reader->manifest().tensors.size(); ++tensor) {
    const std::vector<std::byte> expected = decode(*reader, tensor, {.execution = {.target = "scalar"}});
    for (const std::string_view target : supported_targets()) {
      for (const unsigned threads : {1U, 3U, 64U}) {
        for (const bool check_digests : {true, false}) {
          EXPECT_EQ(decode(*reader, tensor,
                           {.execution = {.threads = threads, .target = target}, .check_digests = check_digests}),
                    expected)
              << tensor << " " << target << " " << threads;
        }
      }
      EXPECT_EQ(decode(*reader, tensor, {.execution = {.runner = &runner, .target = target}}), expected)
          << tensor << " " << target;
    }
  }
}

TEST(Parallel, EveryRangeIsThatPartOfTheTensor) {
  const std::vector<std::byte> file = file_of(large_model());
  Result<Reader> reader = testing::open(file);
  for (std::size_t t = 0; t < reader->manifest().tensors.size(); ++t) {
    const Tensor& tensor = reader->manifest().tensors[t];
    const std::size_t size = size_of(tensor.dtype);
    const std::vector<std::byte> whole = decode(*reader, t, {});
    const std::uint64_t elements = tensor.elements();
    for (const std::string_view target : supported_targets()) {
      Result<Decoder> decoder = Decoder::create(*reader, {.execution = {.threads = 2, .target = target}});
      for (const std::uint64_t first :
           {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{998}, std::uint64_t{65535}, elements / 2, elements - 1}) {
        for (std::uint64_t count : {1U, 7U, 64U, 1003U, 70000U}) {
          count = std::min(count, elements - first);
          std::vector<std::byte> padded(static_cast<std::size_t>(count) * size + 2, std::byte{0xA5});
          const std::span out = std::span(padded).subspan(1, padded.size() - 2);  // unaligned
          ASSERT_TRUE(decoder->decode_range(t, first, count, out).ok());
          EXPECT_TRUE(
              std::ranges::equal(out, std::span(whole).subspan(static_cast<std::size_t>(first) * size, out.size())))
              << tensor.name << " " << target << " " << first << " " << count;
          EXPECT_EQ(padded.front(), std::byte{0xA5});
          EXPECT_EQ(padded.back(), std::byte{0xA5});
        }
      }
    }
  }
}

// Outputs of 32 MiB and more are written past the caches, wherever they lie. The digest that is checked was made by the
// writer, of windows that stay in the caches.
TEST(Parallel, LargeOutputsHaveTheSameBits) {
  Model model = testing::plain_model();
  Manifest& m = model.manifest;
  std::vector<std::byte> alpha(3 * 16400);
  for (std::size_t i = 0; i < alpha.size(); ++i) alpha[i] = static_cast<std::byte>(i * 37 >> 3);
  model.segments[0] = alpha;
  m.generators[0].layers[0].width = 1024;
  struct Kind {
    DType dtype;
    std::uint32_t codes_per_chunk;
    Theta0 theta0;
    std::size_t shift;  // of the output, from a multiple of 64
    std::size_t first;
  };
  for (const Kind& kind :
       {Kind{DType::kF32, 2, Uniform{5, 1, 0x1p-18F}, 16, 777}, Kind{DType::kBf16, 1, Constant{0.5F}, 2, 1023},
        Kind{DType::kBf16, 1, Constant{}, 0, 1023}}) {
    const std::size_t size = size_of(kind.dtype);
    m.codes[0].codes_per_chunk = kind.codes_per_chunk;
    m.codes[0].chunks = 16400 / kind.codes_per_chunk;
    m.tensors[0].dtype = kind.dtype;
    m.tensors[0].shape = {m.codes[0].chunks, 1024};
    m.tensors[0].source = Generated{0, 0, kind.theta0};
    const std::vector<std::byte> file = file_of(model);
    Result<Reader> reader = testing::open(file);
    const std::vector<std::byte> whole = decode(*reader, 0, {});
    const std::span expected = std::span(whole).subspan(kind.first * size, whole.size() - (kind.first + 1) * size);

    std::vector<std::byte> out(whole.size() + 128, std::byte{0xA5});
    const auto misaligned = reinterpret_cast<std::uintptr_t>(out.data()) % 64;
    const std::span part = std::span(out).subspan((64 - misaligned) % 64 + kind.shift, expected.size());
    Result<Decoder> decoder = Decoder::create(*reader, {.execution = {.threads = 2}});
    ASSERT_TRUE(decoder->decode_range(0, kind.first, part.size() / size, part).ok());
    EXPECT_TRUE(std::ranges::equal(part, expected)) << name(kind.dtype) << " " << kind.shift;
    EXPECT_TRUE(
        std::ranges::all_of(std::span(out.data(), part.data()), [](std::byte b) { return b == std::byte{0xA5}; }));
    EXPECT_EQ(*(part.data() + part.size()), std::byte{0xA5});

    const std::span all = std::span(part.data(), whole.size());
    std::ranges::fill(all, std::byte{0xA5});
    ASSERT_TRUE(decoder->decode(0, all).ok()) << name(kind.dtype) << " " << kind.shift;
    EXPECT_TRUE(std::ranges::equal(all, whole)) << name(kind.dtype) << " " << kind.shift;
    EXPECT_EQ(*(all.data() + all.size()), std::byte{0xA5});
  }
}

// What a tensor is made of is kept for its next range, and not for those of another.
TEST(Parallel, RangesOfOneTensorAfterTheOther) {
  const std::vector<std::byte> file = file_of(large_model());
  Result<Reader> reader = testing::open(file);
  Result<Decoder> decoder = Decoder::create(*reader);
  for (std::size_t i = 0; i < 2 * reader->manifest().tensors.size(); ++i) {
    const std::size_t tensor = i / 2;
    const Tensor& t = reader->manifest().tensors[tensor];
    const std::vector<std::byte> whole = decode(*reader, tensor, {});
    const std::size_t size = size_of(t.dtype);
    std::vector<std::byte> out(100 * size);
    ASSERT_TRUE(decoder->decode_range(tensor, 10 * i, 100, out).ok());
    EXPECT_TRUE(std::ranges::equal(out, std::span(whole).subspan(10 * i * size, out.size()))) << t.name;
  }
}

TEST(Parallel, OptionsThatCannotBeAreRefused) {
  const std::vector<std::byte> file = file_of(testing::plain_model());
  Result<Reader> reader = testing::open(file);
  EXPECT_EQ(Decoder::create(*reader, {.execution = {.threads = 0}}).status().code(), ErrorCode::kArgument);
  EXPECT_EQ(Decoder::create(*reader, {.execution = {.threads = 1025}}).status().code(), ErrorCode::kArgument);
  EXPECT_EQ(Decoder::create(*reader, {.execution = {.target = "AVX9"}}).status().code(), ErrorCode::kArgument);
  EXPECT_EQ(supported_targets().back(), "scalar");
  EXPECT_EQ(Decoder::create(*reader, {.execution = {.target = "scalar"}})->target(), "scalar");
}

TEST(Parallel, BuffersThatDoNotFitAreRefused) {
  std::vector<std::byte> file = file_of(testing::plain_model());
  Result<Reader> reader = testing::open(file);
  Result<Decoder> decoder = Decoder::create(*reader);
  std::vector<std::byte> out(80);
  EXPECT_TRUE(decoder->decode(0, out).ok());
  EXPECT_EQ(decoder->decode(0, std::span(out).first(79)).code(), ErrorCode::kArgument);
  EXPECT_EQ(decoder->decode(1, out).code(), ErrorCode::kArgument);
  const Status overlap = decoder->decode(0, std::span(file).last(80));
  EXPECT_EQ(overlap.code(), ErrorCode::kArgument);
  EXPECT_EQ(overlap.message(), "the output is part of the file that is decoded");
}

TEST(Parallel, RunnerThatDoesNotRunIsFoundOut) {
  const std::vector<std::byte> file = file_of(large_model());
  Result<Reader> reader = testing::open(file);
  Idle idle;
  std::vector<std::byte> out(static_cast<std::size_t>(reader->manifest().tensors[0].bytes()));
  for (const bool check_digests : {true, false}) {
    Result<Decoder> decoder =
        Decoder::create(*reader, {.execution = {.runner = &idle}, .check_digests = check_digests});
    EXPECT_EQ(decoder->decode(0, out).code(), ErrorCode::kArgument);
  }
}

// Cancels itself with the first bytes.
class Cancelling final : public Sink {
 public:
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte>) noexcept override {
    cancel = true;
    ++writes;
    return {};
  }
  std::atomic<bool> cancel = false;
  int writes = 0;
};

TEST(Parallel, StopsInTheMiddleWhenCancelled) {
  const std::vector<std::byte> file = file_of(large_model());
  Result<Reader> reader = testing::open(file);
  for (const unsigned threads : {1U, 2U}) {
    Cancelling sink;
    Result<Decoder> decoder = Decoder::create(*reader, {.execution = {.threads = threads, .cancel = &sink.cancel}});
    EXPECT_EQ(decoder->decode_all(sink).code(), ErrorCode::kCancelled);
    EXPECT_EQ(sink.writes, 1);
    sink.cancel = false;
    EXPECT_TRUE(decoder->verify().ok());
  }
}

TEST(Parallel, WrongDigestIsReportedUnlessTurnedOff) {
  Model model = large_model();
  std::vector<std::byte> file = file_of(model);
  Result<Reader> reader = testing::open(file);
  // A digest of another model's tensor: the file says so itself, so only decoding can tell.
  const_cast<Manifest&>(reader->manifest()).tensors[0].digest[0] ^= std::byte{1};
  for (const unsigned threads : {1U, 3U}) {
    std::vector<std::byte> out(static_cast<std::size_t>(reader->manifest().tensors[0].bytes()));
    Result<Decoder> decoder = Decoder::create(*reader, {.execution = {.threads = threads}});
    const std::size_t first = 0;
    EXPECT_EQ(decoder->decode(first, out).code(), ErrorCode::kTensorDigest);
    EXPECT_EQ(decoder->verify().code(), ErrorCode::kTensorDigest);
    Result<Decoder> trusting = Decoder::create(*reader, {.execution = {.threads = threads}, .check_digests = false});
    EXPECT_TRUE(trusting->decode(first, out).ok());
    EXPECT_TRUE(trusting->verify().ok());
  }
}

}  // namespace
}  // namespace mcnc
