// What the day of an examination brings beside its plain course, with the keyboard and without script: the head closes an incident, the
// clerk reports a violation and says what a camera recorded, the centre's supervisor notes on a phone what is seen and stops a room.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, open, press, startBrowser, startDemo, tabTo, visit } from "./lib.mjs";

let demo;
let browser;
let batch;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const said = async (page) => (await page.locator("#main").innerText()).replaceAll(/\s+/g, " ");

/** Presses Enter on the focused button and waits for the page behind it. */
async function enter(page, words, expected) {
  await tabTo(page, page.getByRole("button", { name: words, exact: true }));
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await check(page, expected);
}

/** Types into a field that Tab reaches. */
async function type(page, label, text) {
  const field = page.getByLabel(label, { exact: true });
  await tabTo(page, field);
  await page.keyboard.type(text);
  assert.equal(await field.inputValue(), text, label);
}

test("the head closes an incident that somebody else noted, by keyboard", async () => {
  const head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  await head.goto("/work");
  const task = head.getByRole("link", { name: /了结异常情况/ }).first();
  batch = (await task.getAttribute("href")).match(/^\/batches\/\d+/)[0];
  await tabTo(head, task);
  await Promise.all([head.waitForEvent("load"), head.keyboard.press("Enter")]);
  await check(head, { name: "incidents" });
  await enter(head, "作出结论", { status: 422, name: "incident-without-outcome" });
  await tabTo(head, head.getByRole("radio", { name: "不影响成绩" }));
  await head.keyboard.press("Space");
  const reason = head.getByRole("textbox", { name: "依据" });
  await tabTo(head, reason);
  await head.keyboard.type("备用设备，没有考生使用");
  await enter(head, "作出结论", { name: "incident-closed" });
  assert.match(await said(head), /已了结.*备用设备，没有考生使用/);
});

test("the clerk reports a violation, and its person's marks wait while the others are confirmed", async () => {
  const clerk = await visit(browser, demo.origin, { as: "rongcheng-clerk", script: false });
  await open(clerk, `${batch}/violations`, { name: "violations" });
  const candidate = clerk.getByLabel("考生", { exact: true });
  await tabTo(clerk, candidate);
  await clerk.keyboard.press("ArrowDown");
  assert.notEqual(await candidate.inputValue(), "", "somebody is chosen");
  await tabTo(clerk, clerk.getByRole("radio", { name: "理论知识考试" }));
  await clerk.keyboard.press("Space");
  await type(clerk, "时间、经过和当场的处置", "翻看手");
  await enter(clerk, "报告违纪", { status: 422, name: "violation-too-short" });
  assert.equal(await clerk.getByLabel("时间、经过和当场的处置").inputValue(), "翻看手");
  await clerk.getByLabel("时间、经过和当场的处置").fill("开考二十分钟后翻看手机");
  await clerk.locator("#files").setInputFiles({ name: "截图.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nexample") });
  await press(clerk, "报告违纪", { name: "violation-reported" });
  assert.match(await said(clerk), /未决定.*截图\.pdf.*由报告人以外的机构负责人决定/);
  await open(clerk, `${batch}/deferrals`, { name: "deferrals" });
  const head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  await open(head, `${batch}/violations`, { name: "violation-to-decide" });
  await head.getByRole("radio", { name: "该科成绩无效，结果为违纪" }).check();
  await head.getByRole("textbox", { name: "理由" }).fill("录像核对无误");
  await press(head, "作出决定", { status: 422, name: "violation-unheard" });
  assert.match(await said(head), /还没有听取考生的陈述/);
});

test("the clerk says what a camera recorded, and gaps are named", async () => {
  const clerk = await visit(browser, demo.origin, { as: "rongcheng-clerk", script: false });
  await open(clerk, `${batch}/recordings`, { name: "recordings" });
  assert.match(await said(clerk), /已覆盖全程/);
  await type(clerk, "摄像头", "后门2号");
  await type(clerk, "录像从", "08:20");
  await type(clerk, "到", "10:30");
  await enter(clerk, "登记录像", { status: 422, name: "recording-nowhere" });
  assert.equal(await clerk.getByLabel("摄像头", { exact: true }).inputValue(), "后门2号");
  await clerk.getByLabel("存放的位置（选填）", { exact: true }).fill("硬盘录像机2号");
  await press(clerk, "登记录像", { name: "recording-noted" });
  assert.match(await said(clerk), /后门2号/);
  await clerk.getByRole("link", { name: /作废.*后门2号/ }).click();
  await check(clerk, { name: "recording-to-void" });
  await press(clerk, "作废这段登记", { status: 422, name: "recording-void-without-reason" });
});

test("the centre's supervisor notes on a phone what is seen, with a photo, and stops one room", async () => {
  const centre = await visit(browser, demo.origin, { as: "fuzhou-centre", script: false });
  await centre.setViewportSize({ width: 375, height: 812 });
  await open(centre, `${batch}/site`, { name: "site" });
  await centre.setViewportSize({ width: 375, height: 812 });
  await press(centre, "登记情况", { status: 422, name: "site-empty" });
  await centre.setViewportSize({ width: 375, height: 812 });
  await centre.getByRole("textbox", { name: "看到的情况" }).fill("两名监考人员在岗，后门摄像头被遮挡");
  const photo = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=", "base64");
  await centre.locator("#files").setInputFiles({ name: "后门.png", mimeType: "image/png", buffer: photo });
  await press(centre, "登记情况", { name: "site-noted" });
  assert.match(await said(centre), /后门摄像头被遮挡.*后门\.png/);
  await open(centre, `${batch}/room-stops`, { name: "room-stops" });
  await centre.getByRole("textbox", { name: "叫停的原因" }).fill("后门摄像头被遮挡，录像无法核对");
  await press(centre, "叫停这个考场", { name: "room-stopped" });
  assert.match(await said(centre), /已叫停/);
  await open(centre, batch, { name: "batch-with-stopped-room" });
  assert.match(await said(centre), /主管中心叫停了 1 个考场/);
  await open(centre, "/board", { name: "board" });
  assert.match(await said(centre), /叫停1个考场/);
  const clerk = await visit(browser, demo.origin, { as: "rongcheng-clerk", script: false });
  await open(clerk, `${batch}/conduct`, { name: "conduct-with-stopped-room" });
  await open(clerk, `${batch}/site`, { name: "site-as-the-school-reads-it" });
  await open(clerk, `${batch}/plain-rooms`, { name: "plain-rooms" });
});
