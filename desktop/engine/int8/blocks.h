// Blocks of 256 weights and activations in the form that products need: weights of ggml's formats unpacked, activations quantised as
// llama.cpp quantises them (Q8_K, Q8_0).
//
// Source of the formats: ggml/src/ggml-common.h and ggml-quants.c of llama.cpp.
#pragma once

#include "turn.h"

#include <immintrin.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ROWS 32 // of weights in a panel: two registers of sixteen
#define SUPER 256 // weights in a block of a K-quant
#define SMALL 32 // weights in a block of Q8_0

// What one block of 256 activations of one column is multiplied with. For Q8_0 weights there are eight scales, else one.
typedef struct {
    int8_t values[SUPER];
    int16_t sums[SUPER / 16]; // of sixteen values each, or for Q4_K of thirty-two in the first eight
    float scales[SUPER / SMALL];
    int32_t offsets[SUPER / SMALL]; // -128 times the sum of thirty-two values: undoes that Q8_0 weights are shifted to be unsigned
} activations;

// Thirty-two rows of one block of 256 weights, unpacked.
typedef struct {
    uint8_t values[SUPER / 4][ROWS][4] __attribute__((aligned(64)));
    int32_t scales[SUPER / 16][ROWS] __attribute__((aligned(64))); // whole-number scales of the sub-blocks; floats for Q8_0
    int16_t corrections[SUPER / 32][ROWS][2] __attribute__((aligned(64))); // what pairs of sums are multiplied with
    float scale[ROWS] __attribute__((aligned(64)));
    float correction[ROWS] __attribute__((aligned(64)));
} panel; // a multiple of 64 bytes

enum kind { KIND_Q4_K, KIND_Q6_K, KIND_Q8_0 };

static inline float half_to_float(uint16_t bits) {
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(bits)));
}

// Bytes of 256 weights of one row.
static inline size_t block_bytes(enum kind kind) {
    return kind == KIND_Q4_K ? 144 : kind == KIND_Q6_K ? 210 : 8 * 34;
}

// -- activations ---------------------------------------------------------------------------------------------

static inline void store_values(activations *out, const __m512 *scaled, int first) {
    for (int n = 0; n < 2; n++) {
        __m512i whole = _mm512_min_epi32(_mm512_cvtps_epi32(scaled[n]), _mm512_set1_epi32(127));
        _mm_storeu_si128((__m128i *)(out->values + first + 16 * n), _mm512_cvtepi32_epi8(whole));
        out->sums[first / 16 + n] = (int16_t)_mm512_reduce_add_epi32(whole);
    }
}

// As quantize_row_q8_K_ref: the scale is the value furthest from zero, with its sign, over -127.
static void quantise_256(const float *x, activations *out) {
    __m512 most = _mm512_setzero_ps(), furthest = _mm512_setzero_ps();
    for (int n = 0; n < SUPER; n += 16) {
        __m512 v = _mm512_loadu_ps(x + n), size = _mm512_abs_ps(v);
        __mmask16 more = _mm512_cmp_ps_mask(size, most, _CMP_GT_OQ);
        most = _mm512_mask_mov_ps(most, more, size);
        furthest = _mm512_mask_mov_ps(furthest, more, v);
    }
    float peak = _mm512_reduce_max_ps(most);
    if (!(peak > 0)) {
        memset(out, 0, sizeof *out);
        return;
    }
    // Of several that are equally far the first counts; lanes are looked through in order of position only when signs disagree.
    __mmask16 at = _mm512_cmp_ps_mask(most, _mm512_set1_ps(peak), _CMP_EQ_OQ);
    float extreme = 0;
    if (__builtin_popcount(at) == 1) {
        extreme = _mm512_mask_reduce_add_ps(at, furthest);
    } else {
        for (int n = 0; n < SUPER; n++) {
            if (fabsf(x[n]) == peak) {
                extreme = x[n];
                break;
            }
        }
    }
    float inverse = -127.0f / extreme;
    for (int n = 0; n < SUPER; n += 32) {
        __m512 scaled[2] = {_mm512_mul_ps(_mm512_set1_ps(inverse), _mm512_loadu_ps(x + n)),
                            _mm512_mul_ps(_mm512_set1_ps(inverse), _mm512_loadu_ps(x + n + 16))};
        store_values(out, scaled, n);
    }
    out->scales[0] = 1 / inverse;
}

