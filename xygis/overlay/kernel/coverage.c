/* Exact share of every raster cell that a polygon covers, and statistics of the cells weighted by it.

   Signed-area accumulation, as exact-area font rasterisers do it: every edge adds to the cells it crosses the area on
   its right, and a running sum along the row turns that into covered shares. No geometry is built and nothing can fail.

   Everywhere: xy (n, 2) finite vertices in cells of the raster (x: columns, y: rows, both from its corner), rings closed, shells
   one way round and holes the other. Ring k is xy[rings[k]:rings[k+1]], polygon i has the rings polygons[i]:polygons[i+1].
   A tile is a window of the raster, row after row. scratch: (rows)(cols + 1) doubles, all zero, and zero again afterwards.
   Shares below LEAST_SHARE are rounding and count as nothing. */
#include "kernel.h"

#define LEAST_SHARE 1e-9
#define STATISTICS 6 /* weight, weight without data, weighted sum, least, greatest, weight at or above the threshold */

typedef struct {
    int64_t col, row, cols, rows; /* in cells of the raster */
} Window;

static double held(double v, double low, double high) { return most(low, least(high, v)); }

/* One edge inside one row: it falls by `fall` (signed) from xa to xb, in cells of the window; 0 <= xa, xb <= cols. */
static void add_span(double *line, int64_t cols, double xa, double xb, double fall) {
    double left = least(xa, xb), right = most(xa, xb);
    int64_t c = (int64_t)left, last = (int64_t)right;
    if (last > cols - 1) last = cols - 1;
    if (c > cols - 1) return; /* on the right border of the window: covers nothing in it */
    if (c == last) {
        double inside = 0.5 * (left + right) - (double)c;
        line[c] += fall * (1.0 - inside);
        line[c + 1] += fall * inside;
        return;
    }
    double per_cell = fall / (right - left);
    for (; c <= last; c++) {
        double from = most(left, (double)c), to = least(right, (double)(c + 1));
        double part = (to - from) * per_cell, inside = 0.5 * (from + to) - (double)c;
        line[c] += part * (1.0 - inside);
        line[c + 1] += part * inside;
    }
}

/* The same where the edge may leave the window: what lies left of it covers whole rows, what lies right of it nothing. */
static void add_clipped(double *line, int64_t cols, double xa, double xb, double fall) {
    double width = (double)cols, left = least(xa, xb), right = most(xa, xb);
    if (left >= width) return;
    if (right <= 0.0) {
        line[0] += fall;
        return;
    }
    if (left < 0.0 || right > width) {
        double per_cell = fall / (right - left);
        if (left < 0.0) {
            line[0] += per_cell * -left;
            left = 0.0;
        }
        right = least(right, width);
        fall = per_cell * (right - left);
    }
    add_span(line, cols, left, right, fall);
}

static void add_edge(double *scratch, Window w, double x0, double y0, double x1, double y1) {
    double sign = 1.0, swap;
    if (y0 == y1) return;
    if (y0 > y1) {
        swap = x0, x0 = x1, x1 = swap;
        swap = y0, y0 = y1, y1 = swap;
        sign = -1.0;
    }
    if (y1 <= 0.0 || y0 >= (double)w.rows) return;
    double slope = (x1 - x0) / (y1 - y0), low = least(x0, x1), high = most(x0, x1);
    double ya = most(y0, 0.0), end = least(y1, (double)w.rows);
    double xa = ya == y0 ? x0 : held(x0 + (ya - y0) * slope, low, high);
    for (int64_t row = (int64_t)ya; row < w.rows && ya < end; row++) {
        double yb = least(end, (double)(row + 1));
        double xb = yb == y1 ? x1 : held(x0 + (yb - y0) * slope, low, high);
        add_clipped(scratch + row * (w.cols + 1), w.cols, xa, xb, sign * (yb - ya));
        ya = yb;
        xa = xb;
    }
}

/* The part of the tile that the polygon's box meets; no rows where there is none. */
static Window window_of(const double *xy, int64_t from, int64_t to, Window tile) {
    double west = INFINITY, east = -INFINITY, top = INFINITY, bottom = -INFINITY;
    for (int64_t k = from; k < to; k++) {
        west = least(west, xy[2 * k]), east = most(east, xy[2 * k]);
        top = least(top, xy[2 * k + 1]), bottom = most(bottom, xy[2 * k + 1]);
    }
    double right = (double)(tile.col + tile.cols), under = (double)(tile.row + tile.rows);
    west = floor(held(west, (double)tile.col, right)), east = ceil(held(east, (double)tile.col, right));
    top = floor(held(top, (double)tile.row, under)), bottom = ceil(held(bottom, (double)tile.row, under));
    Window w = {(int64_t)west, (int64_t)top, (int64_t)(east - west), (int64_t)(bottom - top)};
    if (!(east > west && bottom > top)) w.cols = w.rows = 0;
    return w;
}

