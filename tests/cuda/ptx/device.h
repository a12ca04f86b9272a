// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A device that runs kernels of nvcc's PTX on the host, one block after the other, and stops at the first thing that a
// kernel must not do: see Fault.
//
//   Device device(ptx);
//   const Address in = device.upload("in", bytes_of(numbers));
//   const Address out = device.allocate("out", 4 * n);
//   device.launch("scale", {.x = blocks}, {.x = 256}, in, out, std::uint32_t{n}, 0.5F);
//   const auto result = device.download<float>(out, n);
#ifndef MCNC_TESTS_CUDA_PTX_DEVICE_H_
#define MCNC_TESTS_CUDA_PTX_DEVICE_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cuda/ptx/memory.h"
#include "cuda/ptx/program.h"
#include "mcnc/little_endian.h"

namespace mcnc::ptx {

struct Dim {
  std::uint32_t x = 1;
  std::uint32_t y = 1;
  std::uint32_t z = 1;
};

struct LaunchShape {
  Dim grid;
  Dim block;
  std::size_t dynamic_shared_bytes = 0;
};

class Device {
 public:
  // Every kernel of the module is compiled. Throws Refused.
  explicit Device(std::string_view ptx);

  // A buffer of bytes that nobody has written.
  Address allocate(std::string name, std::size_t size) {
    return memory_.allocate(std::move(name), size, Access::kReadWrite, false);
  }

  // A buffer that holds these numbers; kernels may write to it if it is not kReadOnly.
  template <typename T>
  Address upload(std::string name, std::span<const T> numbers, Access access = Access::kReadOnly) {
    const Address address = memory_.allocate(std::move(name), numbers.size_bytes(), access, false);
    for (std::size_t i = 0; i < numbers.size(); ++i) copy_in(address + i * sizeof(T), bytes_of(numbers[i]));
    return address;
  }

  // What is in a buffer. Throws Fault if some of it was never written.
  template <typename T>
  std::vector<T> download(Address address, std::size_t count) {
    std::vector<T> numbers(count);
    std::array<std::byte, sizeof(T)> bytes;
    for (std::size_t i = 0; i < count; ++i) {
      memory_.copy_out(address + i * sizeof(T), bytes);
      numbers[i] = std::bit_cast<T>(load_le<Bits<T>>(bytes.data()));
    }
    return numbers;
  }

  // Bytes to and from a buffer, as they are in memory. Throws Fault.
  void copy_in(Address address, std::span<const std::byte> bytes) { memory_.copy_in(address, bytes); }
  void copy_out(Address address, std::span<std::byte> bytes) { memory_.copy_out(address, bytes); }
  void release(Address address) { memory_.release(address); }

  // Arguments have the sizes of the kernel's parameters. Throws Fault.
  template <typename... Arguments>
  void launch(const std::string& kernel, const LaunchShape& shape, Arguments... arguments) {
    std::vector<std::vector<std::byte>> bytes;
    (bytes.push_back(bytes_of(arguments)), ...);
    launch_bytes(kernel, shape, bytes);
  }

  // The same with the bytes of each argument. Throws Fault.
  void launch_bytes(const std::string& kernel, const LaunchShape& shape,
                    const std::vector<std::vector<std::byte>>& arguments);

  std::vector<std::string> kernel_names() const;

  // Warp-wide instructions that a launch may run before it is taken to be in an endless loop.
  void set_instruction_limit(std::uint64_t limit) { instruction_limit_ = limit; }
  // Those of all launches so far.
  std::uint64_t instructions() const { return instructions_; }

 private:
  template <typename T>
  using Bits = std::conditional_t<sizeof(T) == 1, std::uint8_t,
                                  std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                                     std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

  template <typename T>
  static Bits<T> bits_of(T value) {
    return std::bit_cast<Bits<T>>(value);
  }

  template <typename T>
  static std::vector<std::byte> bytes_of(T value) {
    std::vector<std::byte> bytes(sizeof(T));
    store_le(bytes.data(), bits_of(value));
    return bytes;
  }

  GlobalMemory memory_;
  std::map<std::string, Program> programs_;
  std::uint64_t instruction_limit_ = 1'000'000'000;
  std::uint64_t instructions_ = 0;
};

}  // namespace mcnc::ptx

#endif  // MCNC_TESTS_CUDA_PTX_DEVICE_H_
