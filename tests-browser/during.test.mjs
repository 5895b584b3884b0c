// What belongs to the time before and during an examination: the year's plan, the centre's board, the register of cards, who
// examines, where everyone sits, what standards say, schemes, changed marks. Every page is checked; a batch is arranged and its
// tickets are printed, a rule of a standard is set and a batch is put off, without script.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, download, open, pdfPages, press, startBrowser, startDemo, visit, waitUntil } from "./lib.mjs";

let demo;
let browser;
let clerk;
let head;
let centre;
let province;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
  const as = (login) => visit(browser, demo.origin, { as: login, script: false });
  clerk = await as("rongcheng-clerk");
  head = await as("rongcheng-head");
  centre = await as("fuzhou-centre");
  province = await as("fujian-centre");
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const said = async (page) => (await page.locator("#main").innerText()).replaceAll(/\s+/g, " ");

/** The batches that a page of batches leads to, in its order. */
async function batches(page) {
  await page.goto("/batches");
  const links = await page.locator('a[href^="/batches/"]').evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  return [...new Set(links.filter((href) => /^\/batches\/\d+$/.test(href)))];
}

/** The first link out of a page whose address is of this kind. */
async function linkTo(page, from, kind) {
  await page.goto(from);
  const links = await page.locator("#main a[href]").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  return links.find((href) => kind.test(href));
}

const pages = [
  ["a plan of the year", () => head, ["/year-plan", "/year-plan/form"]],
  ["schemes", () => clerk, ["/schemes", "/schemes/new"]],
  ["the centre's lists", () => centre, ["/board", "/year-plans", "/schemes", "/pilot-majors", "/cards"]],
  ["the province's lists", () => province, ["/cards", "/cards/new", "/standards", "/standards?find=4-03-02-01"]],
];
for (const [name, of, paths] of pages) {
  for (const path of paths) {
    test(`${name}: ${path}`, () => open(of(), path));
  }
}

test("the bearer of a card, with validities and assignments", async () => {
  await open(province, await linkTo(province, "/cards", /^\/cards\/\d+$/), { name: "card" });
});

for (const part of ["", "/versions", "/assignment", "/arrangement", "/marks", "/mark-changes", "/ledger"]) {
  test(`of a batch that has been examined: ${part || "itself"}`, async () => {
    const examined = await linkTo(head, "/work", /^\/batches\/\d+/);
    const batch = examined.match(/^\/batches\/\d+/)[0];
    await open(head, `${batch}${part}`, { name: `examined${part.replaceAll("/", "-")}` });
  });
}

test("a batch is arranged, looked at and its tickets are printed", async () => {
  let waiting;
  for (const batch of await batches(clerk)) {
    await clerk.goto(batch);
    if (/还没有安排考场和座位/.test(await said(clerk))) waiting = batch;
  }
  assert.ok(waiting, "the province leaves one to its visitors");
  await open(clerk, `${waiting}/arrangement`, { name: "arrangement-form" });
  await press(clerk, "抽签并编排", { name: "arranged" });
  const session = await linkTo(clerk, `${waiting}/arrangement`, /\/sessions\/\d+$/);
  await open(clerk, session, { name: "plan-of-seats" });
  await clerk.goto(`${waiting}/arrangement`);
  const tickets = await download(clerk, "全部准考证");
  assert.match(pdfPages(tickets.bytes)[0], /准考证/);
  await open(clerk, `${waiting}/assignment`, { name: "assignment" });
  await open(clerk, `${waiting}/change`, { name: "change" });
  await open(clerk, `${waiting}/postponement`, { name: "postponement" });
  await press(clerk, "推迟这一批", { status: 422, name: "postponed-without-reason" });
  await open(centre, `${waiting}/stop`, { name: "stop" });
});

test("a rule of a standard is set, kept as typed where it is wrong, and shown with its origin", async () => {
  await open(province, await linkTo(province, "/standards?find=4-03-02-01", /^\/standards\/rules\?/), { name: "rules" });
  await province.getByLabel("生效日期").fill("2026-03-18");
  await province.getByLabel("操作技能考核时长（分钟）").fill("四小时");
  await press(province, "登记规定", { status: 422, name: "rules-wrong" });
  assert.equal(await province.getByRole("textbox", { name: "操作技能考核时长（分钟）" }).inputValue(), "四小时");
  await province.getByRole("textbox", { name: "操作技能考核时长（分钟）" }).fill("240");
  await province.getByRole("textbox", { name: "出处" }).fill("1.9.3");
  await press(province, "登记规定", { name: "rules-set" });
  assert.match(await said(province), /240 ?分钟 本标准/);
});

test("on the day a candidate is signed in on a phone, by the ticket's code and by the list, without script", async () => {
  const phone = await visit(browser, demo.origin, { as: "lizhou-clerk", script: false });
  await phone.setViewportSize({ width: 375, height: 812 });
  const batch = (await batches(phone))[0];
  await phone.goto(batch);
  await waitUntil(phone, "2026-03-23");
  await open(phone, `${batch}/conduct`, { name: "conduct" });
  const hall = await linkTo(phone, `${batch}/conduct`, /\/conduct\/\d+$/);
  await phone.setViewportSize({ width: 375, height: 812 });
  await phone.goto(hall);
  const people = phone.getByRole("checkbox", { name: /^选择/ });
  const all = await people.count();
  assert.ok(all > 2, "the room waits for its candidates");
  await people.nth(0).check();
  await people.nth(1).check();
  await press(phone, "登记所选考生到场", { name: "signed-in-by-list" });
  assert.match(await said(phone), /已签到 2 人/);
  // The ticket's code leads to the page that the list leads to as well.
  await phone.goto(`${batch}/arrangement`);
  const tickets = await download(phone, "全部准考证");
  assert.match(pdfPages(tickets.bytes)[0], /入场扫码签到/);
  await open(phone, await linkTo(phone, hall, /^\/arrivals\//), { name: "arrived" });
  const links = await phone.goto(hall).then(() => phone.locator('#main a[href^="/arrivals/"]').evaluateAll((all) => all.map((link) => link.getAttribute("href"))));
  await open(phone, links[2], { name: "arrival" });
  await press(phone, "到场", { name: "signed-in-by-ticket" });
  assert.match(await said(phone), /已到场/);
  await phone.goto(hall);
  await phone.getByLabel("开考时间").fill("23:59");
  await press(phone, "登记开考", { status: 422, name: "begun-in-the-future" });
  assert.equal(await phone.getByLabel("开考时间").inputValue(), "23:59");
  await phone.getByLabel("开考时间").fill("08:30");
  await press(phone, "登记开考", { name: "begun" });
  await press(phone, "登记结束", { status: 422, name: "ended-unconfirmed" });
  await phone.getByRole("checkbox", { name: /名单已核对/ }).check();
  await press(phone, "登记结束", { name: "ended" });
  assert.match(await said(phone), new RegExp(`缺考 ${all - 3} 人`));
});
