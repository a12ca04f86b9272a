/* SPDX-FileCopyrightText: 2026 The .mcnc authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The C interface of the .mcnc library: what a program needs to open a file, look at it, turn it back into weights, and
 * train one. C99 and nothing but pointers, fixed-width integers and plain structures, so that any language that can
 * call C can call it.
 *
 *   #include <mcnc.h>
 *   #include <stdio.h>
 *   #include <stdlib.h>
 *
 *   int main(int argc, char** argv) {
 *     mcnc_error error;
 *     mcnc_file* file = NULL;
 *     mcnc_decoder* decoder = NULL;
 *     mcnc_tensor tensor;
 *     void* weights = NULL;
 *     int code = argc == 3 ? MCNC_OK : MCNC_ARGUMENT;
 *     if (code == MCNC_OK) code = mcnc_open_file(argv[1], NULL, &file, &error);
 *     if (code == MCNC_OK) code = mcnc_find_tensor(file, argv[2], &tensor, &error);
 *     if (code == MCNC_OK) code = mcnc_decoder_create(file, NULL, &decoder, &error);
 *     if (code == MCNC_OK && (weights = malloc((size_t)tensor.bytes)) == NULL) code = MCNC_MEMORY;
 *     if (code == MCNC_OK) code = mcnc_decode(decoder, tensor.index, weights, (size_t)tensor.bytes, &error);
 *     ...
 *     free(weights);
 *     mcnc_decoder_destroy(decoder);
 *     mcnc_close(file);
 *   }
 *
 * Errors. A function that can fail returns one of the MCNC_ codes below and, where its last argument is not NULL, fills
 * in the structure that it points to, also on success. Nothing is printed, nothing ends the process, no exception
 * leaves. A null handle, a handle of another kind, and, as far as it can be told, one that was destroyed give
 * MCNC_ARGUMENT. On error no output has a defined value, except that a handle is set to NULL.
 *
 * Ownership. What a function hands out as a pointer to const belongs to the handle that it was asked of and lives as
 * long. What the caller hands in is copied, unless its comment says that it must outlive something.
 *
 * Threads. An mcnc_file and an mcnc_generator_cache may be used by any number of threads at once. An mcnc_decoder, an
 * mcnc_encoder, an mcnc_expander and an mcnc_writer belong to one thread at a time; several threads that decode side by
 * side have one decoder each, of the same file.
 *
 * Processes. The child of a fork() may use what it inherits, but for decoders, encoders and expanders with threads of
 * the library's own (threads > 1): they give MCNC_ARGUMENT there, and destroying them frees nothing.
 *
 * Functions of the caller's, such as read_at, must return: they must not leave by longjmp. An exception of C++ that
 * leaves one ends the call with MCNC_INTERNAL. They must not call functions of the handle that is at work.
 *
 * Memory comes from malloc, as that of zstd and OpenSSL does; there is no allocator to supply, since it could not be
 * passed to everything that allocates. How much a file may take is bounded by mcnc_limits.
 *
 * Structures that the caller fills in start with their own size, which tells the library how much of them the caller
 * knows: the init function, or sizeof, sets it. Later versions append members whose default is 0; a structure of a
 * later version is refused where it asks for something that the library does not know. Those that the library fills in,
 * and mcnc_error, keep their layout. Names, keys and texts are UTF-8 and hold no byte of value 0.
 */
#ifndef MCNC_H_
#define MCNC_H_

#include <stddef.h>
#include <stdint.h>

#include "mcnc/version.h"

#if defined(__GNUC__)
#define MCNC_API __attribute__((visibility("default")))
#else
#define MCNC_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- errors ---- */

/* Frozen: values are never renumbered or reused. The hundreds are the class. */
enum {
  MCNC_OK = 0,

  /* 1: the file is well formed, but its data is not what it says. */
  MCNC_FILE_DIGEST = 100,    /* the preamble or the manifest changed: fetch the file again */
  MCNC_SEGMENT_DIGEST = 101, /* a segment changed: fetch the file again */
  MCNC_FINGERPRINT = 102,    /* the generator is not the one that the file was trained with: a wrong decoder */
  MCNC_TENSOR_DIGEST = 103,  /* decoded weights differ: a wrong decoder, or a file that a wrong encoder wrote */
  MCNC_IDENTITY = 104,       /* the weights identity differs from the expected one */
  MCNC_BASE = 105,           /* a base model is missing, or is not the one that the file was trained on */

  MCNC_ARGUMENT = 200, /* 2: the caller's mistake */

  /* 3: not a well-formed .mcnc file. */
  MCNC_TRUNCATED = 300,   /* it ends too early: fetch the file again */
  MCNC_MAGIC = 301,       /* it is not a .mcnc file */
  MCNC_LAYOUT = 302,      /* offsets, lengths, padding */
  MCNC_FLATBUFFER = 303,  /* the manifest is not a valid FlatBuffer */
  MCNC_MANIFEST = 304,    /* the manifest contradicts itself */
  MCNC_COMPRESSION = 305, /* a segment is not the zstd frames that it claims to be */
  MCNC_VALUE = 306,       /* a number that must be finite or in range is not */
  MCNC_TEXT = 307,        /* a name or key that is not allowed */

