// Products of a matrix of quantised weights with many columns of activations, on AVX-512 with VNNI.
//
// llama.cpp multiplies K-quants one row by one column at a time and unpacks each weight anew for every column. Here thirty-two rows of
// one block of weights are unpacked once, into the layout that `vpdpbusd` wants (four neighbours of one row in a lane, sixteen rows in a
// register), and multiplied with all columns while they are in the first cache. The arithmetic is llama.cpp's: activations quantised
// the same way, the same whole-number sums within a block, one float for each block; only the order in which the floats of different
// blocks are added differs.
#pragma once

#include "blocks.h"

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PANELS 4 // that a thread works on before it reads the next block of activations
#define COLUMNS 6 // of activations at a time: twelve accumulators, twelve sums and what they need fit into thirty-two registers

static inline __m512i four(const int8_t *at) {
    int32_t bits;
    memcpy(&bits, at, 4);
    return _mm512_set1_epi32(bits);
}

// Adds the products of a panel's rows with `count` columns to `out`, which has ROWS numbers for each column.
static inline __attribute__((always_inline)) void multiply_some(const enum kind kind, const panel *w, const activations *in, float *out,
                                                                const int count) {
    const int subs = kind == KIND_Q6_K ? 16 : 8, steps = SUPER / 4 / subs;
    __m512i whole[COLUMNS][2];
    __m512 sum[COLUMNS][2];
    for (int c = 0; c < count; c++) {
        for (int h = 0; h < 2; h++) {
            sum[c][h] = _mm512_setzero_ps();
            whole[c][h] = _mm512_setzero_si512();
        }
    }
    for (int sub = 0; sub < subs; sub++) {
        __m512i dot[COLUMNS][2];
        for (int c = 0; c < count; c++) {
            dot[c][0] = dot[c][1] = kind == KIND_Q8_0 ? _mm512_set1_epi32(in[c].offsets[sub]) : _mm512_setzero_si512();
        }
#pragma GCC unroll 8
        for (int step = 0; step < steps; step++) {
            int at = sub * steps + step;
            __m512i w0 = _mm512_load_si512(w->values[at][0]), w1 = _mm512_load_si512(w->values[at][16]);
#pragma GCC unroll 6
            for (int c = 0; c < count; c++) {
                __m512i a = four(in[c].values + 4 * at);
                dot[c][0] = _mm512_dpbusd_epi32(dot[c][0], w0, a);
                dot[c][1] = _mm512_dpbusd_epi32(dot[c][1], w1, a);
            }
        }
        for (int h = 0; h < 2; h++) {
            __m512i scale = _mm512_load_si512(w->scales[sub] + 16 * h);
            for (int c = 0; c < count; c++) {
                if (kind == KIND_Q8_0) {
                    __m512 both = _mm512_mul_ps(_mm512_castsi512_ps(scale), _mm512_set1_ps(in[c].scales[sub]));
                    sum[c][h] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot[c][h]), both, sum[c][h]);
                } else {
                    whole[c][h] = _mm512_add_epi32(whole[c][h], _mm512_mullo_epi32(dot[c][h], scale));
                }
            }
        }
    }
    for (int c = 0; c < count && kind != KIND_Q8_0; c++) {
        __m512 scale = _mm512_set1_ps(in[c].scales[0]);
        for (int h = 0; h < 2; h++) {
            __m512i extra = kind == KIND_Q6_K ? whole[c][h] : _mm512_setzero_si512();
            for (int pair = 0; pair < subs / 2; pair++) {
                __m512i sums = four((const int8_t *)(in[c].sums + 2 * pair));
                extra = _mm512_dpwssd_epi32(extra, _mm512_load_si512(w->corrections[pair][16 * h]), sums);
            }
            __m512 rows = _mm512_load_ps(w->scale + 16 * h), other = _mm512_load_ps(w->correction + 16 * h);
            if (kind == KIND_Q6_K) {
                sum[c][h] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(extra), _mm512_mul_ps(rows, scale), sum[c][h]);
            } else {
                sum[c][h] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole[c][h]), _mm512_mul_ps(rows, scale), sum[c][h]);
                sum[c][h] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(extra), _mm512_mul_ps(other, scale), sum[c][h]);
            }
        }
    }
    for (int c = 0; c < count; c++) {
        for (int h = 0; h < 2; h++) {
            float *place = out + c * ROWS + 16 * h;
            _mm512_store_ps(place, _mm512_add_ps(_mm512_load_ps(place), sum[c][h]));
        }
    }
}

