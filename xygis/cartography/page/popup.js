// What a pop-up says: a parcel with its numbers, a conflict with its verdict, and everything that lies under a place.
"use strict";
const Popup = (() => {
  const { el, mark } = Dom;

  function parcel(p) {
    const box = el("div");
    const head = el("h3", "", p.name + " ");
    head.append(mark(p));
    box.append(head, el("p", "", "椭球面积 " + p.area));
    const table = el("table"), top = table.createTHead().insertRow();
    ["图层", "状态", "重叠 m²", "公顷", "占比", "结论"].forEach((t, i) => {
      const th = el("th", i > 1 && i < 5 ? "n" : "", t);
      th.scope = "col";
      top.append(th);
    });
    const rows = table.createTBody();
    for (const r of p.rows) {
      const row = rows.insertRow();
      r.cells.forEach((t, i) => row.append(el("td", i > 1 && i < 5 ? "n" : i === 1 && r.unknown ? "unknown" : "", i === 5 && r.mark ? "" : t)));
      if (r.mark) row.lastChild.append(mark({ mark: r.mark, verdict: r.cells[5] }));
    }
    const scroll = el("div", "scroll");
    scroll.append(table);
    if (p.rows.length) box.append(scroll);
    if (p.clear) box.append(el("p", "", p.clear));
    for (const f of p.findings) {
      const line = el("p");
      line.append(mark(f), " " + f.text);
      box.append(line);
    }
    for (const r of p.repairs) box.append(el("p", "unknown", r));
    return box;
  }

  function conflict(c) {
    const box = el("div"), head = el("h3");
    head.append(mark(c), " " + c.title);
    box.append(head);
    if (c.place) box.append(el("p", "", c.place));
    box.append(el("p", "", c.text));
    if (c.area) box.append(el("p", "", (c.sliver ? "疑似边界误差，重叠 " : "此处 ") + c.area));
    return box;
  }

  // Layers under a place, the smallest feature first; its attributes stand open.
  function place(latlng, hits) {
    const box = el("div"), seen = new Set();
    const extent = ({ feature: { box: [x0, y0, x1, y1] } }) => (x1 - x0) * (y1 - y0);
    [...hits].sort((a, b) => extent(a) - extent(b)).forEach(({ entry, index }) => {
      const style = entry.source, values = style.features[index].d || [];
      const told = style.label + "\n" + values.join("\n");
      if (seen.has(told)) return;
      seen.add(told);
      const one = el("details"), title = el("summary", "", style.label);
      one.open = seen.size === 1;
      one.append(title);
      const table = el("table");
      values.forEach((value, i) => {
        if (value === "") return;
        const row = table.insertRow();
        row.append(el("td", "", style.fields[i]), el("td", "wrap", value));
      });
      if (table.rows.length) one.append(table);
      box.append(one);
    });
    if (!seen.size) box.append(el("p", "", "此处没有显示中的图层要素；不等于没有管控，请看“图层”栏的状态。"));
    const words = Geodesy.words([latlng.lng, latlng.lat]);
    const at = el("p", "at", "CGCS2000 第 " + words.zone + " 带 " + words.metres);
    at.append(el("br"), words.degrees, el("br"), words.dms);
    box.append(at);
    return box;
  }

  return { parcel, conflict, place };
})();
