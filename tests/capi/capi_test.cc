// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// mcnc.h, called as a program in C calls it: the whole loop, and every way to call it wrongly that can be told.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "mcnc.h"
#include "support/models.h"

namespace mcnc {
namespace {

using Bytes = std::vector<std::byte>;

// An open file of every kind of tensor, and a decoder of it.
class CapiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    bytes_ = testing::file_of(testing::rich_model());
    ASSERT_EQ(mcnc_open_memory(bytes_.data(), bytes_.size(), nullptr, &file_, &error_), MCNC_OK) << error_.message;
    ASSERT_EQ(mcnc_get_info(file_, &info_, &error_), MCNC_OK);
    create_decoder(nullptr);
  }

  void TearDown() override {
    mcnc_decoder_destroy(decoder_);
    mcnc_close(file_);
  }

  void create_decoder(const mcnc_execution* execution) {
    mcnc_decoder_destroy(decoder_);
    ASSERT_EQ(mcnc_decoder_create(file_, execution, &decoder_, &error_), MCNC_OK) << error_.message;
  }

  mcnc_tensor tensor(std::uint64_t index) {
    mcnc_tensor found = {};
    EXPECT_EQ(mcnc_tensor_at(file_, index, &found, &error_), MCNC_OK) << error_.message;
    return found;
  }

  // The largest tensor that has rows.
  mcnc_tensor large_tensor() {
    mcnc_tensor largest = {};
    for (std::uint64_t i = 0; i < info_.tensors; ++i) {
      if (tensor(i).rank > 0 && tensor(i).bytes > largest.bytes) largest = tensor(i);
    }
    return largest;
  }

  Bytes decode(mcnc_decoder* decoder, const mcnc_tensor& which) {
    Bytes out(which.bytes);
    EXPECT_EQ(mcnc_decode(decoder, which.index, out.data(), out.size(), &error_), MCNC_OK) << error_.message;
    return out;
  }

  std::vector<Bytes> decode_all(mcnc_decoder* decoder) {
    std::vector<Bytes> all;
    for (std::uint64_t i = 0; i < info_.tensors; ++i) all.push_back(decode(decoder, tensor(i)));
    return all;
  }

  // A caller's mistake, with a sentence.
  void expect_mistake(int32_t code) {
    EXPECT_EQ(code, MCNC_ARGUMENT);
    EXPECT_EQ(error_.code, MCNC_ARGUMENT);
    EXPECT_GT(std::strlen(error_.message), 10u);
    error_ = {};
  }

  Bytes bytes_;
  mcnc_file* file_ = nullptr;
  mcnc_decoder* decoder_ = nullptr;
  mcnc_file_info info_ = {};
  mcnc_error error_ = {};
};

TEST_F(CapiTest, DecodesWhatTheFileSays) {
  for (std::uint64_t i = 0; i < info_.tensors; ++i) {
    const mcnc_tensor found = tensor(i);
    const Bytes out = decode(decoder_, found);
    uint8_t digest[32] = {};
    ASSERT_EQ(mcnc_tensor_digest(out.data(), out.size(), digest, &error_), MCNC_OK);
    EXPECT_EQ(std::memcmp(digest, found.digest, sizeof(digest)), 0) << found.name;
    mcnc_tensor same = {};
    ASSERT_EQ(mcnc_find_tensor(file_, found.name, &same, &error_), MCNC_OK);
    EXPECT_EQ(same.index, i);
    EXPECT_EQ(out, testing::decode(bytes_, found.name));
  }
  EXPECT_EQ(mcnc_verify(decoder_, &error_), MCNC_OK);
  EXPECT_EQ(error_.code, MCNC_OK);
  EXPECT_STREQ(error_.message, "");
}