  /* 4: well formed, for a newer or larger decoder. */
  MCNC_VERSION_UNKNOWN = 400,
  MCNC_FEATURE = 401,

  /* 5: the machine. */
  MCNC_READ = 500,
  MCNC_WRITE = 501,
  MCNC_MEMORY = 502,
  MCNC_CANCELLED = 503, /* a callback or mcnc_decoder_cancel asked for it */
  MCNC_INTERNAL = 504,  /* the library itself is at fault */

  MCNC_LIMIT = 600, /* 6: allowed by the format, refused by the caller's limits */

  MCNC_DEVICE = 700 /* 7: an accelerator failed */
};

#define MCNC_NO_OFFSET UINT64_MAX

typedef struct mcnc_error {
  int32_t code;      /* the same as the function returned */
  uint32_t reserved; /* 0 */
  uint64_t offset;   /* byte of the file that it is about, or MCNC_NO_OFFSET */
  char rule[64];     /* id of the broken rule of the specification, such as "container.magic"; "" where there is none */
  char message[432]; /* a sentence for a person, without rule and offset; cut where it is longer */
} mcnc_error;

/* The name of a code as the specification writes it, such as "segment_digest"; "unknown" for any other number. Static
 * storage. */
MCNC_API const char* mcnc_code_name(int32_t code);

/* MCNC_VERSION and MCNC_VERSION_STRING of the library that the program runs with. Static storage. */
MCNC_API int32_t mcnc_version(void);
MCNC_API const char* mcnc_version_string(void);

/* ---- opening ---- */

typedef struct mcnc_file mcnc_file;

/* The most that a file may cost, compared with what it declares before anything is allocated. */
typedef struct mcnc_limits {
  size_t struct_size;
  uint64_t output_bytes;  /* of all tensors together; 256 GiB */
  uint64_t multiply_adds; /* of all generator layers over all codes; 10^15 */
  uint64_t scratch_bytes; /* held beside the output while one tensor is decoded; 4 GiB */
} mcnc_limits;

MCNC_API void mcnc_limits_init(mcnc_limits* limits);

/* Where the bytes of a file come from, when it is neither a path nor memory. read_at fills `out` with the `bytes` from
 * `offset` on and returns 0, or anything else where it cannot (MCNC_READ). It is called from several threads at once if
 * the file is used by several, and never beyond `size`. */
typedef struct mcnc_source {
  size_t struct_size;
  void* context;
  uint64_t size; /* bytes of the file */
  int (*read_at)(void* context, uint64_t offset, void* out, size_t bytes);
} mcnc_source;

/* Each opens a file: reads its first bytes (preamble and manifest, at most 16 MiB) and checks every rule about them.
 * limits: NULL for the defaults. The source's context must outlive the file and its decoders, and so must the memory,
 * which may not change meanwhile. Errors of classes 1, 3, 4, 5 and 6; MCNC_ARGUMENT. */
MCNC_API int32_t mcnc_open_file(const char* path, const mcnc_limits* limits, mcnc_file** file, mcnc_error* error);
MCNC_API int32_t mcnc_open_memory(const void* data, size_t bytes, const mcnc_limits* limits, mcnc_file** file,
                                  mcnc_error* error);
MCNC_API int32_t mcnc_open_source(const mcnc_source* source, const mcnc_limits* limits, mcnc_file** file,
                                  mcnc_error* error);

/* Ends the handle; decoders of the file live on. NULL is allowed. */
MCNC_API void mcnc_close(mcnc_file* file);

/* ---- what is in a file ---- */

typedef struct mcnc_file_info {
  uint64_t file_bytes;
  uint64_t output_bytes; /* what the file declares that it costs, see mcnc_limits */
  uint64_t multiply_adds;
  uint64_t scratch_bytes;
  uint64_t tensors;             /* how many there are, for mcnc_tensor_at */
  uint64_t metadata;            /* for mcnc_metadata_at */
  uint64_t bases;               /* for mcnc_base_at */
  uint8_t file_digest[32];      /* SHA-256 of preamble and manifest: it stands for every byte of the file */
  uint8_t weights_identity[32]; /* equal for any two files that decode to the same tensors */
} mcnc_file_info;

MCNC_API int32_t mcnc_get_info(const mcnc_file* file, mcnc_file_info* info, mcnc_error* error);

/* Element types, as the file numbers them. Elements are little-endian. */
enum {
  MCNC_F32 = 0,
  MCNC_F16 = 1,
  MCNC_BF16 = 2,
  MCNC_F64 = 3,
  MCNC_I8 = 4,
  MCNC_I16 = 5,
  MCNC_I32 = 6,
  MCNC_I64 = 7,
  MCNC_U8 = 8,
  MCNC_U16 = 9,
  MCNC_U32 = 10,
  MCNC_U64 = 11,
  MCNC_BOOL = 12,
  MCNC_F8_E4M3 = 13,
  MCNC_F8_E5M2 = 14
};

