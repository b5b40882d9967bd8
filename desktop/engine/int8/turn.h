// Sixteen times sixteen numbers of 32 bits, rows for columns, in the registers of AVX-512.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

// Sixteen registers of sixteen numbers of 32 bits, turned: result n holds number n of every register. Overwrites `a`.
static inline void turn_registers(__m512i a[16], __m512i out[16]) {
    __m512i b[16];
    for (int n = 0; n < 16; n += 2) {
        b[n] = _mm512_unpacklo_epi32(a[n], a[n + 1]);
        b[n + 1] = _mm512_unpackhi_epi32(a[n], a[n + 1]);
    }
    for (int n = 0; n < 16; n += 4) {
        a[n] = _mm512_unpacklo_epi64(b[n], b[n + 2]);
        a[n + 1] = _mm512_unpackhi_epi64(b[n], b[n + 2]);
        a[n + 2] = _mm512_unpacklo_epi64(b[n + 1], b[n + 3]);
        a[n + 3] = _mm512_unpackhi_epi64(b[n + 1], b[n + 3]);
    }
    for (int n = 0; n < 4; n++) {
        b[n] = _mm512_shuffle_i32x4(a[n], a[n + 4], 0x88);
        b[n + 4] = _mm512_shuffle_i32x4(a[n], a[n + 4], 0xdd);
        b[n + 8] = _mm512_shuffle_i32x4(a[n + 8], a[n + 12], 0x88);
        b[n + 12] = _mm512_shuffle_i32x4(a[n + 8], a[n + 12], 0xdd);
    }
    for (int n = 0; n < 8; n++) {
        out[n] = _mm512_shuffle_i32x4(b[n], b[n + 8], 0x88);
        out[n + 8] = _mm512_shuffle_i32x4(b[n], b[n + 8], 0xdd);
    }
}

// The same with sixteen numbers from each of sixteen rows that lie `stride` bytes apart.
static inline void turn(const uint8_t *rows, size_t stride, __m512i out[16]) {
    __m512i a[16];
    for (int n = 0; n < 16; n++) {
        a[n] = _mm512_loadu_si512(rows + n * stride);
    }
    turn_registers(a, out);
}

// Four numbers of 32 bits from each of sixteen rows that lie `stride` bytes apart, turned: result n holds number n of every row.
static inline void turn_four(const uint8_t *rows, size_t stride, __m512i out[4]) {
    __m512i a[4], b[4];
    for (int n = 0; n < 4; n++) { // four rows that are four apart in one register
        const uint8_t *first = rows + (size_t)n * stride;
        a[n] = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)first));
        a[n] = _mm512_inserti32x4(a[n], _mm_loadu_si128((const __m128i *)(first + 4 * stride)), 1);
        a[n] = _mm512_inserti32x4(a[n], _mm_loadu_si128((const __m128i *)(first + 8 * stride)), 2);
        a[n] = _mm512_inserti32x4(a[n], _mm_loadu_si128((const __m128i *)(first + 12 * stride)), 3);
    }
    b[0] = _mm512_unpacklo_epi32(a[0], a[1]);
    b[1] = _mm512_unpackhi_epi32(a[0], a[1]);
    b[2] = _mm512_unpacklo_epi32(a[2], a[3]);
    b[3] = _mm512_unpackhi_epi32(a[2], a[3]);
    out[0] = _mm512_unpacklo_epi64(b[0], b[2]);
    out[1] = _mm512_unpackhi_epi64(b[0], b[2]);
    out[2] = _mm512_unpacklo_epi64(b[1], b[3]);
    out[3] = _mm512_unpackhi_epi64(b[1], b[3]);
}
