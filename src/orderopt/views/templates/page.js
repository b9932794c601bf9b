"use strict";
// Charts: each script of data is one Bokeh item with its own target.
for (const data of document.querySelectorAll("script.chart-data")) {
  Bokeh.embed.embed_item(JSON.parse(data.textContent));
}

// Sorting: a click on a heading sorts its column, a second one turns it round. Empty cells stay last.
const cellValue = (cell, kind) => {
  const text = cell.dataset.value ?? cell.textContent.trim();
  if (kind !== "number") return text;
  const number = parseFloat(text.replace(/,/g, ""));
  return Number.isNaN(number) ? null : number;
};
const compare = new Intl.Collator(undefined, {numeric: true}).compare;
for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => heading.querySelector("button").addEventListener("click", () => {
    const turn = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    headings.forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", turn === 1 ? "ascending" : "descending");
    const kind = heading.dataset.kind;
    const keyed = [...table.tBodies[0].rows].map((row) => [cellValue(row.cells[column], kind), row]);
    const isEmpty = (value) => value === null || value === "" || value === "–";
    keyed.sort(([a], [b]) => {
      if (isEmpty(a) || isEmpty(b)) return isEmpty(a) - isEmpty(b);
      return turn * (kind === "number" ? a - b : compare(a, b));
    });
    table.tBodies[0].append(...keyed.map(([, row]) => row));
  }));
}

// Filtering: words that must all occur, and a state.
const find = document.getElementById("find"), state = document.getElementById("state");
const lines = [...document.querySelectorAll("#promise-table tbody tr")];
const texts = lines.map((row) => row.textContent.toLowerCase());
const filter = () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  lines.forEach((row, place) => {
    const fits = (state.value === "" || row.dataset.state === state.value)
      && words.every((word) => texts[place].includes(word));
    row.hidden = !fits;
    found += fits;
  });
  document.getElementById("found").textContent = `${found} of ${lines.length} lines`;
};
find.addEventListener("input", filter);
state.addEventListener("change", filter);

// Picking: an order in the table is picked in the schedule too, and brought into view.
document.getElementById("promise-table").addEventListener("click", (event) => {
  if (!event.target.matches(".pick")) return;
  const name = event.target.closest("tr").dataset.order;
  for (const chart of Bokeh.documents) {
    const tasks = chart.get_model_by_name("tasks"), plot = chart.get_model_by_name("gantt-chart");
    if (!tasks || !plot) continue;
    const {order, left, right} = tasks.data;
    const own = [];
    for (let i = 0; i < order.length; i++) if (order[i] === name) own.push(i);
    tasks.selected.indices = own;
    if (own.length === 0) continue;
    const since = Math.min(...own.map((i) => left[i])), until = Math.max(...own.map((i) => right[i]));
    const room = Math.max((until - since) * 0.5, 3.6e6);
    [plot.x_range.start, plot.x_range.end] = [since - room, until + room];
    document.getElementById("schedule").scrollIntoView();
  }
});
