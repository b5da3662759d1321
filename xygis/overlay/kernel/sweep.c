/* The patches that a layer cuts out of a parcel, and what is left of it: how many, how large, how wide, without geometry.

   A line sweeps over the parcel from left to right. Between two events the edges under it stand in a fixed order; where two
   of them would cross, the slab ends at the crossing. Going up through the edges of a slab, winding numbers tell what lies
   inside the parcel and inside the layer (features that lie on each other count once); what hangs together from slab to slab
   is one patch. Area and perimeter of each give its mean width 2 A / P. */
#include "kernel.h"

#define SAME_M 1e-9  /* heights nearer than this are one */
#define MOST_SEGMENTS 400000 /* beyond, a line over so many edges would take minutes: another way has to be found */
#define HAIR_M 2e-4  /* what is thinner is no part of a patch's body: it has no area, only perimeter */

typedef struct {
    double x1, y1, x2, y2, slope;
    int8_t up;    /* +1: the interior begins above it */
    int8_t layer; /* of the layer, not of the parcel */
} Segment;

typedef struct {
    double key;
    int64_t value;
} Sortable;

typedef struct {
    double low, high; /* heights at the left and right end of the slab */
    int64_t segment;
} Live;

typedef struct {
    double lower[2], upper[2]; /* at the left and right end */
    int64_t patch;
    int8_t inside, hair;
} Cell;

typedef struct {
    double area, perimeter, body_area, body_perimeter;
    int64_t parent;
    int8_t inside;
} Patch;

typedef struct {
    Segment *segments;
    Sortable *order, *floor;
    Live *live;
    Cell *cells, *before;
    Patch *patches;
    int64_t room_segments, room_order, room_floor, room_live, room_cells, room_before, room_patches;
    int64_t segment_count, floor_count, patch_count;
} Bench;

/* Everything that is said of one parcel and one layer; areas in m2. */
typedef struct {
    double inside, inside_sliver, inside_contact, outside, outside_sliver, outside_contact;
    int64_t inside_patches, inside_slivers;
} Facts;

typedef struct {
    double contact, sliver_area, sliver_width;
} Tolerances;

static void sort(Sortable *a, int64_t n) {
    while (n > 24) {
        double p = a[n / 2].key;
        int64_t i = 0, j = n - 1;
        while (i <= j) {
            while (a[i].key < p) i++;
            while (a[j].key > p) j--;
            if (i <= j) {
                Sortable t = a[i];
                a[i++] = a[j], a[j--] = t;
            }
        }
        if (j + 1 < n - i) {
            sort(a, j + 1);
            a += i, n -= i;
        } else {
            sort(a + i, n - i);
            n = j + 1;
        }
    }
    for (int64_t i = 1; i < n; i++) {
        Sortable t = a[i];
        int64_t k = i;
        for (; k > 0 && a[k - 1].key > t.key; k--) a[k] = a[k - 1];
        a[k] = t;
    }
}

/* A stretch of the layer's border below the parcel's box counts only by what it begins or ends above it. */
static int below(Bench *b, double x1, double x2, int up) {
    if (!room((void **)&b->floor, &b->room_floor, b->floor_count + 2, sizeof(Sortable))) return 0;
    b->floor[b->floor_count++] = (Sortable){x1, up};
    b->floor[b->floor_count++] = (Sortable){x2, -up};
    return 1;
}

/* The frame of a sweep: the corner of the parcel's box, turned a quarter where the box is taller than wide. */
typedef struct {
    double ox, oy, width, height;
    int turned;
} Frame;

static int add_edge(Bench *b, const Frame *f, double ax, double ay, double bx, double by, int layer) {
    double x1 = ax - f->ox, y1 = ay - f->oy, x2 = bx - f->ox, y2 = by - f->oy;
    if (f->turned) {
        double t = x1;
        x1 = y1, y1 = f->height - t;
        t = x2;
        x2 = y2, y2 = f->height - t;
    }
    if (x1 == x2 || (x1 <= 0 && x2 <= 0) || (x1 >= f->width && x2 >= f->width) || (y1 >= f->height && y2 >= f->height && layer)) return 1;
    int up = 1;
    if (x1 > x2) {
        double t = x1;
        x1 = x2, x2 = t;
        t = y1;
        y1 = y2, y2 = t;
        up = -1;
    }
    if (layer && y1 <= 0 && y2 <= 0) return below(b, x1, x2, up);
    double slope = (y2 - y1) / (x2 - x1);
    if (layer && (y1 < 0 || y2 < 0)) {
        double x0 = least(most(x1 - y1 / slope, x1), x2);
        if (y1 < 0) {
            if (!below(b, x1, x0, up)) return 0;
            x1 = x0, y1 = 0;
        } else {
            if (!below(b, x0, x2, up)) return 0;
            x2 = x0, y2 = 0;
        }
        if (x1 >= x2 || x2 <= 0 || x1 >= f->width) return 1;
    }
    if (!room((void **)&b->segments, &b->room_segments, b->segment_count + 1, sizeof(Segment))) return 0;
    b->segments[b->segment_count++] = (Segment){x1, y1, x2, y2, slope, (int8_t)up, (int8_t)layer};
    return 1;
}