typedef struct mcnc_tensor {
  uint64_t index;        /* among the tensors of the file, which are sorted by name */
  const char* name;      /* of the file */
  int32_t dtype;         /* MCNC_F32 ... */
  uint32_t rank;         /* dimensions; 0: a scalar */
  const uint64_t* shape; /* (rank), row-major; of the file */
  uint64_t elements;
  uint64_t bytes;
  int32_t is_factor;  /* 1: made for products of other tensors only, not part of the model */
  uint8_t digest[32]; /* of the decoded bytes: see mcnc_tensor_digest */
} mcnc_tensor;

/* Tensor `index`, of mcnc_file_info.tensors, or the one of that name. MCNC_ARGUMENT where there is none. */
MCNC_API int32_t mcnc_tensor_at(const mcnc_file* file, uint64_t index, mcnc_tensor* tensor, mcnc_error* error);
MCNC_API int32_t mcnc_find_tensor(const mcnc_file* file, const char* name, mcnc_tensor* tensor, mcnc_error* error);

enum { MCNC_METADATA_TEXT = 0, MCNC_METADATA_INTEGER = 1, MCNC_METADATA_REAL = 2, MCNC_METADATA_BOOLEAN = 3 };

typedef struct mcnc_metadata {
  const char* key; /* of the file, like `text` */
  int32_t type;    /* which of the following has the value; the others are 0 */
  int32_t boolean; /* 0 or 1 */
  int64_t integer;
  double real;
  const char* text; /* ends with a 0 that text_bytes does not count */
  uint64_t text_bytes;
} mcnc_metadata;

/* Metadata entry `index`, of mcnc_file_info.metadata, or the one of that key. MCNC_ARGUMENT where there is none. */
MCNC_API int32_t mcnc_metadata_at(const mcnc_file* file, uint64_t index, mcnc_metadata* entry, mcnc_error* error);
MCNC_API int32_t mcnc_find_metadata(const mcnc_file* file, const char* key, mcnc_metadata* entry, mcnc_error* error);

/* A model that tensors of the file start from, which the caller supplies (mcnc_set_base). */
typedef struct mcnc_base {
  const char* name;             /* of the file */
  uint8_t weights_identity[32]; /* of the model that the file was trained on */
} mcnc_base;

MCNC_API int32_t mcnc_base_at(const mcnc_file* file, uint64_t index, mcnc_base* base, mcnc_error* error);

/* ---- decoding ---- */

typedef struct mcnc_decoder mcnc_decoder;
typedef struct mcnc_generator_cache mcnc_generator_cache;
typedef struct mcnc_accelerator mcnc_accelerator;

/* How a decoder or an encoder computes. The bits do not depend on any of it. Contexts must outlive the decoder. */
typedef struct mcnc_execution {
  size_t struct_size;
  uint32_t threads;     /* of the library's own, the calling one included, 1 to 1024; 1 */
  int32_t skip_digests; /* 1: digests of tensors are not compared, those of segments and generators are; 0 */
  const char* target;   /* instruction set, one of mcnc_target_name; NULL: the best one */
  /* The caller's threads instead of the library's; NULL: none. Calls work(work_context, i) for each i below `pieces`,
   * once, in any order and on any threads, and returns when all have returned. What it leaves out is done afterwards on
   * the thread of the call. */
  void (*run)(void* context, size_t pieces, void (*work)(void* work_context, size_t piece), void* work_context);
  void* run_context;
  uint32_t run_threads; /* how many pieces `run` has under way at a time */
  /* Called on the thread of the call, now and then, with the bytes that are done of those that the call makes;
   * anything but 0 ends the call with MCNC_CANCELLED. NULL: not called. */
  int (*progress)(void* context, uint64_t done, uint64_t total);
  void* progress_context;
  /* Shared with other decoders, which need not draw the generators of this file anew; NULL: none. It may be destroyed
   * before the decoder. */
  mcnc_generator_cache* generators;
  /* A decoder makes tensors on this device, see mcnc_open_cuda; NULL: on the host. It may be destroyed before the
   * decoder. An expander expands codes there that are in its memory; encoders do not use it. */
  mcnc_accelerator* accelerator;
} mcnc_execution;

MCNC_API void mcnc_execution_init(mcnc_execution* execution);

/* A cache for whoever decodes many files of the same generators, such as a thousand adapters of one base model:
 * decoders that are created with it draw a generator from its seed once and share its memory. It keeps `max_bytes` of
 * them, and drops first those that were not used for longest. What is decoded does not depend on it. Any number of
 * threads may create decoders with one cache and use them. MCNC_MEMORY. */
MCNC_API int32_t mcnc_generator_cache_create(uint64_t max_bytes, mcnc_generator_cache** cache, mcnc_error* error);
/* NULL is allowed. Decoders that were created with it keep what they share. */
MCNC_API void mcnc_generator_cache_destroy(mcnc_generator_cache* cache);

/* Name of an instruction set that this processor can decode with, the best first, the last is "scalar"; NULL from the
 * first index on that has none. Static storage. */
MCNC_API const char* mcnc_target_name(size_t index);

/* A decoder of the file, which may be closed before it. execution: NULL for the defaults. MCNC_ARGUMENT where something
 * in it is out of range, MCNC_MEMORY. */
MCNC_API int32_t mcnc_decoder_create(const mcnc_file* file, const mcnc_execution* execution, mcnc_decoder** decoder,
                                     mcnc_error* error);
