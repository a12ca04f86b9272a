// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <utility>

#include "mcnc/boundary.h"
#include "mcnc/digest.h"
#include "tensors/merkle.h"

namespace mcnc {

struct TensorDigest::State {
  MerkleTree tree;
};

TensorDigest::TensorDigest() noexcept = default;
TensorDigest::~TensorDigest() = default;
TensorDigest::TensorDigest(TensorDigest&&) noexcept = default;
TensorDigest& TensorDigest::operator=(TensorDigest&&) noexcept = default;

Status TensorDigest::update(std::span<const std::byte> bytes, ParallelRunner* runner) noexcept {
  Status status = boundary([&]() -> Status {
    if (state_ == nullptr) state_ = std::make_unique<State>();
    runner != nullptr ? state_->tree.update(bytes, *runner) : state_->tree.update(bytes);
    return {};
  });
  if (!status.ok()) state_.reset();
  return status;
}

Result<Digest> TensorDigest::finish() noexcept {
  return boundary([&]() -> Result<Digest> {
    const std::unique_ptr<State> state = std::exchange(state_, nullptr);
    return state != nullptr ? state->tree.finish() : MerkleTree().finish();
  });
}

Result<Digest> tensor_digest(std::span<const std::byte> bytes, ParallelRunner* runner) noexcept {
  TensorDigest digest;
  if (Status s = digest.update(bytes, runner); !s.ok()) return s;
  return digest.finish();
}

}  // namespace mcnc
