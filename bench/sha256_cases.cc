// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Leaves of tensor digests hashed by a target's kernel, several side by side, and one after the other by OpenSSL.

#include <memory>
#include <string>
#include <vector>

#include "cases.h"
#include "tensors/leaves.h"

namespace mcnc {
namespace {

constexpr std::size_t kLeaves = 64;

void add_sha256_case(const std::string& name, const Kernels& kernels) {
  const auto leaves = std::make_shared<std::vector<std::byte>>(kLeaves * kLeafSize);
  const auto hashes = std::make_shared<std::vector<Digest>>(kLeaves);
  add_case("hash_leaves/" + std::to_string(kLeafSize) + "/" + name, "bytes", static_cast<double>(leaves->size()),
           [=, &kernels] { hash_leaves(kernels, *leaves, *hashes); });
}

}  // namespace

void add_sha256_cases(const Kernels& kernels) { add_sha256_case(std::string(kernels.name), kernels); }

}  // namespace mcnc
