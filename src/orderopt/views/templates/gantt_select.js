// A click on one bar picks all bars of its order line and shows when the line is due.
const picked = source.selected.indices;
if (picked.length === 0) {
  due.visible = false;
} else {
  const {order, due_ms} = source.data;
  const name = order[picked[0]];
  due.location = due_ms[picked[0]];
  due.visible = Number.isFinite(due_ms[picked[0]]);
  if (name !== "") {
    const all = [];
    for (let i = 0; i < order.length; i++) if (order[i] === name) all.push(i);
    if (all.length !== picked.length) source.selected.indices = all;
  }
}
