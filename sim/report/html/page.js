(function () {
  "use strict";
  var mains = document.querySelectorAll("main");
  var buttons = document.querySelectorAll(".lang button");
  var tip = document.getElementById("tip");

  // Where the reader is: the section at the top of the window and how far into it.
  function place(main) {
    var found = null;
    main.querySelectorAll("section").forEach(function (s, i) {
      var top = s.getBoundingClientRect().top;
      if (top < 80) found = { index: i, top: top };
    });
    return found;
  }

  function show(lang) {
    var from = document.querySelector("main:not([hidden])");
    var at = place(from);
    var open = Array.prototype.map.call(from.querySelectorAll("details"), function (d) { return d.open; });
    mains.forEach(function (m) {
      m.hidden = m.lang !== lang;
      if (!m.hidden) {
        m.querySelectorAll("details").forEach(function (d, i) { d.open = open[i]; });
        if (at) window.scrollBy(0, m.querySelectorAll("section")[at.index].getBoundingClientRect().top - at.top);
      }
    });
    buttons.forEach(function (b) { b.setAttribute("aria-pressed", String(b.dataset.lang === lang)); });
    document.documentElement.lang = lang;
    var title = document.querySelector("title");
    document.title = title.dataset[lang === "en" ? "en" : "zh"];
    tip.hidden = true;
  }
  buttons.forEach(function (b) { b.addEventListener("click", function () { show(b.dataset.lang); }); });

  // The language of a link to a section, else the reader's own.
  var wanted = location.hash.slice(1, 3);
  if (wanted !== "en" && wanted !== "zh") wanted = (navigator.language || "en").slice(0, 2);
  if (wanted === "zh") {
    show("zh-CN");
    var section = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (section) section.scrollIntoView();
  }

  // Tooltips: those of the drawings at once, beside the pointer.
  document.querySelectorAll("figure svg title").forEach(function (t) {
    t.parentNode.setAttribute("data-tip", t.textContent);
    t.parentNode.removeChild(t);
  });
  function tipOf(e) {
    var of = e.target.closest && e.target.closest("[data-tip]");
    if (of) return of.getAttribute("data-tip");
    var part = e.target.closest && e.target.closest("[data-matrix],[data-rows]");
    if (!part) return "";
    // A square of a matrix or a point of a long line: its figure stands in the table behind.
    var table = part.closest("figure").querySelector("table");
    if (!table) return "";
    var box = part.getBoundingClientRect(), head = table.tHead.rows[0].cells, rows = table.tBodies[0].rows;
    var x = (e.clientX - box.left) / box.width, y = (e.clientY - box.top) / box.height;
    if (part.dataset.rows) {
      var point = rows[Math.round(x * (part.dataset.rows - 1))];
      if (!point) return "";
      return point.cells[0].textContent + Array.prototype.slice.call(point.cells, 1).map(function (c, i) { return " · " + head[i + 1].textContent + " " + c.textContent; }).join("");
    }
    var line = rows[Math.floor(y * rows.length)], column = Math.floor(x * (head.length - 1)) + 1;
    if (!line || !line.cells[column] || !line.cells[column].textContent) return "";
    return line.cells[0].textContent + " → " + head[column].textContent + " · " + line.cells[column].textContent + " " + part.dataset.matrix;
  }
  document.addEventListener("pointermove", function (e) {
    var text = tipOf(e);
    tip.hidden = !text;
    if (!text) return;
    tip.textContent = text;
    var box = tip.getBoundingClientRect();
    var x = Math.min(e.clientX + 14, document.documentElement.clientWidth - box.width - 6);
    var y = e.clientY + 18;
    if (y + box.height > window.innerHeight) y = e.clientY - box.height - 10;
    tip.style.transform = "translate(" + Math.max(6, x) + "px," + Math.max(6, y) + "px)";
  });
  document.addEventListener("keydown", function (e) { if (e.key === "Escape") tip.hidden = true; });
})();
