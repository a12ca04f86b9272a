// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The public API as a caller meets it: what is looked up by name, who shares what, progress and cancellation, and what
// null, moved-from and out-of-range arguments are told.

#include "support/api.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "mcnc/decoder.h"
#include "mcnc/digest.h"
#include "mcnc/execution.h"
#include "mcnc/reader.h"
#include "mcnc/version.h"
#include "mcnc/writer.h"
#include "support/models.h"

namespace mcnc {
namespace {

using testing::is_refused;
using testing::Observed;

class DropSink final : public Sink {
 public:
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte>) noexcept override { return {}; }
};

class NoBase final : public BaseModel {
 public:
  Result<Entry> find(const std::string&) noexcept override { return Status(ErrorCode::kBase, "", "none"); }
  Status read(const std::string&, std::span<std::byte>) noexcept override { return {ErrorCode::kBase, "", "none"}; }
};

struct Opened {
  Reader reader;
  Decoder decoder;
};

Opened open(const std::vector<std::byte>& file) {
  const Result<Reader> reader = testing::open(file);
  Result<Decoder> decoder = Decoder::create(*reader);
  return {*reader, *std::move(decoder)};
}

TEST(Version, HeaderAndLibraryAgree) {
  EXPECT_EQ(version(), MCNC_VERSION);
  EXPECT_EQ(version_string(), MCNC_VERSION_STRING);
  EXPECT_LT(MCNC_MAKE_VERSION(0, 9, 99), MCNC_MAKE_VERSION(1, 0, 0));
}

TEST(Result, IsNeverOkWithoutAValue) {
  const Result<int> none = Status();
  EXPECT_FALSE(none.ok());
  EXPECT_EQ(none.status().code(), ErrorCode::kInternal);
  EXPECT_EQ(*Result<int>(7), 7);
}

TEST(Decoder, OutlivesItsReaderAndMovesWithIt) {
  const std::vector<std::byte> file = testing::file_of(testing::rich_model());
  Opened opened = open(file);
  EXPECT_TRUE(opened.decoder.verify().ok());
  Decoder moved = std::move(opened.decoder);
  EXPECT_TRUE(moved.verify().ok());
  EXPECT_EQ(&moved.manifest(), &opened.reader.manifest());
}

TEST(Decoder, DecodesByName) {
  const std::vector<std::byte> file = testing::file_of(testing::rich_model());
  Opened opened = open(file);
  const std::vector<Tensor>& tensors = opened.reader.manifest().tensors;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    std::vector<std::byte> by_index(tensors[i].bytes());
    std::vector<std::byte> by_name(tensors[i].bytes());
    ASSERT_TRUE(opened.decoder.decode(i, by_index).ok());
    ASSERT_TRUE(opened.decoder.decode(tensors[i].name, by_name).ok());
    EXPECT_EQ(by_index, by_name) << tensors[i].name;
    ASSERT_EQ(*opened.reader.find_tensor(tensors[i].name), i);
    EXPECT_EQ(*tensor_digest(by_name), tensors[i].digest);
  }
  DropSink sink;
  EXPECT_TRUE(is_refused(opened.decoder.decode("nothing", sink)));
  EXPECT_TRUE(is_refused(opened.decoder.decode("nothing", {})));
  EXPECT_TRUE(is_refused(opened.decoder.decode_range("nothing", 0, 0, {})));
  EXPECT_TRUE(is_refused(opened.reader.find_tensor("nothing")));
  EXPECT_TRUE(is_refused(opened.reader.find_metadata("no.thing")));
}

TEST(Manifest, FindsInAnyOrder) {
  Manifest manifest;
  for (const char* name : {"c", "a", "d", "b"}) {
    manifest.tensors.push_back({name, DType::kF32, {}, Stored{}, {}});
    manifest.metadata.push_back({name, std::string(name)});
  }
  for (const char* name : {"a", "b", "c", "d"}) {
    ASSERT_NE(manifest.find(name), nullptr) << name;
    EXPECT_EQ(manifest.find(name)->name, name);
    ASSERT_NE(manifest.find_metadata(name), nullptr) << name;
    EXPECT_EQ(std::get<std::string>(*manifest.find_metadata(name)), name);
  }
  EXPECT_EQ(manifest.find("e"), nullptr);
  EXPECT_EQ(manifest.find_metadata("e"), nullptr);
}

