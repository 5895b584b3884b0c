// An employer keeps one file. With the network away it says whether a certificate on paper is what it claims, whose it is, and
// that an altered code is not. The page about the public log says how to audit it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { check, download, open, startBrowser, startDemo, visit } from "./lib.mjs";

let demo;
let browser;
const folder = mkdtempSync(join(tmpdir(), "jiangce-offline-"));

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The text of the QR code of a certificate that the school has issued. */
async function code() {
  const page = await visit(browser, demo.origin, { as: "rongcheng-head" });
  await page.goto("/certificates");
  const link = page.locator("#main").getByRole("link", { name: /^[YS]0000/ }).first();
  const pdf = await page.request.get(`${await link.getAttribute("href")}.pdf`);
  writeFileSync(join(folder, "paper.pdf"), await pdf.body());
  execFileSync("pdftoppm", ["-r", "300", "-gray", "-png", "-singlefile", "paper.pdf", "paper"], { cwd: folder });
  const read = execFileSync("zbarimg", ["-q", "--raw", "-Sdisable", "-Sqrcode.enable", "paper.png"], { cwd: folder });
  return read.toString().trim();
}

test("the page that one keeps checks a certificate with the network away", async () => {
  const text = await code();
  const visitor = await visit(browser, demo.origin);
  await open(visitor, "/query", { name: "query" });
  await visitor.getByText("核验哪些内容").click();
  const kept = await download(visitor, "离线核验页");
  assert.equal(kept.name, "证书离线核验.html");
  const file = join(folder, "kept.html");
  writeFileSync(file, kept.bytes);

  const page = await visit(browser, demo.origin);
  await page.context().setOffline(true);
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  await check(page, { name: "kept" });
  const said = page.locator("#said");
  const ask = async (what, expected) => {
    await page.getByLabel("二维码的文字").fill(what);
    await page.getByRole("button", { name: "核验" }).click();
    await said.getByText(expected).waitFor();
  };
  await ask(text, "签名有效，内容未被改动");
  assert.match(await said.innerText(), /证书编号\s*Y\d{21}/);
  await check(page, { name: "verified" });
  await ask(text.split("#")[0], "不是本平台的证书");
  await ask(text.replace("127.0.0.1", "127.0.0.2"), "被改动过");
  const last = text.at(-12) === "A" ? "B" : "A";
  await ask(text.slice(0, -12) + last + text.slice(-11), "被改动过");
  await page.getByLabel("持证人姓名").fill("示例");
  await page.getByLabel("持证人证件号码").fill("350199188001010011");
  await ask(text, "不是此人的证书");
  assert.deepEqual(asked, [pathToFileURL(file).href], "nothing is asked of anyone");
});

test("the log's page says where it stands and how to audit it", async () => {
  const page = await visit(browser, demo.origin);
  // The sealer signs within its first second.
  for (let tried = 0; (await page.request.get("/log/checkpoint")).status() !== 200; tried += 1) {
    assert.ok(tried < 40, "a checkpoint is signed");
    await page.waitForTimeout(250);
  }
  await open(page, "/log", { name: "log" });
  assert.match(await page.locator("#main").innerText(), /检查点原文/);
});