/* NULL is allowed. */
MCNC_API void mcnc_decoder_destroy(mcnc_decoder* decoder);

/* Supplies all bases of the file from files: each path is a .mcnc file, a safetensors file, an index of safetensors
 * shards, or a folder of one of both. Which is which base is found out; the order does not matter, and what is not
 * needed changes nothing. A .mcnc file may itself start from others of them. Limits are for the file and its bases
 * together; NULL for the defaults. The files are read while tensors are decoded. What is missing gives MCNC_BASE when a
 * tensor that starts from it is decoded. Errors: those of mcnc_open_file; the message begins with the path. */
MCNC_API int32_t mcnc_set_base_files(mcnc_decoder* decoder, const char* const* paths, size_t count,
                                     const mcnc_limits* limits, mcnc_error* error);

/* A base model whose tensors the caller has. Both functions return 0, or anything else where they cannot (MCNC_BASE).
 * `find` says what the tensor of that name is: dtype and rank, and up to 8 dimensions in `shape`. `read` fills `out`
 * with all `bytes` of it, little-endian and row-major. */
typedef struct mcnc_base_model {
  size_t struct_size;
  void* context;
  int (*find)(void* context, const char* name, int32_t* dtype, uint32_t* rank, uint64_t shape[8]);
  int (*read)(void* context, const char* name, void* out, size_t bytes);
} mcnc_base_model;

/* Supplies base `index` of the file. The context must outlive the decoder. Tensors that start from a base that was not
 * supplied, or from another one, give MCNC_BASE when they are decoded. */
MCNC_API int32_t mcnc_set_base(mcnc_decoder* decoder, uint64_t index, const mcnc_base_model* model, mcnc_error* error);

/* All of tensor `index` into `out`, which has exactly mcnc_tensor.bytes bytes and is not part of the memory that the
 * file is read from. Its digest is compared at the end. On error `out` may be partly written. Errors: MCNC_ARGUMENT,
 * and everything of classes 1, 3 and 5. */
MCNC_API int32_t mcnc_decode(mcnc_decoder* decoder, uint64_t index, void* out, size_t bytes, mcnc_error* error);

/* `count` elements from element `first` on, or rows: slices [first, first + count) of the first dimension. `bytes` must
 * be exactly theirs. Costs what the range costs. Digests are not compared: they cover whole tensors. */
MCNC_API int32_t mcnc_decode_range(mcnc_decoder* decoder, uint64_t index, uint64_t first, uint64_t count, void* out,
                                   size_t bytes, mcnc_error* error);
MCNC_API int32_t mcnc_decode_rows(mcnc_decoder* decoder, uint64_t index, uint64_t first, uint64_t count, void* out,
                                  size_t bytes, mcnc_error* error);

/* Takes `bytes` of tensor `index` from byte `offset` on; pieces of a tensor come in order, from the thread of the call.
 * Anything but 0 ends the call with MCNC_CANCELLED. */
typedef int (*mcnc_write_function)(void* context, uint64_t index, uint64_t offset, const void* data, size_t bytes);

/* One tensor, or every tensor that is not a factor, in order, piece by piece. The digest of a tensor is compared after
 * its last piece: on MCNC_TENSOR_DIGEST the caller must drop what came. */
MCNC_API int32_t mcnc_decode_stream(mcnc_decoder* decoder, uint64_t index, mcnc_write_function write, void* context,
                                    mcnc_error* error);
MCNC_API int32_t mcnc_decode_all(mcnc_decoder* decoder, mcnc_write_function write, void* context, mcnc_error* error);

/* Reads and checks everything that the file holds and keeps nothing. */
MCNC_API int32_t mcnc_verify(mcnc_decoder* decoder, mcnc_error* error);

/* The one function of a decoder that other threads may call while it is in use. cancel 1: the call under way and those
 * that follow return MCNC_CANCELLED, until it is called with 0. */
MCNC_API void mcnc_decoder_cancel(mcnc_decoder* decoder, int cancel);

/* The digest of a tensor with these bytes (spec section "tensor digest"), for comparison with mcnc_tensor.digest. */
MCNC_API int32_t mcnc_tensor_digest(const void* data, size_t bytes, uint8_t digest[32], mcnc_error* error);

/* ---- a GPU ---- */

/* A device that makes tensors in its own memory: a decoder or an expander has it by mcnc_execution.accelerator. The
 * weights are the same, and every function that decodes returns MCNC_DEVICE too. Decoders and expanders that share an
 * accelerator belong, with it, to one thread at a time. The child of a fork() cannot use it. */
typedef struct mcnc_cuda_options {
  size_t struct_size;
  int32_t device; /* its number, as the driver counts those that CUDA_VISIBLE_DEVICES leaves; 0 */
  /* A CUstream or cudaStream_t of that device, in which all copies and launches are made and which must outlive the
   * accelerator and its decoders; CU_STREAM_LEGACY is the one that programs use which name none. NULL: a stream of its
   * own, which no other stream waits for. */
  void* stream;
} mcnc_cuda_options;

MCNC_API void mcnc_cuda_options_init(mcnc_cuda_options* options);

