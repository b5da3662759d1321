/* The nearest piece of a layer to each parcel, best box first, in a plane stretched so that metres are true near the parcel. */
#include "kernel.h"

typedef struct {
    double bound;
    int64_t number;
    int level;
} Entry;

typedef struct {
    Entry *heap;
    int64_t count, capacity;
} Heap;

static int push(Heap *h, double bound, int level, int64_t number) {
    if (!room((void **)&h->heap, &h->capacity, h->count + 1, sizeof(Entry))) return 0;
    int64_t k = h->count++;
    for (; k > 0 && h->heap[(k - 1) / 2].bound > bound; k = (k - 1) / 2) h->heap[k] = h->heap[(k - 1) / 2];
    h->heap[k] = (Entry){bound, number, level};
    return 1;
}

static Entry pop(Heap *h) {
    Entry top = h->heap[0], last = h->heap[--h->count];
    int64_t k = 0;
    for (;;) {
        int64_t c = 2 * k + 1;
        if (c >= h->count) break;
        if (c + 1 < h->count && h->heap[c + 1].bound < h->heap[c].bound) c++;
        if (h->heap[c].bound >= last.bound) break;
        h->heap[k] = h->heap[c];
        k = c;
    }
    h->heap[k] = last;
    return top;
}

static double box_gap(const double *a, const double *b, const double *scale) {
    double dx = most(most(a[0] - b[2], b[0] - a[2]), 0) * scale[0], dy = most(most(a[1] - b[3], b[1] - a[3]), 0) * scale[1];
    return sqrt(dx * dx + dy * dy);
}

typedef struct {
    double gap, on_parcel[2], on_layer[2];
    int64_t piece;
} Nearest;

/* Squared distance from a point to an edge, in stretched metres; `foot` is the nearest place on the edge. */
static double reach(const double *p, const double *a, const double *b, const double *s, double *foot) {
    double ux = (b[0] - a[0]) * s[0], uy = (b[1] - a[1]) * s[1], wx = (p[0] - a[0]) * s[0], wy = (p[1] - a[1]) * s[1];
    double length = ux * ux + uy * uy, t = length > 0 ? (wx * ux + wy * uy) / length : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    foot[0] = a[0] + t * (b[0] - a[0]), foot[1] = a[1] + t * (b[1] - a[1]);
    double dx = wx - t * ux, dy = wy - t * uy;
    return dx * dx + dy * dy;
}

