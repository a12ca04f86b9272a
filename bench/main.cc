// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "cases.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
#ifdef MCNC_HAVE_OPENBLAS
  mcnc::add_sgemm_cases();
#endif
  for (const mcnc::Kernels* kernels : mcnc::supported_kernels()) {
    mcnc::add_integer_cases(*kernels);
    mcnc::add_float_cases(*kernels);
    mcnc::add_draw_cases(*kernels);
    mcnc::add_convert_cases(*kernels);
    mcnc::add_sha256_cases(*kernels);
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
