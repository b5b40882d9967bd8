// Products of float matrices, as the attention of a vision tower needs them: llama.cpp multiplies these one row by one column at a time.
// Single precision throughout, on AVX-512; only the order of additions differs from llama.cpp's.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <string.h>

#define FLOAT_ROWS 32
#define FLOAT_COLUMNS 6

// Bytes of working memory for products over `inner` numbers, to be aligned at 64.
static size_t float_scratch_bytes(int inner) {
    return sizeof(float) * FLOAT_ROWS * (size_t)inner;
}

static inline __attribute__((always_inline)) void add_float_products(const float *packed, const char *in, size_t in_bytes, int inner,
                                                                     float *out, size_t out_next, __mmask32 rows, const int count) {
    __m512 sum[FLOAT_COLUMNS][2];
    for (int c = 0; c < count; c++) {
        sum[c][0] = sum[c][1] = _mm512_setzero_ps();
    }
    for (int k = 0; k < inner; k++) {
        __m512 low = _mm512_load_ps(packed + FLOAT_ROWS * k), high = _mm512_load_ps(packed + FLOAT_ROWS * k + 16);
#pragma GCC unroll 6
        for (int c = 0; c < count; c++) {
            __m512 x = _mm512_set1_ps(((const float *)(in + (size_t)c * in_bytes))[k]);
            sum[c][0] = _mm512_fmadd_ps(low, x, sum[c][0]);
            sum[c][1] = _mm512_fmadd_ps(high, x, sum[c][1]);
        }
    }
    for (int c = 0; c < count; c++) {
        _mm512_mask_storeu_ps(out + (size_t)c * out_next, (__mmask16)rows, sum[c][0]);
        _mm512_mask_storeu_ps(out + (size_t)c * out_next + 16, (__mmask16)(rows >> 16), sum[c][1]);
    }
}

// At most FLOAT_ROWS rows of a product: `out[column * out_next + row]`. Rows of `weights` and columns of `in` lie so many bytes apart.
static void multiply_float_rows(const char *weights, size_t row_bytes, int rows, const char *in, size_t in_bytes, int columns, int inner,
                                float *out, size_t out_next, float *scratch) {
    memset(scratch, 0, float_scratch_bytes(inner));
    for (int row = 0; row < rows; row++) {
        const float *from = (const float *)(weights + (size_t)row * row_bytes);
        for (int k = 0; k < inner; k++) {
            scratch[FLOAT_ROWS * k + row] = from[k];
        }
    }
    const __mmask32 kept = rows == FLOAT_ROWS ? ~(__mmask32)0 : ((__mmask32)1 << rows) - 1;
    int c = 0;
    for (; c + FLOAT_COLUMNS <= columns; c += FLOAT_COLUMNS) {
        add_float_products(scratch, in + (size_t)c * in_bytes, in_bytes, inner, out + (size_t)c * out_next, out_next, kept, FLOAT_COLUMNS);
    }
    for (; c < columns; c++) {
        add_float_products(scratch, in + (size_t)c * in_bytes, in_bytes, inner, out + (size_t)c * out_next, out_next, kept, 1);
    }
}
