"use strict";
/* One image on a canvas: window by dragging, zoom by the wheel or the right button, pan by the middle one or with Shift; a click that moved nothing is told.
   Images side by side are zoomed and moved together, each keeps its own window. */

const limited = (zoom) => Math.min(40, Math.max(0.1, zoom));

class Pane {
  constructor(canvas, image, told, actualSize) {
    Object.assign(this, { canvas, image, told, actualSize, marks: [], chosen: -1, fellows: [], corner: canvas.nextElementSibling });
    this.fitted = this.fit();
    this.reset();
    this.listen();
    this.watch = new ResizeObserver(() => this.resized());
    this.watch.observe(canvas);
  }

  reset() {
    const { centre, width, inverted, columns, rows } = this.image;
    this.view = { centre, width, inverted, zoom: this.actualSize ? this.actual() : 1, x: columns / 2, y: rows / 2 };
    this.shown = null;
  }

  /* CSS pixels for a column at which the whole image is seen. */
  fit() {
    const { columns, rows, aspect } = this.image;
    return Math.min(this.canvas.clientWidth / columns, this.canvas.clientHeight / (rows * aspect));
  }

  /* The zoom at which a column is one pixel of the screen. */
  actual() {
    return 1 / (this.fit() * (devicePixelRatio || 1));
  }

  /* CSS pixels of the screen for a column and for a row of the image. */
  scale() {
    const one = this.fit() * this.view.zoom;
    return [one, one * this.image.aspect];
  }

  /* Zoom and place of this image for those beside it too. */
  together() {
    const { view, image } = this;
    for (const other of [this, ...this.fellows]) {
      if (other !== this) Object.assign(other.view, { zoom: (view.zoom * this.fit() * image.columns) / (other.fit() * other.image.columns), x: (view.x / image.columns) * other.image.columns, y: (view.y / image.rows) * other.image.rows });
      other.draw();
    }
  }

  /* The image stays as large as it was, or goes on to fit. */
  resized() {
    if (this.view.zoom !== 1) this.view.zoom *= this.fitted / this.fit();
    this.draw();
  }

  show(zoom) {
    Object.assign(this.view, { zoom, x: this.image.columns / 2, y: this.image.rows / 2 });
    this.together();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const [sx, sy] = this.scale();
    return [(event.clientX - box.left - box.width / 2) / sx + this.view.x, (event.clientY - box.top - box.height / 2) / sy + this.view.y];
  }

  listen() {
    const { canvas } = this;
    let start = null;
    canvas.oncontextmenu = (event) => event.preventDefault();
    canvas.onmousedown = (event) => event.button === 1 && event.preventDefault(); // no scrolling by the middle button
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      start = { at: [event.clientX, event.clientY], view: { ...this.view }, moved: false, pan: event.button === 1 || event.shiftKey, zoom: event.button === 2 };
    };
    canvas.onpointermove = (event) => {
      if (!start) return;
      const [dx, dy] = [event.clientX - start.at[0], event.clientY - start.at[1]];
      start.moved = start.moved || Math.hypot(dx, dy) > 3;
      if (!start.moved) return;
      const [sx, sy] = this.scale();
      if (start.pan) Object.assign(this.view, { x: start.view.x - dx / sx, y: start.view.y - dy / sy });
      else if (start.zoom) this.view.zoom = limited(start.view.zoom * Math.exp(-dy / 150));
      else Object.assign(this.view, { width: Math.max(1, start.view.width * Math.exp(dx / 250)), centre: start.view.centre + (dy * start.view.width) / 400 });
      if (start.pan || start.zoom) this.together();
      else this.draw();
    };
    canvas.onpointerup = (event) => {
      if (start && !start.moved && !start.pan && !start.zoom) {
        const [x, y] = this.place(event);
        const { columns, rows } = this.image;
        if (x >= 0 && y >= 0 && x < columns && y < rows) this.told(x - 0.5, y - 0.5); // the centre of the first pixel is (0, 0)
      }
      start = null;
    };
    canvas.ondblclick = () => (this.reset(), this.together());
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const before = this.place(event);
      this.view.zoom = limited(this.view.zoom * Math.exp(-event.deltaY / 500));
      const after = this.place(event);
      Object.assign(this.view, { x: this.view.x + before[0] - after[0], y: this.view.y + before[1] - after[1] });
      this.together();
    }, { passive: false });
  }

  /* The whole image in grey, made anew only when the window changes. */
  grey() {
    const { centre, width, inverted } = this.view;
    const key = `${centre} ${width} ${inverted}`;
    if (this.shown?.key === key) return this.shown.canvas;
    const { rows, columns, kind, codes } = this.image;
    const canvas = this.shown?.canvas ?? Object.assign(document.createElement("canvas"), { width: columns, height: rows });
    const table = new Uint8ClampedArray(kind === "u16" ? 65536 : 256);
    for (let code = 0; code < table.length; code++) {
      const share = ((code - centre) / width + 0.5) * 255;
      table[code] = inverted ? 255 - share : share;
    }
    const picture = canvas.getContext("2d").createImageData(columns, rows);
    const out = new Uint32Array(picture.data.buffer);
    if (kind === "rgb") for (let i = 0; i < out.length; i++) out[i] = 0xff000000 | (table[codes[3 * i + 2]] << 16) | (table[codes[3 * i + 1]] << 8) | table[codes[3 * i]];
    else for (let i = 0; i < out.length; i++) out[i] = 0xff000000 | (table[codes[i]] * 0x010101);
    canvas.getContext("2d").putImageData(picture, 0, 0);
    this.shown = { key, canvas };
    return canvas;
  }

  draw() {
    const { canvas, view, image } = this;
    const ratio = devicePixelRatio || 1;
    this.fitted = this.fit();
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    const pen = canvas.getContext("2d");
    const [sx, sy] = this.scale().map((one) => one * ratio);
    const [left, top] = [Math.round(canvas.width / 2 - view.x * sx), Math.round(canvas.height / 2 - view.y * sy)]; // whole pixels: at 1:1 nothing is interpolated
    pen.imageSmoothingQuality = "high";
    pen.drawImage(this.grey(), left, top, image.columns * sx, image.rows * sy);
    this.corner.textContent = `${Math.round(sx * 100)}%`;
    pen.font = `${14 * ratio}px sans-serif`;
    this.marks.forEach((mark, n) => {
      const [x, y] = [left + (mark.x + 0.5) * sx, top + (mark.y + 0.5) * sy];
      pen.beginPath();
      pen.arc(x, y, 12 * ratio, 0, 2 * Math.PI);
      for (const [colour, width] of [["#000", 5], [n === this.chosen ? "#f2c14e" : "#5cc8c0", 2]]) { // a dark rim, so that marks are seen on bright places
        Object.assign(pen, { strokeStyle: colour, lineWidth: width * ratio });
        pen.stroke();
      }
      pen.fillStyle = pen.strokeStyle;
      pen.shadowColor = "#000";
      pen.shadowBlur = 4 * ratio;
      pen.fillText(`${n + 1}`, x + 15 * ratio, y - 8 * ratio);
      pen.shadowBlur = 0;
    });
  }

  close() {
    this.watch.disconnect();
  }
}
