// The archive of a batch, without script: what is missing, a piece in the cupboard, closing with a reason, opening with a
// reason, and the ZIP that comes of it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { unzipSync } from "fflate";

import { check, download, open, press, startBrowser, startDemo, visit } from "./lib.mjs";

let demo;
let browser;
let head;
let centre;
let archive;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
  head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  centre = await visit(browser, demo.origin, { as: "fuzhou-centre", script: false });
  await head.goto("/work");
  const link = head.locator('#main a[href$="/archive"]').first();
  archive = await link.getAttribute("href");
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("what is missing is told, and a paper is entered with its shelf", async () => {
  await open(head, archive, { name: "archive" });
  await head.getByLabel("材料种类").selectOption({ label: "试卷成绩卷：理论答卷" });
  await head.getByRole("textbox", { name: "题名" }).fill("理论答卷");
  await press(head, "登记入卷", { status: 422, name: "archive-without-a-day" });
  assert.equal(await head.getByRole("textbox", { name: "题名" }).inputValue(), "理论答卷", "nothing typed is lost");
  await head.getByRole("textbox", { name: "形成日期" }).fill("2026-02-09");
  await head.getByRole("textbox", { name: "存放位置" }).fill("教务处档案柜");
  await head.getByRole("textbox", { name: "架位号" }).fill("2-6");
  await head.locator("#pages").fill("48");
  await press(head, "登记入卷", { name: "archive-with-a-paper" });
  assert.match(await head.locator("#main").innerText(), /教务处档案柜 2-6/);
});

test("the head closes it with the reason why pieces are missing", async () => {
  await head.goto(archive);
  await press(head, "归档", { status: 422, name: "archive-closed-without-a-reason" });
  await head.getByRole("textbox", { name: "缺件原因" }).fill("其余纸质件本周内由实训处移交");
  await press(head, "归档", { name: "archive-closed" });
  assert.match(await head.locator("#main").innerText(), /已归档/);
});

test("the centre opens it with a reason, and the opening stands in the list", async () => {
  await open(centre, archive, { name: "archive-at-the-centre" });
  await press(centre, "登记调阅", { status: 422, name: "archive-opened-without-a-reason" });
  await centre.getByRole("textbox", { name: "调阅原因" }).fill("抽查归档情况");
  await press(centre, "登记调阅", { name: "archive-opened" });
  const zip = await download(centre, "下载调阅的档案");
  const names = Object.keys(unzipSync(new Uint8Array(zip.bytes)));
  assert.ok(names.includes("目录.json") && names.includes("SHA256SUMS"), names.join(" "));
  await head.goto(archive);
  await check(head, { name: "archive-with-an-opening" });
  assert.match(await head.locator("#main").innerText(), /抽查归档情况/);
});
