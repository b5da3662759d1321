// Search: parcels by name and number, patches, named features, or a coordinate to go to. Arrow keys, Enter, Escape.
"use strict";
const Search = (() => {
  const { el } = Dom;
  const MOST = 12;
  const plain = (text) => text.normalize("NFKC").toLowerCase(); // full-width digits and letters count as narrow ones

  function start(page) {
    const input = document.getElementById("search"), list = document.getElementById("found");
    const things = [
      ...page.data.parcels.map((p) => ({ kind: "地块 " + p.number, text: p.name, more: p.number, go: () => page.showParcel(p) })),
      ...page.data.conflicts.filter((c) => c.id).map((c) => ({ kind: "图斑", text: c.id + " " + c.title, more: c.text, go: () => page.showConflict(c) })),
      ...page.data.names.map((n) => ({ kind: page.layers[n.layer].style.label, text: n.text, more: "", go: () => page.goTo(n.at) })),
    ];
    for (const t of things) t.key = plain(t.text + " " + t.more);
    let found = [], at = -1;

    function matches(text) {
      const wanted = plain(text).trim();
      if (!wanted) return [];
      const point = Geodesy.parse(wanted);
      const exact = (t) => (t.more === wanted || plain(t.text) === wanted ? 0 : plain(t.text).startsWith(wanted) ? 1 : 2);
      const hits = things.filter((t) => t.key.includes(wanted)).sort((a, b) => exact(a) - exact(b));
      return [...(point ? [{ kind: "坐标", text: Geodesy.words(point).metres, go: () => page.goTo([point[1], point[0]], true) }] : []), ...hits].slice(0, MOST);
    }
    function mark(index) {
      at = index;
      [...list.children].forEach((row, i) => row.setAttribute("aria-selected", i === at));
      if (at >= 0) { input.setAttribute("aria-activedescendant", "found-" + at); list.children[at].scrollIntoView({ block: "nearest" }); }
      else input.removeAttribute("aria-activedescendant");
    }
    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      mark(-1);
    }
    function choose(index) {
      const one = found[index];
      close();
      if (one) one.go();
    }
    function show() {
      found = matches(input.value);
      list.replaceChildren(...found.map((one, i) => {
        const row = el("li");
        row.id = "found-" + i;
        row.setAttribute("role", "option");
        row.append(el("span", "", one.text), el("small", "", one.kind));
        row.addEventListener("mousedown", (event) => { event.preventDefault(); choose(i); });
        return row;
      }));
      if (!found.length && input.value.trim()) list.append(el("li", "none", "没有找到。可输入地块名称、序号、地名，或坐标"));
      list.hidden = !list.children.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      mark(found.length ? 0 : -1);
    }
    input.addEventListener("input", show);
    input.addEventListener("focus", () => { if (input.value.trim()) show(); });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { close(); input.value = ""; }
      else if (event.key === "Enter") choose(at);
      else if (found.length && event.key === "ArrowDown") mark((at + 1) % found.length);
      else if (found.length && event.key === "ArrowUp") mark((at - 1 + found.length) % found.length);
      else return;
      event.preventDefault();
    });
  }

  return { start };
})();
