// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_WRITER_CHECK_H_
#define MCNC_WRITER_CHECK_H_

#include "mcnc/draft.h"
#include "mcnc/manifest.h"
#include "mcnc/reader.h"
#include "mcnc/status.h"

namespace mcnc {

// Opens a draft that is done as a reader would open it, whatever it costs, before it may replace anything. kWrite where
// its manifest is not `manifest`, every field and every bit of it: what a decoder would make of the file is something
// else than what was to be written, then. The segments are looked at when they are read. `draft` must outlive the
// result.
Result<Reader> reopen_draft(Draft& draft, const Manifest& manifest);

}  // namespace mcnc

#endif  // MCNC_WRITER_CHECK_H_
