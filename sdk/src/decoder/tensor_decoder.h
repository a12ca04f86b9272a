// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// One tensor with all that it is made of. Its stages: what it is made of is loaded (model/parts.h), a plan cuts it up
// (decoder/plan.h), tiles of weights are made (decoder/tiles.h), and emitted as elements (decoder/emit.h).
#ifndef MCNC_DECODER_TENSOR_DECODER_H_
#define MCNC_DECODER_TENSOR_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "decoder/executor.h"
#include "decoder/plan.h"
#include "mcnc/manifest.h"
#include "mcnc/status.h"
#include "model/parts.h"

namespace mcnc {

// The memory for `bytes` bytes from byte `first` of the tensor on.
using WindowOf = std::function<std::span<std::byte>(std::uint64_t first, std::uint64_t bytes)>;
// What is done with a window that is made. An error ends it all.
using UseWindow = std::function<Status(std::uint64_t first, std::span<const std::byte> window)>;

// Who makes the windows of a tensor: threads of the host (TensorDecoder), or a device (decoder/device_decoder.h).
struct WindowMaker {
  // The element behind the window that begins at element `first`.
  std::function<std::uint64_t(std::uint64_t first)> end;
  // Makes elements [first, first + count), and hashes them where that is wanted.
  std::function<Status(std::uint64_t first, std::uint64_t count, std::span<std::byte> window)> make;
};

// A whole tensor by windows, in order: each is made and used, and the executor advances by it. window_of: nullptr where
// nothing is to leave the device that makes it; windows are empty then.
Status each_window(const Tensor& tensor, Executor& executor, const WindowMaker& maker, const WindowOf& window_of,
                   const UseWindow& use);

// How each_window makes windows on the host.
struct MakeWindows {
  bool hashes = true;
  // Past the caches, see Kernels::narrow: faster where windows are the parts of a large output, whose memory a cached
  // store would have to read first; a window that is used again stays in the caches.
  bool streaming = false;
};

class TensorDecoder {
 public:
  // Follows a shared tensor to its target, loads segments, base tensors and factors, and checks their values (rules
  // codes.beta, codes.alpha, tensor.theta0, tensor.base, tensor.factor_value). Errors begin with the tensor's name and
  // say which part of it is wrong.
  // `parts` must outlive the result.
  static Result<TensorDecoder> load(Parts& parts, std::size_t tensor);

  const Plan& plan() const noexcept { return plan_; }

  // each_window above: a window is made on all threads, and hashed right after. Returns the digest of the bytes that
  // were made, or, where how.hashes is false, the one that the file says.
  Result<Digest> each_window(Executor& executor, MakeWindows how, const WindowOf& window_of,
                             const UseWindow& use) const;

  // Elements [first, first + count) to out, count * size_of(dtype) bytes, made on all threads, in pieces. The range
  // must exist. The first piece that failed says why. streaming: see Kernels::narrow.
  Status decode(Executor& executor, std::uint64_t first, std::uint64_t count, std::span<std::byte> out,
                bool streaming) const;

  // The same on the calling thread; several may do that at once. The floating-point environment must be
  // FpEnvironment's.
  void decode_piece(std::uint64_t first, std::uint64_t count, std::span<std::byte> out, bool streaming = false) const;

  // decode_piece before elements are narrowed: sums as little-endian float32. Not for a stored tensor.
  void decode_sums(std::uint64_t first, std::uint64_t count, std::span<std::byte> out) const;

 private:
  // load, with errors that do not begin with the tensor's name.
  static Result<TensorDecoder> load_unnamed(Parts& parts, std::size_t tensor);
  TensorDecoder(const Tensor& tensor, const Kernels& kernels) noexcept
      : tensor_(&tensor), kernels_(&kernels), plan_(tensor.elements()) {}

  Status load_generated(Parts& parts);
  Status load_product(Parts& parts, const Product& product);
  // theta0 + tiles.
  void make(std::uint64_t first, std::uint64_t count, std::span<std::byte> out, DType dtype, bool streaming) const;

  const Tensor* tensor_;
  const Kernels* kernels_;
  Plan plan_;
  const Theta0* theta0_ = nullptr;  // none: a stored tensor
  std::vector<std::byte> stored_;   // of a stored tensor or theta0, or of a base tensor
  // Generated:
  const PackedGenerator* generator_ = nullptr;
  const LoadedCodes* codes_ = nullptr;
  std::uint32_t codes_per_chunk_ = 0;
  // Product:
  std::vector<float> b_;           // (rows, rank)
  std::optional<PackedMatrix> a_;  // (rank, columns)
  float scale_ = 1;
};

}  // namespace mcnc

#endif  // MCNC_DECODER_TENSOR_DECODER_H_
