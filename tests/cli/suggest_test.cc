// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "common/suggest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace mcnc::tools {
namespace {

// Changes from one word to the other, by the whole table.
std::size_t changes(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

std::string word_of(std::mt19937& random, std::size_t longest) {
  std::string word(random() % (longest + 1), ' ');
  for (char& c : word) c = static_cast<char>('a' + random() % 3);
  return word;
}

TEST(SuggestTest, FindsTheFirstOfTheNearest) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    const std::string word = word_of(random, 20);
    std::vector<std::string> known;
    for (int i = 0; i < 8; ++i) known.push_back(word_of(random, 20));
    const std::size_t most = word.size() < 2 ? 0 : std::max<std::size_t>(1, word.size() / 3);
    std::string expected;
    std::size_t least = most + 1;
    for (const std::string& each : known) {
      if (each == word || changes(word, each) >= least) continue;
      least = changes(word, each);
      expected = each;
    }
    std::vector<std::string_view> views;
    for (const std::string& each : known) {
      if (each != word) views.push_back(each);
    }
    const std::string text = expected.empty() ? "" : " (did you mean \"" + expected + "\"?)";
    EXPECT_EQ(suggestion(word, views), text) << word;
  }
}

TEST(SuggestTest, KnowsLimits) {
  const std::string_view known[] = {"omega", "turns"};
  EXPECT_EQ(suggestion("omgea", known), " (did you mean \"omega\"?)");
  EXPECT_EQ(suggestion("width", known), "");
  EXPECT_EQ(suggestion("", known), "");
  EXPECT_EQ(suggestion(std::string(100'000, 'a'), known), "");
  EXPECT_EQ(suggestion("omega", {}), "");
}

// Names as alike as those of a network are, none of them near.
TEST(SuggestTest, TakesLittleTimeForManyNames) {
  std::vector<std::string> names;
  for (int i = 0; i < 100'000; ++i) {
    names.push_back("model.layers." + std::to_string(i / 100) + ".block_sparse_moe.experts." + std::to_string(i % 100) +
                    ".w1.lora_A.default.weight");
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(suggestion("nodel.layers.999.block_sparse_moe.experts.99.w1.lora_A.default.weight", known),
            " (did you mean \"" + names.back() + "\"?)");
  EXPECT_EQ(suggestion("transformer.h.12.attn.self_attention.experts.query_key_value.lora_default.scale", known), "");
  EXPECT_EQ(suggestion(std::string(200, 'e'), known), "");
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_LT(seconds.count(), 2) << "of a machine that does much else";
  RecordProperty("milliseconds", static_cast<int>(1000 * seconds.count()));
}

TEST(SuggestTest, NothingForAWordThatWouldChangeAltogether) {
  constexpr std::string_view kKnown[] = {"-h", "a"};
  EXPECT_EQ(suggestion("-Z", kKnown), "");
  EXPECT_EQ(suggestion("b", kKnown), "");
}

}  // namespace
}  // namespace mcnc::tools
