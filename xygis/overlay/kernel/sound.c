/* Polygons that are certainly valid, found quickly; whatever is not certain is left to a geometry library.

   Certain means: no two edges come together except neighbours at their common vertex, decided by orientation signs that
   the rounding of doubles cannot turn (Shewchuk 1997, the first stage of the adaptive test), and every hole lies in its shell
   and in no other hole. Rings that only touch are valid too, but not certainly so. */
#include "kernel.h"

#define ROUNDING 1e-15 /* of the two products of an orientation; 3.4e-16 would do */
#define TESTS_PER_EDGE 400

typedef struct {
    double west, south, east, north;
    const double *v;     /* v[0..1] to v[2..3] */
    int64_t number, ring; /* number of the edge within its polygon */
} Edge;

/* +1 left, -1 right, 0 not certain: where c lies from the line a to b. */
static int side_of(const double *a, const double *b, const double *c) {
    double l = (a[0] - c[0]) * (b[1] - c[1]), r = (a[1] - c[1]) * (b[0] - c[0]), det = l - r;
    double bound = ROUNDING * (fabs(l) + fabs(r));
    return det > bound ? 1 : det < -bound ? -1 : 0;
}

static int surely_apart(const double *a, const double *b) {
    int s = side_of(a, a + 2, b), t = side_of(a, a + 2, b + 2);
    if (s && s == t) return 1;
    s = side_of(b, b + 2, a), t = side_of(b, b + 2, a + 2);
    return s && s == t;
}

/* Edges a to b and b to c meet at b alone. */
static int surely_bent(const double *ab, const double *bc) {
    if (side_of(ab, ab + 2, bc + 2)) return 1;
    return (ab[2] - ab[0]) * (bc[2] - bc[0]) + (ab[3] - ab[1]) * (bc[3] - bc[1]) > 0 && (bc[0] != bc[2] || bc[1] != bc[3]);
}

static int by_west(const void *a, const void *b) {
    double d = ((const Edge *)a)->west - ((const Edge *)b)->west;
    return d < 0 ? -1 : d > 0;
}

/* 1 inside, -1 outside, 0 not certain: a point that is on no edge of a ring. */
static int surely_inside(const double *point, const double *v, int64_t n) {
    int in = 0;
    for (int64_t i = 0; i + 1 < n; i++, v += 2) {
        if ((v[1] > point[1]) == (v[3] > point[1])) continue;
        int s = side_of(v, v + 2, point);
        if (!s) return 0;
        in ^= (s > 0) == (v[3] > v[1]);
    }
    return in ? 1 : -1;
}

static int nested_well(const double *xy, const int64_t *offsets, int64_t rings) {
    const double *shell = xy + 2 * offsets[0];
    for (int64_t r = 1; r < rings; r++) {
        if (surely_inside(xy + 2 * offsets[r], shell, offsets[1] - offsets[0]) != 1) return 0;
        for (int64_t s = 1; s < rings && rings < 500; s++)
            if (s != r && surely_inside(xy + 2 * offsets[r], xy + 2 * offsets[s], offsets[s + 1] - offsets[s]) != -1) return 0;
    }
    return rings < 500;
}

static int sound(const double *xy, const int64_t *offsets, int64_t rings, Edge *edges, int64_t *active) {
    int64_t n = 0;
    for (int64_t r = 0; r < rings; r++) {
        const double *v = xy + 2 * offsets[r];
        int64_t m = offsets[r + 1] - offsets[r] - 1;
        if (m < 3 || v[0] != v[2 * m] || v[1] != v[2 * m + 1]) return 0;
        for (int64_t i = 0; i < m; i++, v += 2, n++) {
            if (!isfinite(v[0]) || !isfinite(v[1])) return 0;
            edges[n] = (Edge){least(v[0], v[2]), least(v[1], v[3]), most(v[0], v[2]), most(v[1], v[3]), v, i, r};
        }
    }
    for (int64_t r = 0, k = 0; r < rings; r++) { /* neighbours first, in order */
        int64_t m = offsets[r + 1] - offsets[r] - 1;
        for (int64_t i = 0; i < m; i++)
            if (!surely_bent(edges[k + i].v, edges[k + (i + 1 < m ? i + 1 : 0)].v)) return 0;
        k += m;
    }
    if (n <= 48) {
        for (int64_t i = 1; i < n; i++) {
            Edge e = edges[i];
            int64_t k = i;
            for (; k > 0 && edges[k - 1].west > e.west; k--) edges[k] = edges[k - 1];
            edges[k] = e;
        }
    } else {
        qsort(edges, (size_t)n, sizeof(Edge), by_west);
    }
    int64_t live = 0, tests = 0;
    for (int64_t i = 0; i < n; i++) {
        const Edge *e = edges + i;
        int64_t kept = 0;
        for (int64_t k = 0; k < live; k++) {
            const Edge *f = edges + active[k];
            if (f->east < e->west) continue;
            active[kept++] = active[k];
            if (f->north < e->south || f->south > e->north) continue;
            if (f->ring == e->ring) {
                int64_t m = offsets[e->ring + 1] - offsets[e->ring] - 1, d = e->number - f->number;
                if (d == 1 || d == -1 || d == m - 1 || d == 1 - m) continue;
            }
            if (!surely_apart(e->v, f->v)) return 0;
        }
        tests += live;
        if (tests > TESTS_PER_EDGE * (n + 1000)) return 0;
        live = kept;
        active[live++] = i;
    }
    return rings == 1 || nested_well(xy, offsets, rings);
}

/* sound[i] = 1 where polygon i from `from` to `to` is certainly valid. Returns 0, or 1 when memory is out. */
EXPORT int xygis_sound(const double *xy, const int64_t *ring_offsets, const int64_t *first, const int64_t *last, int64_t from, int64_t to,
                       uint8_t *sound_) {
    int64_t largest = 0;
    for (int64_t i = from; i < to; i++) {
        int64_t n = ring_offsets[last[i]] - ring_offsets[first[i]];
        if (n > largest) largest = n;
    }
    Edge *edges = malloc((size_t)(largest + 1) * sizeof(Edge));
    int64_t *active = malloc((size_t)(largest + 1) * sizeof(int64_t));
    if (!edges || !active) {
        free(edges), free(active);
        return 1;
    }
    for (int64_t i = from; i < to; i++)
        sound_[i] = (uint8_t)sound(xy, ring_offsets + first[i], last[i] - first[i], edges, active);
    free(edges), free(active);
    return 0;
}

static double ring_area(const double *v, int64_t n) {
    double ox = v[0], oy = v[1], sum = 0;
    for (int64_t i = 0; i + 1 < n; i++, v += 2) sum += (v[0] - ox) * (v[3] - oy) - (v[2] - ox) * (v[1] - oy);
    return sum / 2;
}

/* Turns shells counter-clockwise and holes clockwise, in place. */
EXPORT void xygis_orient(double *xy, const int64_t *ring_offsets, const int64_t *first, const int64_t *last, int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++)
        for (int64_t r = first[i]; r < last[i]; r++) {
            double *v = xy + 2 * ring_offsets[r];
            int64_t n = ring_offsets[r + 1] - ring_offsets[r];
            if ((ring_area(v, n) < 0) != (r == first[i])) continue;
            for (double *a = v, *b = v + 2 * (n - 1); a < b; a += 2, b -= 2) {
                double x = a[0], y = a[1];
                a[0] = b[0], a[1] = b[1], b[0] = x, b[1] = y;
            }
        }
}