// As llama.cpp's Q8_0: a scale of its own for every thirty-two.
static void quantise_8_times_32(const float *x, activations *out) {
    for (int block = 0; block < SUPER / SMALL; block++, x += SMALL) {
        __m512 low = _mm512_loadu_ps(x), high = _mm512_loadu_ps(x + 16);
        float peak = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(low), _mm512_abs_ps(high)));
        float inverse = peak > 0 ? 127.0f / peak : 0;
        __m512 scaled[2] = {_mm512_mul_ps(_mm512_set1_ps(inverse), low), _mm512_mul_ps(_mm512_set1_ps(inverse), high)};
        store_values(out, scaled, SMALL * block);
        // llama.cpp keeps this scale in half precision.
        out->scales[block] = half_to_float((uint16_t)_mm_cvtsi128_si32(_mm_cvtps_ph(_mm_set_ss(peak / 127.0f), 0)));
        out->offsets[block] = -128 * (out->sums[2 * block] + out->sums[2 * block + 1]);
    }
}

// Quantises one column's block of 256 floats for weights of this kind.
static void quantise(enum kind kind, const float *x, activations *out) {
    if (kind == KIND_Q8_0) {
        quantise_8_times_32(x, out);
        return;
    }
    quantise_256(x, out);
    if (kind == KIND_Q4_K) {
        for (int n = 0; n < SUPER / 32; n++) {
            out->sums[n] = (int16_t)(out->sums[2 * n] + out->sums[2 * n + 1]);
        }
    }
}

// -- weights -------------------------------------------------------------------------------------------------

// Q4_K: 2 half floats, 12 bytes of eight scales and eight minima of six bits, 128 bytes of values (low halves before high ones).
static void unpack_q4_k(const uint8_t *rows, size_t stride, panel *out) {
    const __m512i low = _mm512_set1_epi8(15);
    for (int half = 0; half < ROWS; half += 16) {
        for (int part = 0; part < 2; part++) {
            __m512i packed[16];
            turn(rows + half * stride + 16 + 64 * part, stride, packed);
            for (int n = 0; n < 16; n++) { // eight numbers of 32 bits for thirty-two low and thirty-two high halves
                int at = 32 * part + 16 * (n / 8) + n % 8;
                _mm512_store_si512(out->values[at][half], _mm512_and_si512(packed[n], low));
                _mm512_store_si512(out->values[at + 8][half], _mm512_and_si512(_mm512_srli_epi16(packed[n], 4), low));
            }
        }
    }
    for (int half = 0; half < ROWS; half += 16) {
        const uint8_t *first = rows + half * stride;
        const __m512i six = _mm512_set1_epi8(63), two = _mm512_set1_epi8(3);
        __m512i head[4];
        turn_four(first, stride, head);
        __m512i a = head[1], b = head[2], c = head[3];
        // Of eight scales the first four are the lower six bits of a, of eight minima those of b; the others are put together.
        __m512i scales[2] = {_mm512_and_si512(a, six),
                             _mm512_or_si512(_mm512_and_si512(c, low),
                                             _mm512_slli_epi16(_mm512_and_si512(_mm512_srli_epi16(a, 6), two), 4))};
        __m512i minima[2] = {_mm512_and_si512(b, six),
                             _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi16(c, 4), low),
                                             _mm512_slli_epi16(_mm512_and_si512(_mm512_srli_epi16(b, 6), two), 4))};
        for (int n = 0; n < 8; n++) {
            __m512i scale = _mm512_and_si512(_mm512_srli_epi32(scales[n / 4], 8 * (n % 4)), _mm512_set1_epi32(255));
            _mm512_store_si512(out->scales[n] + half, scale);
        }
        for (int n = 0; n < 4; n++) { // two neighbours, one in each half of a lane
            __m512i pair = _mm512_srli_epi32(minima[n / 2], 16 * (n % 2));
            pair = _mm512_or_si512(_mm512_and_si512(pair, _mm512_set1_epi32(255)),
                                   _mm512_slli_epi32(_mm512_and_si512(pair, _mm512_set1_epi32(255 << 8)), 8));
            _mm512_store_si512(out->corrections[n] + half, pair);
        }
        _mm512_store_ps(out->scale + half, _mm512_cvtph_ps(_mm512_cvtepi32_epi16(head[0])));
        __m512 minimum = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_srli_epi32(head[0], 16)));
        _mm512_store_ps(out->correction + half, _mm512_sub_ps(_mm512_setzero_ps(), minimum));
    }
}

