// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "capi/encoder_options.h"

namespace mcnc::capi {
namespace {

static_assert(static_cast<int>(BetaType::kF32) == MCNC_F32 && static_cast<int>(BetaType::kF16) == MCNC_F16 &&
              static_cast<int>(BetaType::kBf16) == MCNC_BF16);

}  // namespace

Status options_of(const mcnc_encoder_options* from, ExecutionState& state, EncoderOptions& out) {
  mcnc_encoder_options in;
  mcnc_encoder_options_init(&in);
  if (Status s = take(from, in); !s.ok()) return s;
  if (in.hidden_layers > 15) return bad_argument("there are more than 15 hidden layers");
  if (in.hidden == nullptr && in.hidden_layers != 0) return bad_argument("the widths of the hidden layers are NULL");
  if (in.alpha_dtype != MCNC_I8 && in.alpha_dtype != MCNC_I16) {
    return bad_argument("codes that are trained have an alpha of MCNC_I8 or MCNC_I16");
  }
  if (in.beta_dtype < MCNC_F32 || in.beta_dtype > MCNC_BF16) {
    return bad_argument("beta is MCNC_F32, MCNC_F16 or MCNC_BF16");
  }
  out.code_dim = in.code_dim;
  out.chunk_dim = in.chunk_dim;
  out.codes_per_chunk = in.codes_per_chunk;
  if (in.hidden_layers != 0) out.hidden.assign(in.hidden, in.hidden + in.hidden_layers);
  out.per_tensor = in.per_tensor != 0;
  out.seed = in.seed;
  out.frequency = in.frequency;
  out.alpha_spread = in.alpha_spread;
  out.beta = in.beta;
  out.alpha_rate = in.alpha_rate;
  out.beta_rate = in.beta_rate;
  out.alpha_type = in.alpha_dtype == MCNC_I8 ? AlphaType::kInt8 : AlphaType::kInt16;
  out.beta_type = static_cast<BetaType>(in.beta_dtype);
  return state.set(in.execution, out.execution);
}

}  // namespace mcnc::capi

void mcnc_encoder_options_init(mcnc_encoder_options* options) {
  if (options == nullptr) return;
  const mcnc::EncoderOptions defaults;
  *options = {};
  options->struct_size = sizeof(mcnc_encoder_options);
  options->code_dim = defaults.code_dim;
  options->chunk_dim = defaults.chunk_dim;
  options->codes_per_chunk = defaults.codes_per_chunk;
  options->seed = defaults.seed;
  options->frequency = defaults.frequency;
  options->alpha_spread = defaults.alpha_spread;
  options->beta = defaults.beta;
  options->alpha_rate = defaults.alpha_rate;
  options->beta_rate = defaults.beta_rate;
  options->alpha_dtype = MCNC_I8;
  options->beta_dtype = MCNC_BF16;
}
