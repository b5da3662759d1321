/* Overlap areas without building geometry.

   For two closed polygons, area(P n Q) = sum over edges i of P and j of Q of s_i s_j INT min(f_i, f_j) dx, where f is the
   height of an edge above the floor of their common box and s = +1 for an edge that runs to -x, -1 otherwise. Heights
   below the floor count as 0. No noding, no tolerance; holes and multiparts are rings like all others. */
#include "kernel.h"

typedef struct {
    double left, right, low, high, sign; /* heights at the left and right end, none below 0 */
} Span;

/* The part of each edge of a piece over [0, width] and above 0, relative to the corner (ox, oy) of the common box. Counts
   into *wind the signs over the middle of the box, and tells whether any edge enters the box itself. */
static int64_t spans_of(const Pieces *p, int64_t piece, double ox, double oy, double width, double height, Span *out, double *wind,
                        int *enters) {
    int64_t n = 0;
    for (int64_t r = p->first[piece]; r < p->last[piece]; r++) {
        const double *v = p->xy + 2 * p->ring_offsets[r], *end = p->xy + 2 * (p->ring_offsets[r + 1] - 1);
        for (; v < end; v += 2) {
            double x1 = v[0] - ox, x2 = v[2] - ox;
            if ((x1 <= 0 && x2 <= 0) || (x1 >= width && x2 >= width)) continue;
            double y1 = v[1] - oy, y2 = v[3] - oy;
            if (y1 <= 0 && y2 <= 0) continue;
            if (x1 == x2) { /* no area, but it may cross the box */
                *enters |= least(y1, y2) < height;
                continue;
            }
            double sign = 1.0;
            if (x1 < x2) {
                sign = -1.0;
            } else {
                double t = x1;
                x1 = x2, x2 = t;
                t = y1;
                y1 = y2, y2 = t;
            }
            double slope = (y2 - y1) / (x2 - x1), l = x1, h1 = y1, r2 = x2, h2 = y2;
            if (l < 0) h1 = y1 - slope * x1, l = 0;
            if (r2 > width) h2 = y2 - slope * (x2 - width), r2 = width;
            if (h1 <= 0 && h2 <= 0) continue;
            if (h1 < 0) {
                l = l - h1 / slope, h1 = 0;
            } else if (h2 < 0) {
                r2 = r2 - h2 / slope, h2 = 0;
            }
            if (!(l < r2)) continue;
            *enters |= h1 < height || h2 < height;
            if (l <= width / 2 && width / 2 < r2) *wind += sign;
            out[n++] = (Span){l, r2, h1, h2, sign};
        }
    }
    return n;
}

static double common_area(const Span *a, int64_t na, const Span *b, int64_t nb) {
    double total = 0;
    for (int64_t j = 0; j < nb; j++) {
        double u1 = b[j].left, u2 = b[j].right, slope_b = (b[j].high - b[j].low) / (u2 - u1), sum = 0;
        for (int64_t i = 0; i < na; i++) {
            double l = most(a[i].left, u1), r = least(a[i].right, u2);
            if (l >= r) continue;
            double slope_a = (a[i].high - a[i].low) / (a[i].right - a[i].left);
            double f1 = a[i].low + slope_a * (l - a[i].left), f2 = a[i].low + slope_a * (r - a[i].left);
            double g1 = b[j].low + slope_b * (l - u1), g2 = b[j].low + slope_b * (r - u1);
            double d1 = f1 - g1, d2 = f2 - g2, mean;
            if (d1 * d2 >= 0) { /* no crossing: the lower of the two all along */
                mean = (least(f1, g1) + least(f2, g2)) * 0.5;
            } else {
                double z = d1 / (d1 - d2), y = f1 + (f2 - f1) * z;
                mean = 0.5 * (z * (least(f1, g1) + y) + (1 - z) * (y + least(f2, g2)));
            }
            sum += a[i].sign * mean * (r - l);
        }
        total += b[j].sign * sum;
    }
    return total;
}

/* Whether two one-ring pieces have the same vertices in the same direction, wherever they begin. */
static int same_ring(const Pieces *p, int64_t i, const Pieces *q, int64_t j, double dx, double dy) {
    if (p->last[i] - p->first[i] != 1 || q->last[j] - q->first[j] != 1) return 0;
    int64_t a = p->ring_offsets[p->first[i]], b = q->ring_offsets[q->first[j]];
    int64_t n = p->ring_offsets[p->first[i] + 1] - a - 1;
    if (n != q->ring_offsets[q->first[j] + 1] - b - 1) return 0;
    const double *u = p->xy + 2 * a, *v = q->xy + 2 * b;
    int64_t k = 0;
    while (k < n && (v[2 * k] != u[0] + dx || v[2 * k + 1] != u[1] + dy)) k++;
    if (k == n) return 0;
    for (int64_t m = 0; m < n; m++) {
        int64_t w = m + k < n ? m + k : m + k - n;
        if (v[2 * w] != u[2 * m] + dx || v[2 * w + 1] != u[2 * m + 1] + dy) return 0;
    }
    return 1;
}

typedef struct {
    Span *a, *b;
    int64_t room_a, room_b;
} Desk;

static int64_t vertices(const Pieces *p, int64_t i) { return p->ring_offsets[p->last[i]] - p->ring_offsets[p->first[i]]; }