// Q6_K: 128 bytes of lower four bits, 64 of upper two, sixteen scales of eight bits, one half float; values are shifted by 32.
static void unpack_q6_k(const uint8_t *rows, size_t stride, panel *out) {
    const __m512i low = _mm512_set1_epi8(15), two = _mm512_set1_epi8(0x30);
    for (int half = 0; half < ROWS; half += 16) {
        const uint8_t *first = rows + half * stride;
        __m512i upper[16];
        turn(first + 128, stride, upper);
        for (int part = 0; part < 2; part++) { // 128 values: 64 bytes of lower bits, 32 of upper
            __m512i lower[16];
            turn(first + 64 * part, stride, lower);
            for (int n = 0; n < 8; n++) {
                __m512i u = upper[8 * part + n], a = lower[n], b = lower[n + 8];
                int at = 32 * part + n;
                __m512i v0 = _mm512_or_si512(_mm512_and_si512(a, low), _mm512_and_si512(_mm512_slli_epi16(u, 4), two));
                __m512i v1 = _mm512_or_si512(_mm512_and_si512(b, low), _mm512_and_si512(_mm512_slli_epi16(u, 2), two));
                __m512i v2 = _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi16(a, 4), low), _mm512_and_si512(u, two));
                __m512i v3 = _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi16(b, 4), low),
                                             _mm512_and_si512(_mm512_srli_epi16(u, 2), two));
                _mm512_store_si512(out->values[at][half], v0);
                _mm512_store_si512(out->values[at + 8][half], v1);
                _mm512_store_si512(out->values[at + 16][half], v2);
                _mm512_store_si512(out->values[at + 24][half], v3);
            }
        }
    }
    for (int half = 0; half < ROWS; half += 16) {
        const uint8_t *first = rows + half * stride;
        __m512i all[4], end[4];
        turn_four(first + 192, stride, all);
        turn_four(first + 194, stride, end); // its last two bytes are the last of a block
        for (int n = 0; n < 16; n += 2) { // two scales of eight bits with sign
            __m512i four = _mm512_srli_epi32(all[n / 4], 8 * (n % 4));
            __m512i scale0 = _mm512_srai_epi32(_mm512_slli_epi32(four, 24), 24);
            __m512i scale1 = _mm512_srai_epi32(_mm512_slli_epi32(four, 16), 24);
            _mm512_store_si512(out->scales[n] + half, scale0);
            _mm512_store_si512(out->scales[n + 1] + half, scale1);
            __m512i pair = _mm512_mask_blend_epi16(0xaaaaaaaa, scale0, _mm512_slli_epi32(scale1, 16));
            _mm512_store_si512(out->corrections[n / 2] + half, _mm512_mullo_epi16(pair, _mm512_set1_epi16(-32)));
        }
        __m512 scale = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_srli_epi32(end[3], 16)));
        _mm512_store_ps(out->scale + half, scale);
        _mm512_store_ps(out->correction + half, scale);
    }
}

// Q8_0: eight blocks of a half float and thirty-two values, which are shifted by 128.
static void unpack_q8_0(const uint8_t *rows, size_t stride, panel *out) {
    const __m512i shift = _mm512_set1_epi8((char)0x80);
    uint8_t plain[ROWS][SUPER] __attribute__((aligned(64)));
    uint16_t scales[SUPER / SMALL][ROWS];
    for (int row = 0; row < ROWS; row++) {
        for (int n = 0; n < SUPER / SMALL; n++) {
            const uint8_t *block = rows + row * stride + 34 * n;
            memcpy(&scales[n][row], block, 2);
            memcpy(plain[row] + SMALL * n, block + 2, SMALL);
        }
    }
    for (int n = 0; n < SUPER / SMALL; n++) {
        for (int half = 0; half < ROWS; half += 16) {
            __m512 scale = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(scales[n] + half)));
            _mm512_store_si512(out->scales[n] + half, _mm512_castps_si512(scale));
        }
    }
    for (int half = 0; half < ROWS; half += 16) {
        for (int part = 0; part < 4; part++) {
            __m512i values[16];
            turn(plain[half] + 64 * part, SUPER, values);
            for (int n = 0; n < 16; n++) {
                _mm512_store_si512(out->values[16 * part + n][half], _mm512_xor_si512(values[n], shift));
            }
        }
    }
}

static void unpack(enum kind kind, const uint8_t *rows, size_t stride, panel *out) {
    switch (kind) {
        case KIND_Q4_K: unpack_q4_k(rows, stride, out); break;
        case KIND_Q6_K: unpack_q6_k(rows, stride, out); break;
        case KIND_Q8_0: unpack_q8_0(rows, stride, out); break;
    }
}
