// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Tensors of one file, made in the memory of a device. CPU counterpart: TensorDecoder of
// sdk/src/decoder/tensor_decoder.h.
#ifndef MCNC_CUDA_BACKEND_TENSOR_DECODER_H_
#define MCNC_CUDA_BACKEND_TENSOR_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cuda/backend/device.h"
#include "cuda/backend/generator.h"
#include "cuda/backend/target.h"
#include "manifest/slices.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"
#include "model/parts.h"

namespace mcnc::cuda {

// Generators and codes are copied to the device at first use and kept there. Not for several threads at a time.
class TensorDecoder {
 public:
  // Both must outlive the decoder.
  TensorDecoder(Device& device, Parts& parts, const Batches& batches);

  // Elements [first, first + count) of manifest.tensors[tensor], which exist, to `out` on the device, aligned for one
  // element. Errors begin with the tensor's name.
  Status decode(std::size_t tensor, std::uint64_t first, std::uint64_t count, void* out);

  // The hashes of the leaves of `bytes` bytes on the device, aligned to 16 bytes, are appended to `leaves`. Waits for
  // them.
  Status hash_leaves(const void* data, std::uint64_t bytes, std::vector<Digest>& leaves);
  // The tensor digest of these bytes.
  Result<Digest> digest(const void* data, std::uint64_t bytes);

 private:
  // The codes of a table on the device.
  struct DeviceCodes {
    bool is_wide = false;  // alpha is int16
    std::uint64_t count = 0;
    Buffer<std::byte> alpha;  // (code_dim, count): int8, int16 or float32
    Buffer<float> betas;      // (count), or (1) for all

    CodeRange range() const noexcept { return {0, 1, betas.data(), betas.size() == 1 ? 0U : 1U}; }
  };
  // What a tensor is made of, kept until another one is decoded. Shared tensors are those that they share.
  struct Loaded {
    std::size_t index = 0;
    const Tensor* tensor = nullptr;
    Slices slices = {};             // of a generated tensor or a product: its place among the weights of rows
    std::vector<std::byte> stored;  // of a stored tensor, or of a theta0 that a file keeps
    // Of a product:
    std::optional<FloatGenerator> a;  // the layer with weights A
    Buffer<float> b, scale;           // (rows, rank), and one number
  };
  // A range of a tensor and where it goes.
  struct Range {
    std::uint64_t first, count;
    std::byte* out;
  };

  Status decode_unnamed(std::size_t tensor, const Range& range);
  Status load(std::size_t tensor);
  Status load_product(const Product& product, Loaded& loaded);
  Status decode_stored(const Range& range);
  Status decode_generated(const Generated& generated, const Range& range);
  Status decode_product(const Range& range);

  // Calls expand(window, target) for windows of at most `rows` chunks of `width` that cover the range. theta0 is there.
  template <typename Expand>
  Status each_window(const Range& range, unsigned width, std::uint64_t rows, const Expand& expand);
  // The window that begins at element `first`, of at most `rows` chunks.
  Window window_at(const Range& range, std::uint64_t first, unsigned width, std::uint64_t rows) const;
  // theta0 of the window's elements: target.starts or target.constant.
  Status load_starts(const Window& window, Target& target);
  // A factor of a product as float32, rows of `stride`.
  Status load_factor(std::size_t tensor, std::uint64_t stride, Buffer<float>& values);

  Result<DeviceGenerator*> generator(std::size_t index);
  Result<const DeviceCodes*> codes(std::size_t index);

  Device* device_;
  Parts* parts_;
  Batches batches_;
  std::vector<std::unique_ptr<DeviceGenerator>> generators_;
  std::vector<std::unique_ptr<DeviceCodes>> codes_;
  std::optional<Loaded> loaded_;
  Buffer<float> starts_, sums_;
  Buffer<std::byte> kept_;
  Buffer<unsigned> hashes_;
};

}  // namespace mcnc::cuda

#endif  // MCNC_CUDA_BACKEND_TENSOR_DECODER_H_
