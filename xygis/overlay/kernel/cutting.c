/* Cuts polygons into small pieces without building geometry.

   Half-plane clipping of closed rings (Sutherland and Hodgman 1974) keeps every signed area exact on either side, because
   whatever runs along the cut line has none; so it needs no noding and accepts any ring. */
#include "kernel.h"

#define MOST_VERTICES 128
#define NARROWEST_M 0.5 /* no piece is cut below this, however many vertices it has */

typedef struct {
    double *xy;
    int64_t *ring_offsets; /* rings + 1 */
    int64_t *last;         /* ring after the last of each piece */
    int64_t *owner;        /* polygon that each piece comes from */
    int64_t vertices, rings, pieces;
    int64_t room_xy, room_rings, room_pieces, room_owner;
} Cut;

typedef struct {
    double *xy;
    int64_t *offsets;
    int64_t vertices, rings;
    int64_t room_xy, room_rings;
} Soup; /* some rings */

static int soup_room(Soup *s, int64_t vertices, int64_t rings) {
    return room((void **)&s->xy, &s->room_xy, 2 * (s->vertices + vertices), 8) &&
           room((void **)&s->offsets, &s->room_rings, s->rings + rings + 1, 8);
}

/* Keeps the side of a ring where (coordinate - c) * side >= 0; runs along the line collapse. */
static int clip(const double *v, int64_t n, int axis, double c, double side, Soup *out) {
    if (!soup_room(out, 2 * n + 4, 1)) return 0;
    double *to = out->xy + 2 * out->vertices;
    int64_t k = 0;
    for (int64_t i = 0; i < n; i++) {
        const double *p = v + 2 * i, *q = v + 2 * (i + 1 < n ? i + 1 : 1);
        double dp = (p[axis] - c) * side, dq = (q[axis] - c) * side;
        for (int step = 0; step < 2; step++) {
            double along, across;
            if (step == 0) {
                if (dp < 0) continue;
                along = p[axis], across = p[1 - axis];
            } else {
                if (i == n - 1 || !((dp < 0 && dq > 0) || (dp > 0 && dq < 0))) continue;
                along = c, across = p[1 - axis] + (q[1 - axis] - p[1 - axis]) * (dp / (dp - dq));
            }
            if (k >= 2 && along == c && to[2 * (k - 1) + axis] == c && to[2 * (k - 2) + axis] == c) k--;
            to[2 * k + axis] = along, to[2 * k + 1 - axis] = across;
            k++;
        }
    }
    if (k < 3) return 1;
    if (to[0] != to[2 * (k - 1)] || to[1] != to[2 * (k - 1) + 1]) {
        to[2 * k] = to[0], to[2 * k + 1] = to[1];
        k++;
    }
    if (k < 4) return 1;
    out->vertices += k;
    out->offsets[++out->rings] = out->vertices;
    return 1;
}

static int keep(Cut *out, const double *xy, const int64_t *offsets, int64_t rings, int64_t owner) {
    int64_t n = offsets[rings] - offsets[0];
    if (!room((void **)&out->xy, &out->room_xy, 2 * (out->vertices + n), 8) ||
        !room((void **)&out->ring_offsets, &out->room_rings, out->rings + rings + 1, 8) ||
        !room((void **)&out->last, &out->room_pieces, out->pieces + 1, 8) ||
        !room((void **)&out->owner, &out->room_owner, out->pieces + 1, 8))
        return 0;
    if (!out->rings) out->ring_offsets[0] = 0;
    memcpy(out->xy + 2 * out->vertices, xy + 2 * offsets[0], (size_t)n * 16);
    for (int64_t r = 0; r < rings; r++) out->ring_offsets[out->rings + r + 1] = out->vertices + offsets[r + 1] - offsets[0];
    out->vertices += n, out->rings += rings;
    out->last[out->pieces] = out->rings, out->owner[out->pieces++] = owner;
    return 1;
}