static Window accumulate(const double *xy, const int64_t *rings, int64_t first, int64_t last, Window tile, double *scratch) {
    Window w = window_of(xy, rings[first], rings[last], tile);
    double x = (double)w.col, y = (double)w.row;
    for (int64_t ring = first; w.rows && ring < last; ring++)
        for (int64_t k = rings[ring]; k + 1 < rings[ring + 1]; k++)
            add_edge(scratch, w, xy[2 * k] - x, xy[2 * k + 1] - y, xy[2 * k + 2] - x, xy[2 * k + 3] - y);
    return w;
}

/* Turns what the edges added to one row into the shares of its cells. */
static void shares_of(double *line, int64_t cols) {
    double running = 0.0;
    for (int64_t c = 0; c < cols; c++) {
        running += line[c];
        double s = fabs(running);
        line[c] = s < LEAST_SHARE ? 0.0 : s > 1.0 ? 1.0 : s;
    }
}

/* Shares of all cells of a tile that polygon i covers: out (rows, cols), zero before. */
EXPORT void xygis_cell_shares(const double *xy, const int64_t *rings, const int64_t *polygons, int64_t i, const Window *tile,
                              double *scratch, double *out) {
    Window w = accumulate(xy, rings, polygons[i], polygons[i + 1], *tile, scratch);
    for (int64_t r = 0; r < w.rows; r++) {
        double *line = scratch + r * (w.cols + 1);
        shares_of(line, w.cols);
        memcpy(out + (w.row - tile->row + r) * tile->cols + w.col - tile->col, line, (size_t)w.cols * sizeof(double));
        memset(line, 0, (size_t)(w.cols + 1) * sizeof(double));
    }
}

/* Statistics of the polygons chosen[0..count) over one tile; cells that are not finite have no data.
   out: (count, STATISTICS); least and greatest are +inf and -inf where no cell has data. */
EXPORT void xygis_cell_statistics(const double *xy, const int64_t *rings, const int64_t *polygons, const int64_t *chosen,
                                  int64_t count, const Window *tile, const double *values, double threshold, double *scratch,
                                  double *out) {
    for (int64_t n = 0; n < count; n++, out += STATISTICS) {
        double weight = 0.0, without = 0.0, sum = 0.0, low = INFINITY, high = -INFINITY, above = 0.0;
        Window w = accumulate(xy, rings, polygons[chosen[n]], polygons[chosen[n] + 1], *tile, scratch);
        for (int64_t r = 0; r < w.rows; r++) {
            double *line = scratch + r * (w.cols + 1);
            const double *here = values + (w.row - tile->row + r) * tile->cols + w.col - tile->col;
            shares_of(line, w.cols);
            for (int64_t c = 0; c < w.cols; c++) {
                double s = line[c], v = here[c];
                if (s == 0.0) continue;
                if (!isfinite(v)) {
                    without += s;
                    continue;
                }
                weight += s;
                sum += s * v;
                low = least(low, v);
                high = most(high, v);
                if (v >= threshold) above += s;
            }
            memset(line, 0, (size_t)(w.cols + 1) * sizeof(double));
        }
        out[0] = weight, out[1] = without, out[2] = sum, out[3] = low, out[4] = high, out[5] = above;
    }
}

/* Weight of every class under the polygons chosen[0..count): out (count, classes + 1), the last for cells without data.
   values: number of the class of each cell, anything outside 0 .. classes - 1 where it has none. */
EXPORT void xygis_class_weights(const double *xy, const int64_t *rings, const int64_t *polygons, const int64_t *chosen,
                                int64_t count, const Window *tile, const int32_t *values, int64_t classes, double *scratch,
                                double *out) {
    for (int64_t n = 0; n < count; n++, out += classes + 1) {
        memset(out, 0, (size_t)(classes + 1) * sizeof(double));
        Window w = accumulate(xy, rings, polygons[chosen[n]], polygons[chosen[n] + 1], *tile, scratch);
        for (int64_t r = 0; r < w.rows; r++) {
            double *line = scratch + r * (w.cols + 1);
            const int32_t *here = values + (w.row - tile->row + r) * tile->cols + w.col - tile->col;
            shares_of(line, w.cols);
            for (int64_t c = 0; c < w.cols; c++) out[here[c] >= 0 && here[c] < classes ? here[c] : classes] += line[c];
            memset(line, 0, (size_t)(w.cols + 1) * sizeof(double));
        }
    }
}