/* Opens an NVIDIA GPU. The library needs nothing of CUDA: the first call loads libmcnc-cuda.so, which the build makes
 * together with it where -Dcuda=enabled asks for that, and which loads the driver, libcuda.so.1. It is looked for where
 * the system looks for libraries, or is the file that the environment variable MCNC_CUDA_LIBRARY names. The device's
 * primary context is used, and the thread's current one left as it was. options: NULL for the defaults. MCNC_DEVICE,
 * where the message says what is missing or what CUDA says; MCNC_ARGUMENT where there is no device of that number, or
 * the stream belongs to another one; MCNC_MEMORY. */
MCNC_API int32_t mcnc_open_cuda(const mcnc_cuda_options* options, mcnc_accelerator** accelerator, mcnc_error* error);
/* NULL is allowed. Decoders and expanders that were created with it keep the device. */
MCNC_API void mcnc_accelerator_destroy(mcnc_accelerator* accelerator);
/* What the device is, for a person; NULL of a bad handle. Lives as long as the accelerator. */
MCNC_API const char* mcnc_accelerator_name(const mcnc_accelerator* accelerator);

/* `count` elements of tensor `index` from element `first` on into `out`, memory of the device of exactly their bytes,
 * aligned for an element. May return before they are there: they are once the stream has come to the end of what it was
 * given, so that many tensors can be under way. It waits only where a part of the file is used for the first time, and
 * where pinned memory for copies is all in use. The digest is not compared: mcnc_check_on_device does it, once the
 * tensor is whole. MCNC_DEVICE where `out` is memory of another device or of the host, or too small, as far as CUDA can
 * tell; MCNC_ARGUMENT where the decoder has no accelerator. */
MCNC_API int32_t mcnc_decode_range_to_device(mcnc_decoder* decoder, uint64_t index, uint64_t first, uint64_t count,
                                             void* out, uint64_t bytes, mcnc_error* error);
/* Computes the digest of all of tensor `index`, in memory of the device aligned to 16 bytes, and waits for it.
 * MCNC_TENSOR_DIGEST where it is another one than the file's. */
MCNC_API int32_t mcnc_check_on_device(mcnc_decoder* decoder, uint64_t index, const void* data, uint64_t bytes,
                                      mcnc_error* error);
/* Both: the whole tensor, its digest compared unless mcnc_execution.skip_digests is 1. */
MCNC_API int32_t mcnc_decode_to_device(mcnc_decoder* decoder, uint64_t index, void* out, uint64_t bytes,
                                       mcnc_error* error);

/* ---- training ---- */

/* Owns the codes of a set of tensors. The caller's training loop asks it for weights, computes the gradient of its loss
 * with respect to them, and hands it back; at the end it writes the file. A library that was built without the encoder
 * returns MCNC_FEATURE. */
typedef struct mcnc_encoder mcnc_encoder;

/* Where a tensor starts from. The last two are for mcnc_new_tensor only. */
enum {
  MCNC_THETA0_ZERO = 0,
  MCNC_THETA0_CONSTANT = 1,
  MCNC_THETA0_UNIFORM = 2,
  MCNC_THETA0_STORED = 3, /* numbers that the file keeps */
  MCNC_THETA0_BASE = 4    /* a tensor of a base model */
};

/* A tensor to be generated: theta0 + beta * phi(alpha). */
typedef struct mcnc_encoder_tensor {
  size_t struct_size;
  const char* name;
  const uint64_t* shape; /* (rank) */
  uint32_t rank;
  int32_t dtype;          /* MCNC_F32, MCNC_F16 or MCNC_BF16; MCNC_F32 */
  int32_t theta0;         /* where training starts; MCNC_THETA0_ZERO */
  float theta0_value;     /* of a constant one */
  uint64_t theta0_seed;   /* of a uniform one */
  uint32_t theta0_stream; /* the same seed with another stream gives other numbers */
  float theta0_scale;     /* numbers reach +-32768 times it */
} mcnc_encoder_tensor;

MCNC_API void mcnc_encoder_tensor_init(mcnc_encoder_tensor* tensor);

typedef struct mcnc_encoder_options {
  size_t struct_size;
  uint32_t code_dim;               /* k; 9 */
  uint32_t chunk_dim;              /* d: weights that one code makes; 1024 */
  uint32_t codes_per_chunk;        /* m; 1 */
  uint32_t hidden_layers;          /* at most 15; 0 */
  const uint32_t* hidden;          /* (hidden_layers): widths of the sine layers before the last */
  uint64_t seed;                   /* of the generator and of random initial codes; 0 */
  int32_t per_tensor;              /* 1: every tensor starts a chunk of its own; 0 */
  uint32_t frequency;              /* of the first layer: the step of the codes; 2^19 */
  float alpha_spread;              /* initial alpha is uniform in +-alpha_spread; 0 */
  float beta;                      /* initial beta, as norm of a chunk; 1 */
  float alpha_rate;                /* Adam's step of alpha; 0.03 */
  float beta_rate;                 /* Adam's step of beta, in the unit of `beta`; 0.1 */
  const mcnc_execution* execution; /* NULL: the defaults; skip_digests does not matter */
  int32_t alpha_dtype;             /* what a file stores: MCNC_I8 or MCNC_I16; MCNC_I8 */
  int32_t beta_dtype;              /* MCNC_F32, MCNC_F16 or MCNC_BF16; MCNC_BF16 */
} mcnc_encoder_options;

