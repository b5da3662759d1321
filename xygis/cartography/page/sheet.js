// One canvas for everything with an outline: 20,000 features would be 20,000 nodes otherwise. Drawn anew when the map rests.
"use strict";
const Sheet = (() => {
  const WORLD = 256; // px of the whole world at zoom 0
  const LEAST = 0.6; // px: steps of an outline that are shorter cannot be seen
  const NEAR = 6; // px within which a line counts as touched

  const world = (lon, lat) => [(lon / 360 + 0.5) * WORLD, (0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI)) * WORLD];

  // Chains come as whole numbers, each vertex as the step from the one before: [decimals, [lon, lat, step, step, …], …].
  function unpack(packed) {
    const unit = 10 ** packed[0], box = [Infinity, Infinity, -Infinity, -Infinity];
    const chains = packed.slice(1).map((steps) => {
      const chain = new Float64Array(steps.length);
      let x = 0, y = 0;
      for (let i = 0; i < steps.length; i += 2) {
        x += steps[i];
        y += steps[i + 1];
        const [wx, wy] = world(x / unit, y / unit);
        chain[i] = wx;
        chain[i + 1] = wy;
        if (wx < box[0]) box[0] = wx;
        if (wy < box[1]) box[1] = wy;
        if (wx > box[2]) box[2] = wx;
        if (wy > box[3]) box[3] = wy;
      }
      return chain;
    });
    return { chains, box };
  }

  // Longitudes and latitudes of a packed geometry, for whoever needs its true vertices.
  function vertices(packed) {
    const unit = 10 ** packed[0], out = [];
    for (const steps of packed.slice(1)) for (let i = 0, x = 0, y = 0; i < steps.length; i += 2) out.push([(x += steps[i]) / unit, (y += steps[i + 1]) / unit]);
    return out;
  }

  // A tile of the motif, its strokes run over the edges so that none is cut in half. One a motif, however many features share it.
  const tiles = new Map();
  function tile(pattern) {
    if (!tiles.has(pattern)) tiles.set(pattern, drawTile(pattern));
    return tiles.get(pattern);
  }
  function drawTile(pattern) {
    const canvas = document.createElement("canvas"), sharp = 4;
    canvas.width = pattern.width * sharp;
    canvas.height = pattern.height * sharp;
    const ctx = canvas.getContext("2d");
    ctx.scale(sharp, sharp);
    if (pattern.ground) {
      ctx.fillStyle = pattern.ground;
      ctx.globalAlpha = pattern.groundOpacity;
      ctx.fillRect(0, 0, pattern.width, pattern.height);
    }
    ctx.globalAlpha = pattern.opacity;
    ctx.strokeStyle = pattern.colour;
    ctx.lineWidth = pattern.stroke;
    ctx.lineCap = pattern.round ? "round" : "butt";
    ctx.beginPath();
    for (const dx of [-pattern.width, 0, pattern.width])
      for (const dy of [-pattern.height, 0, pattern.height])
        for (const line of pattern.strokes) line.forEach(([x, y], i) => (i ? ctx.lineTo(x + dx, y + dy) : ctx.moveTo(x + dx, y + dy)));
    ctx.stroke();
    return { canvas, sharp };
  }

  const Canvas = L.Renderer.extend({
    // entries: [{style, features: [{chains, box}], line, shown(zoom), fine}], from bottom to top.
    initialize(entries) {
      L.Renderer.prototype.initialize.call(this, { padding: 0.15 });
      this._entries = entries;
    },
    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._ctx = this._container.getContext("2d");
    },
    _destroyContainer() {
      this._container.remove();
    },
    _updatePaths() {}, // there are none: everything is drawn in _update
    redraw() {
      if (this._map) this._update();
    },
    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const { min } = this._bounds, size = this._bounds.getSize(), ratio = Math.min(2, window.devicePixelRatio || 1);
      L.DomUtil.setPosition(this._container, min);
      this._container.width = size.x * ratio;
      this._container.height = size.y * ratio;
      this._container.style.width = size.x + "px";
      this._container.style.height = size.y + "px";
      const started = performance.now();
      this._ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      this._ctx.lineJoin = "round";
      this._scale = 2 ** this._map.getZoom();
      this._origin = this._map.getPixelOrigin().add(min);
      this._patterns = new Map();
      const zoom = this._map.getZoom();
      for (const e of this._entries) if (e.shown(zoom)) this._draw(e, size, zoom);
      this.lastMs = performance.now() - started;
    },
    _draw(e, size, zoom) {
      const ctx = this._ctx, k = this._scale, { x: ox, y: oy } = this._origin;
      const fill = e.line ? null : e.style.pattern ? this._pattern(e.style.pattern) : e.style.fill;
      const share = e.fine ? (zoom < 10.5 ? 0.45 : zoom < 11.5 ? 0.6 : zoom < 12.5 ? 0.8 : 1) : 1; // finer on small scales
      const edges = new Path2D();
      let any = false;
      for (const f of e.features) {
        const [x0, y0, x1, y1] = f.box;
        if (x1 * k < ox - 20 || y1 * k < oy - 20 || x0 * k > ox + size.x + 20 || y0 * k > oy + size.y + 20) continue;
        any = true;
        const small = !e.line && !e.keep && (x1 - x0) * k < 1.5 && (y1 - y0) * k < 1.5;
        if (small) {
          ctx.fillStyle = e.style.fill || (e.style.strokes.length ? e.style.strokes[e.style.strokes.length - 1].colour : "#777");
          ctx.fillRect(x0 * k - ox - 0.5, y0 * k - oy - 0.5, 1.5, 1.5);
          continue;
        }
        if (fill) {
          ctx.beginPath();
          for (const chain of f.chains) trace(ctx, chain, k, ox, oy);
          ctx.fillStyle = fill;
          ctx.globalAlpha = e.style.pattern ? 1 : e.style.opacity;
          ctx.fill("evenodd");
          ctx.globalAlpha = 1;
        }
        if (e.style.strokes.length) for (const chain of f.chains) traceNear(edges, chain, k, ox, oy, size);
      }
      if (!any) return;
      for (const s of e.style.strokes) {
        ctx.strokeStyle = s.colour;
        ctx.lineWidth = s.width * share;
        ctx.setLineDash(s.dash ? s.dash.map((v) => v * share) : []);
        ctx.lineCap = s.dash ? "butt" : "round";
        ctx.stroke(edges);
      }
      ctx.setLineDash([]);
    },
    // Hung on the ground, so that the pattern moves with the map.
    _pattern(p) {
      if (this._patterns.has(p)) return this._patterns.get(p);
      const { canvas, sharp } = tile(p), a = (p.angle * Math.PI) / 180, { x, y } = this._origin;
      const pattern = this._ctx.createPattern(canvas, "repeat");
      const u = (Math.cos(a) * x + Math.sin(a) * y) % p.width, v = (-Math.sin(a) * x + Math.cos(a) * y) % p.height;
      pattern.setTransform(new DOMMatrix().rotate(p.angle).translate(-u, -v).scale(1 / sharp));
      this._patterns.set(p, pattern);
      return pattern;
    },
    // True where the first outline of an entry holds a place; a line has to be near it.
    meets(e, latlng) {
      const [x, y] = world(latlng.lng, latlng.lat), near = NEAR / 2 ** this._map.getZoom();
      return e.line ? touches(e.features[0].chains, x, y, near) : holds(e.features[0].chains, x, y);
    },
    // What of the layers lies under a place, uppermost first: [{entry, feature, index}].
    under(latlng) {
      const [x, y] = world(latlng.lng, latlng.lat), zoom = this._map.getZoom(), near = NEAR / 2 ** zoom, out = [];
      for (const e of [...this._entries].reverse()) {
        if (!e.shown(zoom) || e.mute) continue;
        const reach = e.line ? near : 0;
        e.features.forEach((feature, index) => {
          const b = feature.box;
          if (x < b[0] - reach || y < b[1] - reach || x > b[2] + reach || y > b[3] + reach) return;
          if (e.line ? touches(feature.chains, x, y, near) : holds(feature.chains, x, y)) out.push({ entry: e, feature, index });
        });
      }
      return out;
    },
  });

  function trace(ctx, chain, k, ox, oy) {
    let lastX = chain[0] * k - ox, lastY = chain[1] * k - oy;
    ctx.moveTo(lastX, lastY);
    for (let i = 2; i < chain.length; i += 2) {
      const x = chain[i] * k - ox, y = chain[i + 1] * k - oy;
      if (i + 2 < chain.length && Math.abs(x - lastX) < LEAST && Math.abs(y - lastY) < LEAST) continue;
      ctx.lineTo((lastX = x), (lastY = y));
    }
  }

  // Only the edges that may be seen: dashing what lies far outside would take seconds.
  function traceNear(path, chain, k, ox, oy, size) {
    const most = 30;
    let lastX = chain[0] * k - ox, lastY = chain[1] * k - oy, down = false;
    for (let i = 2; i < chain.length; i += 2) {
      const x = chain[i] * k - ox, y = chain[i + 1] * k - oy;
      if (i + 2 < chain.length && Math.abs(x - lastX) < LEAST && Math.abs(y - lastY) < LEAST) continue;
      const away = (x < -most && lastX < -most) || (y < -most && lastY < -most) || (x > size.x + most && lastX > size.x + most) || (y > size.y + most && lastY > size.y + most);
      if (away) down = false;
      else {
        if (!down) path.moveTo(lastX, lastY);
        path.lineTo(x, y);
        down = true;
      }
      lastX = x;
      lastY = y;
    }
  }

  function holds(chains, x, y) {
    let inside = false;
    for (const c of chains)
      for (let i = 0, j = c.length - 2; i < c.length; j = i, i += 2)
        if (c[i + 1] > y !== c[j + 1] > y && x < ((c[j] - c[i]) * (y - c[i + 1])) / (c[j + 1] - c[i + 1]) + c[i]) inside = !inside;
    return inside;
  }

  function touches(chains, x, y, near) {
    for (const c of chains)
      for (let i = 2; i < c.length; i += 2) {
        const dx = c[i] - c[i - 2], dy = c[i + 1] - c[i - 1], long = dx * dx + dy * dy;
        const t = long ? Math.max(0, Math.min(1, ((x - c[i - 2]) * dx + (y - c[i - 1]) * dy) / long)) : 0;
        if (Math.hypot(c[i - 2] + t * dx - x, c[i - 1] + t * dy - y) <= near) return true;
      }
    return false;
  }

  const bounds = ({ box: [x0, y0, x1, y1] }) => {
    const back = (x, y) => [(Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / WORLD))) * 180) / Math.PI, (x / WORLD - 0.5) * 360];
    return L.latLngBounds(back(x0, y0), back(x1, y1));
  };

  return { Canvas, unpack, vertices, bounds };
})();