TEST_F(CapiTest, RowsAndRangesArePartsOfTheWhole) {
  const mcnc_tensor found = large_tensor();
  const Bytes whole = decode(decoder_, found);
  const std::size_t row = whole.size() / found.shape[0];
  Bytes part(row);
  ASSERT_EQ(mcnc_decode_rows(decoder_, found.index, 1, 1, part.data(), part.size(), &error_), MCNC_OK);
  EXPECT_EQ(part, Bytes(whole.begin() + static_cast<std::ptrdiff_t>(row),
                        whole.begin() + 2 * static_cast<std::ptrdiff_t>(row)));
  const std::size_t size = whole.size() / found.elements;
  part.resize(size);
  ASSERT_EQ(mcnc_decode_range(decoder_, found.index, 3, 1, part.data(), size, &error_), MCNC_OK);
  EXPECT_EQ(std::memcmp(part.data(), whole.data() + 3 * size, size), 0);
  expect_mistake(mcnc_decode_rows(decoder_, found.index, found.shape[0], 1, part.data(), row, &error_));
  expect_mistake(mcnc_decode_rows(decoder_, found.index, 1, UINT64_MAX, part.data(), row, &error_));
  expect_mistake(mcnc_decode_range(decoder_, found.index, found.elements, 1, part.data(), size, &error_));
}

TEST_F(CapiTest, MistakesOfTheCallerAreSentences) {
  mcnc_file* other = nullptr;
  mcnc_decoder* decoder = nullptr;
  mcnc_tensor found = {};
  Bytes out(tensor(0).bytes + 1);
  expect_mistake(mcnc_open_file(nullptr, nullptr, &other, &error_));
  expect_mistake(mcnc_open_file("x", nullptr, nullptr, &error_));
  expect_mistake(mcnc_open_memory(nullptr, 1, nullptr, &other, &error_));
  expect_mistake(mcnc_open_source(nullptr, nullptr, &other, &error_));
  expect_mistake(mcnc_get_info(nullptr, &info_, &error_));
  expect_mistake(mcnc_get_info(file_, nullptr, &error_));
  expect_mistake(mcnc_tensor_at(file_, info_.tensors, &found, &error_));
  expect_mistake(mcnc_find_tensor(file_, nullptr, &found, &error_));
  expect_mistake(mcnc_find_tensor(file_, "not there", &found, &error_));
  expect_mistake(mcnc_decoder_create(nullptr, nullptr, &decoder, &error_));
  expect_mistake(mcnc_decoder_create(file_, nullptr, nullptr, &error_));
  expect_mistake(mcnc_decoder_create(reinterpret_cast<mcnc_file*>(decoder_), nullptr, &decoder, &error_));
  expect_mistake(mcnc_decode(nullptr, 0, out.data(), 1, &error_));
  expect_mistake(mcnc_decode(reinterpret_cast<mcnc_decoder*>(file_), 0, out.data(), 1, &error_));
  expect_mistake(mcnc_decode(decoder_, 0, nullptr, tensor(0).bytes, &error_));
  expect_mistake(mcnc_decode(decoder_, 0, out.data(), tensor(0).bytes - 1, &error_));
  expect_mistake(mcnc_decode(decoder_, 0, out.data(), tensor(0).bytes + 1, &error_));
  expect_mistake(mcnc_decode_stream(decoder_, 0, nullptr, nullptr, &error_));
  expect_mistake(mcnc_decode_all(decoder_, nullptr, nullptr, &error_));
  expect_mistake(mcnc_set_base(decoder_, 0, nullptr, &error_));
  expect_mistake(mcnc_verify(nullptr, &error_));
  expect_mistake(mcnc_tensor_digest(nullptr, 1, nullptr, &error_));
  EXPECT_EQ(mcnc_verify(nullptr, nullptr), MCNC_ARGUMENT);  // without a place for the error
  EXPECT_EQ(other, nullptr);
  EXPECT_EQ(decoder, nullptr);
  mcnc_close(nullptr);
  mcnc_close(reinterpret_cast<mcnc_file*>(decoder_));  // does nothing
  mcnc_decoder_destroy(reinterpret_cast<mcnc_decoder*>(file_));
  EXPECT_EQ(mcnc_verify(decoder_, nullptr), MCNC_OK);
}

