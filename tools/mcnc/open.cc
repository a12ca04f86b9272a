// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "open.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "mcnc/file.h"
#include "mcnc/recognize.h"

namespace mcnc::tools {

Result<std::unique_ptr<Input>> open_input(const std::string& file, std::uint64_t max_stream_bytes) {
  if (file == "-") return read_stream(STDIN_FILENO, max_stream_bytes);

  struct stat status = {};
  if (::stat(file.c_str(), &status) != 0 || !S_ISFIFO(status.st_mode)) return open_file(file);
  const FileDescriptor pipe(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!pipe.valid()) return Status(ErrorCode::kRead, "", file + ": " + std::strerror(errno));
  return read_stream(pipe.get(), max_stream_bytes);
}

Result<Reader> open_reader(const std::string& file, const Limits& limits) {
  auto input = open_input(file, limits.scratch_bytes);
  if (!input.ok()) return input.status();
  return open_reader(*std::move(input), limits);
}

Result<Reader> open_reader(std::unique_ptr<Input> input, const Limits& limits) {
  const std::vector<std::byte> head = first_bytes(*input);
  Allowance allowance(limits);
  Result<Reader> reader = Reader::open(std::move(input), allowance);
  if (!reader.ok()) return explain(reader.status(), head, Wanted::kMcnc);
  return reader;
}

Result<Decoder> make_decoder(Reader& reader, BaseModels& bases, const DecoderOptions& options) {
  Result<Decoder> decoder = Decoder::create(reader, options);
  if (!decoder.ok()) return decoder;
  if (Status s = bases.supply(*decoder); !s.ok()) return s;
  return decoder;
}

}  // namespace mcnc::tools
