// Small pieces of a page. Text only ever reaches the page through textContent.
"use strict";
const Dom = (() => {
  const el = (tag, cls, text) => {
    const node = document.createElement(tag);
    if (cls) node.className = cls;
    if (text !== undefined && text !== null) node.textContent = text;
    return node;
  };

  const button = (cls, text, act) => {
    const node = el("button", cls, text);
    node.type = "button";
    node.addEventListener("click", act);
    return node;
  };

  // Shape, word and colour of a verdict: any two of them may be lost.
  function mark(one) {
    const node = el("span", "v v-" + one.mark);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", "#v-" + one.mark);
    svg.appendChild(use);
    node.append(svg, one.verdict);
    return node;
  }

  // 14 significant digits are nobody's measurement: m² with two decimals, 公顷 with four, and thousands set apart.
  const number = (value, decimals) => value.toLocaleString("zh-CN", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const length = (m) => (m < 10000 ? number(m, 2) + " m" : number(m / 1000, 3) + " km");
  const area = (m2) => number(m2, 2) + " m²（" + number(m2 / 10000, 4) + " 公顷）";

  return { el, button, mark, length, area };
})();