// What a handle leaves behind when it is destroyed, as long as nothing else takes its memory.
TEST_F(CapiTest, HandlesThatAreGone) {
  alignas(std::max_align_t) std::byte gone[1024] = {};
  const auto as = [&]<typename Handle>(Handle*) { return reinterpret_cast<Handle*>(gone); };
  auto* file = as(static_cast<mcnc_file*>(nullptr));
  auto* decoder = as(static_cast<mcnc_decoder*>(nullptr));
  auto* encoder = as(static_cast<mcnc_encoder*>(nullptr));
  auto* expander = as(static_cast<mcnc_expander*>(nullptr));
  auto* writer = as(static_cast<mcnc_writer*>(nullptr));
  auto* cache = as(static_cast<mcnc_generator_cache*>(nullptr));
  mcnc_execution execution;
  mcnc_execution_init(&execution);
  execution.generators = cache;
  mcnc_decoder* made = nullptr;
  float number = 0;
  expect_mistake(mcnc_get_info(file, &info_, &error_));
  expect_mistake(mcnc_decoder_create(file, nullptr, &made, &error_));
  expect_mistake(mcnc_decoder_create(file_, &execution, &made, &error_));
  expect_mistake(mcnc_verify(decoder, &error_));
  expect_mistake(mcnc_set_base(decoder, 0, nullptr, &error_));
  expect_mistake(mcnc_writer_write_file(writer, "x", nullptr, &error_));
  if (mcnc_encoder_step(encoder, &number, 1, 1, &error_) != MCNC_FEATURE) {
    expect_mistake(mcnc_encoder_step(encoder, &number, 1, 1, &error_));
    expect_mistake(mcnc_expander_weights(expander, &number, &number, 1, nullptr, MCNC_F32, &number, 4, &error_));
  }
  EXPECT_EQ(mcnc_encoder_elements(encoder), 0u);
  mcnc_decoder_cancel(decoder, 1);
  mcnc_close(file);  // as the next ones a second time, which does nothing
  mcnc_decoder_destroy(decoder);
  mcnc_encoder_destroy(encoder);
  mcnc_expander_destroy(expander);
  mcnc_writer_destroy(writer);
  mcnc_generator_cache_destroy(cache);
  EXPECT_TRUE(std::all_of(std::begin(gone), std::end(gone), [](std::byte b) { return b == std::byte{0}; }));
}

TEST_F(CapiTest, StructuresOfOtherVersions) {
  struct Later {
    mcnc_limits limits;
    uint64_t more;
  } later = {{}, 0};
  mcnc_limits_init(&later.limits);
  later.limits.struct_size = sizeof(later);
  mcnc_file* other = nullptr;
  EXPECT_EQ(mcnc_open_memory(bytes_.data(), bytes_.size(), &later.limits, &other, &error_), MCNC_OK);
  mcnc_close(other);
  later.more = 1;  // what is asked for is not known
  expect_mistake(mcnc_open_memory(bytes_.data(), bytes_.size(), &later.limits, &other, &error_));
  mcnc_limits earlier = {};
  earlier.struct_size = offsetof(mcnc_limits, multiply_adds);
  earlier.output_bytes = 1;
  EXPECT_EQ(mcnc_open_memory(bytes_.data(), bytes_.size(), &earlier, &other, &error_), MCNC_LIMIT);
  EXPECT_STREQ(error_.rule, "limit.output");
  earlier.struct_size = 0;
  expect_mistake(mcnc_open_memory(bytes_.data(), bytes_.size(), &earlier, &other, &error_));
  mcnc_execution execution;
  mcnc_execution_init(&execution);
  mcnc_decoder* decoder = nullptr;
  execution.threads = 1025;
  expect_mistake(mcnc_decoder_create(file_, &execution, &decoder, &error_));
  execution.threads = 1;
  execution.target = "abacus";
  expect_mistake(mcnc_decoder_create(file_, &execution, &decoder, &error_));
}

