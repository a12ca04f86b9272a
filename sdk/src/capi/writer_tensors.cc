// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Tensors of files in the making.
#include <string>
#include <utility>

#include "capi/writer.h"
#include "mcnc/checked_math.h"

namespace mcnc::capi {
namespace {

Result<SegmentSource> borrowed(const void* data, std::size_t bytes) {
  Result<std::unique_ptr<Input>> input = borrow_memory({static_cast<const std::byte*>(data), bytes});
  if (!input.ok()) return input.status();
  return SegmentSource(std::shared_ptr<Input>(*std::move(input)));
}

Result<Theta0> stored_theta0(mcnc_writer& writer, const mcnc_new_tensor& in, const Tensor& tensor) {
  if (in.theta0_dtype < MCNC_F32 || in.theta0_dtype > MCNC_BF16) {
    return bad_argument("the theta0 of tensor " + tensor.name + " is MCNC_F32, MCNC_F16 or MCNC_BF16");
  }
  const auto dtype = static_cast<DType>(in.theta0_dtype);
  Checked bytes = size_of(dtype);
  for (const std::uint64_t length : tensor.shape) bytes *= length;
  if (in.theta0_data == nullptr || bytes.value() > PTRDIFF_MAX) {
    return bad_argument("the theta0 of tensor " + tensor.name + " is NULL, or has a size that no memory has");
  }
  Result<SegmentSource> segment = borrowed(in.theta0_data, to_size(bytes.value()));
  if (!segment.ok()) return segment.status();
  return Theta0(StoredTheta0{add_segment(writer, *std::move(segment)), dtype});
}

// Reads the tensor of the base, for its digest.
Result<Theta0> base_theta0(mcnc_writer& writer, const mcnc_new_tensor& in, const Tensor& tensor) {
  if (in.theta0_base >= writer.bases.size()) return bad_argument("there is no base of that number");
  BaseModel& base = *writer.bases[in.theta0_base];
  const std::string name = in.theta0_tensor == nullptr ? tensor.name : in.theta0_tensor;
  const Result<BaseModel::Entry> entry = base.find(name);
  if (!entry.ok()) return entry.status();
  if (entry->shape != tensor.shape) {
    return bad_argument("tensor " + name + " of the base has another shape than tensor " + tensor.name);
  }
  Checked bytes = size_of(entry->dtype);
  for (const std::uint64_t length : entry->shape) bytes *= length;
  std::vector<std::byte> values(to_size(bytes.value()));
  if (Status s = base.read(name, values); !s.ok()) return s;
  const Result<Digest> digest = tensor_digest(values);
  if (!digest.ok()) return digest.status();
  return Theta0(BaseTheta0{in.theta0_base, in.theta0_tensor == nullptr ? "" : in.theta0_tensor, entry->dtype, *digest});
}

Result<Theta0> theta0_of(mcnc_writer& writer, const mcnc_new_tensor& in, const Tensor& tensor) {
  switch (in.theta0) {
    case MCNC_THETA0_ZERO:
      return Theta0();
    case MCNC_THETA0_CONSTANT:
      return Theta0(Constant{in.theta0_value});
    case MCNC_THETA0_UNIFORM:
      return Theta0(Uniform{in.theta0_seed, in.theta0_stream, in.theta0_scale});
    case MCNC_THETA0_STORED:
      return stored_theta0(writer, in, tensor);
    case MCNC_THETA0_BASE:
      return base_theta0(writer, in, tensor);
    default:
      return bad_argument("tensor " + tensor.name + ": theta0 is not one of the MCNC_THETA0_ values");
  }
}

// Adds a tensor with the source that make(in, tensor) returns.
template <typename Make>
int32_t add_tensor(mcnc_writer* writer, const mcnc_new_tensor* from, std::array<std::string_view, 2> parts,
                   mcnc_error* error, Make&& make) noexcept {
  return add(writer, error, [&]() -> Status {
    mcnc_new_tensor in;
    mcnc_new_tensor_init(&in);
    if (from == nullptr) return bad_argument("the tensor is NULL");
    if (Status s = take(from, in); !s.ok()) return s;
    if (Status s = check_form(in.name, in.shape, in.rank); !s.ok()) return s;
    if (in.dtype < 0 || in.dtype > MCNC_F8_E5M2) {
      return bad_argument(std::string("tensor ") + in.name + ": dtype is not one of MCNC_F32 ...");
    }
    Tensor tensor;
    tensor.name = in.name;
    tensor.dtype = static_cast<DType>(in.dtype);
    if (in.rank != 0) tensor.shape.assign(in.shape, in.shape + in.rank);
    tensor.factor = in.is_factor != 0;
    Result<Source> source = make(in, tensor);
    if (!source.ok()) return source.status();
    tensor.source = *std::move(source);
    writer->model.manifest.tensors.push_back(std::move(tensor));
    writer->parts.push_back({std::string(parts[0]), std::string(parts[1])});
    return {};
  });
}

}  // namespace
}  // namespace mcnc::capi

