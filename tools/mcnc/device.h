// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// --device NAME: where tensors are made, for commands that decode.
#ifndef MCNC_TOOLS_MCNC_DEVICE_H_
#define MCNC_TOOLS_MCNC_DEVICE_H_

#include <CLI/CLI.hpp>
#include <memory>

#include "mcnc/accelerator.h"

namespace mcnc::tools {

// The device is opened when the first tensor is made, so that what is wrong with it is said like everything that is
// wrong while a file is decoded. accelerator stays nullptr for "cpu".
void add_device(CLI::App& command, std::shared_ptr<Accelerator>& accelerator);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_DEVICE_H_