TEST_F(CapiTest, DecodersShareGenerators) {
  mcnc_execution execution;
  mcnc_execution_init(&execution);
  ASSERT_EQ(mcnc_generator_cache_create(1U << 20, &execution.generators, &error_), MCNC_OK) << error_.message;
  create_decoder(&execution);
  ASSERT_EQ(mcnc_verify(decoder_, &error_), MCNC_OK) << error_.message;
  create_decoder(&execution);  // finds them there
  mcnc_generator_cache* gone = execution.generators;
  mcnc_generator_cache_destroy(gone);
  EXPECT_EQ(mcnc_verify(decoder_, &error_), MCNC_OK) << error_.message;
  mcnc_decoder* decoder = nullptr;
  execution.generators = reinterpret_cast<mcnc_generator_cache*>(decoder_);  // a handle of another kind
  expect_mistake(mcnc_decoder_create(file_, &execution, &decoder, &error_));
  expect_mistake(mcnc_generator_cache_create(0, nullptr, &error_));
  mcnc_generator_cache_destroy(nullptr);
}

TEST_F(CapiTest, ErrorsNameRuleAndByte) {
  Bytes broken = bytes_;
  broken[0] = std::byte{0};
  mcnc_file* other = nullptr;
  EXPECT_EQ(mcnc_open_memory(broken.data(), broken.size(), nullptr, &other, &error_), MCNC_MAGIC);
  EXPECT_STREQ(error_.rule, "container.magic");
  EXPECT_EQ(error_.offset, 0u);
  EXPECT_EQ(other, nullptr);
  EXPECT_STREQ(mcnc_code_name(error_.code), "magic");
  EXPECT_STREQ(mcnc_code_name(12345), "unknown");
  EXPECT_STREQ(mcnc_code_name(-1), "unknown");
}

struct Source {
  const Bytes* bytes;
  std::size_t left;  // calls that succeed
  bool throws;
};

int read_source(void* context, uint64_t offset, void* out, size_t bytes) {
  auto& source = *static_cast<Source*>(context);
  if (source.left == 0) {
    if (source.throws) throw std::runtime_error("lost");
    return 1;
  }
  --source.left;
  std::memcpy(out, source.bytes->data() + offset, bytes);
  return 0;
}

TEST_F(CapiTest, SourcesThatFailOrThrow) {
  for (const bool throws : {false, true}) {
    int32_t code = MCNC_INTERNAL;
    for (std::size_t calls = 0; code != MCNC_OK; ++calls) {
      ASSERT_LT(calls, 1000u);
      Source state = {&bytes_, calls, throws};
      const mcnc_source source = {sizeof(mcnc_source), &state, bytes_.size(), read_source};
      mcnc_file* other = nullptr;
      mcnc_decoder* decoder = nullptr;
      code = mcnc_open_source(&source, nullptr, &other, &error_);
      if (code == MCNC_OK) code = mcnc_decoder_create(other, nullptr, &decoder, &error_);
      mcnc_close(other);  // the decoder lives on
      if (code == MCNC_OK) code = mcnc_verify(decoder, &error_);
      mcnc_decoder_destroy(decoder);
      if (code != MCNC_OK) {
        EXPECT_EQ(code, throws ? MCNC_INTERNAL : MCNC_READ) << error_.message;
      }
    }
  }
}

