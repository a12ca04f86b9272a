// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MCNC_TOOLS_COMMON_DRAFT_OUTPUT_H_
#define MCNC_TOOLS_COMMON_DRAFT_OUTPUT_H_

#include <memory>
#include <string>

#include "mcnc/draft.h"
#include "mcnc/status.h"

namespace mcnc::tools {

// Where the bytes of a result go that is not written from front to back.
class DraftOutput {
 public:
  virtual ~DraftOutput() = default;
  virtual Draft& draft() = 0;
  // The draft is done: makes the file appear, or hands all of it to the stream. Without it nothing is left.
  virtual Status commit() = 0;
};

// `path` and `replace` as of open_output. What goes to a stream is a file of the temporary folder first.
Result<std::unique_ptr<DraftOutput>> open_draft(const std::string& path, bool replace);

// A draft in the temporary folder that nobody else sees and that is gone with it.
Result<std::unique_ptr<Draft>> open_temporary_draft();

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_DRAFT_OUTPUT_H_
