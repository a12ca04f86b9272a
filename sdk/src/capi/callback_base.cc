// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "capi/callback_base.h"

#include <span>
#include <string>

namespace mcnc::capi {
namespace {

class CallbackBase final : public BaseModel {
 public:
  explicit CallbackBase(const mcnc_base_model& model) noexcept : model_(model) {}

  Result<Entry> find(const std::string& name) noexcept override {
    return boundary([&]() -> Result<Entry> {
      int32_t dtype = -1;
      uint32_t rank = 0;
      uint64_t shape[kMaxRank] = {};
      const Result<int> found = call_back("find", model_.find, model_.context, name.c_str(), &dtype, &rank, &shape[0]);
      if (!found.ok()) return found.status();
      if (*found != 0) {
        return Status(ErrorCode::kBase, "", "the base model has no tensor " + name);
      }
      if (dtype < 0 || dtype > MCNC_F8_E5M2 || rank > kMaxRank) {
        return Status(ErrorCode::kBase, "", "the base model says of tensor " + name + " what no tensor is");
      }
      return Entry{static_cast<DType>(dtype), {shape, shape + rank}};
    });
  }

  Status read(const std::string& name, std::span<std::byte> out) noexcept override {
    return boundary([&]() -> Status {
      const Result<int> result = call_back("read", model_.read, model_.context, name.c_str(), out.data(), out.size());
      if (!result.ok()) return result.status();
      if (*result == 0) return {};
      return {ErrorCode::kBase, "", "the base model could not read tensor " + name};
    });
  }

 private:
  static constexpr uint32_t kMaxRank = 8;
  mcnc_base_model model_;
};

}  // namespace

Result<std::unique_ptr<BaseModel>> base_of(const mcnc_base_model* model) {
  mcnc_base_model taken{};
  if (Status s = take(model, taken); !s.ok()) return s;
  if (taken.find == nullptr || taken.read == nullptr) {
    return bad_argument("the base model lacks its function find or read");
  }
  return std::unique_ptr<BaseModel>(std::make_unique<CallbackBase>(taken));
}

}  // namespace mcnc::capi
