// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// decode FILE: as decode.c, by the C++ interface, which the static library has.
//   c++ -std=c++20 decode.cc $(pkg-config --cflags --libs mcnc-static) -o decode
#include <mcnc/decoder.h>

#include <cstdio>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  mcnc::Allowance allowance;
  auto input = mcnc::open_file(argv[1]);
  if (!input.ok()) return mcnc::exit_code(input.status().code());
  auto reader = mcnc::Reader::open(*std::move(input), allowance);
  if (!reader.ok()) return mcnc::exit_code(reader.status().code());
  auto decoder = mcnc::Decoder::create(*reader);
  if (!decoder.ok()) return mcnc::exit_code(decoder.status().code());
  for (const mcnc::Tensor& tensor : reader->manifest().tensors) {
    if (tensor.factor) continue;
    std::vector<std::byte> weights(tensor.bytes());
    if (auto s = decoder->decode(tensor.name, weights); !s.ok()) return mcnc::exit_code(s.code());
    std::printf("%s: %zu bytes\n", tensor.name.c_str(), weights.size());
  }
}
