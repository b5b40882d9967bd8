// Products of float matrices with many columns, as attention needs them: llama.cpp multiplies these one row by one column at a time, and
// rounds activations to half precision first where the weights (a language model's keys and values) are in half precision. Here
// everything is computed in single precision, on AVX-512.
#pragma once

#include "turn.h"

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>

#define FLOAT_ROWS 32
#define FLOAT_COLUMNS 6

// Bytes of working memory for products over `inner` numbers, to be aligned at 64.
static size_t float_scratch_bytes(int inner) {
    return sizeof(float) * FLOAT_ROWS * (size_t)inner;
}

static inline __m512 load_floats(const char *at, bool half, __mmask16 which) {
    return half ? _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(which, at)) : _mm512_maskz_loadu_ps(which, at);
}

// Turns `rows` rows so that number k of all of them lie together: `packed[FLOAT_ROWS * k + row]`, zero for missing rows. Says whether any
// is not zero.
static bool pack_rows(const char *weights, bool half, size_t row_bytes, int rows, int inner, float *packed) {
    __m512i any = _mm512_setzero_si512();
    for (int k = 0; k < inner; k += 16) {
        const int count = inner - k < 16 ? inner - k : 16;
        const __mmask16 there = (__mmask16)((1u << count) - 1);
        for (int first = 0; first < FLOAT_ROWS; first += 16) {
            __m512i read[16], turned[16];
            for (int n = 0; n < 16; n++) {
                const char *at = weights + (size_t)(first + n) * row_bytes + (size_t)k * (half ? 2 : 4);
                read[n] = first + n < rows ? _mm512_castps_si512(load_floats(at, half, there)) : _mm512_setzero_si512();
            }
            turn_registers(read, turned);
            for (int n = 0; n < count; n++) {
                _mm512_store_si512(packed + FLOAT_ROWS * (k + n) + first, turned[n]);
                any = _mm512_or_si512(any, turned[n]);
            }
        }
    }
    return _mm512_test_epi32_mask(any, any) != 0;
}

// How many numbers there are up to the last one that is not zero in any of `count` columns. What attention masks is exactly zero, and that
// is half of a picture's; leaving it out changes no bit of a sum.
static int without_zeros(const char *in, size_t in_bytes, int count, int inner) {
    while (inner > 0) {
        const int first = inner > 16 ? inner - 16 : 0;
        const __mmask16 there = (__mmask16)((1u << (inner - first)) - 1);
        for (int c = 0; c < count; c++) {
            __m512 x = _mm512_maskz_loadu_ps(there, in + (size_t)c * in_bytes + sizeof(float) * (size_t)first);
            if (_mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_NEQ_UQ)) {
                return inner;
            }
        }
        inner = first;
    }
    return 0;
}

static inline __attribute__((always_inline)) void add_float_products(const float *packed, const char *in, size_t in_bytes, int inner,
                                                                     float *out, size_t out_next, __mmask32 rows, const int count) {
    __m512 sum[FLOAT_COLUMNS][2];
    for (int c = 0; c < count; c++) {
        sum[c][0] = sum[c][1] = _mm512_setzero_ps();
    }
    inner = without_zeros(in, in_bytes, count, inner);
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

// At most FLOAT_ROWS rows of a product: `out[column * out_next + row]`. Rows of `weights` (in half precision or single) and columns of `in`
// lie so many bytes apart.
static void multiply_float_rows(const char *weights, bool half, size_t row_bytes, int rows, const char *in, size_t in_bytes, int columns,
                                int inner, float *out, size_t out_next, float *scratch) {
    if (!pack_rows(weights, half, row_bytes, rows, inner, scratch)) {
        inner = 0; // keys of positions that nothing was written to yet: a quarter of those that llama.cpp asks for with a picture
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