MCNC_API void mcnc_encoder_options_init(mcnc_encoder_options* options);

/* options: NULL for the defaults. MCNC_ARGUMENT where an option or a tensor is out of range, MCNC_MEMORY. */
MCNC_API int32_t mcnc_encoder_create(const mcnc_encoder_tensor* tensors, size_t count,
                                     const mcnc_encoder_options* options, mcnc_encoder** encoder, mcnc_error* error);
MCNC_API void mcnc_encoder_destroy(mcnc_encoder* encoder);

/* Elements of all tensors together; 0 of a bad handle. */
MCNC_API uint64_t mcnc_encoder_elements(const mcnc_encoder* encoder);

/* All tensors one after the other, (elements), as a decoder will compute them, widened to float32. `count` must be
 * mcnc_encoder_elements. */
MCNC_API int32_t mcnc_encoder_weights(mcnc_encoder* encoder, float* out, uint64_t count, mcnc_error* error);

/* One step of Adam from the gradient of the loss with respect to those weights, (elements). `rate` scales both steps: a
 * schedule from 1 to 0. MCNC_ARGUMENT, and nothing changed, where the gradient is not finite. */
MCNC_API int32_t mcnc_encoder_step(mcnc_encoder* encoder, const float* gradient, uint64_t count, double rate,
                                   mcnc_error* error);

/* Writes the codes as they stand as a file that replaces `path` in one step. On error the old file is whole. To write
 * them with metadata or beside other tensors: mcnc_encoder_add_to. */
MCNC_API int32_t mcnc_encoder_write(mcnc_encoder* encoder, const char* path, mcnc_error* error);

/* ---- training with an optimizer of one's own ---- */

/* Where an mcnc_encoder owns codes and Adam, an mcnc_expander owns neither: it makes weights of the codes that it is
 * given, exactly as a decoder will make them of a file with these codes, and turns gradients of weights into
 * gradients of codes. A tensor of e elements has ceil(e / chunk_dim) chunks, the last of which may be used in part.
 *
 * Codes under training are float32 numbers, all of them finite: alpha (chunks, codes_per_chunk, code_dim) and beta
 * (chunks, codes_per_chunk). Alpha is measured in half turns: an alpha of 1.0, times a weight of 128, turns the phase
 * of the first layer by half a turn. Beta is the Euclidean norm of a chunk whose phases are spread. Before anything is
 * made of them, both are rounded to what a file can hold; numbers beyond its range become the end of that range. */
typedef struct mcnc_expander mcnc_expander;

/* Of the options count those of the generator (code_dim, chunk_dim, hidden, seed, frequency), codes_per_chunk, the two
 * dtypes and `execution`. options: NULL for the defaults. MCNC_ARGUMENT where one is out of range, MCNC_MEMORY; with an
 * accelerator MCNC_DEVICE, and MCNC_FINGERPRINT where it makes another generator than the host does. */
MCNC_API int32_t mcnc_expander_create(const mcnc_encoder_options* options, mcnc_expander** expander, mcnc_error* error);
MCNC_API void mcnc_expander_destroy(mcnc_expander* expander);

/* A tensor of these codes: theta0 + the sum of beta * phi(alpha), rounded to `dtype`, which is MCNC_F32, MCNC_F16 or
 * MCNC_BF16. out: its `bytes` bytes, little-endian, which say how many elements it has. theta0: as many floats, or NULL
 * for zero. MCNC_ARGUMENT where sizes do not fit or a code is not finite; MCNC_CANCELLED. */
MCNC_API int32_t mcnc_expander_weights(mcnc_expander* expander, const float* alpha, const float* beta, uint64_t chunks,
                                       const float* theta0, int32_t dtype, void* out, size_t bytes, mcnc_error* error);

/* The product of `gradient`, that of a loss with respect to those weights, (elements), with their Jacobian (a
 * vector-Jacobian product): alpha_gradient and beta_gradient, of the sizes of alpha and beta. Rounding counts as the
 * identity. A gradient that is not finite gives gradients that are not. Errors as of mcnc_expander_weights. */
MCNC_API int32_t mcnc_expander_gradients(mcnc_expander* expander, const float* alpha, const float* beta,
                                         uint64_t chunks, const float* gradient, uint64_t elements,
                                         float* alpha_gradient, float* beta_gradient, mcnc_error* error);

/* The same on the device of mcnc_execution.accelerator, with everything in its memory: all of it float32 and aligned as
 * such, except `out`, which is `bytes` bytes of elements of `dtype`. Both may return before the work is done: what the
 * stream is given next comes after it. Weights are those of mcnc_expander_weights, bit for bit; gradients are those of
 * mcnc_expander_gradients up to rounding, and the same bits every time on one device. Nobody waits to learn whether
 * codes are finite: where one is not, the weights of its chunk are NaN, and its gradients too. MCNC_ARGUMENT where
 * sizes do not fit, a pointer other than theta0 is NULL, memory is not aligned or the expander has no accelerator;
 * MCNC_DEVICE, also where memory is too small or not the device's. */