TEST_F(CapiTest, StreamsWhatDecodeGives) {
  Bytes streamed;
  const auto append = [](void* context, uint64_t, uint64_t offset, const void* data, size_t bytes) {
    auto& all = *static_cast<Bytes*>(context);
    EXPECT_EQ(all.size(), offset);
    const auto* first = static_cast<const std::byte*>(data);
    all.insert(all.end(), first, first + bytes);
    return 0;
  };
  const mcnc_tensor found = large_tensor();
  ASSERT_EQ(mcnc_decode_stream(decoder_, found.index, append, &streamed, &error_), MCNC_OK) << error_.message;
  EXPECT_EQ(streamed, decode(decoder_, found));
  const auto stop = [](void*, uint64_t, uint64_t, const void*, size_t) { return 1; };
  EXPECT_EQ(mcnc_decode_all(decoder_, stop, nullptr, &error_), MCNC_CANCELLED);
  const auto fail = [](void*, uint64_t, uint64_t, const void*, size_t) -> int { throw 1; };
  EXPECT_EQ(mcnc_decode_all(decoder_, fail, nullptr, &error_), MCNC_INTERNAL);
  EXPECT_EQ(mcnc_verify(decoder_, &error_), MCNC_OK);  // nothing is broken by it
}

TEST_F(CapiTest, RunnersThatLeaveOutOrRepeatOrThrow) {
  const std::vector<Bytes> right = decode_all(decoder_);
  using Work = void (*)(void*, size_t);
  using RunFunction = void (*)(void*, size_t, Work, void*);
  const RunFunction runners[] = {
      [](void*, size_t pieces, Work work, void* context) {
        std::vector<std::thread> threads;
        for (size_t i = 0; i < pieces; ++i) threads.emplace_back(work, context, i);
        for (std::thread& thread : threads) thread.join();
      },
      [](void*, size_t, Work, void*) {},
      [](void*, size_t pieces, Work work, void* context) {
        for (size_t i = 0; i < 2 * pieces; ++i) work(context, i / 2);
        work(context, pieces);
      },
      [](void*, size_t, Work work, void* context) {
        work(context, 0);
        throw std::runtime_error("no threads");
      },
  };
  for (const RunFunction run : runners) {
    mcnc_execution execution;
    mcnc_execution_init(&execution);
    execution.run = run;
    execution.run_threads = 3;
    create_decoder(&execution);
    EXPECT_EQ(decode_all(decoder_), right);
  }
}

TEST_F(CapiTest, CancelsAndReportsProgress) {
  mcnc_decoder_cancel(decoder_, 1);
  EXPECT_EQ(mcnc_verify(decoder_, &error_), MCNC_CANCELLED);
  mcnc_decoder_cancel(decoder_, 0);
  EXPECT_EQ(mcnc_verify(decoder_, &error_), MCNC_OK);
  mcnc_decoder_cancel(nullptr, 1);

  mcnc_execution execution;
  mcnc_execution_init(&execution);
  uint64_t last[2] = {};
  execution.progress_context = last;
  execution.progress = [](void* context, uint64_t done, uint64_t total) {
    auto* seen = static_cast<uint64_t*>(context);
    EXPECT_LE(seen[0], done);
    seen[0] = done;
    seen[1] = total;
    return 0;
  };
  create_decoder(&execution);
  EXPECT_EQ(mcnc_verify(decoder_, &error_), MCNC_OK);
  EXPECT_GT(last[1], 0u);
  EXPECT_EQ(last[0], last[1]);
  execution.progress = [](void*, uint64_t, uint64_t) { return 1; };
  create_decoder(&execution);
  EXPECT_EQ(mcnc_verify(decoder_, &error_), MCNC_CANCELLED);
  execution.progress = [](void*, uint64_t, uint64_t) -> int { throw 1; };
  create_decoder(&execution);
  EXPECT_EQ(mcnc_verify(decoder_, &error_), MCNC_INTERNAL);
}

