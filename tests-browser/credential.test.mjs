// The electronic certificate: its holder takes it along on a phone and shows it by a link that can be taken back; an employer without
// an account has the file checked, and takes a receipt of a query. By keyboard, and without the pages' script.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import {
  check, download, open, ownCode, press, startBrowser, startDemo, suggestedCandidate, tabTo, visit,
} from "./lib.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const phone = { width: 375, height: 812 };
const said = async (page) => (await page.locator("#main").innerText()).replaceAll(/\s+/g, " ");

/** Presses a button whose answer is a file. */
async function saved(page, words) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: words }).click()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

/** Has a file or a text checked on the page for it. */
async function verify(page, { file, text }, expected) {
  await page.goto("/verify");
  if (file) await page.locator("#file").setInputFiles({ ...file, mimeType: "application/octet-stream", buffer: file.bytes });
  if (text) await page.locator("#code").fill(text);
  await press(page, "核验", expected);
}

test("a holder shows the certificate, an employer has it checked", async () => {
  const holder = await visit(browser, demo.origin, { script: false });
  const employer = await visit(browser, demo.origin, { script: false });
  await holder.goto("/demo");
  const { name, number } = await suggestedCandidate(holder);
  await holder.goto("/me");
  await holder.getByLabel("姓名").fill(name);
  await holder.getByLabel("证件号码").fill(number);
  await press(holder, "获取验证码", { name: "code" });
  await holder.getByRole("textbox", { name: "验证码" }).fill(await ownCode(employer));
  await press(holder, "查看", { name: "own" });
  const badge = await download(holder, /开放徽章/);
  const credential = JSON.parse(badge.bytes);
  assert.deepEqual(credential.type, ["VerifiableCredential", "OpenBadgeCredential"]);
  assert.ok(!badge.bytes.includes(number) && badge.name.endsWith(".vc.json"), badge.name);
  const shown = await download(holder, /SD-JWT/);

  // The link, by keyboard on the phone.
  await holder.setViewportSize(phone);
  await tabTo(holder, holder.getByRole("link", { name: /用链接出示/ }));
  await Promise.all([holder.waitForEvent("load"), holder.keyboard.press("Enter")]);
  await check(holder, { name: "shares" });
  await holder.setViewportSize(phone);
  await holder.getByLabel("有效天数").fill("400");
  await holder.getByLabel("考试日期").check();
  await press(holder, "建立链接", { status: 422, name: "share-refused" });
  assert.equal(await holder.getByLabel("有效天数").inputValue(), "400");
  assert.ok(await holder.getByLabel("考试日期").isChecked(), "what was chosen is still there");
  await holder.setViewportSize(phone);
  await tabTo(holder, holder.getByLabel("有效天数"));
  await holder.keyboard.type("7");
  await tabTo(holder, holder.getByRole("button", { name: "建立链接" }));
  await Promise.all([holder.waitForEvent("load"), holder.keyboard.press("Enter")]);
  await check(holder, { name: "share-made" });
  const link = await holder.locator(".notice a").getAttribute("href");
  const path = new URL(link).pathname;

  await open(employer, path, { name: "shared" });
  const text = await said(employer);
  assert.ok(text.includes(name) && !text.includes(number) && text.includes("持证人没有出示"), text);
  await holder.goto(new URL(holder.url()).pathname);
  assert.match(await said(holder), /1 次，最近/);
  await holder.getByRole("button", { name: /^停用/ }).first().click();
  await holder.waitForURL(/shares$/);
  await check(holder, { name: "share-ended" });
  await open(employer, path, { status: 404, name: "share-gone" });

  // The files.
  await verify(employer, { file: badge }, { name: "verified-badge" });
  assert.match(await said(employer), /可以采信/);
  await verify(employer, { text: shown.bytes.toString() }, { name: "verified-sd-jwt" });
  assert.match(await said(employer), /可以采信/);
  const altered = badge.bytes.toString().replace("车工", "钳工").replace(/"name":"[^"]*（/, '"name":"改写（');
  await verify(employer, { text: altered }, { name: "altered" });
  assert.match(await said(employer), /不可采信/);
  await verify(employer, { text: altered.replaceAll(":directory:", ":elsewhere:") }, { name: "foreign" });
  assert.match(await said(employer), /不是本平台的证书/);
  await verify(employer, { text: "看不懂的内容" }, { status: 422, name: "unreadable" });

  // The query, and its receipt.
  await employer.goto("/query");
  await employer.getByLabel("姓名").fill(name);
  await employer.getByLabel("证件号码或证书编号").fill(credential.credentialSubject.licenseNumber);
  await press(employer, "查询", { name: "query" });
  assert.match(await said(employer), /提前不少于10个工作日/);
  const receipt = await saved(employer, "下载核验回执");
  assert.match(receipt.name, /^核验回执-.*\.json$/);
  await verify(employer, { file: receipt }, { name: "verified-receipt" });
  assert.match(await said(employer), /内容未被改动/);
  const torn = Buffer.from(receipt.bytes);
  torn[torn.length - 20] ^= 1;
  await verify(employer, { file: { name: receipt.name, bytes: torn } }, { name: "altered-receipt" });
  assert.match(await said(employer), /不可采信/);
});
