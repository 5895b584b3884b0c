// What the browser tests share: a demo of their own, a browser, and one question asked of every page they reach.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("..", import.meta.url));
const targetFolder = process.env.CARGO_TARGET_DIR ?? join(homedir(), ".cache/jiangce/target");
export const program = process.env.JIANGCE_BIN ?? join(targetFolder, "debug/jiangce");
const artefacts = join(resolve(root, process.env.CI_ARTEFACTS ?? "artefacts"), "browser");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const html = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    // Templates leave spaces at line ends; nobody sees them.
    "no-trailing-whitespace": "off",
    // Counts characters as if they were Latin.
    "long-title": "off",
    // Boxes to tick share their name, as do the buttons that say what to do with those ticked.
    "form-dup-name": ["error", { shared: ["radio", "checkbox", "submit", "button"] }],
  },
});

/** The two widths that every page is looked at: a desk and a phone. */
const sizes = [{ width: 1280, height: 900 }, { width: 375, height: 812 }];

const serverLog = join(artefacts, `${basename(process.argv[1], ".test.mjs")}-server.log`);
mkdirSync(artefacts, { recursive: true });

/** A table of `demo/`, one object a row. Its fields hold no quotes but around level lists. */
export function table(file) {
  const [head, ...lines] = readFileSync(join(root, "demo", file), "utf8").trimEnd().split("\n");
  const cells = (line) => line.match(/("[^"]*"|[^,]*)(,|$)/g).map((cell) => cell.replace(/,$/, "").replaceAll('"', ""));
  return lines.map((line) => Object.fromEntries(head.split(",").map((key, at) => [key, cells(line)[at]])));
}

/**
 * Starts `jiangce demo` on a data folder and a port of its own and waits until it answers. `stop` ends it, demands
 * that it went of its own accord when asked to, and removes the folder.
 *
 * With JIANGCE_ORIGIN set, the tests use the server that runs there, which is handy while writing pages.
 * With `sms`, short messages leave for the file `sms` of what it gives; `JIANGCE_SMS` names it for a server that runs.
 */
export async function startDemo({ sms = false } = {}) {
  if (process.env.JIANGCE_ORIGIN) return { origin: process.env.JIANGCE_ORIGIN, sms: process.env.JIANGCE_SMS, stop: async () => {} };
  const data = mkdtempSync(join(tmpdir(), "jiangce-"));
  cpSync(await filledDemo(), data, { recursive: true });
  const file = join(data, "sms.jsonl");
  return { ...(await serve(data, sms ? ["--sms-sink", file] : [])), sms: file };
}

/**
 * A province as its visitors find it. To fill one takes most of a minute, so that each program does it once: it is kept
 * beside the program, under a name that a newer program does not share, and every test starts on a copy.
 */
async function filledDemo() {
  const { mtimeMs, size } = statSync(program);
  const kept = join(dirname(program), "demo-for-tests");
  const filled = join(kept, `${Math.round(mtimeMs)}-${size}`);
  if (existsSync(filled)) return filled;
  rmSync(kept, { recursive: true, force: true });
  mkdirSync(kept, { recursive: true });
  const data = mkdtempSync(join(kept, "filling-"));
  await (await serve(data)).stop({ keep: true });
  renameSync(data, filled);
  return filled;
}

async function serve(data, more = []) {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const log = createWriteStream(serverLog, { flags: "a" });
  const server = spawn(program, ["demo", "--listen", origin.slice("http://".length), "--data", data, ...more]);
  server.stdout.pipe(log, { end: false });
  server.stderr.pipe(log, { end: false });
  const gone = once(server, "exit").then(([code, signal]) => code ?? signal);
  let exit;
  gone.then((how) => (exit = how), (error) => (exit = error.message));
  const stop = async ({ keep = false } = {}) => {
    server.kill("SIGTERM");
    const how = await Promise.race([gone, pause(20_000, "still running 20 s after SIGTERM", { ref: false })]);
    server.kill("SIGKILL");
    log.end();
    if (!keep) rmSync(data, { recursive: true, force: true });
    assert.equal(how, 0, "how the server ended when asked to");
  };
  for (let waited = 0; waited < 180_000; waited += 100) {
    assert.equal(exit, undefined, `${program} ended before it answered; see ${serverLog}`);
    const healthy = await fetch(`${origin}/healthz`).then((answer) => answer.ok, () => false);
    if (healthy) return { origin, stop };
    await pause(100);
  }
  await stop().catch(() => {});
  throw new Error("the demo did not answer within three minutes");
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Starts the browser. Nothing outside this machine is asked for. Its own words are English: days are typed month first. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--lang=en-US", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
  });
}

/**
 * Someone at a browser: nobody yet, or the persona with this login of `demo/personas.csv`. Gives the page; its context
 * is fresh, so two visitors never share a session. With `script: false` the pages' own scripts arrive empty, while
 * those of the tests still run, which a browser with scripts switched off would not let them.
 */
