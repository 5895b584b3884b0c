// Solves the puzzle of a page: finds a counter so that SHA-256 of `challenge:counter` begins with enough zero bits, then sends
// the form. The hash is written out here because browsers have none that answers at once, and none at all without TLS.
(() => {
  "use strict";
  const part = document.querySelector("[data-challenge]");
  const form = part && part.closest("form");
  if (!form) return;
  const said = part.querySelector("[data-said]");
  const K = new Int32Array(64);
  const START = new Int32Array(8);
  // The constants are the first bits of the roots of the first primes.
  for (let n = 2, at = 0; at < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
    if (!prime) continue;
    if (at < 8) START[at] = (Math.sqrt(n) % 1) * 4294967296;
    K[at++] = (Math.cbrt(n) % 1) * 4294967296;
  }
  const W = new Int32Array(64);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));

  /** The first 32 bits of SHA-256 of a text of ASCII; a puzzle never has more bits than that. */
  function first(text) {
    const size = ((text.length + 8) >> 6) + 1;
    const words = new Int32Array(size * 16);
    for (let i = 0; i < text.length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - (i & 3) * 8);
    words[text.length >> 2] |= 0x80 << (24 - (text.length & 3) * 8);
    words[size * 16 - 1] = text.length * 8;
    const h = Int32Array.from(START);
    for (let block = 0; block < size; block++) {
      for (let i = 0; i < 16; i++) W[i] = words[block * 16 + i];
      for (let i = 16; i < 64; i++) {
        const a = W[i - 15], b = W[i - 2];
        W[i] = (W[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + W[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
      }
      let [a, b, c, d, e, f, g, k] = h;
      for (let i = 0; i < 64; i++) {
        const one = (k + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        k = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
      }
      [a, b, c, d, e, f, g, k].forEach((value, i) => { h[i] = (h[i] + value) | 0; });
    }
    return h[0];
  }

  const challenge = part.dataset.challenge;
  const bits = Number(part.dataset.bits);
  let counter = 0;
  /** A slice at a time, so that the page stays alive. */
  function search() {
    for (const end = counter + 5000; counter < end; counter++) {
      if (Math.clz32(first(`${challenge}:${counter}`)) < bits) continue;
      form.elements.counter.value = counter;
      said.textContent = "验证完成，正在查询……";
      // Where somebody has typed anew meanwhile, they send it themselves, and the puzzle is another.
      const changed = [...form.elements].some((field) => field.type === "text" && field.name !== "sum" && field.value !== field.defaultValue);
      if (!changed) form.requestSubmit();
      return;
    }
    setTimeout(search);
  }
  search();
})();
