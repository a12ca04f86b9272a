// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cuda/backend/expander.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "cuda/backend/grids.h"
#include "util/ceil_div.h"
#include "util/power_of_two.h"

namespace mcnc::cuda {

Expander::Expander(Device& device, const TrainedGenerator& units, const Batches& batches, IntegerGenerator phi)
    : device_(&device), units_(units), batches_(batches), phi_(std::move(phi)) {}

Result<Expander> Expander::create(Device& device, const TrainedGenerator& generator, const Batches& batches) {
  const std::vector<std::vector<std::int8_t>> drawn(generator.generator.layers.size());
  Result<IntegerGenerator> phi = IntegerGenerator::make(device, generator.generator, drawn);
  if (!phi.ok()) return phi.status();
  return Expander(device, generator, batches, *std::move(phi));
}

float Expander::beta_scale() const noexcept { return power_of_two(units_.beta_exponent); }

Status Expander::round(const TrainedCodesOnDevice& codes) {
  const std::uint64_t count = this->count(codes);
  const unsigned code_dim = units_.generator.code_dim;
  if (Status s = alpha_.reserve(*device_, count * code_dim * size_of(units_.alpha_type)); !s.ok()) return s;
  if (Status s = betas_.reserve(*device_, count); !s.ok()) return s;
  return launch(*device_, is_wide() ? "mcnc_round_codes_16" : "mcnc_round_codes_8", flat_grid(*device_, count),
                codes.alpha, codes.beta, count, code_dim, units_.alpha_step, units_.beta_norm, beta_scale(),
                static_cast<unsigned>(units_.beta_type), alpha_.data(), betas_.data());
}

Status Expander::weights(const TrainedCodesOnDevice& codes, const float* theta0, std::uint64_t elements, DType dtype,
                         void* out) {
  if (Status s = round(codes); !s.ok()) return s;
  const std::uint64_t width = phi_.width();
  const std::uint64_t per_chunk = units_.codes_per_chunk;
  const std::uint64_t together = std::max<std::uint64_t>(batches_.scratch_bytes / phi_.bytes_of_code(), 1);
  const std::uint64_t rows = std::max<std::uint64_t>(std::min(together / per_chunk, batches_.elements / width), 1);
  for (std::uint64_t chunk = 0; chunk < codes.chunks; chunk += rows) {
    Window window;
    window.element = chunk * width;
    window.first_chunk = chunk;
    window.width = static_cast<unsigned>(width);
    window.count = static_cast<unsigned>(std::min(rows * width, elements - window.element));
    window.chunks = static_cast<unsigned>(ceil_div<std::uint64_t>(window.count, width));
    window.slice_chunks = 1;
    Target target;
    target.starts = theta0 == nullptr ? nullptr : theta0 + window.element;
    target.out = static_cast<std::byte*>(out) + window.element * size_of(dtype);
    target.dtype = dtype;
    const CodeRange all{chunk * per_chunk, units_.codes_per_chunk, betas_.data(), 1};
    const auto expand = [&](const CodeRange& part, const Target& sums) {
      return phi_.expand(*device_, alpha_.data(), is_wide(), count(codes), window, part, sums);
    };
    if (Status s = expand_in_steps(*device_, window, all, together, target, sums_, expand); !s.ok()) return s;
  }
  return {};
}

Status Expander::gradients(const TrainedCodesOnDevice& codes, const float* gradient, std::uint64_t elements,
                           float* alpha_gradient, float* beta_gradient) {
  if (Status s = round(codes); !s.ok()) return s;
  constexpr std::uint64_t kMostRows = std::uint64_t{1} << 30;
  const std::uint64_t together =
      std::clamp<std::uint64_t>(batches_.scratch_bytes / phi_.bytes_of_gradient(), 1, kMostRows);
  const CodeGradients to{alpha_gradient, beta_gradient, 1 / units_.alpha_step, beta_scale() / units_.beta_norm};
  for (std::uint64_t first = 0; first < count(codes); first += together) {
    const CodeRange range{first, units_.codes_per_chunk, betas_.data(), 1};
    const auto rows = static_cast<unsigned>(std::min(together, count(codes) - first));
    if (Status s =
            phi_.differentiate(*device_, alpha_.data(), is_wide(), count(codes), range, rows, {gradient, elements}, to);
        !s.ok()) {
      return s;
    }
  }
  return {};
}

}  // namespace mcnc::cuda