/* area(P_i n Q_j). dx, dy: what to add to P's coordinates to have Q's. */
static double pair_area(const Pieces *p, int64_t i, double area_p, const Pieces *q, int64_t j, double area_q, double dx, double dy,
                        Desk *desk, int *failed) {
    const double *qb = q->bounds + 4 * j;
    const double pb[4] = {p->bounds[4 * i] + dx, p->bounds[4 * i + 1] + dy, p->bounds[4 * i + 2] + dx, p->bounds[4 * i + 3] + dy};
    double ox = most(pb[0], qb[0]), oy = most(pb[1], qb[1]);
    double width = least(pb[2], qb[2]) - ox, height = least(pb[3], qb[3]) - oy;
    int p_holds = pb[0] <= qb[0] && pb[1] <= qb[1] && pb[2] >= qb[2] && pb[3] >= qb[3];
    int q_holds = qb[0] <= pb[0] && qb[1] <= pb[1] && qb[2] >= pb[2] && qb[3] >= pb[3];
    if (p_holds && q_holds && same_ring(p, i, q, j, dx, dy)) return area_q;
    if (!room((void **)&desk->a, &desk->room_a, vertices(p, i), sizeof(Span)) ||
        !room((void **)&desk->b, &desk->room_b, vertices(q, j), sizeof(Span))) {
        *failed = 1;
        return 0;
    }
    double wind_p = 0, wind_q = 0;
    int p_enters = 0, q_enters = 0;
    int64_t na = spans_of(p, i, ox - dx, oy - dy, width, height, desk->a, &wind_p, &p_enters);
    if (!p_enters && p_holds) return wind_p * area_q; /* no edge of P in the box of Q: all of Q or nothing */
    if (!na) return 0;
    int64_t nb = spans_of(q, j, ox, oy, width, height, desk->b, &wind_q, &q_enters);
    if (!q_enters && q_holds) return wind_q * area_p;
    return common_area(desk->a, na, desk->b, nb);
}

typedef struct {
    int64_t *p, *q;
    double *area;
    int64_t count, capacity;
} Pairs;

static int keep_pair(Pairs *out, int64_t *room_q, int64_t *room_area, int64_t i, int64_t j, double area) {
    if (!room((void **)&out->p, &out->capacity, out->count + 1, 8) || !room((void **)&out->q, room_q, out->count + 1, 8) ||
        !room((void **)&out->area, room_area, out->count + 1, 8))
        return 0;
    out->p[out->count] = i, out->q[out->count] = j, out->area[out->count++] = area;
    return 1;
}

/* Every pair (piece of P from `from` to `to`, piece of Q) that overlaps, in the order of P and then of Q. With `owner`, only
   pairs whose owners differ, each once. Returns 0, or 1 when memory is out. Free with xygis_free. */
EXPORT int xygis_pairs(const Pieces *p, const double *area_p, const Pieces *q, const double *area_q, const Index *index,
                       const double *shift, const int64_t *owner, int64_t from, int64_t to, Pairs *out) {
    Desk desk = {0};
    int failed = 0;
    int64_t room_q = 0, room_area = 0;
    *out = (Pairs){0};
    for (int64_t i = from; i < to && !failed; i++) {
        const double *b = p->bounds + 4 * i;
        const double box[4] = {b[0] + shift[0], b[1] + shift[1], b[2] + shift[0], b[3] + shift[1]};
        FOR_PIECES_IN_BOX(box, q, index, j) {
            if (owner && owner[j] <= owner[i]) continue;
            double area = pair_area(p, i, area_p[i], q, j, area_q[j], shift[0], shift[1], &desk, &failed);
            if (area != 0 && !keep_pair(out, &room_q, &room_area, i, j, area)) failed = 1;
        }
    }
    free(desk.a), free(desk.b);
    return failed;
}

EXPORT void xygis_free(void *memory) { free(memory); }

/* Signed area and bounds of pieces; counter-clockwise is positive. */
EXPORT void xygis_sizes(const double *xy, const int64_t *ring_offsets, const int64_t *first, const int64_t *last, int64_t count,
                        double *area, double *bounds) {
    for (int64_t i = 0; i < count; i++) {
        double total = 0, west = INFINITY, south = INFINITY, east = -INFINITY, north = -INFINITY;
        for (int64_t r = first[i]; r < last[i]; r++) {
            const double *v = xy + 2 * ring_offsets[r], *end = xy + 2 * (ring_offsets[r + 1] - 1);
            double ox = v[0], oy = v[1], sum = 0;
            for (; v < end; v += 2) {
                sum += (v[0] - ox) * (v[3] - oy) - (v[2] - ox) * (v[1] - oy);
                west = least(west, v[0]), east = most(east, v[0]);
                south = least(south, v[1]), north = most(north, v[1]);
            }
            west = least(west, v[0]), east = most(east, v[0]); /* the end of a line; of a ring, its beginning again */
            south = least(south, v[1]), north = most(north, v[1]);
            total += sum / 2;
        }
        area[i] = total;
        bounds[4 * i] = west, bounds[4 * i + 1] = south, bounds[4 * i + 2] = east, bounds[4 * i + 3] = north;
    }
}

/* Place along a Hilbert curve of order 16 of box centres. */
EXPORT void xygis_hilbert(const double *bounds, int64_t count, const double *corner, double side, int64_t *key) {
    for (int64_t i = 0; i < count; i++) {
        int64_t x = (int64_t)(((bounds[4 * i] + bounds[4 * i + 2]) / 2 - corner[0]) / side * 65535);
        int64_t y = (int64_t)(((bounds[4 * i + 1] + bounds[4 * i + 3]) / 2 - corner[1]) / side * 65535), d = 0;
        for (int64_t s = 32768; s; s >>= 1) {
            int64_t rx = (x & s) > 0, ry = (y & s) > 0;
            d += s * s * ((3 * rx) ^ ry);
            if (!ry) {
                if (rx) x = 65535 - x, y = 65535 - y;
                int64_t t = x;
                x = y, y = t;
            }
        }
        key[i] = d;
    }
}