static double turn(const double *a, const double *b, const double *c) {
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

static int cross(const double *a, const double *b, const double *c, const double *d) {
    return (turn(a, b, c) > 0) != (turn(a, b, d) > 0) && (turn(c, d, a) > 0) != (turn(c, d, b) > 0);
}

static int holds(const Pieces *p, int64_t i, double x, double y) {
    int in = 0;
    for (int64_t r = p->first[i]; r < p->last[i]; r++) {
        const double *v = p->xy + 2 * p->ring_offsets[r], *end = p->xy + 2 * (p->ring_offsets[r + 1] - 1);
        for (; v < end; v += 2)
            if ((v[1] > y) != (v[3] > y) && x < v[0] + (y - v[1]) / (v[3] - v[1]) * (v[2] - v[0])) in = !in;
    }
    return in;
}

typedef struct {
    double ends[4];
    double box[4];
} Side;

/* A stretch of a piece's edge along a side of its box. Cutting leaves bridges there that run forth and back and are no border. */
typedef struct {
    double from, to;
    int wall, sign;
} Run;

typedef struct {
    Side *sides; /* of the parcel, near enough to the piece at hand */
    Run *runs;
    double *marks;
    int64_t capacity, room_runs, room_marks;
} Table;

/* Which side of its box an edge lies on: 0 none, else 1 to 4. */
static int wall_of(const double *v, const double *box) {
    if (v[0] == v[2] && (v[0] == box[0] || v[0] == box[2])) return v[0] == box[0] ? 1 : 2;
    if (v[1] == v[3] && (v[1] == box[1] || v[1] == box[3])) return v[1] == box[1] ? 3 : 4;
    return 0;
}

static int keep_run(Table *t, int64_t n, const double *v, int wall) {
    if (!room((void **)&t->runs, &t->room_runs, n + 1, sizeof(Run))) return 0;
    double a = wall < 3 ? v[1] : v[0], b = wall < 3 ? v[3] : v[2];
    t->runs[n] = (Run){least(a, b), most(a, b), wall, a < b ? 1 : -1};
    return 1;
}

static Side side(double ax, double ay, double bx, double by) {
    return (Side){{ax, ay, bx, by}, {least(ax, bx), least(ay, by), most(ax, bx), most(ay, by)}};
}

/* One edge of the layer against the parcel's sides; improves *found (squared) and *best. */
static void try_edge(const double *v, const Side *sides, int64_t n, const double *scale, double half, int lines, int64_t piece,
                     double *found, Nearest *best) {
    const Side q = side(v[0], v[1], v[2], v[3]);
    for (int64_t k = 0; k < n; k++) {
        const double *e = sides[k].ends;
        double dx = most(most(sides[k].box[0] - q.box[2], q.box[0] - sides[k].box[2]), 0) * scale[0];
        double dy = most(most(sides[k].box[1] - q.box[3], q.box[1] - sides[k].box[3]), 0) * scale[1];
        if (dx * dx + dy * dy >= *found) continue;
        double near[4][2];
        double d[4] = {reach(e, v, v + 2, scale, near[0]), reach(e + 2, v, v + 2, scale, near[1]), reach(v, e, e + 2, scale, near[2]),
                       reach(v + 2, e, e + 2, scale, near[3])};
        if (lines && cross(e, e + 2, v, v + 2)) d[0] = 0, near[0][0] = e[0], near[0][1] = e[1];
        for (int m = 0; m < 4; m++) {
            if (d[m] >= *found) continue;
            *found = d[m];
            const double *on_p = m == 0 ? e : m == 1 ? e + 2 : near[m], *on_q = m == 2 ? v : m == 3 ? v + 2 : near[m];
            *best = (Nearest){sqrt(d[m]) - half, {on_p[0], on_p[1]}, {on_q[0], on_q[1]}, piece};
        }
    }
}

/* The stretches along the sides of the box that are border: those whose runs do not cancel. */
static int try_walls(Table *t, int64_t runs, int64_t n, const double *box, const double *scale, double half, int64_t piece, double *found,
                     Nearest *best) {
    for (int wall = 1; wall <= 4; wall++) {
        int64_t marks = 0;
        for (int64_t k = 0; k < runs; k++) {
            if (t->runs[k].wall != wall) continue;
            if (!room((void **)&t->marks, &t->room_marks, marks + 2, 8)) return 0;
            double ends[2] = {t->runs[k].from, t->runs[k].to};
            for (int e = 0; e < 2; e++) { /* few of them: put in their place as they come */
                int64_t m = marks++;
                for (; m > 0 && t->marks[m - 1] > ends[e]; m--) t->marks[m] = t->marks[m - 1];
                t->marks[m] = ends[e];
            }
        }
        double at = wall == 1 ? box[0] : wall == 2 ? box[2] : wall == 3 ? box[1] : box[3];
        for (int64_t m = 0; m + 1 < marks; m++) {
            double a = t->marks[m], b = t->marks[m + 1];
            int net = 0;
            if (a == b) continue;
            for (int64_t k = 0; k < runs; k++)
                if (t->runs[k].wall == wall && t->runs[k].from <= a && t->runs[k].to >= b) net += t->runs[k].sign;
            if (!net) continue;
            double v[4] = {wall < 3 ? at : a, wall < 3 ? a : at, wall < 3 ? at : b, wall < 3 ? b : at};
            try_edge(v, t->sides, n, scale, half, 0, piece, found, best);
        }
    }
    return 1;
}

/* Compares parcel i with piece j; improves *best. `half` is taken off every distance to the piece. */
static int try_piece(const Pieces *p, int64_t i, const Pieces *q, int64_t j, const double *shift, const double *scale, double half, int lines,
                     Table *t, Nearest *best) {
    const double *qb = q->bounds + 4 * j;
    int64_t n = 0;
    double limit = best->gap + half;
    for (int64_t r = p->first[i]; r < p->last[i]; r++) {
        const double *v = p->xy + 2 * p->ring_offsets[r], *end = p->xy + 2 * (p->ring_offsets[r + 1] - 1);
        for (; v < end; v += 2) {
            Side e = side(v[0] + shift[0], v[1] + shift[1], v[2] + shift[0], v[3] + shift[1]);
            if (box_gap(e.box, qb, scale) >= limit) continue;
            if (!room((void **)&t->sides, &t->capacity, n + 1, sizeof(Side))) return 0;
            t->sides[n++] = e;
        }
    }
    const double *pb = p->bounds + 4 * i;
    const double box_p[4] = {pb[0] + shift[0], pb[1] + shift[1], pb[2] + shift[0], pb[3] + shift[1]};
    double found = limit * limit, closest = INFINITY;
    int64_t runs = 0;
    const double *first = NULL; /* the edge whose box is nearest goes first: it spares most others */
    for (int64_t r = q->first[j]; r < q->last[j]; r++) {
        const double *v = q->xy + 2 * q->ring_offsets[r], *end = q->xy + 2 * (q->ring_offsets[r + 1] - 1);
        if (lines && holds(p, i, v[0] - shift[0], v[1] - shift[1])) {
            *best = (Nearest){-half, {v[0], v[1]}, {v[0], v[1]}, j};
            return 1;
        }
        for (; v < end; v += 2) {
            int wall = lines ? 0 : wall_of(v, qb);
            if (wall && !keep_run(t, runs++, v, wall)) return 0;
            double gap = wall ? INFINITY : box_gap(side(v[0], v[1], v[2], v[3]).box, box_p, scale);
            if (gap < closest) closest = gap, first = v;
        }
    }
    if (first && closest * closest < found) {
        try_edge(first, t->sides, n, scale, half, lines, j, &found, best);
        for (int64_t r = q->first[j]; r < q->last[j]; r++) {
            const double *v = q->xy + 2 * q->ring_offsets[r], *end = q->xy + 2 * (q->ring_offsets[r + 1] - 1);
            for (; v < end; v += 2) {
                double gap = box_gap(side(v[0], v[1], v[2], v[3]).box, box_p, scale);
                if (v != first && gap * gap < found && (lines || !wall_of(v, qb)))
                    try_edge(v, t->sides, n, scale, half, lines, j, &found, best);
            }
        }
    }
    return !runs || try_walls(t, runs, n, qb, scale, half, j, &found, best);
}

/* For each parcel `which[k]`, k from `from` to `to`: the nearest piece within `radius`; piece -1 where there is none.
   scale: (n, 2) true metres per plane metre at each parcel. half: half the width of each piece's land, or NULL. chosen: which
   pieces count, or NULL. lines: the pieces are lines. Returns 0, or 1 when memory is out. */
EXPORT int xygis_nearest(const Pieces *parcels, const int64_t *which, const Pieces *layer, const Index *index, const double *shift,
                         const double *scale, const double *half, double widest, const uint8_t *chosen, int lines, double radius,
                         int64_t from, int64_t to, Nearest *out) {
    Heap h = {0};
    Table t = {0};
    int good = 1;
    for (int64_t k = from; k < to && good; k++) {
        int64_t i = which[k];
        const double *p = parcels->bounds + 4 * i, *s = scale + 2 * i;
        const double box[4] = {p[0] + shift[0], p[1] + shift[1], p[2] + shift[0], p[3] + shift[1]};
        Nearest best = {radius, {0, 0}, {0, 0}, -1};
        h.count = 0;
        for (int64_t a = 0; a < index->count2 && good; a++) {
            double gap = box_gap(index->level2 + 4 * a, box, s) - widest;
            if (gap < best.gap) good = push(&h, gap, 2, a);
        }
        while (h.count && good) {
            Entry e = pop(&h);
            if (e.bound >= best.gap) break;
            if (e.level == 0) {
                good = try_piece(parcels, i, layer, e.number, shift, s, half ? half[e.number] : 0, lines, &t, &best);
                continue;
            }
            int64_t end = e.level == 2 ? index->count1 : layer->count;
            const double *boxes = e.level == 2 ? index->level1 : layer->bounds;
            for (int64_t a = e.number * FAN; a < end && a < e.number * FAN + FAN && good; a++) {
                if (e.level == 1 && chosen && !chosen[a]) continue;
                double gap = box_gap(boxes + 4 * a, box, s) - widest;
                if (gap < best.gap) good = push(&h, gap, e.level - 1, a);
            }
        }
        out[k] = best;
    }
    free(h.heap), free(t.sides), free(t.runs), free(t.marks);
    return !good;
}
