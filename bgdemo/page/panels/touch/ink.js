// What strokes and the brush look like.
const { stage, touch } = visit;
const { viewport } = stage;
const scratch = document.createElement("canvas"); // one stroke, before it is laid over the others
const KEEP = { fill: "#12a150", rim: "#ffffff", sign: "+" };
const ERASE = { fill: "#d4212f", rim: "#ffffff", sign: "−" };

touch.ink = { lay, ring };

// From fractions of the photo to pixels of the canvas.
function onCanvas() {
  const [rect, view, ratio] = [stage.rect(), viewport.getBoundingClientRect(), devicePixelRatio];
  const [left, top] = [rect.left - view.left - viewport.clientLeft, rect.top - view.top - viewport.clientTop];
  return { at: ([x, y]) => [(left + x * rect.width) * ratio, (top + y * rect.height) * ratio], long: rect.longer * ratio, ratio };
}

// A stroke is one colour with a rim; its signs tell keep from erase without colours.
function lay(pen, { keep, width, points }, opacity) {
  const { at, long, ratio } = onCanvas();
  const style = keep ? KEEP : ERASE;
  [scratch.width, scratch.height] = [pen.canvas.width, pen.canvas.height]; // which clears it, too
  const brush = scratch.getContext("2d");
  Object.assign(brush, { lineCap: "round", lineJoin: "round" });
  const line = new Path2D();
  line.moveTo(...at(points[0]));
  for (const point of points) line.lineTo(...at(point));
  const layers = [["#000000", width * long + 4 * ratio], [style.rim, width * long + 2 * ratio], [style.fill, width * long], [signs(brush, style, ratio), width * long]];
  for (const [strokeStyle, lineWidth] of layers) {
    Object.assign(brush, { strokeStyle, lineWidth });
    brush.stroke(line);
  }
  pen.globalAlpha = opacity;
  pen.drawImage(scratch, 0, 0);
  pen.globalAlpha = 1;
}

const patterns = new Map();

function signs(brush, { sign, rim }, ratio) {
  const name = sign + ratio;
  if (!patterns.has(name)) patterns.set(name, brush.createPattern(tile(sign, rim, Math.round(14 * ratio)), "repeat"));
  return patterns.get(name);
}

function tile(sign, color, side) {
  const picture = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const pen = picture.getContext("2d");
  pen.fillStyle = color;
  const [long, thin] = [Math.round(side * 0.44), Math.max(1, Math.round(side * 0.1))];
  pen.fillRect(Math.round((side - long) / 2), Math.round((side - thin) / 2), long, thin);
  if (sign === "+") pen.fillRect(Math.round((side - thin) / 2), Math.round((side - long) / 2), thin, long);
  return picture;
}

// The brush: a ring as large as it paints, light and dark, with its sign.
function ring(pen, cursor, width) {
  const { at, long, ratio } = onCanvas();
  const [x, y] = at(cursor);
  const radius = Math.max(3 * ratio, (width * long) / 2);
  const { sign, fill } = touch.keep() ? KEEP : ERASE;
  const aside = radius > 12 * ratio ? 0 : radius + 8 * ratio;
  for (const [strokeStyle, lineWidth] of [["#000000", 4], ["#ffffff", 2]]) {
    Object.assign(pen, { strokeStyle, lineWidth: lineWidth * ratio });
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.stroke();
  }
  Object.assign(pen, { font: `700 ${18 * ratio}px system-ui, sans-serif`, textAlign: "center", textBaseline: "middle", strokeStyle: "#ffffff", fillStyle: fill, lineWidth: 4 * ratio });
  pen.strokeText(sign, x + aside, y + aside);
  pen.fillText(sign, x + aside, y + aside);
}