static int add_piece(Bench *b, const Frame *f, const Pieces *p, int64_t i, double dx, double dy, int layer) {
    for (int64_t r = p->first[i]; r < p->last[i]; r++) {
        const double *v = p->xy + 2 * p->ring_offsets[r], *end = p->xy + 2 * (p->ring_offsets[r + 1] - 1);
        for (; v < end; v += 2)
            if (!add_edge(b, f, v[0] + dx, v[1] + dy, v[2] + dx, v[3] + dy, layer)) return 0;
    }
    return 1;
}

static double height_at(const Segment *s, double x) {
    return x <= s->x1 ? (x < s->x1 ? s->y1 + s->slope * (x - s->x1) : s->y1) : x >= s->x2 ? s->y2 : s->y1 + s->slope * (x - s->x1);
}

static int64_t root(Patch *p, int64_t i) {
    while (p[i].parent != i) i = p[i].parent = p[p[i].parent].parent;
    return i;
}

static int new_patch(Bench *b, int inside, int64_t *number) {
    if (!room((void **)&b->patches, &b->room_patches, b->patch_count + 1, sizeof(Patch))) return 0;
    *number = b->patch_count;
    b->patches[b->patch_count] = (Patch){.parent = b->patch_count, .inside = (int8_t)inside};
    b->patch_count++;
    return 1;
}

static int above(const Live *a, const Live *b) { /* whether a stands above b over the slab */
    double d = a->low - b->low;
    return fabs(d) > SAME_M ? d > 0 : a->high > b->high;
}

/* The cells of one slab, each joined with its neighbours of the slab before. */
static int close_slab(Bench *b, int64_t live, double dx, double floor, int64_t *before, int64_t *now) {
    int64_t n = 0;
    if (!room((void **)&b->cells, &b->room_cells, live + 1, sizeof(Cell))) return 0;
    double in_parcel = 0, in_layer = floor;
    int open = 0, inside = 0;
    Cell cell = {0};
    for (int64_t k = 0; k < live;) {
        const Live *e = b->live + k;
        double at[2] = {e->low, e->high};
        do { /* edges that coincide are passed at once */
            const Segment *s = b->segments + b->live[k].segment;
            if (s->layer) in_layer += s->up;
            else in_parcel += s->up;
            k++;
        } while (k < live && b->live[k].low - e->low < SAME_M && b->live[k].high - e->high < SAME_M);
        int opens = in_parcel > 0, is_inside = in_layer > 0;
        if (open == opens && (!open || inside == is_inside)) continue;
        if (open) {
            cell.upper[0] = at[0], cell.upper[1] = at[1];
            cell.inside = (int8_t)inside;
            cell.hair = cell.upper[0] - cell.lower[0] < HAIR_M && cell.upper[1] - cell.lower[1] < HAIR_M;
            b->cells[n++] = cell;
        }
        open = opens, inside = is_inside;
        cell.lower[0] = at[0], cell.lower[1] = at[1];
    }
    for (int64_t i = 0, from = 0; i < n; i++) {
        Cell *c = b->cells + i;
        c->patch = -1;
        double left = most(c->upper[0] - c->lower[0], 0), right = most(c->upper[1] - c->lower[1], 0);
        double low = c->lower[1] - c->lower[0], high = c->upper[1] - c->upper[0];
        double perimeter = left + right + sqrt(dx * dx + low * low) + sqrt(dx * dx + high * high);
        double body = c->hair ? 0 : perimeter;
        while (from < *before && b->before[from].upper[1] <= c->lower[0]) from++;
        for (int64_t k = from; k < *before && b->before[k].lower[1] < c->upper[0]; k++) {
            const Cell *d = b->before + k;
            if (d->inside != c->inside) continue;
            double shared = least(c->upper[0], d->upper[1]) - most(c->lower[0], d->lower[1]);
            if (shared <= SAME_M) continue;
            int64_t p = root(b->patches, d->patch);
            if (c->patch < 0) c->patch = p;
            else if (c->patch != p) {
                Patch *to = b->patches + c->patch, *gone = b->patches + p;
                to->area += gone->area, to->perimeter += gone->perimeter;
                to->body_area += gone->body_area, to->body_perimeter += gone->body_perimeter;
                gone->parent = c->patch;
            }
            perimeter -= 2 * shared;
            if (!c->hair && !d->hair) body -= 2 * shared;
        }
        if (c->patch < 0 && !new_patch(b, c->inside, &c->patch)) return 0;
        Patch *p = b->patches + c->patch;
        double area = most((left + right) * dx / 2, 0);
        p->area += area, p->perimeter += perimeter;
        if (!c->hair) p->body_area += area, p->body_perimeter += body;
    }
    Cell *t = b->cells;
    int64_t r = b->room_cells;
    b->cells = b->before, b->room_cells = b->room_before;
    b->before = t, b->room_before = r;
    *before = *now = n;
    return 1;
}

