// Distance and area of what somebody clicks, said as what they are: on the ellipsoid, and in the plane of the zone.
"use strict";
const Measure = (() => {
  const { el } = Dom;
  const SNAP = 9; // px within which a corner of a parcel is taken instead of the pointer

  function start(page) {
    const { map } = page;
    const out = document.getElementById("measured"), buttons = { length: document.getElementById("measure-length"), area: document.getElementById("measure-area") };
    map.createPane("measure").style.zIndex = 655;
    const drawn = L.layerGroup().addTo(map);
    const corners = page.data.parcels.flatMap((p) => Sheet.vertices(p.g));
    let kind = null, points = [], done = false;

    const snapped = (latlng) => {
      const at = map.latLngToContainerPoint(latlng);
      let best = [latlng.lng, latlng.lat], near = SNAP;
      for (const c of corners) {
        const away = map.latLngToContainerPoint([c[1], c[0]]).distanceTo(at);
        if (away < near) { near = away; best = c; }
      }
      return best;
    };

    // The lines of the answer, or null while there is nothing to measure.
    function figures(what, ring) {
      if (ring.length < (what === "area" ? 3 : 2)) return null;
      const zone = Geodesy.zoneOf(ring.reduce((sum, p) => sum + p[0], 0) / ring.length), plane = "平面（CGCS2000 第 " + zone + " 带）";
      if (what === "length") {
        const l = Geodesy.lengths(ring, zone);
        return [["椭球面长度", Dom.length(l.geodesic)], [plane, Dom.length(l.planar)]];
      }
      const a = Geodesy.areas(ring, zone), l = Geodesy.lengths([...ring, ring[0]], zone);
      return [["椭球面积", Dom.area(a.ellipsoidal)], [plane, Dom.area(a.planar)], ["周长（椭球面）", Dom.length(l.geodesic)]];
    }

    function draw(moving) {
      drawn.clearLayers();
      const all = (moving ? [...points, moving] : points).map(([lon, lat]) => [lat, lon]);
      const style = { pane: "measure", color: "#1d4e6b", weight: 3, dashArray: "7 5", fillColor: "#1d4e6b", fillOpacity: 0.12, interactive: false };
      if (all.length > 1) {
        L[kind === "area" && all.length > 2 ? "polygon" : "polyline"](all, { ...style, color: "#fff", weight: 6, dashArray: null, fill: false }).addTo(drawn);
        L[kind === "area" && all.length > 2 ? "polygon" : "polyline"](all, style).addTo(drawn);
      }
      for (const at of points) L.circleMarker([at[1], at[0]], { pane: "measure", radius: 5, color: "#1d4e6b", weight: 2.5, fillColor: "#fff", fillOpacity: 1, interactive: false }).addTo(drawn);
    }

    function say() {
      out.replaceChildren();
      out.hidden = !kind;
      if (!kind) return;
      out.append(el("h2", "", kind === "area" ? "测面积" : "测距离"));
      const lines = figures(kind, points), list = el("dl");
      for (const [name, value] of lines || []) list.append(el("dt", "", name), el("dd", "", value));
      if (lines) out.append(list);
      if (!done) out.append(el("p", "", "单击加点，靠近地块角点时自动捕捉；双击结束，退格键撤点。键盘：在地图上用方向键移动，回车在十字处加点。"));
      else out.append(el("p", "", "屏幕量算供参考；法定面积以报告所列椭球面积为准。"));
      const row = el("div", "row");
      if (!done && lines) row.append(Dom.button("", "完成", finish));
      if (points.length) row.append(Dom.button("", "重测", () => begin(kind)));
      row.append(Dom.button("", "关闭", stop));
      out.append(row);
    }

    function begin(what) {
      kind = what;
      points = [];
      done = false;
      map.closePopup();
      map.doubleClickZoom.disable();
      document.body.classList.add("measuring");
      for (const k in buttons) buttons[k].setAttribute("aria-pressed", k === kind);
      drawn.clearLayers();
      say();
    }
    function finish() {
      done = true;
      document.body.classList.remove("measuring");
      draw();
      say();
    }
    function stop() {
      kind = null;
      points = [];
      drawn.clearLayers();
      map.doubleClickZoom.enable();
      document.body.classList.remove("measuring");
      for (const k in buttons) buttons[k].setAttribute("aria-pressed", false);
      say();
    }
    function add(latlng) {
      const point = snapped(latlng), last = points[points.length - 1];
      if (last && last[0] === point[0] && last[1] === point[1]) return;
      points.push(point);
      draw();
      say();
    }

    for (const k in buttons) buttons[k].addEventListener("click", () => (kind === k ? stop() : begin(k)));
    map.on("mousemove", (event) => { if (kind && !done && points.length) draw(snapped(event.latlng)); });
    map.on("dblclick", () => { if (kind && !done) finish(); });
    map.getContainer().addEventListener("keydown", (event) => {
      if (!kind) return;
      if (event.key === "Escape") stop();
      else if (event.key === "Backspace" && !done) { points.pop(); draw(); say(); }
      else return;
      event.preventDefault();
    });
    // True where a click was taken as a point.
    return { take: (latlng) => { if (!kind || done) return false; add(latlng); return true; }, figures };
  }

  return { start };
})();
