// The column of results: how the verdicts stand, parcels, conflicts that zoom, and repairs before and after.
"use strict";
const Results = (() => {
  const { el, button, mark } = Dom;
  const AT_ONCE = 100;

  function counts(items) {
    const sums = new Map();
    for (const one of items) sums.set(one.verdict, { mark: one.mark, verdict: one.verdict, rank: one.weight, n: ((sums.get(one.verdict) || {}).n || 0) + 1 });
    return [...sums.values()].sort((a, b) => a.rank - b.rank);
  }

  function heading(text, n) {
    const node = el("h2", "", text + " ");
    if (n !== undefined) node.append(el("small", "", n.toLocaleString("zh-CN") + " 处"));
    return node;
  }

  function start(page) {
    const { data } = page, column = document.getElementById("results");
    const body = column.querySelector(".column");
    if (data.verdict) {
      const box = el("div", "overall b-" + data.verdict.mark);
      box.append(el("small", "", "综合结论"), mark(data.verdict), el("p", "", data.parcels.length + " 个地块：" + counts(data.parcels).map((c) => c.verdict + " " + c.n).join("，")));
      body.append(box);
    }
    if (data.parcels.length) body.append(heading("地块"), list(data.parcels, (p) => {
      const one = button("item", "", () => page.showParcel(p));
      const line = el("span", "line");
      line.append(el("b", "", p.number), el("span", "grow", p.name), mark(p));
      one.append(line, el("small", "", p.area));
      return one;
    }));
    if (page.repaired.length) repairs(page, body);
    if (data.conflicts.length) conflicts(page, body);
    return body.querySelector(".list") !== null;
  }

  // Long lists come in portions, so that thousands of patches do not freeze the page.
  function list(items, row) {
    const box = el("div"), ul = el("ul", "list");
    let shown = 0;
    const more = button("more", "", () => grow());
    function grow() {
      for (const item of items.slice(shown, shown + AT_ONCE)) {
        const li = el("li");
        li.append(row(item));
        ul.append(li);
      }
      shown = Math.min(items.length, shown + AT_ONCE);
      more.hidden = shown >= items.length;
      more.textContent = "再列 " + Math.min(AT_ONCE, items.length - shown) + " 处（还有 " + (items.length - shown).toLocaleString("zh-CN") + " 处）";
    }
    grow();
    box.append(ul, more);
    return box;
  }

  function conflicts(page, body) {
    const all = [...page.data.conflicts].sort((a, b) => a.rank - b.rank);
    body.append(heading(page.data.conflictTitle, all.length));
    const row = (c) => {
      const one = button("item", "", () => page.showConflict(c));
      const line = el("span", "line");
      line.append(mark(c), el("span", "grow", c.title));
      one.append(line, el("small", "", [c.place, c.sliver ? "疑似边界误差" : null, c.area].filter(Boolean).join("，")));
      c.item = one;
      return one;
    };
    const kinds = counts(all);
    let box = list(all, row);
    if (kinds.length > 1) {
      const label = el("label", "filter", "只看 "), select = el("select");
      select.append(new Option("全部", ""), ...kinds.map((k) => new Option(k.verdict + "（" + k.n.toLocaleString("zh-CN") + "）", k.verdict)));
      select.addEventListener("change", () => {
        const fresh = list(all.filter((c) => !select.value || c.verdict === select.value), row);
        box.replaceWith(fresh);
        box = fresh;
      });
      label.append(select);
      body.append(label);
    }
    body.append(box);
  }

  function repairs(page, body) {
    body.append(heading("界址修复前后", page.repaired.length));
    const field = el("fieldset", "choice"), legend = el("legend", "", "图上显示");
    field.append(legend);
    for (const [value, word] of [["after", "修复后"], ["before", "修复前"], ["both", "叠加"]]) {
      const label = el("label"), radio = el("input");
      radio.type = "radio";
      radio.name = "repair";
      radio.value = value;
      radio.checked = value === "after";
      radio.addEventListener("change", () => { page.repairView = value; page.sheet.redraw(); });
      label.append(radio, word);
      field.append(label);
    }
    body.append(field, el("p", "hint", "修复前为送审文件的原图形（橙色断线）；审查按修复后的图形。"));
    body.append(list(page.repaired, (p) => {
      const one = button("item", "", () => page.showRepair(p));
      const line = el("span", "line");
      line.append(el("b", "", p.number), el("span", "grow", p.name));
      one.append(line, ...p.repairs.map((r) => el("small", "", r)));
      return one;
    }));
  }

  return { start };
})();
