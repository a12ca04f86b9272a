/* SPDX-FileCopyrightText: 2026 The .mcnc authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * train FILE: trains the codes of one tensor by gradient descent, until its weights are near a wave, and writes a .mcnc
 * file with the tensor, its bias, which is kept as it is, and a line of metadata.
 *   cc -std=c99 train.c $(pkg-config --cflags --libs mcnc) -lm -o train */
#include <math.h>
#include <mcnc.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 8, COLUMNS = 32, ELEMENTS = ROWS * COLUMNS, CHUNK_DIM = 16, CODE_DIM = 4, CHUNKS = ELEMENTS / CHUNK_DIM };

int main(int argc, char** argv) {
  static float alpha[CHUNKS * CODE_DIM], beta[CHUNKS], weights[ELEMENTS], gradient[ELEMENTS];
  static float alpha_gradient[CHUNKS * CODE_DIM], beta_gradient[CHUNKS], bias[ROWS];
  const uint64_t shape[] = {ROWS, COLUMNS};
  mcnc_error error = {0};
  mcnc_encoder_options options;
  mcnc_expander* expander = NULL;
  mcnc_writer* writer = NULL;
  uint32_t codes = 0;
  if (argc != 2) return 2;
  mcnc_encoder_options_init(&options);
  options.code_dim = CODE_DIM;
  options.chunk_dim = CHUNK_DIM;
  int32_t code = mcnc_expander_create(&options, &expander, &error);
  for (int i = 0; i < CHUNKS; ++i) beta[i] = 1;
  for (int i = 0; i < CHUNKS * CODE_DIM; ++i) alpha[i] = 0.1F * (float)(i % 7 - 3);

  for (int step = 0; code == MCNC_OK && step < 300; ++step) {
    double loss = 0;
    code = mcnc_expander_weights(expander, alpha, beta, CHUNKS, NULL, MCNC_F32, weights, sizeof(weights), &error);
    for (int i = 0; i < ELEMENTS; ++i) {
      gradient[i] = weights[i] - sinf(0.1F * (float)i); /* of half the sum of squares */
      loss += 0.5 * gradient[i] * gradient[i];
    }
    if (code != MCNC_OK) break;
    code = mcnc_expander_gradients(expander, alpha, beta, CHUNKS, gradient, ELEMENTS, alpha_gradient, beta_gradient,
                                   &error);
    for (int i = 0; i < CHUNKS * CODE_DIM; ++i) alpha[i] -= 1e-3F * alpha_gradient[i];
    for (int i = 0; i < CHUNKS; ++i) beta[i] -= 0.1F * beta_gradient[i];
    if (step % 100 == 0) printf("step %d: loss %.3f\n", step, loss);
  }

  if (code == MCNC_OK) code = mcnc_writer_create(&writer, &error);
  if (code == MCNC_OK) code = mcnc_expander_add_to(expander, alpha, beta, CHUNKS, writer, &codes, &error);
  mcnc_new_tensor tensor;
  mcnc_new_tensor_init(&tensor);
  tensor.name = "fc.weight";
  tensor.shape = shape;
  tensor.rank = 2;
  if (code == MCNC_OK) code = mcnc_writer_add_generated(writer, &tensor, codes, 0, 1, &error);
  tensor.name = "fc.bias";
  tensor.rank = 1; /* ROWS numbers, which the machine must have little-endian */
  if (code == MCNC_OK) code = mcnc_writer_add_stored(writer, &tensor, bias, sizeof(bias), &error);
  mcnc_metadata entry = {0};
  entry.key = "general.name";
  entry.type = MCNC_METADATA_TEXT;
  entry.text = "a wave";
  entry.text_bytes = strlen(entry.text);
  if (code == MCNC_OK) code = mcnc_writer_set_metadata(writer, &entry, &error);
  if (code == MCNC_OK) code = mcnc_writer_write_file(writer, argv[1], NULL, &error);
  if (code != MCNC_OK) fprintf(stderr, "%s: %s\n", mcnc_code_name(code), error.message);
  mcnc_writer_destroy(writer);
  mcnc_expander_destroy(expander);
  return code / 100; /* the exit code that the mcnc tools have for it */
}