MCNC_API int32_t mcnc_expander_weights_on_device(mcnc_expander* expander, const float* alpha, const float* beta,
                                                 uint64_t chunks, const float* theta0, int32_t dtype, void* out,
                                                 uint64_t bytes, mcnc_error* error);
MCNC_API int32_t mcnc_expander_gradients_on_device(mcnc_expander* expander, const float* alpha, const float* beta,
                                                   uint64_t chunks, const float* gradient, uint64_t elements,
                                                   float* alpha_gradient, float* beta_gradient, mcnc_error* error);

/* ---- writing ---- */

/* A file in the making: what is added to it is put in order, compressed, checked by every rule, decoded once for its
 * digests, and written. The order of tensors and of metadata does not matter: the same model gives the same bytes. What
 * could not be added leaves it as it was. */
typedef struct mcnc_writer mcnc_writer;

MCNC_API int32_t mcnc_writer_create(mcnc_writer** writer, mcnc_error* error);
/* NULL is allowed. */
MCNC_API void mcnc_writer_destroy(mcnc_writer* writer);

/* Adds metadata; what the key had before is replaced. Of the value counts the member that `type` names. A text has
 * text_bytes bytes. */
MCNC_API int32_t mcnc_writer_set_metadata(mcnc_writer* writer, const mcnc_metadata* entry, mcnc_error* error);

enum { MCNC_ACTIVATION_SINE = 0, MCNC_ACTIVATION_IDENTITY = 1 };
enum { MCNC_ARITHMETIC_INTEGER = 0, MCNC_ARITHMETIC_FLOAT32 = 1 };

/* A dense layer of a generator, from n_in inputs to `width` outputs. */
typedef struct mcnc_layer {
  size_t struct_size;
  uint32_t width;
  int32_t activation;    /* MCNC_ACTIVATION_SINE; of the last layer also MCNC_ACTIVATION_IDENTITY */
  uint32_t frequency;    /* integer sine: 2^-32 turn of the phase per unit of the sum */
  float turns;           /* float32 sine: turns per unit of the sum */
  float weights_scale;   /* float32 drawn weights: uniform in [-1, 1) times this */
  int32_t weights_dtype; /* of stored weights: MCNC_I8; or MCNC_F32, MCNC_F16 or MCNC_BF16, as the arithmetic is */
  const void* weights;   /* (n_in, width), copied; NULL: drawn from the seed */
  const void* bias;      /* float32 arithmetic: (width) of MCNC_F32, copied; NULL: none */
} mcnc_layer;

/* phi: from code_dim numbers of alpha through the layers to as many weights as the last layer is wide. */
typedef struct mcnc_generator {
  size_t struct_size;
  int32_t arithmetic; /* MCNC_ARITHMETIC_INTEGER or MCNC_ARITHMETIC_FLOAT32; MCNC_ARITHMETIC_INTEGER */
  uint32_t code_dim;
  uint64_t seed;
  int32_t unit_norm;        /* float32 arithmetic, 1: outputs are divided by their Euclidean norm; 0 */
  uint32_t layer_count;     /* 1 to 16 */
  const mcnc_layer* layers; /* (layer_count), each of the size that the first one states */
} mcnc_generator;

/* Adds a generator, and numbers it for mcnc_codes. */
MCNC_API int32_t mcnc_writer_add_generator(mcnc_writer* writer, const mcnc_generator* generator, uint32_t* index,
                                           mcnc_error* error);

/* The codes of `chunks` chunks. Arrays are copied; their numbers are little-endian, as those of every void* here. */
typedef struct mcnc_codes {
  size_t struct_size;
  uint64_t chunks;
  uint32_t generator;       /* its number */
  uint32_t codes_per_chunk; /* m */
  int32_t alpha_dtype;      /* MCNC_I8 or MCNC_I16; of float32 arithmetic also MCNC_F32, MCNC_F16 or MCNC_BF16 */
  int32_t beta_dtype;       /* MCNC_F32, MCNC_F16 or MCNC_BF16 */
  const void* alpha;        /* (chunks, codes_per_chunk, code_dim) */
  const void* beta;         /* (chunks, codes_per_chunk), times 2^beta_exponent; NULL: beta_value for all codes */
  float beta_value;
  int32_t beta_exponent; /* -128 to 127; 0 */
  float alpha_scale;     /* float32 arithmetic: alpha is what is stored times this; 1 */
} mcnc_codes;

/* Fills in the defaults, alpha_scale among them, and zeros. */
MCNC_API void mcnc_codes_init(mcnc_codes* codes);

/* Adds codes, and numbers them for mcnc_writer_add_generated. */
MCNC_API int32_t mcnc_writer_add_codes(mcnc_writer* writer, const mcnc_codes* codes, uint32_t* index,
                                       mcnc_error* error);

/* A model that tensors start from: its name, the weights identity of all of it (mcnc_file_info has that of a .mcnc
 * file), and functions that read it, which are called until the file is written. */
MCNC_API int32_t mcnc_writer_add_base(mcnc_writer* writer, const char* name, const uint8_t weights_identity[32],
                                      const mcnc_base_model* model, uint32_t* index, mcnc_error* error);

