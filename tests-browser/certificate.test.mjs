// What becomes of a certificate after its issue: its holder asks for new paper on a phone, the clerk proposes it with the evidence, the
// head agrees, and the code of the old paper says that it was replaced. By the forms of the pages, without their script.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, press, startBrowser, startDemo, visit } from "./lib.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const pdf = { name: "申请.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nexample") };
const said = async (page) => (await page.locator("#main").innerText()).replaceAll(/\s+/g, " ");

test("a holder asks, two persons of the school do it, the old paper says it was replaced", async () => {
  const clerk = await visit(browser, demo.origin, { as: "rongcheng-clerk", script: false });
  const head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  const holder = await visit(browser, demo.origin, { script: false });

  // The task of the work page leads to a request that waits; the correction that waits is another certificate's.
  await clerk.goto("/work");
  await clerk.getByRole("link", { name: /持证人申请补发/ }).first().click();
  await check(clerk, { name: "certificate-changes-clerk" });
  const path = new URL(clerk.url()).pathname;
  await clerk.getByRole("link", { name: "按申请提出补发" }).click();
  await clerk.getByLabel("理由").fill("持证人的证书损毁，已收回");
  await press(clerk, "提出补发", { status: 422, name: "certificate-change-refused" });
  assert.match(await said(clerk), /没有附上补发的依据/);
  assert.equal(await clerk.getByLabel("理由").inputValue(), "持证人的证书损毁，已收回");
  await clerk.locator("#file").setInputFiles(pdf);
  await press(clerk, "提出补发", { name: "certificate-change-proposed" });
  assert.match(await said(clerk), /待另一人同意/);

  await head.goto(path);
  await check(head, { name: "certificate-change-head" });
  await press(head, "同意补发", { name: "certificate-changes-done" });
  assert.match(await said(head), /第2版/);

  await holder.goto("/query");
  await holder.getByRole("link", { name: "申请更正或补发" }).click();
  await check(holder, { name: "certificate-request" });
  await holder.locator("#kind-reissue").check();
  await holder.locator("#name").fill("示例某人");
  await holder.locator("#id_number").fill("350199188001010019");
  await holder.locator("#number").fill("Y000035000001254000001");
  await holder.locator("#reason").fill("证书在搬家时遗失");
  await holder.locator("#contact").fill("示例联系方式");
  await press(holder, "提交申请", { status: 422, name: "certificate-request-refused" });
  assert.match(await said(holder), /没有姓名、证件号码和证书编号都相符的证书/);
  assert.equal(await holder.locator("#reason").inputValue(), "证书在搬家时遗失");
});