// A decoder whose only tensor starts from a base, by functions of the caller's.
TEST_F(CapiTest, BasesThatFailOrLieOrThrow) {
  struct Base {
    int how;
  };
  const auto find = [](void* context, const char*, int32_t* dtype, uint32_t* rank, uint64_t shape[8]) -> int {
    const int how = static_cast<Base*>(context)->how;
    if (how == 0) return 1;
    if (how == 1) throw std::runtime_error("lost");
    *dtype = how == 2 ? 99 : MCNC_F32;
    *rank = how == 3 ? 9 : 2;
    shape[0] = how == 4 ? 5 : 4;
    shape[1] = 5;
    return 0;
  };
  const auto read = [](void* context, const char*, void* out, size_t bytes) -> int {
    const int how = static_cast<Base*>(context)->how;
    if (how == 5) return 1;
    if (how == 6) throw std::runtime_error("lost");
    std::memset(out, how, bytes);
    return 0;
  };
  Base base = {8};  // the right one, of bytes 8
  Model model = testing::plain_model();
  model.manifest.bases.push_back({"base", {}});
  std::get<Generated>(model.manifest.tensors[0].source).theta0 =
      BaseTheta0{0, "", DType::kF32, *tensor_digest(Bytes(80, std::byte{8}))};
  class Right final : public BaseModel {
    Result<Entry> find(const std::string&) noexcept override { return Entry{DType::kF32, {4, 5}}; }
    Status read(const std::string&, std::span<std::byte> out) noexcept override {
      std::fill(out.begin(), out.end(), std::byte{8});
      return {};
    }
  } right;
  const Bytes file = testing::file_of(model, {.bases = {&right}});
  mcnc_file* other = nullptr;
  mcnc_decoder* decoder = nullptr;
  ASSERT_EQ(mcnc_open_memory(file.data(), file.size(), nullptr, &other, &error_), MCNC_OK) << error_.message;
  ASSERT_EQ(mcnc_decoder_create(other, nullptr, &decoder, &error_), MCNC_OK);
  const mcnc_base_model functions = {sizeof(mcnc_base_model), &base, find, read};
  ASSERT_EQ(mcnc_set_base(decoder, 0, &functions, &error_), MCNC_OK) << error_.message;
  for (base.how = 0; base.how <= 7; ++base.how) {
    const bool throws = base.how == 1 || base.how == 6;
    EXPECT_EQ(mcnc_verify(decoder, &error_), throws ? MCNC_INTERNAL : MCNC_BASE) << base.how << error_.message;
  }
  EXPECT_EQ(mcnc_verify(decoder, &error_), MCNC_OK) << error_.message;  // nothing is broken by it
  expect_mistake(mcnc_set_base(decoder, 1, &functions, &error_));
  mcnc_decoder_destroy(decoder);
  mcnc_close(other);
}

