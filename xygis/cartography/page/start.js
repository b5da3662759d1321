// Draws the data block of the page. Text only ever reaches the page through textContent.
"use strict";
(function () {
  const map = window["map_xygis"];
  const data = JSON.parse(document.getElementById("xygis-data").textContent);
  const el = (tag, cls, text) => {
    const node = document.createElement(tag);
    if (cls) node.className = cls;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const pane = (name, z) => {
    const node = map.createPane(name);
    node.style.zIndex = z;
    return name;
  };

  map.getContainer().style.background = data.paper;
  L.control.zoom({ zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
  L.control.scale({ metric: true, imperial: false, maxWidth: 140 }).addTo(map);
  const north = L.control({ position: "topright" });
  north.onAdd = () => {
    const box = el("div", "north");
    box.title = "上方为北";
    box.appendChild(el("div", "", "北"));
    box.insertAdjacentHTML("beforeend", '<svg width="16" height="24" viewBox="-8 -15 16 24" aria-hidden="true"><path d="M0-14 5.4 8 0 4.6z" fill="#1c2126"/><path d="M0-14-5.4 8 0 4.6z" fill="#fff" stroke="#1c2126"/></svg>');
    return box;
  };
  north.addTo(map);

  // Lines are finer on small scales; `fine` keeps what has to change with the zoom.
  const fine = [];
  const strokes = (style, geo, where, smooth) =>
    style.strokes.map((s) => {
      const lines = L.geoJSON(geo, { pane: where, interactive: false, smoothFactor: smooth, style: { fill: false, color: s.colour, weight: s.width, dashArray: s.dash, opacity: 1, lineCap: s.dash ? "butt" : "round" } });
      if (where !== "slivers" && where !== "parcels") fine.push({ lines, s });
      return lines;
    });
  let share = 1;
  function thin() {
    const zoom = map.getZoom();
    const now = zoom < 10.5 ? 0.45 : zoom < 11.5 ? 0.6 : zoom < 12.5 ? 0.8 : 1;
    if (now === share) return;
    share = now;
    for (const f of fine) f.lines.setStyle({ weight: f.s.width * now, dashArray: f.s.dash && f.s.dash.split(" ").map((v) => v * now).join(" ") });
  }

  const layers = {};
  for (const style of data.styles) {
    const where = pane("s" + style.order + "-" + style.key, 400 + style.order);
    const popup = (feature, layer) => layer.bindPopup(() => featurePopup(style, feature.properties));
    const touch = style.line
      ? { stroke: true, color: "#000", opacity: 0, weight: 12, fill: false }
      : { stroke: false, fill: true, fillColor: style.fill || "#fff", fillOpacity: style.fill ? style.opacity : 0 };
    const body = L.geoJSON(style.features, { pane: where, smoothFactor: 1, style: touch, onEachFeature: popup });
    const group = L.layerGroup([body, ...strokes(style, style.features, where, 1)]);
    layers[style.key] = { group, body, style, where };
    if (style.on) group.addTo(map);
  }

  const top = pane("parcels", 640);
  const above = pane("slivers", 645);
  for (const c of data.conflicts) {
    const style = c.sliver ? data.marks.sliver : data.marks.conflict;
    const body = L.geoJSON(c.geometry, {
      pane: c.sliver ? above : top,
      style: c.sliver ? { color: "#000", opacity: 0, weight: 14 } : { stroke: false, fill: true, fillColor: c.severe ? style.fill : "#fff", fillOpacity: c.severe ? 1 : 0.01 },
    }).addTo(map);
    const edge = c.severe || c.sliver ? style.strokes : [{ colour: c.colour, width: 1.6, dash: "5 3" }];
    strokes({ strokes: edge }, c.geometry, c.sliver ? above : top, 0).forEach((l) => l.addTo(map));
    body.bindPopup(() => conflictPopup(c));
    if (c.ring !== false && data.conflicts.length <= 200 && (c.severe || c.sliver)) L.circleMarker(c.at, { pane: above, radius: 7, fill: false, weight: 2.2, color: edge[edge.length - 1].colour, className: "small", interactive: false }).addTo(map);
  }
  if (data.carried) L.geoJSON(data.carried, { pane: top, interactive: false, style: { fill: false, color: "#7c8791", weight: 1, dashArray: "1 4" } }).addTo(map);
  const tags = pane("tags", 660);
  document.body.classList.toggle("many", data.parcels.length > 30); // labels would cover each other: a dot in the verdict's colour, the name on touch
  const tagged = [];
  for (const p of data.parcels) {
    strokes(data.marks.parcel, p.geometry, top, 0).forEach((l) => l.addTo(map));
    const tag = el("div", "tag");
    tag.style.setProperty("--verdict", p.colour);
    tag.appendChild(el("b", "", p.number));
    tag.appendChild(el("i", "", p.name));
    const word = el("span", "", p.verdict);
    word.style.color = p.colour;
    tag.appendChild(word);
    L.marker(p.at, { icon: L.divIcon({ className: "", iconSize: [0, 0], html: tag }), title: p.name, alt: p.name + "，" + p.verdict, pane: tags })
      .bindPopup(() => parcelPopup(p), { maxWidth: 460 })
      .addTo(map);
    tagged.push({ p, tag });
  }

  function featurePopup(style, details) {
    const box = el("div");
    box.appendChild(el("h3", "", style.label));
    if (details.d) {
      const table = el("table");
      for (const [key, value] of details.d) {
        const row = table.insertRow();
        row.appendChild(el("td", "", key));
        row.appendChild(el("td", "", value));
      }
      box.appendChild(table);
    }
    return box;
  }

  function conflictPopup(c) {
    const box = el("div");
    const head = el("h3", "", c.verdict + "：" + c.title);
    head.style.color = c.colour;
    box.appendChild(head);
    box.appendChild(el("p", "", c.text));
    if (c.area) box.appendChild(el("p", "", (c.sliver ? "疑似边界误差，重叠 " : "此处 ") + c.area));
    return box;
  }

  function parcelPopup(p) {
    const box = el("div");
    const head = el("h3", "", p.name + "：" + p.verdict);
    head.style.color = p.colour;
    box.appendChild(head);
    box.appendChild(el("p", "", "椭球面积 " + p.area));
    const table = el("table");
    const top = table.createTHead().insertRow();
    ["图层", "状态", "重叠 m²", "公顷", "占比", "结论"].forEach((t, i) => top.appendChild(el("th", i > 1 && i < 5 ? "n" : "", t)));
    const rows = table.createTBody();
    for (const r of p.rows) {
      const row = rows.insertRow();
      r.cells.forEach((t, i) => row.appendChild(el("td", i > 1 && i < 5 ? "n" : i === 1 && r.unknown ? "unknown" : "", t)));
      if (r.colour) row.lastChild.style.cssText = "font-weight:700;color:" + r.colour;
    }
    box.appendChild(table);
    if (p.clear) box.appendChild(el("p", "", p.clear));
    for (const f of p.findings) {
      const line = el("p", "", f.text);
      const word = el("b", "", f.verdict + " ");
      word.style.color = f.colour;
      line.insertBefore(word, line.firstChild);
      box.appendChild(line);
    }
    return box;
  }

  // Names: by rank, none over another, none over a parcel's tag.
  const names = data.names.map((n) => {
    const node = el("div", "name" + (n.big ? " big" : ""), n.text);
    node.style.color = n.colour;
    return { n, node, marker: L.marker(n.at, { icon: L.divIcon({ className: "", iconSize: [0, 0], html: node }), interactive: false, keyboard: false, pane: pane("n" + n.key, 630) }) };
  });
  function letter() {
    const taken = [];
    for (const one of tagged) {
      const at = map.latLngToContainerPoint(one.p.at).subtract([0, 18]);
      const half = one.tag.offsetWidth / 2 + 3;
      const up = [0, -29, 29, -58, 58, -87, 87, -116].find((dy) => !taken.some((t) => meet(t, box(at.add([0, dy]), half, 14)))) || 0;
      one.tag.style.marginTop = up + "px";
      taken.push(box(at.add([0, up]), half, 14));
    }
    const size = map.getSize(), zoom = map.getZoom();
    for (const one of names) {
      const owner = layers[one.n.layer];
      const at = map.latLngToContainerPoint(one.n.at);
      const rect = box(at, one.n.text.length * (one.n.big ? 10.5 : 7.5) + 4, 12);
      const fits = map.hasLayer(owner.group) && zoom >= one.n.zoom && zoom <= one.n.most && at.x > 0 && at.y > 0 && at.x < size.x && at.y < size.y && !taken.some((t) => meet(t, rect));
      if (fits) taken.push(rect);
      if (fits && !map.hasLayer(one.marker)) one.marker.addTo(map);
      if (!fits && map.hasLayer(one.marker)) one.marker.remove();
    }
  }
  const box = (p, w, h) => [p.x - w, p.y - h, p.x + w, p.y + h];
  const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

  // The legend is the layer switch; what is not in view is grey.
  function look() {
    thin();
    const view = map.getBounds();
    for (const key in layers) map.getPane(layers[key].where).style.display = map.getZoom() >= layers[key].style.zoom ? "" : "none";
    for (const key in layers) {
      const item = document.querySelector('[data-key="' + key + '"]');
      if (!item) continue;
      let inView = false;
      layers[key].body.eachLayer((l) => { inView = inView || view.intersects(l.getBounds()); });
      item.classList.toggle("away", !inView || !map.hasLayer(layers[key].group) || map.getZoom() < layers[key].style.zoom);
    }
    if (data.sliversFrom) map.getPane("slivers").style.display = map.getZoom() >= data.sliversFrom ? "" : "none";
    const pixels = map.getZoom() > 15 ? "none" : "";
    document.querySelectorAll("path.small").forEach((p) => { p.style.display = pixels; });
    letter();
  }
  document.querySelectorAll(".panel input").forEach((input) => {
    input.checked = layers[input.value].style.on;
    input.addEventListener("change", () => {
      if (input.checked) layers[input.value].group.addTo(map);
      else layers[input.value].group.remove();
      look();
    });
  });
  const panel = document.querySelector(".panel");
  const embedded = window.parent !== window; // inside a report, which has its own heading and stamp
  document.body.classList.toggle("embedded", embedded);
  panel.open = !embedded && window.innerWidth > 700;
  // Until somebody moves the map, it shows all parcels with room for their labels, whatever size the frame becomes.
  const whole = () => map.invalidateSize({ animate: false }).fitBounds(data.bounds, { paddingTopLeft: [64, 52], paddingBottomRight: [64, 28], maxZoom: 17, animate: false });
  whole();
  const watch = new ResizeObserver(whole);
  watch.observe(map.getContainer());
  ["pointerdown", "wheel", "keydown"].forEach((kind) => map.getContainer().addEventListener(kind, () => watch.disconnect(), { once: true, capture: true, passive: true }));
  map.on("moveend zoomend", look);
  look();
  document.body.dataset.ready = "1";
})();
