// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// SHA-256 of a whole file, as sha256sum and signatures have it. The file digest of the format (Reader::file_digest) is
// another one: it covers preamble and manifest, and through them the rest.
#ifndef MCNC_FILE_DIGEST_H_
#define MCNC_FILE_DIGEST_H_

#include "mcnc/digest.h"
#include "mcnc/execution.h"
#include "mcnc/input.h"
#include "mcnc/status.h"

namespace mcnc {

// SHA-256 of every byte of `input`, which is read from front to back, a MiB at a time. Of `execution` count cancel and
// progress, in bytes of the file. kRead, kTruncated, kMemory, kCancelled. Thread-safe.
Result<Digest> file_sha256(Input& input, const Execution& execution = {}) noexcept;

}  // namespace mcnc

#endif  // MCNC_FILE_DIGEST_H_
