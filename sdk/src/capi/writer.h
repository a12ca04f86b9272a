// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CAPI_WRITER_H_
#define MCNC_CAPI_WRITER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "capi/call.h"
#include "mcnc/base.h"
#include "mcnc/writer.h"

// A file in the making.
struct mcnc_writer {
  static constexpr auto kTag = mcnc::capi::Tag::kWriter;
  static constexpr const char* kName = "writer";

  mcnc::capi::Tag tag = kTag;
  mcnc::Model model;                                    // segments of data that the caller keeps are borrowed
  std::vector<std::unique_ptr<mcnc::BaseModel>> bases;  // of model.manifest.bases
  // For each tensor the names of those that it is made of, which need not be there yet: B and A of a product, what a
  // shared one shares and "", or "" and "".
  std::vector<std::array<std::string, 2>> parts;

  static constexpr bool is_forked() noexcept { return false; }  // it has no threads
};

namespace mcnc::capi {

// Takes away what was added to a writer since this was made, unless keep() is called.
class Additions {
 public:
  explicit Additions(mcnc_writer& writer) noexcept;
  ~Additions();
  Additions(const Additions&) = delete;
  Additions& operator=(const Additions&) = delete;

  void keep() noexcept { kept_ = true; }

 private:
  mcnc_writer& writer_;
  std::size_t segments_, generators_, codes_, tensors_, bases_, models_, parts_;
  bool kept_ = false;
};

// Adds to a writer by body(), which returns a Status: all of it or nothing.
template <typename Body>
int32_t add(mcnc_writer* writer, mcnc_error* error, Body&& body) noexcept {
  return call(error, [&]() -> Status {
    if (Status s = check(writer); !s.ok()) return s;
    Additions additions(*writer);
    if (Status s = body(); !s.ok()) return s;
    additions.keep();
    return {};
  });
}

// Adds a segment and returns its number.
std::uint32_t add_segment(mcnc_writer& writer, SegmentSource segment);

// Adds the tensors and codes of a model of one generator without stored weights, which becomes an equal one that is
// there already. Returns the number of its codes.
std::uint32_t add_trained(mcnc_writer& writer, Model trained);

// A copy of `count` numbers of `size` bytes each. kArgument where `data` is NULL or there cannot be so many. what: "the
// alpha of the codes", for the message.
Result<std::vector<std::byte>> copy_of(const void* data, std::uint64_t count, std::size_t size, const char* what);

// kArgument where the name is NULL or a dimension is out of the question; what every description of a tensor has.
Status check_form(const char* name, const std::uint64_t* shape, std::uint32_t rank);

}  // namespace mcnc::capi

#endif  // MCNC_CAPI_WRITER_H_