/* Runs the line over the segments of the bench. */
static int run(Bench *b, double width) {
    int64_t n = b->segment_count, started = 0, live = 0, before = 0, now = 0, at_floor = 0;
    if (!room((void **)&b->order, &b->room_order, n, sizeof(Sortable)) || !room((void **)&b->live, &b->room_live, n, sizeof(Live))) return 0;
    for (int64_t i = 0; i < n; i++) b->order[i] = (Sortable){b->segments[i].x1, i};
    sort(b->order, n);
    sort(b->floor, b->floor_count);
    double x = 0, floor = 0;
    while (x < width) {
        int64_t kept = 0;
        for (int64_t k = 0; k < live; k++)
            if (b->segments[b->live[k].segment].x2 > x) {
                b->live[kept] = b->live[k];
                b->live[kept++].low = b->live[k].high;
            }
        live = kept;
        for (; started < n && b->order[started].key <= x; started++) {
            const Segment *s = b->segments + b->order[started].value;
            if (s->x2 > x) b->live[live++] = (Live){height_at(s, x), 0, b->order[started].value};
        }
        double next = width;
        if (started < n) next = least(next, b->order[started].key);
        while (at_floor < b->floor_count && b->floor[at_floor].key <= x) floor += (double)b->floor[at_floor++].value;
        for (int64_t k = at_floor; k < b->floor_count && b->floor[k].key < next;) { /* the next place where the sum changes */
            double here = b->floor[k].key, change = 0;
            for (; k < b->floor_count && b->floor[k].key == here; k++) change += (double)b->floor[k].value;
            if (change != 0) next = here;
            else at_floor = k;
        }
        for (int64_t k = 0; k < live; k++) next = least(next, b->segments[b->live[k].segment].x2);
        for (int64_t k = 0; k < live; k++) b->live[k].high = height_at(b->segments + b->live[k].segment, next);
        for (int64_t i = 1; i < live; i++) {
            Live t = b->live[i];
            int64_t k = i;
            for (; k > 0 && above(b->live + k - 1, &t); k--) b->live[k] = b->live[k - 1];
            b->live[k] = t;
        }
        double crossing;
        int swapped;
        do {
            crossing = next, swapped = 0;
            for (int64_t k = 0; k + 1 < live; k++) {
                double rise = b->live[k + 1].low - b->live[k].low, fall = b->live[k].high - b->live[k + 1].high;
                if (!(rise > SAME_M && fall > SAME_M)) continue;
                double here = x + (next - x) * (rise / (rise + fall));
                if (here > x) {
                    crossing = least(crossing, here);
                } else { /* so steep that no number lies between x and the crossing: they have crossed */
                    Live t = b->live[k];
                    b->live[k] = b->live[k + 1], b->live[k + 1] = t;
                    swapped = 1;
                }
            }
        } while (swapped);
        if (crossing < next && crossing > x) {
            next = crossing;
            for (int64_t k = 0; k < live; k++) b->live[k].high = height_at(b->segments + b->live[k].segment, next);
        }
        if (!close_slab(b, live, next - x, floor, &before, &now)) return 0;
        x = next;
    }
    return 1;
}

