// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_CAPI_ACCELERATOR_H_
#define MCNC_CAPI_ACCELERATOR_H_

#include <sys/types.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "capi/call.h"
#include "mcnc/accelerator.h"

struct mcnc_accelerator {
  static constexpr auto kTag = mcnc::capi::Tag::kAccelerator;
  static constexpr const char* kName = "accelerator";

  mcnc::capi::Tag tag = kTag;
  std::shared_ptr<mcnc::Accelerator> accelerator;
  std::string name;
  pid_t owner;

  bool is_forked() const noexcept { return owner != ::getpid(); }
};

#endif  // MCNC_CAPI_ACCELERATOR_H_
