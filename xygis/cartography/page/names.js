// Tags of parcels and names of features: each at its place, none over another. Where tags have no room, one mark counts them.
"use strict";
const Names = (() => {
  const { el } = Dom;
  const box = (p, w, h) => [p.x - w, p.y - h, p.x + w, p.y + h];
  const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  const icon = (node) => L.divIcon({ className: "", iconSize: [0, 0], html: node });
  const HIGH = 14; // px, half a tag with its gap
  const NEAR = 18, FAR = 38; // px from the edge of a parcel to the middle of its tag; from FAR a line leads to the parcel
  const OPEN = 19; // the zoom from which a mark that still counts several parcels lists them

  // Boxes that are taken, by bands of their height: thousands of parcels are asked for.
  function taking() {
    const bands = new Map();
    const each = (r, act) => { for (let i = Math.floor(r[1] / 32); i <= Math.floor(r[3] / 32); i++) act(i); };
    return {
      at(r, self) {
        let hit = null;
        each(r, (i) => { hit = hit || (bands.get(i) || []).find((t) => t.owner !== self && meet(t.r, r)); });
        return hit;
      },
      put(r, owner) { each(r, (i) => bands.has(i) ? bands.get(i).push({ r, owner }) : bands.set(i, [{ r, owner }])); },
    };
  }

  // The largest ring of a parcel: the middle between two far parts is nobody's land.
  function largest(shape) {
    const boxes = shape.chains.map((c) => {
      const b = [Infinity, Infinity, -Infinity, -Infinity];
      for (let i = 0; i < c.length; i += 2) { b[0] = Math.min(b[0], c[i]); b[1] = Math.min(b[1], c[i + 1]); b[2] = Math.max(b[2], c[i]); b[3] = Math.max(b[3], c[i + 1]); }
      return b;
    });
    const size = (b) => (b[2] - b[0]) * (b[3] - b[1]);
    return Sheet.bounds({ box: boxes.reduce((a, b) => (size(b) > size(a) ? b : a)) });
  }

  function start(page) {
    const { map, data } = page;
    map.createPane("tags").style.zIndex = 660;
    map.createPane("names").style.zIndex = 630;
    const clusters = L.layerGroup().addTo(map);
    const marker = (at, node, words, act) => {
      const one = L.marker(at, { icon: icon(node), title: words, alt: words, pane: "tags" });
      one.on("click", act).on("keypress", (event) => { if (event.originalEvent.key === "Enter") act(); });
      return one;
    };
    const tags = data.parcels.map((p) => {
      const tag = el("div", "tag t-" + p.mark), land = largest(p.shape);
      tag.append(el("b", "", p.number), el("i", "", p.name), Dom.mark(p));
      p.open = () => L.popup(page.popup()).setLatLng(p.at).setContent(Popup.parcel(p)).openOn(map);
      return { p, tag, land, marker: marker([land.getNorth(), land.getCenter().lng], tag, p.name + "，" + p.verdict, p.open).addTo(map), full: 0, short: 0 };
    });
    const names = data.names.map((n) => {
      const node = el("div", "name" + (n.big ? " big" : ""), n.text);
      node.style.color = n.colour;
      return { n, marker: L.marker(n.at, { icon: icon(node), interactive: false, keyboard: false, pane: "names" }) };
    });

    function measure() {
      if (!tags.length || tags[0].full) return;
      for (const form of ["short", "full"]) {
        for (const t of tags) t.tag.classList.toggle("short", form === "short");
        for (const t of tags) t[form] = t.tag.offsetWidth / 2 && t.tag.offsetWidth / 2 + 3;
      }
    }
    // Above the parcel or below it where that is nobody else's, inside it, or a little farther off with a line to it.
    function spots(t, half, lands) {
      const spot = (tie, y) => ({ tie, y, r: box({ x: t.x, y }, half, HIGH) });
      const beside = [spot("", t.top - NEAR), spot("", t.bottom + NEAR)];
      const inside = t.wide >= 2 * half && t.bottom - t.top >= 3 * HIGH ? [spot("", t.y)] : [];
      return [...beside.filter((s) => !lands.at(s.r, t)), ...inside, ...beside, spot("above", t.top - FAR), spot("below", t.bottom + FAR)];
    }
    // A mark stands on one of the parcels that it counts, the one nearest to their middle first.
    function places(group) {
      const mean = (key) => group.reduce((sum, t) => sum + t[key], 0) / group.length, x = mean("x"), y = mean("y");
      const away = (t) => Math.hypot(t.x - x, t.y - y), half = 30 + 5 * String(group.length).length;
      return [...group].sort((a, b) => away(a) - away(b)).map((on) => ({ on, r: box(on, half, HIGH) }));
    }
    // Who finds no room, or stands under a mark, joins whoever stands in the way, until all have room.
    function arrange(lands) {
      let groups = tags.map((t) => ({ all: [t] }));
      for (;;) {
        const taken = taking(), stuck = [];
        groups.sort((a, b) => b.all.length - a.all.length);
        for (const g of groups) {
          const wanted = g.all.length > 1 ? places(g.all) : spots(g.all[0], g.all[0].short, lands);
          const under = g.all.length === 1 && taken.at(box(g.all[0], 1, 1)), covered = under && under.owner.all.length > 1;
          g.spot = covered ? null : wanted.find((s) => !taken.at(s.r));
          if (g.spot) taken.put(g.spot.r, g);
          else stuck.push([g, (covered ? under : taken.at(wanted[0].r)).owner]);
        }
        if (!stuck.length) return { groups, taken };
        for (const [g, host] of stuck) host.all.push(...g.all);
        const gone = new Set(stuck.map(([g]) => g));
        groups = groups.filter((g) => !gone.has(g));
      }
    }
    function cluster(group, on) {
      const worst = group.reduce((a, b) => (b.p.weight < a.p.weight ? b : a)).p, node = el("div", "tag cluster t-" + worst.mark), mark = Dom.mark(worst);
      mark.lastChild.textContent = group.length + " 个";
      node.append(mark);
      const open = () => {
        const all = group.reduce((b, t) => b.extend(t.land), L.latLngBounds([])), zoom = map.getBoundsZoom(all, false, L.point(120, 160));
        if (map.getZoom() < OPEN) return map.setView(all.getCenter(), Math.min(OPEN, Math.max(zoom, map.getZoom() + 1)));
        const list = el("div");
        list.append(...group.map((t) => { const row = Dom.button("item", "", t.p.open); row.append(el("b", "", t.p.number), " ", t.p.name, " ", Dom.mark(t.p)); return row; }));
        return L.popup(page.popup()).setLatLng(on.land.getCenter()).setContent(list).openOn(map);
      };
      marker(on.land.getCenter(), node, group.length + " 个地块，最重的是" + worst.verdict + "；点开放大", open).addTo(clusters);
    }
    function place() {
      const lands = taking();
      for (const t of tags) {
        const a = map.latLngToContainerPoint(t.land.getNorthWest()), b = map.latLngToContainerPoint(t.land.getSouthEast());
        Object.assign(t, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, top: a.y, bottom: b.y, wide: b.x - a.x });
        lands.put([a.x, a.y, b.x, b.y], t);
      }
      const { groups, taken } = arrange(lands);
      clusters.clearLayers();
      for (const g of groups) {
        if (g.all.length > 1) {
          g.all.forEach((t) => t.marker.remove());
          cluster(g.all, g.spot.on);
          continue;
        }
        const [t] = g.all, wide = spots(t, t.full, lands).find((s) => !taken.at(s.r, g)), spot = wide || g.spot;
        if (wide) taken.put(wide.r, g);
        t.tag.className = ["tag", "t-" + t.p.mark, wide ? "" : "short", spot.tie].filter(Boolean).join(" ");
        t.tag.style.top = spot.y - t.top + "px";
        t.marker.addTo(map);
      }
      return taken;
    }

    return function letter() {
      measure();
      const taken = place(), size = map.getSize(), zoom = map.getZoom();
      for (const { n, marker } of names) {
        const at = map.latLngToContainerPoint(n.at), rect = box(at, n.text.length * (n.big ? 10.5 : 7.5) + 4, 12);
        const wanted = page.layers[n.layer].on && zoom >= n.zoom && zoom <= n.most && at.x > 0 && at.y > 0 && at.x < size.x && at.y < size.y;
        const fits = wanted && !taken.at(rect);
        if (fits) taken.put(rect, n);
        if (fits !== map.hasLayer(marker)) fits ? marker.addTo(map) : marker.remove();
      }
    };
  }

  return { start };
})();
