// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// --device NAME: where tensors are made, for commands that decode.
#ifndef MCNC_TOOLS_MCNC_DEVICE_H_
#define MCNC_TOOLS_MCNC_DEVICE_H_

#include <CLI/CLI.hpp>
#include <memory>

#include "mcnc/accelerator.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// Thrown where a device that the command line names cannot be used: a mistake of the command line it need not be.
struct DeviceError {
  Status status;
};

// The device is opened once the command line is known to be right. accelerator stays nullptr for "cpu".
void add_device(CLI::App& command, std::shared_ptr<Accelerator>& accelerator);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_MCNC_DEVICE_H_
