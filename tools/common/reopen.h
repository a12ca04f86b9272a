// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A .mcnc file that is read to be written again, changed.
//
// No file is replaced before what replaces it has been read back. Two things make sure that the weights are what they
// must be:
//  - reopen_draft (writer/check.h): the manifest of the new file is the one that was meant, bit for bit;
//  - check_weights: every tensor decodes to its digest, and with the digests the weights identity is made anew.
// check_weights on the old file before anything is made of it (mcnc transcode), or on the new one where that has the
// segments and tensors of the old one (mcnc meta), also makes sure that nothing is made of a file that does not verify.
// It costs what mcnc verify costs; with the first point alone, a file that was wrong before would stay as wrong.
#ifndef MCNC_TOOLS_COMMON_REOPEN_H_
#define MCNC_TOOLS_COMMON_REOPEN_H_

#include <memory>

#include "mcnc/decoder.h"
#include "mcnc/draft.h"
#include "mcnc/input.h"
#include "mcnc/limits.h"
#include "mcnc/reader.h"
#include "mcnc/status.h"
#include "mcnc/writer.h"

namespace mcnc::tools {

struct Reopened {
  std::shared_ptr<Input> input;  // the reader's
  Reader reader;
};

// kVersion where a later minor version of the format wrote the file: what this program does not know would be lost.
Result<Reopened> reopen(std::unique_ptr<Input> input, const Limits& limits);

// The manifest and the segments, to be decoded when they are written.
Result<Model> model_of(Reader& reader);

// Decodes every tensor, factors too, and compares its digest; with that every segment and every fingerprint is checked.
// The first error says which tensor it is. Until an interrupt. decoder: of `reader`.
// with_bases: whether the decoder has been given the models that the file starts from. Without them, tensors that start
// from one are not decoded, and of them all is checked but their digests: generators, codes and factors.
Status check_weights(Reader& reader, Decoder& decoder, bool with_bases);

// The file once more with `manifest`, which differs from its own in no index, length or digest; offsets of segments are
// filled in. Segments are copied as they are stored. Refused where the new manifest breaks a rule, or where what stands
// between the old segments does. draft: empty.
Status write_again(const Reopened& file, Manifest& manifest, Draft& draft);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_COMMON_REOPEN_H_