export async function visit(browser, origin, { as, script = true } = {}) {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: sizes[0],
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
  });
  if (!script) await context.route(/\.m?js$/, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const seen = { complaints: [], document: undefined };
  visits.set(page, seen);
  page.on("console", (line) => {
    if (["error", "warning"].includes(line.type())) seen.complaints.push({ text: line.text(), at: line.location().url });
  });
  page.on("pageerror", (error) => seen.complaints.push({ text: String(error), at: page.url() }));
  page.on("response", (response) => {
    const moved = response.status() >= 300 && response.status() < 400;
    // A page arrives when the browser goes there, or as the answer to an upload that script has sent.
    const arrives = response.request().isNavigationRequest() || response.request().resourceType() === "xhr";
    if (arrives && response.frame() === page.mainFrame() && !moved) seen.document = response;
  });
  if (as) await signIn(page, as);
  return page;
}

const visits = new WeakMap();
let shots = 0;

/** Signs in with one click on the demo's page of personas. */
export async function signIn(page, login) {
  await page.goto("/demo");
  await page.locator(`form:has(input[name="login"][value="${login}"]) button`).click();
  await page.waitForURL((url) => url.pathname !== "/demo");
}

/** Presses a button by its words, waits for the page behind it and asks of it what `check` asks. */
export async function press(page, words, expected) {
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: words, exact: true }).click()]);
  await check(page, expected);
}

/** Follows a link that is a file; gives its bytes and the name it is saved under. */
export async function download(page, words) {
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: words }).first().click()]);
  return { name: saved.suggestedFilename(), bytes: readFileSync(await saved.path()) };
}

/** Name and number of the candidate whom the make-believe province suggests; `page` stands on `/demo`. */
export async function suggestedCandidate(page) {
  const words = (await page.locator("#main").innerText()).replaceAll(/\s+/g, " ");
  const [, name, number] = words.match(/姓名(\S+?)，证件号码 (\d{17}[\dX])/);
  return { name, number };
}

/** The code of the last short message for a candidate, once it has arrived on the telephone of the province; `page` is at it then. */
export async function ownCode(page) {
  for (let waited = 0; waited < 60_000; waited += 500) {
    await page.goto("/demo/phone");
    const words = await page.locator("#main").innerText();
    const [, code] = words.match(/验证码 (\d{6})，10分钟内有效，用于查看本人的认定信息/) ?? [];
    if (code) return code;
    await pause(500);
  }
  assert.fail("no code arrived");
}

/** What a PDF says, page by page. */
export function pdfPages(bytes) {
  assert.equal(bytes.subarray(0, 5).toString("latin1"), "%PDF-");
  const text = execFileSync("pdftotext", ["-layout", "-", "-"], { input: bytes, maxBuffer: 1 << 28 }).toString();
  return text.split("\f").slice(0, -1);
}

/** Goes forward by Tab alone until the focus is on this field, link or button. */
export async function tabTo(page, place) {
  for (let pressed = 0; pressed < 80; pressed += 1) {
    await page.keyboard.press("Tab");
    if (await place.evaluate((element) => element === document.activeElement)) return;
  }
  assert.fail(`Tab does not reach ${place}`);
}

/** The simulated day, from the bar of the demo: `2026-03-18`. */
export async function today(page) {
  const [, year, month, day] = (await page.locator("aside.demo").textContent()).match(/(\d+)年(\d+)月(\d+)日/);
  return [year, month.padStart(2, "0"), day.padStart(2, "0")].join("-");
}

/** Lets the working days pass until it is this day. */
export async function waitUntil(page, day) {
  while ((await today(page)) < day) {
    await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "下一个工作日" }).click()]);
  }
  assert.equal(await today(page), day, "the day is a working day");
}

/** Goes to a path and asks of the page there what `check` asks. */
export async function open(page, path, expected) {
  await page.goto(path);
  await check(page, expected);
}

/**
 * What has to hold on every page: the status, markup as it was sent without a fault, nothing on the browser's console,
 * no accessibility violation and no sideways scrolling at either width. Keeps a screenshot of both.
 *
 * `status` is what the page answers (a refusal is a page too); `name` names the screenshots, by default after the path.
 */
export async function check(page, { status = 200, name } = {}) {
  const seen = visits.get(page);
  const path = new URL(page.url()).pathname;
  assert.equal(seen.document.status(), status, `status of ${path}`);

  name ??= path.replace(/^\/+|\/+$/g, "").replaceAll(/[^\w-]+/g, "-") || "home";
  const number = `${basename(process.argv[1], ".test.mjs")}-${String(++shots).padStart(3, "0")}`;
  for (const size of sizes) {
    await page.setViewportSize(size);
    await page.screenshot({ path: join(artefacts, `${number}-${name}-${size.width}.png`), fullPage: true });
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(sideways <= 0, `${path} scrolls ${sideways} px sideways at ${size.width} px`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    const found = violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary}`));
    assert.deepEqual(found, [], `accessibility of ${path} at ${size.width} px`);
  }
  await page.setViewportSize(sizes[0]);

  const report = await html.validateString(await seen.document.text());
  const faults = report.results.flatMap((result) => result.messages).map((m) => `${m.line}:${m.column} ${m.ruleId} ${m.message}`);
  assert.deepEqual(faults, [], `markup of ${path}`);

  // The browser complains of every status from 400 on; the one that was expected is no fault.
  const expected = (complaint) => status >= 400 && complaint.at === seen.document.url() && /status of \d+/.test(complaint.text);
  const complaints = seen.complaints.splice(0).filter((complaint) => !expected(complaint));
  assert.deepEqual(complaints, [], `console on ${path}`);
}
