// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What mcnc.numpy.load_file does, in C++: opens a file and decodes every tensor into memory of its own.
//
//   load FILE THREADS
//
// For each line that it reads it does so once, keeps the weights until the time is taken, and prints the nanoseconds.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "mcnc/checked_math.h"
#include "mcnc/decoder.h"

namespace {

using Memory = std::unique_ptr<std::byte[]>;

mcnc::Status load(const char* path, unsigned threads, std::vector<Memory>& weights) {
  mcnc::Allowance allowance;
  auto input = mcnc::open_file(path);
  if (!input.ok()) return input.status();
  const auto reader = mcnc::Reader::open(*std::move(input), allowance);
  if (!reader.ok()) return reader.status();
  auto decoder = mcnc::Decoder::create(*reader, {.execution = {.threads = threads}});
  if (!decoder.ok()) return decoder.status();
  const std::vector<mcnc::Tensor>& tensors = reader->manifest().tensors;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].factor) continue;
    const std::size_t bytes = mcnc::to_size(tensors[i].bytes());
    weights.push_back(std::make_unique_for_overwrite<std::byte[]>(bytes));
    if (mcnc::Status s = decoder->decode(i, {weights.back().get(), bytes}); !s.ok()) return s;
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto threads = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
  while (std::getchar() != EOF) {
    std::vector<Memory> weights;
    const auto begin = std::chrono::steady_clock::now();
    if (const mcnc::Status status = load(argv[1], threads, weights); !status.ok()) {
      std::fprintf(stderr, "%s\n", status.to_string().c_str());
      return mcnc::exit_code(status.code());
    }
    const std::chrono::nanoseconds taken = std::chrono::steady_clock::now() - begin;
    std::printf("%lld\n", static_cast<long long>(taken.count()));
    std::fflush(stdout);
  }
}
