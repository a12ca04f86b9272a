// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "expander.h"

#include <pybind11/stl.h>
#include <unistd.h>

#include <cstddef>
#include <new>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "error.h"
#include "source.h"

namespace mcnc::python {
namespace py = pybind11;
namespace {

AlphaType alpha_type_of(const std::string& dtype) {
  if (dtype == "I8") return AlphaType::kInt8;
  if (dtype == "I16") return AlphaType::kInt16;
  throw StatusError({ErrorCode::kArgument, "", "codes that are trained have an alpha of I8 or I16"});
}

BetaType beta_type_of(const std::string& dtype) {
  if (dtype == "F32") return BetaType::kF32;
  if (dtype == "F16") return BetaType::kF16;
  if (dtype == "BF16") return BetaType::kBf16;
  throw StatusError({ErrorCode::kArgument, "", "beta is stored as F32, F16 or BF16"});
}

EncoderOptions options_of(const py::tuple& values, unsigned threads) {
  return {.code_dim = values[0].cast<std::uint32_t>(),
          .chunk_dim = values[1].cast<std::uint32_t>(),
          .codes_per_chunk = values[2].cast<std::uint32_t>(),
          .hidden = values[3].cast<std::vector<std::uint32_t>>(),
          .seed = values[4].cast<std::uint64_t>(),
          .frequency = values[5].cast<std::uint32_t>(),
          .alpha_type = alpha_type_of(values[6].cast<std::string>()),
          .beta_type = beta_type_of(values[7].cast<std::string>()),
          .execution = {.threads = threads}};
}

// A buffer as floats.
class Floats {
 public:
  Floats(const py::object& object, Buffer::Access access) : buffer_(object, access) {
    const auto address = reinterpret_cast<std::uintptr_t>(buffer_.bytes().data());
    if (buffer_.bytes().size() % sizeof(float) != 0 || address % alignof(float) != 0) {
      throw StatusError({ErrorCode::kArgument, "", "this takes an aligned buffer of float32 numbers"});
    }
  }
  std::span<float> values() const noexcept {
    return {reinterpret_cast<float*>(buffer_.bytes().data()), buffer_.bytes().size() / sizeof(float)};
  }

 private:
  Buffer buffer_;
};

float* floats_at(std::uint64_t address) { return reinterpret_cast<float*>(address); }

py::bytes to_python(const std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Expander::Expander(const py::tuple& options, unsigned threads, std::shared_ptr<Cuda> device)
    : options_(options_of(options, threads)), device_(std::move(device)), process_(getpid()) {
  if (device_ != nullptr) device_->refuse_after_fork();
  const py::gil_scoped_release no_gil;
  const auto device_lock = lock_device();
  expander_.emplace(
      value_or_raise(CodeExpander::create(options_, device_ == nullptr ? nullptr : device_->accelerator())));
}

Expander::~Expander() {
  if (getpid() != process_) {
    // In a child of fork() the threads do not exist, and waiting for their end would never end.
    new (&expander_) std::optional<CodeExpander>();
    return;
  }
  const py::gil_scoped_release no_gil;
  const auto device_lock = lock_device();
  expander_.reset();
}

std::unique_lock<std::recursive_mutex> Expander::lock_device() const {
  if (device_ == nullptr) return {};
  return std::unique_lock(device_->mutex());
}

template <typename Body>
void Expander::run(Body&& body) {
  if (getpid() != process_) {
    throw StatusError({ErrorCode::kArgument, "", "the expander was made before this process was forked"});
  }
  Status status;
  {
    const py::gil_scoped_release no_gil;
    const std::lock_guard lock(mutex_);
    status = body(*expander_);
  }
  raise_if_error(status);
}

py::list Expander::layers() {
  py::list list;
  const std::vector<float> alpha(std::size_t{options_.code_dim} * options_.codes_per_chunk);
  const std::vector<float> beta(options_.codes_per_chunk);
  run([&](CodeExpander& expander) -> Status {
    Result<Model> model = expander.model({alpha, beta});
    if (!model.ok()) return model.status();
    const py::gil_scoped_acquire gil;
    for (const Layer& layer : model->manifest.generators.front().layers) {
      list.append(py::make_tuple(layer.width, layer.frequency));
    }
    return {};
  });
  return list;
}

py::tuple Expander::stored(const py::object& alpha, const py::object& beta) {
  const Floats alphas(alpha, Buffer::Access::kRead);
  const Floats betas(beta, Buffer::Access::kRead);
  std::vector<std::byte> alpha_bytes;
  std::vector<std::byte> beta_bytes;
  int exponent = 0;
  run([&](CodeExpander& expander) -> Status {
    Result<Model> model = expander.model({alphas.values(), betas.values()});
    if (!model.ok()) return model.status();
    exponent = model->manifest.codes.front().beta_exponent;
    alpha_bytes = std::get<std::vector<std::byte>>(std::move(model->segments[0]));
    beta_bytes = std::get<std::vector<std::byte>>(std::move(model->segments[1]));
    return {};
  });
  return py::make_tuple(to_python(alpha_bytes), to_python(beta_bytes), exponent);
}

void Expander::weights(const py::object& alpha, const py::object& beta, const py::object& theta0,
                       const std::string& dtype, const py::object& out) {
  const DType type = dtype_of(dtype);
  const Floats alphas(alpha, Buffer::Access::kRead);
  const Floats betas(beta, Buffer::Access::kRead);
  std::optional<Floats> start;
  if (!theta0.is_none()) start.emplace(theta0, Buffer::Access::kRead);
  const Buffer buffer(out, Buffer::Access::kWrite);
  run([&](CodeExpander& expander) {
    return expander.weights({alphas.values(), betas.values()}, start ? start->values() : std::span<const float>(), type,
                            buffer.bytes());
  });
}

void Expander::gradients(const py::object& alpha, const py::object& beta, const py::object& gradient,
                         const py::object& alpha_gradient, const py::object& beta_gradient) {
  const Floats alphas(alpha, Buffer::Access::kRead);
  const Floats betas(beta, Buffer::Access::kRead);
  const Floats of_weights(gradient, Buffer::Access::kRead);
  const Floats of_alpha(alpha_gradient, Buffer::Access::kWrite);
  const Floats of_beta(beta_gradient, Buffer::Access::kWrite);
  run([&](CodeExpander& expander) {
    return expander.gradients({alphas.values(), betas.values()}, of_weights.values(), of_alpha.values(),
                              of_beta.values());
  });
}

void Expander::weights_on_device(std::uint64_t alpha, std::uint64_t beta, std::uint64_t chunks, std::uint64_t theta0,
                                 std::uint64_t elements, const std::string& dtype, std::uint64_t out) {
  const DType type = dtype_of(dtype);
  run([&](CodeExpander& expander) {
    const auto device_lock = lock_device();
    return expander.weights_on_device({floats_at(alpha), floats_at(beta), chunks}, floats_at(theta0), elements, type,
                                      reinterpret_cast<void*>(out));
  });
}

void Expander::gradients_on_device(std::uint64_t alpha, std::uint64_t beta, std::uint64_t chunks,
                                   std::uint64_t gradient, std::uint64_t elements, std::uint64_t alpha_gradient,
                                   std::uint64_t beta_gradient) {
  run([&](CodeExpander& expander) {
    const auto device_lock = lock_device();
    return expander.gradients_on_device({floats_at(alpha), floats_at(beta), chunks}, floats_at(gradient), elements,
                                        floats_at(alpha_gradient), floats_at(beta_gradient));
  });
}

}  // namespace mcnc::python