static void sum_up(const Bench *b, const Tolerances *t, Facts *out) {
    for (int64_t i = 0; i < b->patch_count; i++) {
        const Patch *p = b->patches + i;
        if (p->parent != i || p->area <= 0) continue;
        double width = p->perimeter > 0 ? 2 * p->area / p->perimeter : 0;
        double body = p->body_perimeter > 0 ? 2 * p->body_area / p->body_perimeter : 0;
        if (width < t->sliver_width && body > 4 * width) width = body;
        int contact = width < t->contact, sliver = p->area < t->sliver_area || width < t->sliver_width;
        if (p->inside) {
            if (contact) out->inside_contact += p->area;
            else out->inside += p->area, out->inside_patches++;
            if (!contact && sliver) out->inside_sliver += p->area, out->inside_slivers++;
        } else {
            if (contact) out->outside_contact += p->area;
            else out->outside += p->area;
            if (!contact && sliver) out->outside_sliver += p->area;
        }
    }
}

/* Whether the sum over the floor is the same from 0 to the width; *wind: this sum. */
static int same_all_along(Bench *b, double width, double *wind) {
    sort(b->floor, b->floor_count);
    int64_t k = 0;
    *wind = 0;
    for (; k < b->floor_count && b->floor[k].key <= 0; k++) *wind += (double)b->floor[k].value;
    while (k < b->floor_count && b->floor[k].key < width) {
        double here = b->floor[k].key, change = 0;
        for (; k < b->floor_count && b->floor[k].key == here; k++) change += (double)b->floor[k].value;
        if (change != 0) return 0;
    }
    return 1;
}

/* Whether a parcel is one ring that is surely neither contact nor sliver: of others the sweep tells the patches and their widths. */
static int whole_and_wide(const Pieces *p, int64_t i, double area, const Tolerances *t) {
    if (p->last[i] - p->first[i] != 1 || area < t->sliver_area) return 0;
    const double *v = p->xy + 2 * p->ring_offsets[p->first[i]], *end = p->xy + 2 * (p->ring_offsets[p->last[i]] - 1);
    double perimeter = 0;
    for (; v < end; v += 2) perimeter += hypot(v[2] - v[0], v[3] - v[1]);
    return 2 * area >= most(t->sliver_width, t->contact) * perimeter;
}

/* The facts of parcels `from` to `to` (all rings of each one piece) against a layer. chosen: for each piece of the layer
   whether it counts; NULL: all. A parcel over too many edges has no facts: NaN and -1 patches. area: of each parcel, taken where it lies wholly inside or outside. Returns 0, or 1 when
   memory is out. */
EXPORT int xygis_patches(const Pieces *parcels, const double *area, const Pieces *layer, const Index *index, const double *shift,
                         const uint8_t *chosen, const Tolerances *tolerances, int64_t from, int64_t to, Facts *out) {
    Bench b = {0};
    int good = 1;
    for (int64_t i = from; i < to && good; i++) {
        const double *p = parcels->bounds + 4 * i;
        const double box[4] = {p[0] + shift[0], p[1] + shift[1], p[2] + shift[0], p[3] + shift[1]};
        int turned = box[3] - box[1] > box[2] - box[0];
        Frame f = {box[0], box[1], box[2] - box[0], box[3] - box[1], turned};
        if (turned) f.width = box[3] - box[1], f.height = box[2] - box[0];
        Facts *facts = out + i;
        *facts = (Facts){0};
        b.segment_count = b.floor_count = b.patch_count = 0;
        FOR_PIECES_IN_BOX(box, layer, index, j)
            if (good && (!chosen || chosen[j]) && b.segment_count <= MOST_SEGMENTS) good = add_piece(&b, &f, layer, j, 0, 0, 1);
        if (!good) break;
        if (b.segment_count > MOST_SEGMENTS) {
            facts->inside = facts->outside = NAN, facts->inside_patches = -1;
            continue;
        }
        if (!b.segment_count && whole_and_wide(parcels, i, area[i], tolerances)) {
            double wind;
            if (same_all_along(&b, f.width, &wind)) { /* no border of the layer in the parcel's box: all or nothing */
                if (wind > 0) facts->inside = area[i], facts->inside_patches = 1;
                else facts->outside = area[i];
                continue;
            }
        }
        good = add_piece(&b, &f, parcels, i, shift[0], shift[1], 0) && run(&b, f.width);
        if (good) sum_up(&b, tolerances, facts);
    }
    free(b.segments), free(b.order), free(b.floor), free(b.live), free(b.cells), free(b.before), free(b.patches);
    return !good;
}
