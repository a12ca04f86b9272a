// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/atomic_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace mcnc {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  AtomicFileTest() {
    std::string name = fs::temp_directory_path() / "mcnc-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~AtomicFileTest() override { fs::remove_all(folder_); }

  std::string at(const std::string& name) const { return folder_ / name; }
  void put(const std::string& name, const std::string& text) const { std::ofstream(at(name)) << text; }
  std::string get(const std::string& name) const {
    std::ifstream file(at(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.insert(entry.path().filename());
    return names;
  }
  // A finished file that says "new".
  AtomicFile create(const std::string& name, bool replace) const {
    Result<AtomicFile> file = AtomicFile::create(at(name), replace);
    EXPECT_TRUE(file.ok()) << file.status().message();
    EXPECT_TRUE(file->write(std::as_bytes(std::span("new", 3))).ok());
    EXPECT_TRUE(file->finish().ok());
    return *std::move(file);
  }

  fs::path folder_;
};

TEST_F(AtomicFileTest, NothingIsThereBeforeCommit) {
  {
    const AtomicFile dropped = create("a", false);
    AtomicFile closed = create("b", false);
    EXPECT_TRUE(closed.close().ok());
    EXPECT_FALSE(fs::exists(at("a")) || fs::exists(at("b")));
  }
  EXPECT_EQ(names(), std::set<std::string>());
}

TEST_F(AtomicFileTest, AFileThatAppearedMeanwhileStays) {
  for (const bool closes : {false, true}) {
    AtomicFile file = create("a", false);
    if (closes) {
      EXPECT_TRUE(file.close().ok());
    }
    put("a", "other");
    EXPECT_EQ(file.commit().code(), ErrorCode::kWrite);
    EXPECT_EQ(get("a"), "other");
    fs::remove(at("a"));
  }
  EXPECT_EQ(names(), std::set<std::string>());
}

TEST_F(AtomicFileTest, SeveralAppearTogether) {
  for (const char* name : {"part", "index", "stale"}) put(name, "old");
  AtomicFile part = create("part", true);
  AtomicFile more = create("more", true);
  AtomicFile index = create("index", true);
  EXPECT_TRUE(more.close().ok());
  const std::array files = {&part, &more, &index};
  const std::array removed = {at("stale"), at("missing")};
  EXPECT_TRUE(commit_together(files, removed).ok());
  EXPECT_EQ(names(), (std::set<std::string>{"part", "more", "index"}));
  for (const std::string& name : names()) EXPECT_EQ(get(name), "new");
}

TEST_F(AtomicFileTest, WhatFailsMidwayIsTakenBack) {
  for (const char* name : {"part", "index", "stale"}) put(name, "old");
  {
    AtomicFile part = create("part", true);
    AtomicFile more = create("more", true);
    AtomicFile blocked = create("blocked", false);
    AtomicFile index = create("index", true);
    put("blocked", "old");
    const std::array files = {&part, &more, &blocked, &index};
    const std::array removed = {at("stale")};
    EXPECT_EQ(commit_together(files, removed).code(), ErrorCode::kWrite);
  }
  EXPECT_EQ(names(), (std::set<std::string>{"part", "index", "stale", "blocked"}));
  for (const std::string& name : names()) EXPECT_EQ(get(name), "old");
}

}  // namespace
}  // namespace mcnc
