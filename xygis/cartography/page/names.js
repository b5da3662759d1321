// Tags of parcels and names of features: by rank, none over another.
"use strict";
const Names = (() => {
  const { el } = Dom;
  const box = (p, w, h) => [p.x - w, p.y - h, p.x + w, p.y + h];
  const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  const icon = (node) => L.divIcon({ className: "", iconSize: [0, 0], html: node });
  const MOST_TAGS = 30; // beyond it labels would cover each other: a dot in the verdict's colour, the name on touch

  function start(page) {
    const { map, data } = page;
    map.createPane("tags").style.zIndex = 660;
    map.createPane("names").style.zIndex = 630;
    document.body.classList.toggle("many", data.parcels.length > MOST_TAGS);
    const tags = data.parcels.map((p) => {
      const tag = el("div", "tag t-" + p.mark);
      tag.append(el("b", "", p.number), el("i", "", p.name), Dom.mark(p));
      const marker = L.marker(p.at, { icon: icon(tag), title: p.name, alt: p.name + "，" + p.verdict, pane: "tags" }).addTo(map);
      marker.bindPopup(() => Popup.parcel(p), page.popup());
      p.open = () => marker.openPopup();
      return { p, tag };
    });
    const names = data.names.map((n) => {
      const node = el("div", "name" + (n.big ? " big" : ""), n.text);
      node.style.color = n.colour;
      return { n, marker: L.marker(n.at, { icon: icon(node), interactive: false, keyboard: false, pane: "names" }) };
    });

    return function letter() {
      const taken = [], size = map.getSize(), zoom = map.getZoom();
      for (const one of tags) {
        const at = map.latLngToContainerPoint(one.p.at).subtract([0, 18]), half = one.tag.offsetWidth / 2 + 3;
        const up = [0, -29, 29, -58, 58, -87, 87, -116].find((dy) => !taken.some((t) => meet(t, box(at.add([0, dy]), half, 14)))) || 0;
        one.tag.style.marginTop = up + "px";
        taken.push(box(at.add([0, up]), half, 14));
      }
      for (const { n, marker } of names) {
        const at = map.latLngToContainerPoint(n.at), rect = box(at, n.text.length * (n.big ? 10.5 : 7.5) + 4, 12);
        const wanted = page.layers[n.layer].on && zoom >= n.zoom && zoom <= n.most && at.x > 0 && at.y > 0 && at.x < size.x && at.y < size.y;
        const fits = wanted && !taken.some((t) => meet(t, rect));
        if (fits) taken.push(rect);
        if (fits !== map.hasLayer(marker)) fits ? marker.addTo(map) : marker.remove();
      }
    };
  }

  return { start };
})();
