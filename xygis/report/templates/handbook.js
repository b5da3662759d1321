(function () {
  'use strict';
  var box = document.getElementById('q'), kind = document.getElementById('kind'), told = document.getElementById('found');
  var cards = Array.prototype.slice.call(document.querySelectorAll('.rule'));
  var chapters = Array.prototype.slice.call(document.querySelectorAll('.chapter'));
  var texts = cards.map(function (card) { return card.textContent.toLowerCase().replace(/\s+/g, ''); });
  function show() {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean), verdict = kind.value, n = 0;
    cards.forEach(function (card, i) {
      var hit = words.every(function (word) { return texts[i].indexOf(word) >= 0; }) && (!verdict || card.dataset.verdict === verdict);
      card.hidden = !hit;
      n += hit ? 1 : 0;
    });
    chapters.forEach(function (chapter) { chapter.hidden = !chapter.querySelector('.rule:not([hidden])'); });
    var filtered = words.length > 0 || verdict;
    told.textContent = filtered ? '筛选出 ' + n + ' 个，共 ' + cards.length + ' 个（含尚未施行、已停用的版本）；打印时也只印这些' : '';
  }
  function reveal() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest('[hidden]')) { box.value = ''; kind.value = ''; show(); target.scrollIntoView(); }
  }
  document.getElementById('find').hidden = false;
  box.addEventListener('input', show);
  kind.addEventListener('change', show);
  document.getElementById('print').hidden = false;
  document.getElementById('print').addEventListener('click', function () { window.print(); });
  document.addEventListener('keydown', function (event) {
    if (event.key === '/' && document.activeElement !== box) { event.preventDefault(); box.focus(); }
    if (event.key === 'Escape' && document.activeElement === box) { box.value = ''; show(); }
  });
  window.addEventListener('hashchange', reveal);
  show();
})();
