// What @digitalcredentials/verifier-core and sm-crypto say: node accept.mjs FOLDER PORT
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import smCrypto from 'sm-crypto';

const [folder, port] = process.argv.slice(2);
const read = name => JSON.parse(fs.readFileSync(`${folder}/${name}.json`));

// The verifier wants to fetch the schema of Open Badges as well, and says so at length when it can't.
const said = console.log;
console.error = () => {};
const {verifyCredential} = await import('@digitalcredentials/verifier-core');

const server = http.createServer((request, answer) => {
  answer.setHeader('content-type', 'application/json');
  answer.end(fs.readFileSync(`${folder}/status.json`));
});
await new Promise(resolve => server.listen(Number(port), '127.0.0.1', resolve));
console.log = () => {};
for (const [name, wanted] of [
  ['good', 'accepted'], ['plain', 'accepted'], ['altered', 'invalid_signature'], ['plain-altered', 'invalid_signature'],
  ['revoked', 'revocation_status'], ['expired', 'expiration'],
]) {
  const result = await verifyCredential({credential: read(name), knownDIDRegistries: []});
  // Whether the issuer stands in a registry is not asked here.
  const failed = result.log?.find(step => step.id !== 'registered_issuer' && step.valid !== true);
  const verdict = result.errors?.[0]?.name ?? failed?.id ?? 'accepted';
  said(`verifier-core: ${name}: ${verdict}`);
  assert.equal(verdict, wanted, name);
}
server.close();

const hex = text => Buffer.from(text, 'base64').toString('hex');
const proof = read('sm2'), document = fs.readFileSync(`${folder}/good.jcs`);
const fits = bytes => smCrypto.sm2.doVerifySignature(
  bytes.toString('hex'), hex(proof.signature), hex(proof.publicKey), {hash: true, userId: proof.signerId, hex: true})
  || smCrypto.sm2.doVerifySignature([...bytes], hex(proof.signature), hex(proof.publicKey), {hash: true, userId: proof.signerId});
assert.ok(fits(document), 'sm-crypto: the national proof');
assert.ok(!fits(Buffer.from(document.toString().replace('车工', '钳工'))), 'sm-crypto: altered');
said('sm-crypto: good accepted, altered refused');
process.exit(0);
