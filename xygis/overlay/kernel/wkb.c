/* Polygons and multipolygons from GeoPackage blobs into flat arrays. Anything else is left to a geometry library. */
#include "kernel.h"

typedef struct {
    const uint8_t *at, *end;
    int swap;
} Reader;

static int read_order(Reader *r) {
    if (r->at >= r->end || *r->at > 1) return 0;
    const uint16_t one = 1;
    int little = *(const uint8_t *)&one;
    r->swap = *r->at++ != little;
    return 1;
}

static int read_count(Reader *r, uint32_t *out) {
    if (r->end - r->at < 4) return 0;
    uint8_t b[4];
    for (int i = 0; i < 4; i++) b[i] = r->at[r->swap ? 3 - i : i];
    memcpy(out, b, 4);
    r->at += 4;
    return 1;
}

static double read_double(const uint8_t *at, int swap) {
    double value;
    if (!swap) {
        memcpy(&value, at, 8);
        return value;
    }
    uint8_t b[8];
    for (int i = 0; i < 8; i++) b[i] = at[7 - i];
    memcpy(&value, b, 8);
    return value;
}

typedef struct {
    int64_t vertices, rings, parts;
    double *xy;
    int64_t *ring_offsets, *part_offsets, *owner;
    double shift[2];
} Sink;

static int kind_of(Reader *r, uint32_t *kind, int *dimensions) {
    uint32_t type;
    if (!read_order(r) || !read_count(r, &type)) return 0;
    *dimensions = 2 + (type & 0x80000000u ? 1 : 0) + (type & 0x40000000u ? 1 : 0);
    if (type & 0x20000000u) return 0; /* a reference system inside the blob: no GeoPackage */
    type &= 0x1FFFFFFFu;
    uint32_t thousands = type / 1000;
    if (thousands > 3) return 0;
    if (thousands) *dimensions = thousands == 3 ? 4 : 3;
    *kind = type % 1000;
    return 1;
}

static int same(double a, double b) { return a == b || (a != a && b != b); } /* what is no number is refused later, by name */

static int read_polygon(Reader *r, int dimensions, int64_t owner, Sink *out) {
    uint32_t rings;
    if (!read_count(r, &rings) || rings == 0) return 0;
    for (uint32_t k = 0; k < rings; k++) {
        uint32_t n;
        if (!read_count(r, &n) || n < 4 || (r->end - r->at) / (8 * dimensions) < (int64_t)n) return 0;
        double *to = out->xy + 2 * out->vertices, dx = out->shift[0], dy = out->shift[1];
        if (dimensions == 2 && !r->swap) {
            const uint8_t *at = r->at;
            for (uint32_t i = 0; i < n; i++, at += 16, to += 2) {
                double v[2];
                memcpy(v, at, 16);
                to[0] = v[0] - dx, to[1] = v[1] - dy;
            }
        } else {
            for (uint32_t i = 0; i < n; i++) {
                to[2 * i] = read_double(r->at + 8 * dimensions * (size_t)i, r->swap) - dx;
                to[2 * i + 1] = read_double(r->at + 8 * dimensions * (size_t)i + 8, r->swap) - dy;
            }
        }
        const double *start = out->xy + 2 * out->vertices, *last = start + 2 * (n - 1);
        if (!same(start[0], last[0]) || !same(start[1], last[1])) return 0; /* not closed */
        out->ring_offsets[out->rings + 1] = out->vertices + n;
        r->at += 8 * dimensions * (size_t)n;
        out->vertices += n, out->rings++;
    }
    out->part_offsets[out->parts + 1] = out->rings, out->owner[out->parts] = owner;
    out->parts++;
    return 1;
}

static int read_areal(Reader *r, int64_t owner, Sink *out) {
    uint32_t kind, parts;
    int dimensions;
    if (!kind_of(r, &kind, &dimensions)) return 0;
    if (kind == 3) return read_polygon(r, dimensions, owner, out);
    if (kind != 6 || !read_count(r, &parts) || parts == 0) return 0;
    for (uint32_t i = 0; i < parts; i++) {
        if (!kind_of(r, &kind, &dimensions) || kind != 3 || !read_polygon(r, dimensions, owner, out)) return 0;
    }
    return 1;
}

/* Adds `count` GeoPackage blobs lying one after the other, features from number `first_owner`, less `shift`. The sink has room for
   what their bytes can hold at most. Returns -1, or the number of the first blob that is not a plain polygon or multipolygon. */
EXPORT int64_t xygis_read_blobs(const uint8_t *data, const int64_t *offsets, int64_t count, int64_t first_owner, const double *shift,
                                Sink *sink) {
    static const int envelope[8] = {0, 32, 48, 48, 64, -1, -1, -1};
    sink->shift[0] = shift[0], sink->shift[1] = shift[1];
    for (int64_t i = 0; i < count; i++) {
        const uint8_t *b = data + offsets[i];
        int64_t size = offsets[i + 1] - offsets[i];
        if (size < 8 || b[0] != 'G' || b[1] != 'P' || (b[3] & 0x30) || envelope[(b[3] >> 1) & 7] < 0) return i;
        Reader r = {b + 8 + envelope[(b[3] >> 1) & 7], b + size, 0};
        if (r.at > r.end || !read_areal(&r, first_owner + i, sink) || r.at != r.end) return i;
    }
    return -1;
}

/* Copies the rings first[i] to last[i] - 1 of every group, from the table that it names, to where ring_at and vertex_at say. */
EXPORT void xygis_gather(const double *const *xy, const int64_t *const *offsets, const uint8_t *table, const int64_t *first,
                         const int64_t *last, const int64_t *ring_at, const int64_t *vertex_at, int64_t from, int64_t to, double *out,
                         int64_t *out_offsets) {
    for (int64_t i = from; i < to; i++) {
        const int64_t *o = offsets[table[i]];
        int64_t start = o[first[i]], size = o[last[i]] - start;
        memcpy(out + 2 * vertex_at[i], xy[table[i]] + 2 * start, (size_t)size * 16);
        for (int64_t r = first[i]; r < last[i]; r++) out_offsets[ring_at[i] + r - first[i] + 1] = vertex_at[i] + o[r + 1] - start;
    }
}

/* Two sums over the 8-byte words of some memory, the second weighted by their place, so that whatever changes is seen. */
EXPORT void xygis_checksum(const uint64_t *words, int64_t count, int64_t place, uint64_t *sums) {
    uint64_t a = 0, b = 0, weight = 2 * (uint64_t)place + 1;
    for (int64_t i = 0; i < count; i++, weight += 2) a += words[i], b += words[i] * weight;
    sums[0] = a, sums[1] = b;
}
