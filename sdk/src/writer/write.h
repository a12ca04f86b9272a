// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_WRITER_WRITE_H_
#define MCNC_WRITER_WRITE_H_

#include "mcnc/draft.h"
#include "mcnc/status.h"
#include "mcnc/writer.h"

namespace mcnc {

// The one way that files of models come to be: serialize into memory, write_file into a file. draft: empty; without
// value after an error. A draft that is done is a file that verifies: every tensor has been decoded from it, by the
// decoder's own steps, and its manifest has been read back and is, bit for bit, the one that was meant.
Status write_model(Model model, const WriteOptions& options, Draft& draft);

}  // namespace mcnc

#endif  // MCNC_WRITER_WRITE_H_
