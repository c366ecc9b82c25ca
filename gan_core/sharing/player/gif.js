/* GIF89a with an animation of frames that all have one size (CompuServe 1990). */
"use strict";

const LEVELS = [6, 7, 6];  // of red, green and blue; grey frames have 252 of their own

/* frames: arrays of RGBA.  Returns a Uint8Array. */
function gif(frames, width, height, milliseconds) {
  const grey = frames.every((frame) => {
    for (let i = 0; i < frame.length; i += 4) if (frame[i] !== frame[i + 1] || frame[i] !== frame[i + 2]) return false;
    return true;
  });
  const bytes = [...new TextEncoder().encode("GIF89a")];
  const short = (value) => bytes.push(value & 255, value >> 8);
  short(width);
  short(height);
  bytes.push(0xf7, 0, 0);
  for (let i = 0; i < 256; i++) bytes.push(...colour(i, grey));
  bytes.push(0x21, 0xff, 11, ...new TextEncoder().encode("NETSCAPE2.0"), 3, 1, 0, 0, 0);  // again and again
  for (const frame of frames) {
    bytes.push(0x21, 0xf9, 4, 0);
    short(Math.max(2, Math.round(milliseconds / 10)));
    bytes.push(0, 0, 0x2c, 0, 0, 0, 0);
    short(width);
    short(height);
    bytes.push(0, 8);
    const packed = lzw(indices(frame, width, grey));
    for (let first = 0; first < packed.length; first += 255) {
      const block = packed.slice(first, first + 255);
      bytes.push(block.length, ...block);
    }
    bytes.push(0);
  }
  bytes.push(0x3b);
  return Uint8Array.from(bytes);
}

function colour(index, grey) {
  if (grey) return [index, index, index];
  const [reds, greens, blues] = LEVELS, place = Math.min(index, reds * greens * blues - 1);
  return [Math.floor(place / greens / blues) * 255 / (reds - 1), Math.floor(place / blues) % greens * 255 / (greens - 1),
    place % blues * 255 / (blues - 1)].map(Math.round);
}

/* The nearest colour of each pixel, in a pattern of 4 x 4 that hides the steps (Bayer 1973). */
function indices(frame, width, grey) {
  const pattern = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5], found = new Uint8Array(frame.length / 4);
  for (let i = 0; i < found.length; i++) {
    if (grey) {
      found[i] = frame[4 * i];
      continue;
    }
    const share = (pattern[(Math.floor(i / width) % 4) * 4 + i % width % 4] + 0.5) / 16;
    found[i] = LEVELS.reduce((index, levels, channel) =>
      index * levels + Math.min(levels - 1, Math.floor(frame[4 * i + channel] / 255 * (levels - 1) + share)), 0);
  }
  return found;
}

/* Lempel, Ziv and Welch's codes of 8 bits, from the shortest on. */
function lzw(numbers) {
  const out = [], CLEAR = 256, END = 257;
  let size = 9, next = 258, table = new Map(), bits = 0, count = 0;
  const put = (code) => {
    bits |= code << count;
    count += size;
    while (count >= 8) {
      out.push(bits & 255);
      bits >>>= 8;
      count -= 8;
    }
  };
  put(CLEAR);
  let prefix = numbers[0];
  for (let i = 1; i < numbers.length; i++) {
    const key = prefix * 256 + numbers[i], known = table.get(key);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    put(prefix);
    table.set(key, next);
    if (next === 1 << size && size < 12) size++;
    if (++next > 4095) {
      put(CLEAR);
      table = new Map();
      size = 9;
      next = 258;
    }
    prefix = numbers[i];
  }
  put(prefix);
  put(END);
  if (count) out.push(bits & 255);
  return out;
}
