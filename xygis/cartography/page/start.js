// Draws the data block of the page, and joins the parts: sheet, names, tree, search, measuring, results.
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("xygis-data").textContent);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map("map", { fadeAnimation: !still, zoomAnimation: !still, zoomControl: false, attributionControl: false, zoomSnap: 0.25, zoomDelta: 0.5, maxZoom: 21, minZoom: 5 }).setView([32, 112], 9);
  const always = () => true;
  const page = { map, data, layers: {}, repaired: data.parcels.filter((p) => p.before), repairView: "after" };
  map.getContainer().style.background = data.paper;
  L.control.scale({ metric: true, imperial: false, maxWidth: 140 }).addTo(map);

  // From bottom to top: layers, the edge of what is carried, conflicts, parcels, outlines before repair, slivers, what is chosen.
  const entries = data.styles.map((style) => {
    const features = style.features.map((f) => Sheet.unpack(f.g));
    const layer = { style, on: style.on, bounds: features.map(Sheet.bounds) };
    page.layers[style.key] = layer;
    return { style, source: style, features, line: style.line, fine: true, shown: (zoom) => layer.on && zoom >= style.zoom };
  });
  const bare = (strokes, more) => ({ strokes, fill: null, opacity: 1, ...more });
  const entry = (style, features, more) => ({ style, features, mute: true, keep: true, shown: always, ...more });
  if (data.carried) entries.push(entry(bare([{ colour: "#7c8791", width: 1, dash: [1, 4] }]), [Sheet.unpack(data.carried)], { line: true }));
  const chosen = entry(bare([{ colour: "#ffbf47", width: 14, dash: null }]), [], { line: true });
  entries.push(chosen);
  const sliversFrom = (zoom) => zoom >= (data.sliversFrom || 0);
  const put = (c) => {
    c.shape = Sheet.unpack(c.g);
    const edge = c.severe || c.sliver ? null : [{ colour: c.colour, width: 1.6, dash: [5, 3] }];
    const style = c.sliver ? bare(data.marks.sliver.strokes) : c.severe ? data.marks.conflict : bare(edge);
    entries.push(entry(style, [c.shape], { line: c.sliver, conflict: c, keep: c.sliver, shown: c.sliver ? sliversFrom : always }));
  };
  data.conflicts.filter((c) => !c.sliver).forEach(put);
  for (const p of data.parcels) {
    p.shape = Sheet.unpack(p.g);
    entries.push(entry(data.marks.parcel, [p.shape], { parcel: p, shown: () => !p.before || page.repairView !== "before" }));
    if (!p.before) continue;
    const before = { strokes: [{ colour: "#fff", width: 5, dash: null }, { colour: "#c2500a", width: 2.6, dash: [8, 5] }], fill: "#c2500a", opacity: 0.14 };
    entries.push(entry(before, [Sheet.unpack(p.before)], { shown: () => page.repairView !== "after" }));
  }
  data.conflicts.filter((c) => c.sliver).forEach(put);
  page.sheet = new Sheet.Canvas(entries);
  page.sheet.addTo(map);

  // A small conflict would be missed from afar: a ring of a size that can be seen.
  map.createPane("rings").style.zIndex = 645;
  const rings = L.layerGroup().addTo(map);
  const ringed = data.conflicts.filter((c) => c.ring !== false && (c.severe || c.sliver));
  if (data.conflicts.length <= 200 || data.ringsAlways)
    for (const c of ringed) L.circleMarker(c.at, { pane: "rings", radius: 7, fill: false, weight: 2.2, color: (c.sliver ? data.marks.sliver : data.marks.conflict).strokes.slice(-1)[0].colour, interactive: false }).addTo(rings);

  const room = { paddingTopLeft: [64, 60], paddingBottomRight: [64, 28], animate: !still };
  const narrow = () => window.innerWidth <= 1100;
  page.goTo = (at, pin) => {
    touched();
    map.setView(at, Math.max(map.getZoom(), 14), { animate: !still });
    if (pin) L.popup(page.popup()).setLatLng(at).setContent(Popup.place(L.latLng(at), [])).openOn(map);
  };
  // A pop-up stands above what it speaks of, so there has to be room for it.
  const fit = (shape, closest) => {
    touched();
    if (narrow()) open("");
    const high = map.getSize().y, above = Math.min(250, high * 0.45);
    map.fitBounds(Sheet.bounds(shape), { paddingTopLeft: [40, above], paddingBottomRight: [70, high * 0.08], maxZoom: closest, animate: !still });
  };
  // Clear of search and tools, and never wider than a telephone leaves room for.
  page.popup = () => ({ maxWidth: Math.min(440, map.getSize().x - 110), autoPanPaddingTopLeft: [12, narrow() ? 96 : 58], autoPanPaddingBottomRight: [66, 12] });
  const top = (shape) => { const b = Sheet.bounds(shape); return [b.getNorth(), b.getCenter().lng]; };
  const choose = (shape) => { chosen.features = shape ? [shape] : []; page.sheet.redraw(); };
  page.showParcel = (p) => { fit(p.shape, 17); choose(p.shape); p.open(); };
  page.showRepair = (p) => { fit(p.shape, 19); choose(null); map.closePopup(); };
  page.showConflict = (c) => {
    fit(c.shape, 18);
    choose(c.shape);
    document.querySelectorAll(".item[aria-current]").forEach((node) => node.removeAttribute("aria-current"));
    if (c.item) c.item.setAttribute("aria-current", "true");
    L.popup(page.popup()).setLatLng(c.sliver ? c.at : top(c.shape)).setContent(Popup.conflict(c)).openOn(map);
  };

  const letter = Names.start(page), look = Tree.start(page), measure = Measure.start(page);
  page.measure = measure;
  page.changed = () => { page.sheet.redraw(); look(); letter(); };
  const found = Results.start(page);
  document.body.classList.toggle("no-results", !found);
  Search.start(page);

  function act(latlng) {
    if (measure.take(latlng)) return;
    const hits = page.sheet.under(latlng);
    const zoom = map.getZoom(), marked = entries.filter((e) => (e.conflict || e.parcel) && e.shown(zoom) && page.sheet.meets(e, latlng));
    const conflicts = marked.flatMap((e) => e.conflict || []).sort((a, b) => a.rank - b.rank), parcel = marked.find((e) => e.parcel);
    const content = Popup.place(latlng, hits);
    content.prepend(...(conflicts.length ? conflicts.map(Popup.conflict) : parcel ? [Popup.parcel(parcel.parcel)] : []));
    L.popup(page.popup()).setLatLng(latlng).setContent(content).openOn(map);
  }
  map.on("click", (event) => act(event.latlng));
  // Leaflet focuses the map at every click: the cross and the outline are for those who came by keyboard.
  const keys = (on) => document.body.classList.toggle("keys", on);
  document.addEventListener("keydown", () => keys(true));
  document.addEventListener("pointerdown", () => keys(false), true);
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== map.getContainer()) return;
    event.preventDefault();
    act(map.getCenter());
  });

  // Coordinates under the pointer; of the middle where there is no pointer, or after the keyboard has moved the map.
  const status = { degrees: document.getElementById("at-degrees"), dms: document.getElementById("at-dms"), metres: document.getElementById("at-metres"), scale: document.getElementById("at-scale") };
  function say(latlng) {
    const words = Geodesy.words([latlng.lng, latlng.lat]);
    status.degrees.textContent = words.degrees;
    status.dms.textContent = words.dms;
    status.metres.textContent = "第 " + words.zone + " 带 " + words.metres;
  }
  function ratio() {
    const metres = (156543.034 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / 2 ** map.getZoom(), exact = metres / (0.0254 / 96);
    const digits = 10 ** Math.max(0, Math.floor(Math.log10(exact)) - 1);
    status.scale.textContent = "约 1:" + (Math.round(exact / digits) * digits).toLocaleString("zh-CN").replace(/,/g, " ");
  }
  map.on("mousemove", (event) => say(event.latlng));

  // Panels: beside the map where there is room, over it where there is not.
  const openers = [...document.querySelectorAll("[data-opens]")];
  function open(name) {
    document.body.dataset.open = name;
    for (const b of openers) b.setAttribute("aria-expanded", b.dataset.opens === name);
  }
  for (const b of openers) b.addEventListener("click", () => open(document.body.dataset.open === b.dataset.opens ? "" : b.dataset.opens));
  document.querySelectorAll(".panel .close").forEach((b) => b.addEventListener("click", () => open("")));
  const embedded = window.parent !== window; // inside a report, which has its own heading
  document.body.classList.toggle("embedded", embedded);
  open("");
  document.getElementById("zoom-in").addEventListener("click", () => map.zoomIn());
  document.getElementById("zoom-out").addEventListener("click", () => map.zoomOut());
  document.getElementById("zoom-all").addEventListener("click", () => whole());
  document.getElementById("print").addEventListener("click", () => window.print());

  // Until somebody moves the map, it shows all parcels with room for their labels, whatever size the frame becomes.
  const whole = () => map.invalidateSize({ animate: false }).fitBounds(data.bounds, { ...room, maxZoom: 17, animate: false });
  const PAPER = [1040, 600]; // px of an A4 sheet that the map may take
  let moved = false;
  const touched = () => { moved = true; };
  const frame = map.getContainer();
  const resized = () => {
    if (moved) map.invalidateSize({ animate: false });
    else whole();
    const { clientWidth: w, clientHeight: h } = frame;
    for (const [name, value] of [["--w", w + "px"], ["--h", h + "px"], ["--fit", Math.min(1, PAPER[0] / w, PAPER[1] / h)]]) frame.parentElement.style.setProperty(name, value);
  };
  new ResizeObserver(() => { if (!window.matchMedia("print").matches) resized(); }).observe(frame);
  ["pointerdown", "wheel", "keydown"].forEach((kind) => frame.addEventListener(kind, touched, { once: true, capture: true, passive: true }));
  const settled = () => {
    look();
    letter();
    ratio();
    const far = map.getZoom() > 15;
    if (far === map.hasLayer(rings)) far ? rings.remove() : rings.addTo(map);
    if (document.activeElement === frame || !window.matchMedia("(hover: hover)").matches || !status.degrees.textContent) say(map.getCenter());
  };
  map.on("moveend zoomend", settled);
  window.addEventListener("beforeprint", () => document.querySelectorAll(".group").forEach((g) => { g.open = g.open || g.querySelector("input[value]:checked") !== null; }));
  resized();
  settled();
  window.xygis = page;
  document.body.dataset.ready = "1";
})();
