// The layer tree: a switch a layer, three states a group, grey where nothing of a layer can be seen just now.
"use strict";
const Tree = (() => {
  function start(page) {
    const groups = [...document.querySelectorAll(".tree fieldset")].map((node) => ({ all: node.querySelector("input.all"), boxes: [...node.querySelectorAll("input[value]")] }));
    function sum(group) {
      const on = group.boxes.filter((b) => b.checked).length;
      if (!group.all) return;
      group.all.checked = on > 0 && on === group.boxes.length;
      group.all.indeterminate = on > 0 && on < group.boxes.length;
    }
    const put = (box) => { page.layers[box.value].on = box.checked; };
    for (const group of groups) {
      for (const box of group.boxes) {
        box.checked = page.layers[box.value].on;
        box.addEventListener("change", () => { put(box); sum(group); page.changed(); });
      }
      if (group.all) group.all.addEventListener("change", () => {
        for (const box of group.boxes) { box.checked = group.all.checked; put(box); }
        sum(group);
        page.changed();
      });
      sum(group);
    }

    return function look() {
      const view = page.map.getBounds(), zoom = page.map.getZoom();
      for (const { boxes } of groups)
        for (const box of boxes) {
          const layer = page.layers[box.value], shown = layer.on && zoom >= layer.style.zoom;
          const row = box.closest("li"), away = !(shown && layer.bounds.some((b) => view.intersects(b)));
          row.classList.toggle("away", away);
          row.title = !away ? "" : !layer.on ? "未打开" : zoom < layer.style.zoom ? "放大后显示" : "当前视野内没有";
        }
    };
  }

  return { start };
})();
