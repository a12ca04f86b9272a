// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_WRITER_FINGERPRINTS_H_
#define MCNC_WRITER_FINGERPRINTS_H_

#include "mcnc/status.h"
#include "mcnc/writer.h"

namespace mcnc {

// Fills in the fingerprint of every generator. All rules on the manifest but that on them hold.
Status fill_fingerprints(Model& model);

}  // namespace mcnc

#endif  // MCNC_WRITER_FINGERPRINTS_H_