/* Halves some rings across the longer side of their box until each piece is small. */
static int halve(const double *xy, const int64_t *offsets, int64_t rings, int64_t owner, double longest, int depth, Cut *out) {
    double west = INFINITY, south = INFINITY, east = -INFINITY, north = -INFINITY, area = 0;
    for (int64_t r = 0; r < rings; r++) {
        const double *o = xy + 2 * offsets[r];
        double sum = 0;
        for (int64_t k = offsets[r]; k < offsets[r + 1]; k++) {
            const double *v = xy + 2 * k;
            west = least(west, v[0]), east = most(east, v[0]);
            south = least(south, v[1]), north = most(north, v[1]);
            if (k + 1 < offsets[r + 1]) sum += (v[0] - o[0]) * (v[3] - o[1]) - (v[2] - o[0]) * (v[1] - o[1]);
        }
        area += sum / 2;
    }
    int64_t n = offsets[rings] - offsets[0];
    double width = east - west, height = north - south, side = most(width, height);
    int large = n > MOST_VERTICES && side > NARROWEST_M;
    int slim = width * height > 4 * fabs(area) + 1 && side > longest;
    if (depth > 60 || !(large || slim)) return keep(out, xy, offsets, rings, owner);
    int axis = width >= height ? 0 : 1, good = 1;
    double middle = axis == 0 ? (west + east) / 2 : (south + north) / 2;
    for (double half = -1; half <= 1 && good; half += 2) {
        Soup s = {0};
        good = soup_room(&s, 0, 1);
        if (good) s.offsets[0] = 0;
        for (int64_t r = 0; r < rings && good; r++) good = clip(xy + 2 * offsets[r], offsets[r + 1] - offsets[r], axis, middle, half, &s);
        if (good && s.rings) good = halve(s.xy, s.offsets, s.rings, owner, longest, depth + 1, out);
        free(s.xy), free(s.offsets);
    }
    return good;
}

/* Cuts the polygons from `from` to `to`. longest: a piece that fills its box badly is cut down to this side, in units of xy.
   Returns 0, or 1 when memory is out. The arrays of `out` are freed with xygis_free. */
EXPORT int xygis_cut(const double *xy, const int64_t *ring_offsets, const int64_t *first, const int64_t *last, int64_t from, int64_t to,
                     double longest, Cut *out) {
    *out = (Cut){0};
    for (int64_t i = from; i < to; i++)
        if (!halve(xy, ring_offsets + first[i], last[i] - first[i], i, longest, 0, out)) return 1;
    return 0;
}

/* One pass of clipping over rings; what was kept is swapped in. */
static int clip_all(Soup *now, Soup *next, int axis, double c, double side) {
    next->vertices = next->rings = 0;
    if (!soup_room(next, 0, 1)) return 0;
    next->offsets[0] = 0;
    for (int64_t r = 0; r < now->rings; r++)
        if (!clip(now->xy + 2 * now->offsets[r], now->offsets[r + 1] - now->offsets[r], axis, c, side, next)) return 0;
    Soup t = *now;
    *now = *next, *next = t;
    return 1;
}

/* What lies of polygon which[i] in boxes[i], for each i from `from` to `to`: one piece each, its owner i. Where a polygon leaves
   and enters a box again, its parts hang together by edges along the side of the box. Returns 0, or 1 when memory is out. */
EXPORT int xygis_boxed(const double *xy, const int64_t *ring_offsets, const int64_t *first, const int64_t *last, const double *bounds,
                       const int64_t *which, const double *boxes, int64_t from, int64_t to, Cut *out) {
    *out = (Cut){0};
    Soup now = {0}, next = {0};
    int good = 1;
    for (int64_t i = from; i < to && good; i++) {
        int64_t p = which[i], rings = last[p] - first[p], n = ring_offsets[last[p]] - ring_offsets[first[p]];
        const double *box = boxes + 4 * i, *reach = bounds + 4 * p;
        now.vertices = now.rings = 0;
        good = soup_room(&now, n, rings);
        if (!good) break;
        memcpy(now.xy, xy + 2 * ring_offsets[first[p]], (size_t)n * 16);
        for (int64_t r = 0; r <= rings; r++) now.offsets[r] = ring_offsets[first[p] + r] - ring_offsets[first[p]];
        now.vertices = n, now.rings = rings;
        for (int axis = 0; axis < 2 && good; axis++) {
            if (reach[axis] < box[axis]) good = clip_all(&now, &next, axis, box[axis], 1);
            if (good && reach[2 + axis] > box[2 + axis]) good = clip_all(&now, &next, axis, box[2 + axis], -1);
        }
        good = good && keep(out, now.xy, now.offsets, now.rings, i);
    }
    free(now.xy), free(now.offsets), free(next.xy), free(next.offsets);
    return !good;
}

/* Whether each piece is small already, so that it need not be cut. */
EXPORT void xygis_small(const int64_t *ring_offsets, const int64_t *first, const int64_t *last, const double *bounds, const double *area,
                        double longest, int64_t count, uint8_t *small) {
    for (int64_t i = 0; i < count; i++) {
        double width = bounds[4 * i + 2] - bounds[4 * i], height = bounds[4 * i + 3] - bounds[4 * i + 1], side = most(width, height);
        int64_t n = ring_offsets[last[i]] - ring_offsets[first[i]];
        small[i] = !((n > MOST_VERTICES && side > NARROWEST_M) || (width * height > 4 * fabs(area[i]) + 1 && side > longest));
    }
}
