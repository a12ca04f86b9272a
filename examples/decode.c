/* SPDX-FileCopyrightText: 2026 The .mcnc authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * decode FILE: decodes every tensor of a .mcnc file and prints what it is.
 *   cc -std=c99 decode.c $(pkg-config --cflags --libs mcnc) -o decode */
#include <inttypes.h>
#include <mcnc.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char** argv) {
  mcnc_error error = {0};
  mcnc_file* file = NULL;
  mcnc_decoder* decoder = NULL;
  mcnc_file_info info = {0};
  if (argc != 2) return 2;
  int32_t code = mcnc_open_file(argv[1], NULL, &file, &error);
  if (code == MCNC_OK) code = mcnc_get_info(file, &info, &error);
  if (code == MCNC_OK) code = mcnc_decoder_create(file, NULL, &decoder, &error);
  for (uint64_t i = 0; code == MCNC_OK && i < info.tensors; ++i) {
    mcnc_tensor tensor;
    code = mcnc_tensor_at(file, i, &tensor, &error);
    if (code != MCNC_OK || tensor.is_factor) continue; /* made for other tensors, not part of the model */
    void* weights = malloc((size_t)tensor.bytes + 1);
    if (weights == NULL) return MCNC_MEMORY / 100;
    code = mcnc_decode(decoder, i, weights, (size_t)tensor.bytes, &error); /* the digest is compared, too */
    if (code == MCNC_OK) printf("%s: %" PRIu64 " bytes\n", tensor.name, tensor.bytes);
    free(weights);
  }
  if (code != MCNC_OK) fprintf(stderr, "%s: %s\n", mcnc_code_name(code), error.message);
  mcnc_decoder_destroy(decoder);
  mcnc_close(file);
  return code / 100; /* the exit code that the mcnc tools have for it */
}
