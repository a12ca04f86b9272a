// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/device_cases.h"

#include <utility>

#include "mcnc/decoder.h"
#include "mcnc/input.h"
#include "mcnc/reader.h"

namespace mcnc::tools {
namespace {

// A case ends when the device has done it.
Status finished(Accelerator& device, const Status& given) { return given.ok() ? device.synchronize() : given; }

}  // namespace

Result<DeviceMemory> DeviceMemory::allocate(std::shared_ptr<Accelerator> device, std::uint64_t bytes) {
  Result<std::shared_ptr<std::byte>> in = device->allocate(bytes);
  if (!in.ok()) return in.status();
  Result<std::shared_ptr<std::byte>> out = device->allocate(bytes);
  if (!out.ok()) return out.status();
  return DeviceMemory{std::move(device), bytes, *std::move(in), *std::move(out)};
}

Case device_copy_case(const DeviceMemory& memory) {
  return {.name = "memcpy", .bytes = memory.bytes, .run = [memory] {
            return finished(*memory.device, memory.device->copy(memory.in.get(), memory.out.get(), memory.bytes));
          }};
}

Case upload_case(const DeviceMemory& memory, std::span<const std::byte> bytes) {
  return {.name = "upload", .bytes = bytes.size(), .run = [memory, bytes] {
            return finished(*memory.device, memory.device->upload(bytes, memory.out.get()));
          }};
}

Result<Case> device_decode_case(const BenchModel& model, std::span<const std::byte> file, bool digests,
                                const DeviceMemory& memory) {
  Result<std::unique_ptr<Input>> input = borrow_memory(file);
  if (!input.ok()) return input.status();
  Allowance allowance;
  Result<Reader> reader = Reader::open(*std::move(input), allowance);
  if (!reader.ok()) return reader.status();
  Result<Decoder> opened = Decoder::create(*reader, {.check_digests = digests, .accelerator = memory.device});
  if (!opened.ok()) return opened.status();
  const auto decoder = std::make_shared<Decoder>(*std::move(opened));

  const Result<std::size_t> index = reader->find_tensor(kBenchTensor);
  if (!index.ok()) return index.status();
  const Tensor& tensor = decoder->manifest().tensors[*index];
  return Case{.name = model.name,
              .target = memory.device->name(),
              .digests = digests,
              .bytes = tensor.bytes(),
              .weights = tensor.elements(),
              .multiply_adds = decoder->manifest().budget.multiply_adds,
              .run = [memory, decoder, tensor = *index, bytes = tensor.bytes()] {
                return finished(*memory.device, decoder->decode_to_device(tensor, memory.out.get(), bytes));
              }};
}

}  // namespace mcnc::tools
