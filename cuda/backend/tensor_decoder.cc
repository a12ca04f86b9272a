// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/backend/tensor_decoder.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cuda/backend/grids.h"
#include "manifest/references.h"
#include "mcnc/about.h"
#include "mcnc/convert.h"
#include "mcnc/ranges.h"
#include "tensors/leaves.h"
#include "tensors/merkle.h"
#include "tensors/theta0.h"
#include "util/ceil_div.h"

namespace mcnc::cuda {

TensorDecoder::TensorDecoder(Device& device, Parts& parts, const Batches& batches)
    : device_(&device),
      parts_(&parts),
      batches_(batches),
      generators_(parts.reader().manifest().generators.size()),
      codes_(parts.reader().manifest().codes.size()) {}

Status TensorDecoder::decode(std::size_t tensor, std::uint64_t first, std::uint64_t count, void* out) {
  const Status s = decode_unnamed(tensor, {first, count, static_cast<std::byte*>(out)});
  return s.ok() ? s : about("tensor " + parts_->reader().manifest().tensors[tensor].name, s);
}

Status TensorDecoder::decode_unnamed(std::size_t index, const Range& range) {
  const Manifest& manifest = parts_->reader().manifest();
  const auto* shared = std::get_if<Shared>(&manifest.tensors[index].source);
  if (shared != nullptr) index = shared->tensor;
  if (!loaded_ || loaded_->index != index) {
    if (Status s = load(index); !s.ok()) return s;
  }
  const Source& source = manifest.tensors[index].source;
  if (std::holds_alternative<Stored>(source)) return decode_stored(range);
  if (std::holds_alternative<Product>(source)) return decode_product(range);
  return decode_generated(std::get<Generated>(source), range);
}

Status TensorDecoder::load(std::size_t index) {
  loaded_.reset();
  const Tensor& tensor = parts_->reader().manifest().tensors[index];
  Loaded loaded;
  loaded.index = index;
  loaded.tensor = &tensor;
  if (const auto* product = std::get_if<Product>(&tensor.source)) {
    if (Status s = load_product(*product, loaded); !s.ok()) return s;
  }
  const auto* stored = std::get_if<Stored>(&tensor.source);
  Result<std::vector<std::byte>> bytes =
      stored != nullptr ? parts_->reader().read_segment(stored->segment) : parts_->theta0(tensor);
  if (!bytes.ok()) return bytes.status();
  loaded.stored = *std::move(bytes);
  loaded_ = std::move(loaded);
  return {};
}

Status TensorDecoder::load_product(const Product& product, Loaded& loaded) {
  const Tensor& tensor = *loaded.tensor;
  const auto columns = static_cast<unsigned>(tensor.shape[1]);
  const auto rank = static_cast<unsigned>(parts_->reader().manifest().tensors[product.b].shape[1]);
  loaded.slices = {0, tensor.elements(), tensor.elements(), 1};
  Buffer<float> a;
  if (Status s = load_factor(product.b, rank, loaded.b); !s.ok()) return s;
  if (Status s = load_factor(product.a, round_up(columns, 4U), a); !s.ok()) return s;
  loaded.a = FloatGenerator::of_matrix(std::move(a), rank, columns);
  return loaded.scale.upload(*device_, std::span(&product.scale, 1));
}

Status TensorDecoder::decode_stored(const Range& range) {
  const std::size_t size = size_of(loaded_->tensor->dtype);
  if (range.count == 0) return {};
  return device_->upload(
      std::span(loaded_->stored)
          .subspan(static_cast<std::size_t>(range.first) * size, static_cast<std::size_t>(range.count) * size),
      range.out);
}

Status TensorDecoder::decode_product(const Range& range) {
  const auto& shape = loaded_->tensor->shape;
  FloatGenerator& a = *loaded_->a;
  const std::uint64_t rank = loaded_->b.size() / shape[0];
  return each_window(range, static_cast<unsigned>(shape[1]), shape[0], [&](const Window& window, const Target& target) {
    const CodeRange rows{window.first_chunk, 1, loaded_->scale.data(), 0};
    return a.expand(*device_, {loaded_->b.data(), 1, rank}, window, rows, target);
  });
}

Status TensorDecoder::decode_generated(const Generated& generated, const Range& range) {
  const Codes& table = parts_->reader().manifest().codes[generated.codes];
  const std::uint64_t per_chunk = table.codes_per_chunk;
  const Result<DeviceGenerator*> phi = generator(table.generator);
  if (!phi.ok()) return phi.status();
  const Result<const DeviceCodes*> codes = this->codes(generated.codes);
  if (!codes.ok()) return codes.status();
  const std::uint64_t width = std::visit([](const auto& any) { return any.width(); }, **phi);
  const std::uint64_t bytes = std::visit([](const auto& any) { return any.bytes_of_code(); }, **phi);
  loaded_->slices = slices_of(*loaded_->tensor, generated, width);
  // Codes that fit; a chunk that has more is made in several steps.
  const std::uint64_t together = std::max<std::uint64_t>(batches_.scratch_bytes / std::max<std::uint64_t>(bytes, 1), 1);
  const std::uint64_t rows = together / per_chunk;

  return each_window(
      range, static_cast<unsigned>(width), rows, [&](const Window& window, const Target& target) -> Status {
        CodeRange all = (*codes)->range();
        all.first = window.first_chunk * per_chunk;
        all.per_chunk = table.codes_per_chunk;
        const auto expand = [&](const CodeRange& part, const Target& sums) -> Status {
          if (auto* integer = std::get_if<IntegerGenerator>(*phi)) {
            return integer->expand(*device_, (*codes)->alpha.data(), (*codes)->is_wide, (*codes)->count, window, part,
                                   sums);
          }
          const auto* alpha = reinterpret_cast<const float*>((*codes)->alpha.data());
          return std::get<FloatGenerator>(**phi).expand(*device_, {alpha, (*codes)->count, 1}, window, part, sums);
        };
        return expand_in_steps(*device_, window, all, together, target, sums_, expand);
      });
}

Status TensorDecoder::load_factor(std::size_t index, std::uint64_t stride, Buffer<float>& values) {
  const Tensor& factor = parts_->reader().manifest().tensors[index];
  const std::uint64_t rows = factor.shape[0];
  const auto columns = static_cast<unsigned>(factor.shape[1]);
  Buffer<std::byte> elements;
  if (Status s = elements.reserve(*device_, factor.bytes()); !s.ok()) return s;
  if (Status s = decode(index, 0, factor.elements(), elements.data()); !s.ok()) return s;
  if (Status s = values.reserve(*device_, rows * stride); !s.ok()) return s;
  const std::string kernel = kernel_for("mcnc_widen_", factor.dtype);
  if (Status s = launch(*device_, kernel.c_str(), flat_grid(*device_, rows * stride), elements.data(), rows, columns,
                        static_cast<unsigned>(stride), values.data());
      !s.ok()) {
    return s;
  }
  Buffer<unsigned> found;
  unsigned is_found = 0;
  if (Status s = found.upload(*device_, std::span<const unsigned>(&is_found, 1)); !s.ok()) return s;
  if (Status s = launch(*device_, "mcnc_find_large", flat_grid(*device_, rows * stride), values.data(), rows * stride,
                        kMaxFactor, found.data());
      !s.ok()) {
    return s;
  }
  if (Status s = device_->download(found.data(), std::as_writable_bytes(std::span(&is_found, 1))); !s.ok()) return s;
  if (is_found == 0) return {};
  return {ErrorCode::kValue, "tensor.factor_value", "its factor " + factor.name + " is not finite or larger than 2^40"};
}

Window TensorDecoder::window_at(const Range& range, std::uint64_t first, unsigned width, std::uint64_t rows) const {
  const Slices& slices = loaded_->slices;
  const std::uint64_t position = slices.position(first);
  const std::uint64_t left = range.first + range.count - first;
  Window window;
  window.element = first;
  window.first_chunk = position / width;
  window.width = width;
  window.begin = static_cast<unsigned>(position % width);
  window.slice_chunks = 1;
  // Whole chunks but for the ends, and never fewer elements than one chunk has of them.
  const std::uint64_t most = std::max<std::uint64_t>(std::min(rows, batches_.elements / width), 1);
  const std::uint64_t count = std::min({slices.run(first), left, most * width - window.begin});
  window.count = static_cast<unsigned>(count);
  window.chunks = static_cast<unsigned>(ceil_div(window.begin + count, width));
  const bool is_slice = count == slices.elements && slices.count > 1;
  const std::uint64_t slice_chunks = slices.stride / width;
  if (is_slice && slice_chunks <= most) {
    window.slice_chunks = static_cast<unsigned>(slice_chunks);
    window.slices = static_cast<unsigned>(std::min(left / count, most / slice_chunks));
  }
  return window;
}

template <typename Expand>
Status TensorDecoder::each_window(const Range& range, unsigned width, std::uint64_t rows, const Expand& expand) {
  const std::size_t size = size_of(loaded_->tensor->dtype);
  for (std::uint64_t first = range.first; first < range.first + range.count;) {
    const Window window = window_at(range, first, width, rows);
    Target target;
    target.out = range.out + (first - range.first) * size;
    target.dtype = loaded_->tensor->dtype;
    if (Status s = load_starts(window, target); !s.ok()) return s;
    if (Status s = expand(window, target); !s.ok()) return s;
    first += window.elements();
  }
  return {};
}

Status TensorDecoder::load_starts(const Window& window, Target& target) {
  const Theta0& theta0 = *theta0_of(*loaded_->tensor);
  if (const std::optional<float> constant = constant_theta0(theta0)) {
    target.constant = *constant;
    return {};
  }
  const std::uint64_t count = window.elements();
  if (Status s = starts_.reserve(*device_, count); !s.ok()) return s;
  target.starts = starts_.data();
  if (const auto* uniform = std::get_if<Uniform>(&theta0)) {
    return launch(*device_, "mcnc_draw_theta0", flat_grid(*device_, ceil_div(count, 8) + 1), uniform->seed,
                  uniform->stream, uniform->scale, window.element, count, starts_.data());
  }
  const DType dtype = *kept_dtype(theta0);
  const std::uint64_t size = size_of(dtype);
  const std::span<const std::byte> bytes =
      std::span(loaded_->stored)
          .subspan(static_cast<std::size_t>(window.element * size), static_cast<std::size_t>(count * size));
  if (Status s = kept_.reserve(*device_, bytes.size()); !s.ok()) return s;
  if (Status s = device_->upload(bytes, kept_.data()); !s.ok()) return s;
  const auto columns = static_cast<unsigned>(count);
  const std::string kernel = kernel_for("mcnc_widen_", dtype);
  return launch(*device_, kernel.c_str(), flat_grid(*device_, count), kept_.data(), std::uint64_t{1}, columns, columns,
                starts_.data());
}

Result<DeviceGenerator*> TensorDecoder::generator(std::size_t index) {
  std::unique_ptr<DeviceGenerator>& slot = generators_[index];
  if (slot == nullptr) {
    const auto load = [&]<typename T>(Result<T> loaded) -> Status {
      if (!loaded.ok()) return about("generator " + std::to_string(index), loaded.status());
      slot = std::make_unique<DeviceGenerator>(*std::move(loaded));
      return {};
    };
    const bool integer = parts_->reader().manifest().generators[index].arithmetic == Arithmetic::kInteger;
    const Status s = integer ? load(IntegerGenerator::load(*device_, *parts_, index))
                             : load(FloatGenerator::load(*device_, *parts_, index));
    if (!s.ok()) return s;
  }
  return slot.get();
}

Result<const TensorDecoder::DeviceCodes*> TensorDecoder::codes(std::size_t index) {
  std::unique_ptr<DeviceCodes>& slot = codes_[index];
  if (slot == nullptr) {
    Status status;
    const LoadedCodes* loaded = parts_->codes(index, status);
    if (loaded == nullptr) return status;
    auto codes = std::make_unique<DeviceCodes>();
    const Codes& table = parts_->reader().manifest().codes[index];
    const bool integer = parts_->reader().manifest().generators[table.generator].arithmetic == Arithmetic::kInteger;
    codes->is_wide = loaded->alpha_type() == AlphaType::kInt16;
    codes->count = loaded->count();
    const auto alpha = integer ? loaded->all_alphas() : std::as_bytes(loaded->all_float_alphas());
    if (Status s = codes->alpha.upload(*device_, alpha); !s.ok()) return s;
    if (Status s = codes->betas.upload(*device_, loaded->betas()); !s.ok()) return s;
    slot = std::move(codes);
  }
  return slot.get();
}

Status TensorDecoder::hash_leaves(const void* data, std::uint64_t bytes, std::vector<Digest>& leaves) {
  if (bytes == 0) return {};
  const std::uint64_t count = ceil_div(bytes, kLeafSize);
  if (Status s = hashes_.reserve(*device_, count * sizeof(Digest) / sizeof(unsigned)); !s.ok()) return s;
  if (Status s = launch(*device_, "mcnc_hash_leaves", flat_grid(*device_, count), data, bytes, hashes_.data());
      !s.ok()) {
    return s;
  }
  const std::size_t before = leaves.size();
  leaves.resize(before + static_cast<std::size_t>(count));
  return device_->download(hashes_.data(), std::as_writable_bytes(std::span(leaves).subspan(before)));
}

Result<Digest> TensorDecoder::digest(const void* data, std::uint64_t bytes) {
  std::vector<Digest> leaves;
  if (Status s = hash_leaves(data, bytes, leaves); !s.ok()) return s;
  MerkleTree tree(parts_->kernels());
  for (const Digest& leaf : leaves) tree.add_leaf(leaf);
  return tree.finish();
}

}  // namespace mcnc::cuda