TEST_F(CapiTest, EightThreadsShareAFile) {
  const std::vector<Bytes> right = decode_all(decoder_);
  std::vector<std::thread> threads;
  std::vector<int> wrong(8);
  for (int& mistakes : wrong) {
    threads.emplace_back([&, this] {
      mcnc_decoder* decoder = nullptr;
      mistakes += mcnc_decoder_create(file_, nullptr, &decoder, nullptr) != MCNC_OK;
      for (std::uint64_t i = 0; i < info_.tensors; ++i) {
        Bytes out(right[i].size());
        mistakes += mcnc_decode(decoder, i, out.data(), out.size(), nullptr) != MCNC_OK || out != right[i];
      }
      mcnc_decoder_destroy(decoder);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(8));
}

// Exit code of a child that runs body().
template <typename Body>
int in_child(Body&& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(CapiTest, ChildrenOfAFork) {
  EXPECT_EQ(in_child([&] {
              const int32_t code = mcnc_verify(decoder_, nullptr);
              mcnc_decoder_destroy(decoder_);
              return code / 100;
            }),
            0);
  mcnc_execution execution;
  mcnc_execution_init(&execution);
  execution.threads = 3;
  create_decoder(&execution);
  EXPECT_EQ(in_child([&] {
              const int32_t code = mcnc_verify(decoder_, nullptr);  // would wait for threads that are not there
              mcnc_decoder_destroy(decoder_);
              return code / 100;
            }),
            MCNC_ARGUMENT / 100);
  EXPECT_EQ(mcnc_verify(decoder_, &error_), MCNC_OK);  // the parent goes on
}

TEST_F(CapiTest, TrainsAndWrites) {
  const std::uint64_t shape[] = {4, 100};
  mcnc_encoder_tensor tensors[2];
  for (mcnc_encoder_tensor& each : tensors) {
    mcnc_encoder_tensor_init(&each);
    each.shape = shape;
    each.rank = 2;
    each.theta0 = MCNC_THETA0_UNIFORM;
    each.theta0_scale = 1e-6F;
    each.theta0_stream = static_cast<uint32_t>(&each - tensors);
  }
  tensors[0].name = "first";
  tensors[1].name = "second";
  mcnc_encoder_options options;
  mcnc_encoder_options_init(&options);
  options.chunk_dim = 64;
  mcnc_encoder* encoder = nullptr;
  const int32_t made = mcnc_encoder_create(tensors, 2, &options, &encoder, &error_);
  if (made == MCNC_FEATURE) GTEST_SKIP() << "a library without the encoder";
  ASSERT_EQ(made, MCNC_OK) << error_.message;
  const std::size_t n = mcnc_encoder_elements(encoder);
  ASSERT_EQ(n, 800u);

  // Weights that are to become 0.01: the loss falls.
  std::vector<float> weights(n);
  std::vector<float> gradient(n);
  std::vector<double> losses;
  for (int step = 0; step < 20; ++step) {
    ASSERT_EQ(mcnc_encoder_weights(encoder, weights.data(), n, &error_), MCNC_OK) << error_.message;
    losses.push_back(0);
    for (std::size_t i = 0; i < n; ++i) {
      gradient[i] = 2 * (weights[i] - 0.01F);
      losses.back() += static_cast<double>(gradient[i]) * gradient[i];
    }
    ASSERT_EQ(mcnc_encoder_step(encoder, gradient.data(), n, 1, &error_), MCNC_OK) << error_.message;
  }
  EXPECT_LT(losses.back(), losses.front());
  gradient[7] = std::numeric_limits<float>::infinity();
  expect_mistake(mcnc_encoder_step(encoder, gradient.data(), n, 1, &error_));
  expect_mistake(mcnc_encoder_step(encoder, gradient.data(), n - 1, 1, &error_));
  expect_mistake(mcnc_encoder_weights(encoder, nullptr, n, &error_));
  expect_mistake(mcnc_encoder_write(encoder, nullptr, &error_));

  const testing::TemporaryFolder folder;
  const std::string path = folder.path / "trained.mcnc";
  ASSERT_EQ(mcnc_encoder_weights(encoder, weights.data(), n, &error_), MCNC_OK);
  ASSERT_EQ(mcnc_encoder_write(encoder, path.c_str(), &error_), MCNC_OK) << error_.message;
  mcnc_encoder_destroy(encoder);
  mcnc_file* trained = nullptr;
  mcnc_decoder* decoder = nullptr;
  ASSERT_EQ(mcnc_open_file(path.c_str(), nullptr, &trained, &error_), MCNC_OK) << error_.message;
  ASSERT_EQ(mcnc_decoder_create(trained, nullptr, &decoder, &error_), MCNC_OK);
  mcnc_tensor second = {};
  ASSERT_EQ(mcnc_find_tensor(trained, "second", &second, &error_), MCNC_OK);
  std::vector<float> decoded(400);
  ASSERT_EQ(mcnc_decode(decoder, second.index, decoded.data(), second.bytes, &error_), MCNC_OK);
  mcnc_decoder_destroy(decoder);
  mcnc_close(trained);
  if constexpr (std::endian::native == std::endian::little) {
    EXPECT_EQ(decoded, std::vector<float>(weights.begin() + 400, weights.end()));
  }
}

}  // namespace
}  // namespace mcnc
