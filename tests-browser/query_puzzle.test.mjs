// Who asks in vain too often solves a puzzle: script does it unasked, who has none answers a sum in words. An employer has a list
// checked, and checks one at home without a network.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { check, download, open, pdfPages, press, program, startBrowser, startDemo, tabTo, visit } from "./lib.mjs";

let demo;
let browser;
const folder = mkdtempSync(join(tmpdir(), "jiangce-employer-"));

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What a sum in words comes to: 三十七加五，再减十. */
function answerOf(said) {
  const digit = (sign) => "零一二三四五六七八九".indexOf(sign);
  const number = (text) => {
    const [tens, ones] = text.split("十");
    if (ones === undefined) return digit(tens);
    return 10 * (tens ? digit(tens) : 1) + (ones ? digit(ones) : 0);
  };
  const [, first, second, third] = said.match(/([一二三四五六七八九十]+)加([一二三四五六七八九十]+)，再减([一二三四五六七八九十]+)/);
  return number(first) + number(second) - number(third);
}

/** Name and number as the paper of a certificate says them. */
async function certificate() {
  const page = await visit(browser, demo.origin, { as: "rongcheng-head" });
  await page.goto("/certificates");
  const link = page.locator("#main").getByRole("link", { name: /^[YS]0000/ }).first();
  const pdf = await page.request.get(`${await link.getAttribute("href")}.pdf`);
  const [said] = pdfPages(await pdf.body());
  await page.context().close();
  const [, name] = said.match(/姓\s+名\s+(\S+)/);
  const [, number] = said.match(/证 书 编 号\s+(\S+)/);
  return { name, number };
}

test("misses are free ten times, then script solves a puzzle, and without script a sum does", async () => {
  const page = await visit(browser, demo.origin);
  const miss = () => page.request.post("/api/certificates/query", { data: { name: "示例无此人", number: "Y000035999999264000001" } });
  for (let asked = 0; asked < 10; asked += 1) assert.equal((await miss()).status(), 200);
  // One is forgiven each minute, and a busy machine may take that long.
  let held = await miss();
  for (let more = 0; more < 5 && held.status() === 200; more += 1) held = await miss();
  assert.equal(held.status(), 429);
  assert.ok((await held.json()).puzzle.challenge);

  // With script it is asked and answered by itself.
  await page.goto("/query");
  await page.getByLabel("姓名").fill("示例无此人");
  await page.getByLabel("证件号码或证书编号").fill("Y000035999999264000002");
  await page.getByRole("button", { name: "查询", exact: true }).click();
  await page.getByText("没有查到相符的证书").waitFor();

  // Without, by keyboard alone.
  const plain = await visit(browser, demo.origin, { script: false });
  await plain.goto("/query");
  await plain.getByLabel("姓名").fill("示例无此人");
  await plain.getByLabel("证件号码或证书编号").fill("Y000035999999264000003");
  await press(plain, "查询", { status: 429, name: "puzzle" });
  assert.equal(await plain.getByLabel("姓名").inputValue(), "示例无此人");
  const sum = plain.getByLabel("回答一道算术题");
  const answer = answerOf(await plain.locator("#main").innerText());
  await tabTo(plain, sum);
  await plain.keyboard.type(String(answer));
  await Promise.all([plain.waitForEvent("load"), plain.keyboard.press("Enter")]);
  await plain.getByText("没有查到相符的证书").waitFor();
  await check(plain, { name: "answered" });
});

test("the provincial centre lets an employer in, who has a list checked", async () => {
  const centre = await visit(browser, demo.origin, { as: "fujian-centre" });
  await open(centre, "/employers", { name: "employers" });
  await centre.getByLabel("单位名称").fill("示例乙公司");
  await centre.getByLabel("统一社会信用代码").fill("1");
  await centre.getByLabel("开通依据").fill("来函");
  await press(centre, "开通", { status: 422, name: "employer-refused" });
  assert.equal(await centre.getByLabel("单位名称").inputValue(), "示例乙公司");

  const one = await certificate();
  const list = join(folder, "名单.csv");
  writeFileSync(list, `姓名,证件号码,证书编号\n${one.name},,${one.number}\n示例无此人,,${one.number}\n,,${one.number}\n`);
  const page = await visit(browser, demo.origin, { as: "haixia-employer" });
  await open(page, "/checks", { name: "checks" });
  await page.getByLabel("名单", { exact: false }).first().setInputFiles(list);
  await page.getByRole("button", { name: "核验", exact: true }).click();
  await page.getByRole("heading", { name: "核验结果" }).waitFor();
  await check(page, { name: "checked" });
  const said = await page.locator("#main").innerText();
  assert.match(said, /有效\s*1 行/);
  assert.match(said, /没有查到相符的证书/);
  assert.match(said, /没有姓名/);
  const result = await download(page, "下载全部结果");
  assert.equal(result.bytes.subarray(0, 2).toString(), "PK");
  await open(page, "/checks", { name: "checks-done" });
});

test("a list is checked at home by the index, with the network away", async () => {
  const one = await certificate();
  const index = join(folder, "index.txt");
  // What short messages would go to lies in the data folder.
  execFileSync(program, ["export", "index", "--data", dirname(demo.sms), "--out", index]);
  const page = await visit(browser, demo.origin, { as: "haixia-employer" });
  await page.goto("/checks");
  await page.getByText("不告诉平台核验了谁").click();
  const kept = await download(page, "名单离线核验页");
  const file = join(folder, "kept.html");
  writeFileSync(file, kept.bytes);

  const home = await visit(browser, demo.origin);
  await home.context().setOffline(true);
  const asked = [];
  home.on("request", (request) => asked.push(request.url()));
  await home.goto(pathToFileURL(file).href);
  await home.getByLabel("证书索引文件").setInputFiles(index);
  await home.getByLabel("名单", { exact: true }).fill(`${one.name}\t${one.number}\n示例无此人，${one.number}\n没有编号`);
  await home.getByRole("button", { name: "核验" }).click();
  await home.getByText("已核验 3 行，有效 1 行。").waitFor();
  await check(home, { name: "list-at-home" });
  writeFileSync(index, readFileSync(index, "utf8").replace("v\n", "r\n"));
  await home.getByLabel("证书索引文件").setInputFiles(index);
  await home.getByRole("button", { name: "核验" }).click();
  await home.getByText("索引的内容与签名不符").waitFor();
  assert.deepEqual(asked, [pathToFileURL(file).href], "nothing is asked of anyone");
});