TEST(Digest, OfTheCallersBytes) {
  const std::vector<std::byte> bytes(200'000, std::byte{7});
  TensorDigest pieces;
  ASSERT_TRUE(pieces.update(std::span(bytes).first(70'001)).ok());
  TensorDigest moved = std::move(pieces);
  ASSERT_TRUE(moved.update(std::span(bytes).subspan(70'001)).ok());
  EXPECT_EQ(*moved.finish(), *tensor_digest(bytes));
  EXPECT_EQ(*moved.finish(), *tensor_digest({}));  // anew
  EXPECT_EQ(*pieces.finish(), *tensor_digest({}));

  const std::vector<std::byte> file = testing::file_of(testing::rich_model());
  const Result<Reader> reader = testing::open(file);
  std::vector<Tensor> tensors = reader->manifest().tensors;
  std::ranges::reverse(tensors);
  EXPECT_EQ(*weights_identity(tensors), reader->manifest().weights_identity);
}

TEST(Execution, EveryLongCallReportsProgress) {
  Observed writing;
  const Result<std::vector<std::byte>> file =
      serialize(testing::rich_model(), {.execution = {.threads = 2, .progress = writing.callback()}});
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(writing.ended());

  const Result<Reader> reader = testing::open(*file);
  DropSink sink;
  std::vector<std::byte> out(reader->manifest().tensors[0].bytes());
  for (const auto& call : std::vector<std::function<Status(Decoder)>>{
           [](Decoder d) { return d.verify(); },
           [&](Decoder d) { return d.decode_all(sink); },
           [&](Decoder d) { return d.decode(0, out); },
           [&](Decoder d) { return d.decode_range(0, 0, reader->manifest().tensors[0].elements(), out); },
       }) {
    for (const bool check_digests : {true, false}) {
      Observed decoding;
      Result<Decoder> decoder =
          Decoder::create(*reader, {.execution = {.progress = decoding.callback()}, .check_digests = check_digests});
      ASSERT_TRUE(call(*std::move(decoder)).ok());
      EXPECT_TRUE(decoding.ended());

      // Its error is the call's, and what it throws is caught.
      const auto result = [&](std::function<Status(const Progress&)> progress) {
        return call(*Decoder::create(*reader, {.execution = {.progress = progress}, .check_digests = check_digests}))
            .code();
      };
      EXPECT_EQ(result([](const Progress&) { return Status(ErrorCode::kWrite, "", "full"); }), ErrorCode::kWrite);
      EXPECT_EQ(result([](const Progress&) -> Status { throw 1; }), ErrorCode::kInternal);
      const std::atomic<bool> cancel = true;
      EXPECT_EQ(call(*Decoder::create(*reader, {.execution = {.cancel = &cancel}})).code(), ErrorCode::kCancelled);
    }
  }
}

TEST(Execution, IsCheckedAlikeEverywhere) {
  const std::vector<std::byte> file = testing::file_of(testing::plain_model());
  const Result<Reader> reader = testing::open(file);
  EXPECT_EQ(default_target().empty(), false);
  for (const Execution& execution :
       {Execution{.threads = 0}, Execution{.threads = 1025}, Execution{.target = "nothing"}}) {
    EXPECT_TRUE(is_refused(Decoder::create(*reader, {.execution = execution})));
    EXPECT_TRUE(is_refused(serialize(testing::plain_model(), {.execution = execution})));
  }
  const std::atomic<bool> cancel = true;
  EXPECT_EQ(serialize(testing::plain_model(), {.execution = {.cancel = &cancel}}).status().code(),
            ErrorCode::kCancelled);
  for (const std::string_view target : supported_targets()) {
    EXPECT_EQ(*serialize(testing::plain_model(), {.execution = {.target = target}}), file) << target;
  }
}

TEST(Arguments, MovedFromObjectsSaySo) {
  const std::vector<std::byte> file = testing::file_of(testing::plain_model());
  Opened opened = open(file);
  const Reader reader = std::move(opened.reader);
  EXPECT_EQ(opened.reader.manifest().tensors.size(), reader.manifest().tensors.size());  // moving copies

  const Decoder decoder = std::move(opened.decoder);
  Decoder& gone = opened.decoder;
  DropSink sink;
  NoBase base;
  EXPECT_TRUE(gone.target().empty());
  EXPECT_TRUE(gone.manifest().tensors.empty());
  for (const Status& status : {gone.set_base(0, base), gone.decode_range(0, 0, 0, {}), gone.decode(0, {}),
                               gone.decode(0, sink), gone.decode_range("w", 0, 0, {}), gone.decode("w", {}),
                               gone.decode("w", sink), gone.decode_all(sink), gone.verify()}) {
    EXPECT_TRUE(is_refused(status)) << status.to_string();
    EXPECT_NE(status.message().find("moved from"), std::string::npos);
  }
}

TEST(Arguments, NullAndOutOfRangeAreRefused) {
  Allowance allowance;
  EXPECT_TRUE(is_refused(Reader::open(nullptr, allowance)));

  const std::vector<std::byte> file = testing::file_of(testing::plain_model());
  Opened opened = open(file);
  const std::size_t tensors = opened.reader.manifest().tensors.size();
  const std::uint64_t elements = opened.reader.manifest().tensors[0].elements();
  EXPECT_TRUE(is_refused(opened.reader.read_segment(1000)));
  EXPECT_TRUE(is_refused(opened.reader.open_segment(1000)));
  NoBase base;
  DropSink sink;
  std::vector<std::byte> out(8);
  for (const Status& status :
       {opened.decoder.set_base(0, base), opened.decoder.decode(tensors, out), opened.decoder.decode(tensors, sink),
        opened.decoder.decode(0, std::span(out).first(1)), opened.decoder.decode_range(tensors, 0, 0, {}),
        opened.decoder.decode_range(0, elements + 1, 0, {}), opened.decoder.decode_range(0, 1, elements, out),
        opened.decoder.decode_range(0, 0, ~std::uint64_t{0}, out)}) {
    EXPECT_TRUE(is_refused(status)) << status.to_string();
  }

  Model model = testing::plain_model();
  model.segments[0] = std::shared_ptr<Input>();
  EXPECT_TRUE(is_refused(serialize(std::move(model))));
  EXPECT_TRUE(serialize(testing::plain_model(), {.bases = {nullptr, nullptr}}).ok());
  for (const int level : {0, 20}) EXPECT_TRUE(is_refused(serialize(testing::plain_model(), {.zstd_level = level})));
}

}  // namespace
}  // namespace mcnc
