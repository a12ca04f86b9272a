// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/draft.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "mcnc/boundary.h"
#include "mcnc/checked_math.h"
#include "mcnc/file.h"

namespace mcnc {
namespace {

class Borrowed final : public Input {
 public:
  explicit Borrowed(Input& input) noexcept : input_(input) {}

  std::uint64_t size() const noexcept override { return input_.size(); }
  Status read_at(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    return input_.read_at(offset, out);
  }

 private:
  Input& input_;
};

}  // namespace

Status MemoryDraft::read_at(std::uint64_t offset, std::span<std::byte> out) noexcept {
  return boundary([&]() -> Status {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) return ends_early(bytes_.size());
    std::ranges::copy(std::span(bytes_).subspan(static_cast<std::size_t>(offset), out.size()), out.begin());
    return {};
  });
}

Status MemoryDraft::write_at(std::uint64_t offset, std::span<const std::byte> bytes) noexcept {
  return boundary([&]() -> Status {
    if (offset + bytes.size() > bytes_.size()) bytes_.resize(to_size(offset + bytes.size()));
    std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
  });
}

Status MemoryDraft::resize(std::uint64_t size) noexcept {
  return boundary([&]() -> Status {
    bytes_.resize(to_size(size));
    return {};
  });
}

Status FileDraft::read_at(std::uint64_t offset, std::span<std::byte> out) noexcept {
  return boundary([&] { return read_all_at(fd_, offset, out); });
}

Status FileDraft::write_at(std::uint64_t offset, std::span<const std::byte> bytes) noexcept {
  return boundary([&]() -> Status {
    if (Status s = write_all_at(fd_, offset, bytes, name_); !s.ok()) return s;
    size_ = std::max(size_, offset + bytes.size());
    return {};
  });
}

Status FileDraft::resize(std::uint64_t size) noexcept {
  return boundary([&]() -> Status {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return write_error(name_, errno);
    size_ = size;
    return {};
  });
}

Status move_bytes(Draft& draft, std::uint64_t from, std::uint64_t to, std::uint64_t length, const Proceed& proceed) {
  std::vector<std::byte> piece;
  for (std::uint64_t done = 0; done < length; done += piece.size()) {
    if (Status s = ask(proceed, piece.size()); !s.ok()) return s;
    piece.resize(static_cast<std::size_t>(std::min(kPieceBytes, length - done)));
    // Upwards from the end, so that nothing is written over before it is read.
    const std::uint64_t at = to > from ? length - done - piece.size() : done;
    if (Status s = draft.read_at(from + at, piece); !s.ok()) return s;
    if (Status s = draft.write_at(to + at, piece); !s.ok()) return s;
  }
  return {};
}

std::unique_ptr<Input> borrow(Input& input) { return std::make_unique<Borrowed>(input); }

}  // namespace mcnc
