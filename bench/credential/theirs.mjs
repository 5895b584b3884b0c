// The same work with @digitalbazaar/vc: node theirs.mjs measure FILE OUT | verify FILE
import fs from 'node:fs';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {documentLoader, provinceKey} from './loader.mjs';

const [command, file, out] = process.argv.slice(2);
const documents = fs.readFileSync(file, 'utf8').trimEnd().split('\n').map(line => JSON.parse(line));

async function timed(work) {
  const begun = process.hrtime.bigint(), began = process.cpuUsage();
  const result = await work();
  const cpu = process.cpuUsage(began);
  return [result, Number(process.hrtime.bigint() - begun) / 1e9, (cpu.user + cpu.system) / 1e6];
}

async function verifyAll(signed) {
  const suite = new DataIntegrityProof({cryptosuite});
  for (const [at, credential] of signed.entries()) {
    const result = await vc.verifyCredential({credential, suite, documentLoader});
    if (!result.verified) throw new Error(`line ${at + 1} is not verified: ${JSON.stringify(result.error?.errors?.map(String))}`);
  }
}

if (command === 'measure') {
  const key = await provinceKey(documents[0].issuer.id);
  const [signed, issue, issueCpu] = await timed(async () => {
    const all = [];
    for (const credential of documents) {
      const suite = new DataIntegrityProof({signer: key.signer(), date: '2026-10-08T02:00:00Z', cryptosuite});
      all.push(await vc.issue({credential, suite, documentLoader}));
    }
    return all;
  });
  const [, verify, verifyCpu] = await timed(() => verifyAll(signed));
  fs.writeFileSync(out, signed.map(one => JSON.stringify(one) + '\n').join(''));
  console.log(JSON.stringify({count: signed.length, issue, verify, issueCpu, verifyCpu}));
} else {
  await verifyAll(documents);
  console.log(JSON.stringify({verified: documents.length}));
}