using namespace mcnc;        // NOLINT(google-build-using-namespace): functions of C have none of their own
using namespace mcnc::capi;  // NOLINT(google-build-using-namespace)

void mcnc_new_tensor_init(mcnc_new_tensor* tensor) {
  if (tensor == nullptr) return;
  *tensor = {};
  tensor->struct_size = sizeof(mcnc_new_tensor);
}

int32_t mcnc_writer_add_stored(mcnc_writer* writer, const mcnc_new_tensor* tensor, const void* data, size_t bytes,
                               mcnc_error* error) {
  return add_tensor(writer, tensor, {}, error, [&](const mcnc_new_tensor&, const Tensor& made) -> Result<Source> {
    if (data == nullptr && bytes != 0) return bad_argument("the data of tensor " + made.name + " is NULL");
    Checked all = size_of(made.dtype);
    for (const std::uint64_t length : made.shape) all *= length;
    if (all.value() != bytes) {
      return bad_argument("tensor " + made.name + " has " + std::to_string(all.value()) + " bytes, not " +
                          std::to_string(bytes));
    }
    Result<SegmentSource> segment = borrowed(data, bytes);
    if (!segment.ok()) return segment.status();
    return Source(Stored{add_segment(*writer, *std::move(segment))});
  });
}

int32_t mcnc_writer_add_generated(mcnc_writer* writer, const mcnc_new_tensor* tensor, uint32_t codes,
                                  uint64_t first_element, uint32_t slices, mcnc_error* error) {
  return add_tensor(writer, tensor, {}, error, [&](const mcnc_new_tensor& in, const Tensor& made) -> Result<Source> {
    if (codes >= writer->model.manifest.codes.size()) {
      return bad_argument("tensor " + made.name + ": there are no codes of that number");
    }
    Result<Theta0> theta0 = theta0_of(*writer, in, made);
    if (!theta0.ok()) return theta0.status();
    return Source(Generated{codes, first_element, *std::move(theta0), slices});
  });
}

int32_t mcnc_writer_add_product(mcnc_writer* writer, const mcnc_new_tensor* tensor, const char* b, const char* a,
                                float scale, mcnc_error* error) {
  const std::array<std::string_view, 2> parts = {b == nullptr ? "" : b, a == nullptr ? "" : a};
  return add_tensor(writer, tensor, parts, error, [&](const mcnc_new_tensor& in, const Tensor& made) -> Result<Source> {
    if (b == nullptr || a == nullptr) return bad_argument("the name of a factor of " + made.name + " is NULL");
    Result<Theta0> theta0 = theta0_of(*writer, in, made);
    if (!theta0.ok()) return theta0.status();
    return Source(Product{0, 0, scale, *std::move(theta0)});
  });
}

int32_t mcnc_writer_add_shared(mcnc_writer* writer, const char* name, const char* same_as, mcnc_error* error) {
  mcnc_new_tensor tensor;
  mcnc_new_tensor_init(&tensor);
  tensor.name = name;
  const std::array<std::string_view, 2> parts = {same_as == nullptr ? "" : same_as, ""};
  return add_tensor(writer, &tensor, parts, error, [&](const mcnc_new_tensor&, const Tensor& made) -> Result<Source> {
    if (same_as == nullptr) return bad_argument("the name of what " + made.name + " shares is NULL");
    return Source(Shared{});
  });
}
