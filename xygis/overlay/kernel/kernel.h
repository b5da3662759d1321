/* Flat arrays in, flat arrays out. No Python, no state, nothing that can fail but memory.

   Polygons are rings of xy pairs (x, y interleaved, closed: last point repeats the first); ring r is
   xy[ring_offsets[r]] .. xy[ring_offsets[r + 1] - 1]. A piece owns the rings first[i] .. last[i] - 1; shells run
   counter-clockwise, holes clockwise, so that the interior lies on the left of every edge. */
#ifndef XYGIS_KERNEL_H
#define XYGIS_KERNEL_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

typedef struct {
    const double *xy;
    const int64_t *ring_offsets;
    const int64_t *first, *last; /* rings of each piece */
    const double *bounds;        /* west, south, east, north of each piece */
    int64_t count;
} Pieces;

/* A packed index over the bounds of pieces in their order: level 1 and 2 hold the bounds of FAN boxes below. */
#define FAN 32
typedef struct {
    const double *level1, *level2;
    int64_t count1, count2;
} Index;

static inline double least(double a, double b) { return a < b ? a : b; }
static inline double most(double a, double b) { return a > b ? a : b; }

static inline int boxes_meet(const double *a, const double *b) {
    return a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
}

/* Grows an array so that `need` elements fit; 0 when memory is out. */
static inline int room(void **array, int64_t *capacity, int64_t need, size_t size) {
    if (need <= *capacity) return 1;
    int64_t wanted = need + need / 2 + 64;
    void *grown = realloc(*array, (size_t)wanted * size);
    if (!grown) return 0;
    *array = grown;
    *capacity = wanted;
    return 1;
}

/* Calls `visit(i)` for every piece whose bounds meet a box. */
#define FOR_PIECES_IN_BOX(box, pieces, index, i)                                                                       \
    for (int64_t i2_ = 0; i2_ < (index)->count2; i2_++)                                                                \
        if (boxes_meet((index)->level2 + 4 * i2_, (box)))                                                              \
            for (int64_t i1_ = i2_ * FAN; i1_ < (index)->count1 && i1_ < i2_ * FAN + FAN; i1_++)                       \
                if (boxes_meet((index)->level1 + 4 * i1_, (box)))                                                      \
                    for (int64_t i = i1_ * FAN; i < (pieces)->count && i < i1_ * FAN + FAN; i++)                       \
                        if (boxes_meet((pieces)->bounds + 4 * i, (box)))

#endif
