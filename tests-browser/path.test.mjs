// The pages that anyone reaches, and the door for everyone else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, open, startBrowser, startDemo, table, visit } from "./lib.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

for (const path of ["/", "/directory", "/query", "/publicity", "/sign-in", "/demo"]) {
  test(`anyone opens ${path}`, async () => {
    const page = await visit(browser, demo.origin);
    await open(page, path);
    await page.context().close();
  });
}

test("a page that does not exist says so", async () => {
  const page = await visit(browser, demo.origin);
  await open(page, "/no-such-page", { status: 404 });
  await page.context().close();
});

test("the first Tab offers to skip to the content", async () => {
  const page = await visit(browser, demo.origin);
  await page.goto("/");
  await page.keyboard.press("Tab");
  const focused = page.locator(":focus");
  assert.equal(await focused.textContent(), "跳到正文");
  await focused.press("Enter");
  assert.equal(new URL(page.url()).hash, "#main");
  await page.context().close();
});

for (const persona of table("personas.csv")) {
  test(`${persona.login} signs in with one click, without script, and sees who they are`, async () => {
    const page = await visit(browser, demo.origin, { as: persona.login, script: false });
    await check(page, { name: `signed-in-${persona.login}` });
    assert.match(await page.locator("header").first().textContent(), new RegExp(persona.name));
    await page.context().close();
  });
}
