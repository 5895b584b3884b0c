// The reviewer's desk: four hundred persons of one report are reviewed with the keyboard alone, the line breaks in the middle and the
// page is loaded anew before it comes back, and no decision is lost or counted twice. A second reviewer and a browser without
// script find what was decided.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";

import { check, open, press, startBrowser, startDemo, tabTo, visit } from "./lib.mjs";

const PERSONS = 400;
let demo;
let browser;
let desk;
let house;

const PYTHON = `
import json, sqlite3, sys
base = sqlite3.connect(sys.argv[1], timeout=20)
base.executescript(sys.argv[3])
rows = base.execute(sys.argv[2])
print(json.dumps([dict(zip([column[0] for column in rows.description], row)) for row in rows]))
`;

/** The rows of a question to the demo's database, past every door; after the statements of `first`. */
const ask = (text, first = "") => JSON.parse(execFileSync("python3", ["-c", PYTHON, house, text, first]).toString());

/** Fills a report that waits for its review up to four hundred: no school of the demo has so many. */
function fill() {
  const [report] = ask(`SELECT r.id, r.batch, r.no, MIN(c.id) AS first, COUNT(*) AS passed
    FROM report r JOIN batch t ON t.id = r.batch JOIN body b ON b.id = t.body JOIN candidate c ON c.report = r.id
    WHERE t.stage = 'reported' AND b.centre = 'city-350100-centre' AND r.reported_on <= r.due_on
    AND c.verdict = 'passed' AND c.review IS NULL AND c.given_up_on IS NULL GROUP BY r.id, r.batch, r.no ORDER BY r.id DESC LIMIT 1`);
  assert.ok(report, "the demo has a report that waits");
  const copy = (table, where, own) => {
    const names = ask(`SELECT name FROM pragma_table_info('${table}')`).map((row) => row.name);
    return `INSERT INTO ${table} (${names}) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${PERSONS - report.passed})
      SELECT ${names.map((name) => own[name] ?? `c.${name}`)} FROM ${table} c, n WHERE c.${where} = ${report.first};`;
  };
  const id = "8000000000000000 + i";
  const person = { id, ticket: "'9' || substr('00000' || i, -5)", id_key: "c.id_key || '-' || i", publicity_no: "1000 + i", photo: "NULL" };
  ask("SELECT 1", `BEGIN; ${copy("candidate", "id", person)} ${copy("mark", "candidate", { candidate: id })}
    INSERT INTO report_person (report, candidate) SELECT ${report.id}, id FROM candidate WHERE id >= 8000000000000000 AND batch = ${report.batch}; COMMIT;`);
  return report;
}

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
  house = join(dirname(demo.sms), "jiangce.db");
  const report = fill();
  desk = { path: `/batches/${report.batch}/reports/${report.no}/desk`, report: report.id };
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const decided = (word) => ask(`SELECT COUNT(*) AS n FROM candidate WHERE report = ${desk.report} AND review = '${word}'`)[0].n;
const words = () => ask(`SELECT COUNT(*) AS n FROM review_word WHERE report = ${desk.report}`)[0].n;
const waiting = (page) => page.evaluate(() => JSON.parse(localStorage.getItem(document.getElementById("desk").dataset.key) ?? "[]"));

/** Until everything that waits in the browser was answered. */
async function sent(page) {
  await page.waitForFunction(() => JSON.parse(localStorage.getItem(document.getElementById("desk").dataset.key) ?? "[]").length === 0);
}

test("four hundred persons are reviewed by keyboard, over a line that breaks", { timeout: 300_000 }, async () => {
  const page = await visit(browser, demo.origin, { as: "fuzhou-centre" });
  await open(page, desk.path, { name: "desk" });
  const boxes = page.locator("#desk input[name=person]");
  assert.equal(await boxes.count(), PERSONS);
  await page.keyboard.press("j");
  // Approved and taken back before it was sent; nothing was written.
  await page.keyboard.press("a");
  await page.keyboard.press("u");
  assert.deepEqual([await waiting(page), words()], [[], 0]);
  await page.keyboard.press("k");
  // A hundred one by one.
  for (let n = 0; n < 100; n += 1) await page.keyboard.press("a");
  await sent(page);
  assert.equal(decided("approved"), 100);

  // The line breaks. A listed reason for one, approvals for others; the page says what waits.
  await page.context().setOffline(true);
  await page.keyboard.press("r");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  for (let n = 0; n < 60; n += 1) await page.keyboard.press("a");
  await page.waitForFunction(() => document.getElementById("desk-said").textContent.includes("网络中断"));
  const kept = await waiting(page);
  assert.equal(kept.length, 61);
  assert.deepEqual([...new Set(kept.flatMap((one) => Object.keys(one)))].sort(), ["code", "group", "id", "seen", "text", "word"], "ids, words, codes");
  assert.equal(decided("approved"), 100);

  // It comes back, and the page is loaded anew at that moment: what waited is sent, and sent again it counts once.
  await page.context().setOffline(false);
  await page.reload();
  await sent(page);
  assert.deepEqual([decided("approved"), decided("returned"), words()], [160, 1, 161]);
  await page.evaluate((list) => localStorage.setItem(document.getElementById("desk").dataset.key, JSON.stringify(list)), kept);
  await page.reload();
  await sent(page);
  assert.deepEqual([decided("approved"), decided("returned"), words()], [160, 1, 161], "sent twice, counted once");

  // Whoever is still undecided, in one range, with one word; at another browser, whose console knows of no broken line.
  const again = await visit(browser, demo.origin, { as: "fuzhou-centre" });
  await open(again, `${desk.path}?state=undecided`, { name: "desk-undecided" });
  const left = await again.locator("#desk input[name=person]").count();
  assert.equal(left, PERSONS - 161);
  await again.keyboard.press("j");
  for (let n = 1; n < left; n += 1) await again.keyboard.press("Shift+J");
  await again.keyboard.press("a");
  await sent(again);
  assert.deepEqual([decided("approved"), decided("returned"), words()], [399, 1, 400]);
  await open(again, desk.path, { name: "desk-decided" });
});

test("a person's file opens with one key and leads back to the same place", async () => {
  const page = await visit(browser, demo.origin, { as: "fuzhou-centre" });
  await page.goto(desk.path);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const id = await page.evaluate(() => document.activeElement.value);
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("c")]);
  await check(page, { name: "person-chain" });
  await tabTo(page, page.locator("#back"));
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await page.waitForFunction((id) => document.activeElement.value === id, id);
});

test("without script a sample is drawn and one person is held with a reason", async () => {
  const page = await visit(browser, demo.origin, { as: "fuzhou-centre", script: false });
  await open(page, desk.path, { name: "desk-no-script" });
  await page.getByText("随机抽样").click();
  await press(page, "抽取样本", { name: "desk-sample" });
  assert.equal(await page.locator("#desk input[name=person]").count(), 10);
  await page.locator("#desk input[name=person]").first().check();
  await press(page, "暂留所选", { status: 422, name: "desk-no-reason" });
  await page.locator("#desk input[name=person]:checked").waitFor();
  await page.getByLabel("理由", { exact: false }).last().fill("调阅录像后再定");
  await press(page, "暂留所选", { name: "desk-held" });
  assert.equal(decided("approved") + decided("returned"), 399);
});
