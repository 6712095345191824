// A referee: sigstore-js, one case a line in, one verdict a line out.
//
// Its library leaves things to the caller, who does them here: names are compared exactly (the library takes
// patterns), a key is not a certificate, the subjects of a statement are compared with the artifact, and JSON
// is read by the engine.
'use strict';

const { createHash, createPublicKey } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { createInterface } = require('node:readline');

const modules = createRequire(join(process.env.SOVVERIFY_REFEREE_MODULES, 'index.js'));
const { bundleFromJSON } = modules('@sigstore/bundle');
const { TrustedRoot } = modules('@sigstore/protobuf-specs');
const { Verifier, toSignedEntity, toTrustMaterial } = modules('@sigstore/verify');

class Abstain extends Error {}

const materials = new Map();

// What a trusted root says, read once; a managed key is added to it.
function trustMaterial(asked) {
  if (!materials.has(asked.root)) {
    const root = TrustedRoot.fromJSON(JSON.parse(readFileSync(asked.root, 'utf8')));
    materials.set(asked.root, toTrustMaterial(root));
  }
  const material = materials.get(asked.root);
  if (asked.key === null) {
    return material;
  }
  const publicKey = createPublicKey(readFileSync(asked.key));
  return { ...material, publicKey: () => ({ publicKey, validFor: () => true }) };
}

function judge(asked) {
  const bundle = bundleFromJSON(JSON.parse(Buffer.from(asked.bundle, 'base64').toString('utf8')));
  const artifact = asked.artifact === null ? undefined : Buffer.from(asked.artifact, 'base64');
  if (bundle.content.$case === 'messageSignature' && artifact === undefined) {
    throw new Abstain('a message signature is only verified over bytes');
  }
  const signer = bundle.verificationMaterial.content.$case;
  if ((asked.key !== null) !== (signer === 'publicKey')) {
    throw new Error(`expected another signer, found ${signer}`);
  }
  const verifier = new Verifier(trustMaterial(asked), {
    tlogThreshold: asked.log ? 1 : 0,
    ctlogThreshold: asked.sct ? 1 : 0,
    timestampThreshold: 1,
  });
  const policy = {
    subjectAlternativeName: asked.key === null ? exactly(asked.identity) : undefined,
    extensions: asked.key === null ? { issuer: asked.issuer } : undefined,
  };
  verifier.verify(toSignedEntity(bundle, artifact), policy);
  if (bundle.content.$case === 'dsseEnvelope') {
    compareSubjects(JSON.parse(bundle.content.dsseEnvelope.payload.toString('utf8')), asked, artifact);
  }
}

function exactly(text) {
  return `^${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;
}

function compareSubjects(statement, asked, artifact) {
  const wanted = {};
  for (const algorithm of ['sha256', 'sha384', 'sha512']) {
    if (artifact !== undefined) {
      wanted[algorithm] = createHash(algorithm).update(artifact).digest('hex');
    } else if (asked.digest.algorithm === algorithm) {
      wanted[algorithm] = asked.digest.hex;
    }
  }
  const same = statement.subject.some((subject) => {
    const found = Object.entries(subject.digest).filter(([name]) => name in wanted);
    return found.length > 0 && found.every(([name, value]) => wanted[name] === value);
  });
  if (!same) {
    throw new Error('no subject is the artifact');
  }
}

function answer(line) {
  try {
    judge(JSON.parse(line));
    return { verdict: 'accept' };
  } catch (error) {
    const verdict = error instanceof Abstain ? 'abstain' : 'reject';
    return { verdict, reason: `${error?.name}: ${error?.message}`.slice(0, 400) };
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
});
