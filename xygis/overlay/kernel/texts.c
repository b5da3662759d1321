/* Numbers as decimal text, and fields joined to the lines of a table. */
#include <stdio.h>

#include "kernel.h"

#define FIELD 24 /* bytes of one number, zeros behind */

static char *digits(char *out, uint64_t n, int least_digits) {
    char turned[24];
    int k = 0;
    for (; n || k < least_digits; n /= 10) turned[k++] = (char)('0' + n % 10);
    while (k) *out++ = turned[--k];
    return out;
}

/* Six decimals without the zeros behind the first; what six would not tell or cannot hold has its significant digits; NaN nothing. */
EXPORT void xygis_decimals(const double *values, int64_t count, char *out) {
    for (int64_t i = 0; i < count; i++, out += FIELD) {
        double v = values[i], size = fabs(v);
        char *p = out;
        memset(out, 0, FIELD);
        if (v != v) continue;
        if (size != 0 && (size < 1e-3 || size >= 1e9)) {
            snprintf(out, FIELD, size < 1 ? "%.9g" : "%.16g", v);
            continue;
        }
        uint64_t millionths = (uint64_t)rint(size * 1e6), rest = millionths % 1000000;
        if (v < 0) *p++ = '-';
        p = digits(p, millionths / 1000000, 1);
        *p++ = '.';
        p = digits(p, rest, rest ? 6 : 1);
        if (rest)
            while (p[-1] == '0') *--p = 0;
    }
}

/* A column: fields of `width` bytes with zeros behind; row r has field index[r], or field r without an index. */
typedef struct {
    const char *fields;
    const int64_t *index;
    int64_t width;
} Column;

/* The rows, fields parted by commas, each ended by CR LF. Returns how many bytes; `out` NULL: only counts them. */
EXPORT int64_t xygis_rows(const Column *columns, int64_t count, int64_t rows, char *out) {
    int64_t size = 0;
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t c = 0; c < count; c++) {
            const char *field = columns[c].fields + columns[c].width * (columns[c].index ? columns[c].index[r] : r);
            int64_t length = 0;
            while (length < columns[c].width && field[length]) length++;
            if (out) {
                memcpy(out + size, field, (size_t)length);
                if (c + 1 < count) out[size + length] = ',';
            }
            size += length + (c + 1 < count);
        }
        if (out) out[size] = '\r', out[size + 1] = '\n';
        size += 2;
    }
    return size;
}