// Asks for a part of what lies from `at` to `end`, for the second cache; returns where the next part begins.
static inline const char *fetch_some(const char *at, const char *end, size_t bytes) {
    const char *stop = (size_t)(end - at) > bytes ? at + bytes : end;
    for (; at < stop; at += 64) {
        _mm_prefetch(at, _MM_HINT_T1);
    }
    return at < end ? at : end;
}

#define REST(kind, count)                                                                                                          \
    case count: multiply_some(kind, w, in + c, out + c * ROWS, count); break;
#define MULTIPLY(name, kind)                                                                                                        \
    static __attribute__((noinline)) void name(const panel *w, const activations *in, float *out, int columns, const char *next,     \
                                               size_t bytes) {                                                                      \
        const char *end = next + bytes;                                                                                             \
        const size_t part = bytes / (size_t)(columns / COLUMNS + 1) / 64 * 64 + 64;                                                 \
        int c = 0;                                                                                                                  \
        for (; c + COLUMNS <= columns; c += COLUMNS) {                                                                              \
            next = fetch_some(next, end, part);                                                                                     \
            multiply_some(kind, w, in + c, out + c * ROWS, COLUMNS);                                                                \
        }                                                                                                                           \
        fetch_some(next, end, part);                                                                                                \
        switch (columns - c) { REST(kind, 1) REST(kind, 2) REST(kind, 3) REST(kind, 4) REST(kind, 5) }                              \
    }
MULTIPLY(multiply_q4_k, KIND_Q4_K)
MULTIPLY(multiply_q6_k, KIND_Q6_K)
MULTIPLY(multiply_q8_0, KIND_Q8_0)

// Asks for one block of each of a panel's rows: more rows than the processor would see through by itself, and with few columns there is little
// else to do while they come.
static inline void fetch(const uint8_t *rows, size_t stride, size_t bytes) {
    for (int row = 0; row < ROWS; row++) {
        for (size_t at = 0; at < bytes; at += 64) {
            _mm_prefetch((const char *)(rows + (size_t)row * stride + at), _MM_HINT_T0);
        }
    }
}

// Bytes that multiply_rows needs to work in, to be aligned at 64: an unpacked panel, and sums of ROWS rows for each column of each panel.
static size_t scratch_bytes(int columns) {
    return sizeof(panel) + PANELS * sizeof(float) * ROWS * (size_t)columns;
}

// Rows `first` to `last` of the product (a multiple of ROWS, at most PANELS times as many): `out[column * out_next + row]`. `in` holds one
// block of every column, then the next of every column, `blocks` in all; it is read from far memory once for all panels. The sums are kept
// together in `scratch` until they are whole: in `out` the columns are many pages apart, often a power of two, and would throw each other
// out of the cache.
static void multiply_rows(enum kind kind, const uint8_t *weights, size_t row_bytes, int first, int last, const activations *in, int blocks,
                          float *out, size_t out_next, int columns, void *scratch) {
    panel *unpacked = scratch;
    float *sums = (float *)(unpacked + 1);
    size_t panel_sums = ROWS * (size_t)columns;
    int panels = (last - first) / ROWS;
    memset(sums, 0, sizeof(float) * panel_sums * (size_t)panels);
    for (int block = 0; block < blocks; block++) {
        const activations *these = in + (size_t)block * (size_t)columns;
        for (int p = 0; p < panels; p++) {
            const uint8_t *rows = weights + (size_t)(first + p * ROWS) * row_bytes + (size_t)block * block_bytes(kind);
            float *mine = sums + (size_t)p * panel_sums;
            unpack(kind, rows, row_bytes, unpacked);
            if (block + 1 < blocks) {
                fetch(rows + block_bytes(kind), row_bytes, block_bytes(kind));
            }
            // The next block of activations comes from the third cache or farther: without this, each panel's first look would wait for it.
            const size_t share = block + 1 < blocks ? sizeof(activations) * (size_t)columns / (size_t)panels : 0;
            const char *next = (const char *)(these + columns) + share * (size_t)p;
            switch (kind) {
                case KIND_Q4_K: multiply_q4_k(unpacked, these, mine, columns, next, share); break;
                case KIND_Q6_K: multiply_q6_k(unpacked, these, mine, columns, next, share); break;
                case KIND_Q8_0: multiply_q8_0(unpacked, these, mine, columns, next, share); break;
            }
        }
    }
    for (int column = 0; column < columns; column++) {
        for (int p = 0; p < panels; p++) {
            memcpy(out + (size_t)column * out_next + first + p * ROWS, sums + (size_t)p * panel_sums + (size_t)column * ROWS, sizeof(float) * ROWS);
        }
    }
}
