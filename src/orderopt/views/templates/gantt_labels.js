// Writes the order's name on every visible bar that has room for it, once the view has come to rest.
const paint = () => {
  const width = plot.inner_width;
  const [since, until] = [plot.x_range.start, plot.x_range.end];
  legend.ncols = Math.max(1, Math.floor(width / 125));
  for (const ticker of tickers) ticker.desired_num_ticks = Math.max(4, Math.floor(width / 100));
  const pixels = width / (until - since);
  const bars = source.data;
  const x = [], y = [], text = [];
  for (let i = 0; i < bars.order.length && x.length < most; i++) {
    const need = (8 + 6.2 * bars.order[i].length) / pixels, right = Math.min(bars.right[i], until);
    let left = Math.max(bars.middle[i], since);
    if (right - left < need) left = Math.max(bars.left[i], since);
    if (right - left >= need && bars.order[i] !== "") {
      x.push(left);
      y.push((bars.top[i] + bars.bottom[i]) / 2);
      text.push(bars.order[i]);
    }
  }
  labels.data = {x, y, text};
};
clearTimeout(plot._orderopt_labels);
plot._orderopt_labels = setTimeout(paint, 80);