/* What a tensor of the new file is; how it is made is said by the function that adds it. */
typedef struct mcnc_new_tensor {
  size_t struct_size;
  const char* name;
  const uint64_t* shape; /* (rank) */
  uint32_t rank;
  int32_t dtype;
  int32_t is_factor;  /* 1: made for products of other tensors only, not part of the model; 0 */
  int32_t theta0;     /* where generated tensors and products start: MCNC_THETA0_ZERO; others have members below */
  float theta0_value; /* of a constant one */
  float theta0_scale; /* of a uniform one; the three as in mcnc_encoder_tensor */
  uint64_t theta0_seed;
  uint32_t theta0_stream;
  int32_t theta0_dtype;      /* of a stored one: MCNC_F32, MCNC_F16 or MCNC_BF16 */
  const void* theta0_data;   /* of a stored one: (shape). It is not copied: it must outlive the writer, unchanged */
  const char* theta0_tensor; /* of one of a base: its name there; NULL: the same name */
  uint32_t theta0_base;      /* of one of a base: number of the base */
} mcnc_new_tensor;

MCNC_API void mcnc_new_tensor_init(mcnc_new_tensor* tensor);

/* Each adds a tensor.
 * stored: `data` is all of it, `bytes` bytes, of any dtype. It is not copied: it must outlive the writer, unchanged.
 * generated: weights that codes make, from `first_element` on among the chunks * chunk_dim weights of codes number
 * `codes`; `slices` equal parts of the first dimension start a chunk each, 1 where there is nothing to part.
 * product: theta0 + scale * B A of two other tensors by name, b (rows, rank) and a (rank, columns).
 * shared: the same tensor as another one, by name, under a name of its own: tied weights.
 * Names of other tensors may be added later. What a reader would refuse is refused when the file is written. */
MCNC_API int32_t mcnc_writer_add_stored(mcnc_writer* writer, const mcnc_new_tensor* tensor, const void* data,
                                        size_t bytes, mcnc_error* error);
MCNC_API int32_t mcnc_writer_add_generated(mcnc_writer* writer, const mcnc_new_tensor* tensor, uint32_t codes,
                                           uint64_t first_element, uint32_t slices, mcnc_error* error);
MCNC_API int32_t mcnc_writer_add_product(mcnc_writer* writer, const mcnc_new_tensor* tensor, const char* b,
                                         const char* a, float scale, mcnc_error* error);
MCNC_API int32_t mcnc_writer_add_shared(mcnc_writer* writer, const char* name, const char* same_as, mcnc_error* error);

/* Adds the tensors of an encoder with its codes as they stand. MCNC_FEATURE as of mcnc_encoder. */
MCNC_API int32_t mcnc_encoder_add_to(mcnc_encoder* encoder, mcnc_writer* writer, mcnc_error* error);

/* Adds codes under training, rounded to what the file holds, and their generator, which files of one expander hold
 * once; numbers them for mcnc_writer_add_generated. Errors as of mcnc_expander_weights. */
MCNC_API int32_t mcnc_expander_add_to(mcnc_expander* expander, const float* alpha, const float* beta, uint64_t chunks,
                                      mcnc_writer* writer, uint32_t* index, mcnc_error* error);

typedef struct mcnc_write_options {
  size_t struct_size;
  const mcnc_execution* execution; /* NULL: the defaults. The bytes do not depend on it; skip_digests does not matter */
  int32_t zstd_level;              /* 1 to 19; 19 */
} mcnc_write_options;

MCNC_API void mcnc_write_options_init(mcnc_write_options* options);

/* The file as it stands: one that replaces `path` in one step, once it is on the disk, while on error the old one is
 * whole; or its bytes to the function `write`, which they reach once the file is complete, with an `index` of 0.
 * options: NULL for the defaults. More may be added afterwards and written again. Errors: those of opening and decoding
 * the file, MCNC_WRITE, MCNC_CANCELLED. */
MCNC_API int32_t mcnc_writer_write_file(mcnc_writer* writer, const char* path, const mcnc_write_options* options,
                                        mcnc_error* error);
MCNC_API int32_t mcnc_writer_write(mcnc_writer* writer, const mcnc_write_options* options, mcnc_write_function write,
                                   void* context, mcnc_error* error);

/* ---- random numbers ---- */

/* What a seed stands for, for programs with a generator of their own. The weights of layer number `layer`, (n_in,
 * width): MCNC_I8, or MCNC_F32 in the byte order of this machine for float32 arithmetic, as many as have `bytes` bytes;
 * and `count` numbers of a uniform theta0 from element number `first` on. MCNC_ARGUMENT where there is no such layer,
 * where its weights are stored, where sizes do not fit. */
MCNC_API int32_t mcnc_draw_weights(const mcnc_generator* generator, uint32_t layer, void* out, size_t bytes,
                                   mcnc_error* error);
MCNC_API int32_t mcnc_draw_theta0(uint64_t seed, uint32_t stream, float scale, uint64_t first, float* out,
                                  uint64_t count, mcnc_error* error);

#ifdef __cplusplus
}
#endif

#endif /* MCNC_H_ */
