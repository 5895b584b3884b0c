// Publicity inside the school and what may break it: a list that hangs is shown, a stranger objects with evidence, those concerned are
// heard, the decision names nobody in public, and broken publicity starts anew. By keyboard where a form is sent, without script.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { check, open, press, startBrowser, startDemo, tabTo, today, visit } from "./lib.mjs";

const PDF = { name: "现场照片.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n%%EOF\n") };
const BOARD = { name: "实训楼公告栏.png", mimeType: "image/png", buffer: readFileSync(new URL("../demo/notice-board.png", import.meta.url)) };

let demo;
let browser;
let head;
let anyone;
let inside;
let list;
let receipt;

const said = (page) => page.locator("#main").innerText();

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
  head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  anyone = await visit(browser, demo.origin, { script: false });
  await head.goto("/work");
  inside = await head.locator('#main a[href$="/publicity"]', { hasText: "处理公示异议" }).first().getAttribute("href");
  await head.goto(inside);
  list = await head.locator('a[href^="/publicity/"]').first().getAttribute("href");
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("a stranger objects with evidence, and what was typed stays where a file is none that is taken", async () => {
  await open(anyone, list, { name: "posting-public" });
  assert.match(await said(anyone), /名单同时张贴在本校教学楼一层公告栏/);
  await anyone.getByLabel("名单中的序号").fill("3");
  await anyone.getByLabel("哪里不对，依据是什么").fill("该考生操作技能考核由他人代考");
  await anyone.getByLabel("联系方式").fill("示例联系方式");
  await anyone.locator("#files").setInputFiles({ name: "说明.txt", mimeType: "text/plain", buffer: Buffer.from("说明") });
  await press(anyone, "提出异议", { status: 422, name: "posting-evidence-refused" });
  assert.equal(await anyone.getByLabel("哪里不对，依据是什么").inputValue(), "该考生操作技能考核由他人代考");
  await anyone.locator("#files").setInputFiles(PDF);
  await tabTo(anyone, anyone.getByRole("button", { name: "提出异议" }));
  await anyone.keyboard.press("Enter");
  await anyone.waitForSelector(".verdict");
  await check(anyone, { name: "posting-objection-receipt" });
  assert.match(await said(anyone), /1 个文件/);
  receipt = (await anyone.locator(".verdict .num").textContent()).trim();
});

test("the head shows where the list hangs; another list is refused", async () => {
  await open(head, inside, { name: "posting-inside" });
  await head.getByRole("link", { name: "登记张贴" }).click();
  await check(head, { name: "posting-form" });
  await head.getByLabel("校区或地址").fill("示例校区");
  await head.getByLabel("张贴位置").fill("实训楼二层公告栏");
  await head.locator("#hung_on").fill(await today(head));
  await head.locator("#hung_by").fill("示例老师");
  await head.getByLabel("名单摘要的前 8 位").fill("00000000");
  await head.locator("#photos").setInputFiles(BOARD);
  await press(head, "登记张贴", { status: 422, name: "posting-refused" });
  assert.equal(await head.getByLabel("张贴位置").inputValue(), "实训楼二层公告栏", "nothing typed is lost");
  assert.match(await said(head), /已上传：实训楼公告栏.png/);
});

test("those concerned are heard and the decision names nobody in public", async () => {
  await head.goto(inside);
  const article = head.locator("article", { hasText: receipt });
  const name = (await article.locator("h3").textContent()).trim().split(" ").at(-1);
  await article.getByRole("link", { name: "登记听取陈述" }).click();
  await check(head, { name: "posting-hearing" });
  await press(head, "登记听取陈述", { status: 422, name: "posting-hearing-incomplete" });
  await head.locator("#held_on").fill(await today(head));
  await head.getByLabel("参加的人").fill("示例主任主持，示例老师记录，考评组长到场");
  await head.locator("#file").setInputFiles(PDF);
  await press(head, "登记听取陈述", { name: "posting-heard" });

  await head.goto(inside);
  const again = head.locator("article", { hasText: receipt });
  await again.getByLabel("核查情况与理由").fill(`${name}由他人代考，监控可见，举报电话 13900000000`);
  await again.getByLabel("异议成立的，怎样处理").selectOption({ label: "取消认定资格" });
  await again.getByRole("button", { name: "异议成立", exact: true }).click();
  await check(head, { name: "posting-decided" });
  assert.match(await said(head), /取消认定资格/);
  await open(anyone, list, { name: "posting-public-decision" });
  const text = await said(anyone);
  assert.ok(text.includes("由他人代考，监控可见") && !text.includes(name) && !text.includes("13900000000"), text);
  await anyone.goto(`/objections?receipt=${receipt}`);
  await check(anyone, { name: "posting-receipt" });
  assert.match(await said(anyone), /听取陈述/);
});

test("publicity starts anew, and the address of before says so", async () => {
  await head.goto(inside);
  await head.getByRole("link", { name: "重新公示" }).click();
  await check(head, { name: "posting-restart" });
  await press(head, "重新公示", { status: 422, name: "posting-restart-incomplete" });
  await head.getByLabel("从哪一天起没有公示").fill(await today(head));
  await head.getByLabel("公示怎样中断").fill("教学楼停电检修，公告栏拆除");
  await press(head, "重新公示", { name: "posting-restarted" });
  assert.match(await said(head), /中断的公示（1）/);
  await anyone.goto(list);
  await check(anyone, { status: 410, name: "posting-replaced" });
  assert.match(await said(anyone), /教学楼停电检修/);
  await anyone.getByRole("link", { name: "看重新公示的结果" }).click();
  await check(anyone, { name: "posting-public-anew" });
});
