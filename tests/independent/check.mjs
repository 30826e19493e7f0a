// Checks trees, proofs and bundles with the npm package @transmute/rfc9162 and Node's own Ed25519: nothing of ours.
// node check.mjs trees JOB.json | node check.mjs bundle DIRECTORY VKEY; LOCUS_NPM says where the package is installed.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const load = createRequire(join(process.env.LOCUS_NPM, "package.json"));
const { RFC9162 } = load("@transmute/rfc9162");
const bytes = (text, form) => new Uint8Array(Buffer.from(text, form));
const hex = (text) => bytes(text, "hex");

function must(holds, what) {
  if (!holds) throw new Error(what);
}

async function included(leaf, index, size, path, root) {
  return RFC9162.verifyInclusionProof(root, leaf, {
    log_id: "",
    tree_size: size,
    leaf_index: index,
    inclusion_path: path,
  });
}

async function consistent(old, size, path, oldRoot, root) {
  // RFC 9162, 2.1.4.2, step 2: the package leaves it to the caller to put the old root before the path.
  const whole = (old & (old - 1)) === 0 ? [oldRoot, ...path] : path;
  const proof = { log_id: "", tree_size_1: old, tree_size_2: size, consistency_path: whole };
  return RFC9162.verifyConsistencyProof(oldRoot, root, proof);
}

async function trees(job) {
  const entries = Array.from({ length: job.size }, (_, n) => bytes(`entry ${n}`));
  const root = hex(job.root);
  must(Buffer.compare(await RFC9162.treeHead(entries), root) === 0, `another root for ${job.size} entries`);
  for (const one of job.inclusion) {
    const leaf = await RFC9162.leaf(bytes(one.entry));
    const held = await included(leaf, one.index, one.size, one.path.map(hex), hex(one.root));
    must(held === one.holds, `inclusion of ${one.index} in ${one.size}: ${held}`);
  }
  for (const one of job.consistency) {
    const held = await consistent(one.old, job.size, one.path.map(hex), hex(one.oldRoot), hex(one.root));
    must(held === one.holds, `consistency of ${one.old} and ${job.size}: ${held}`);
  }
}

function signed(note, vkey) {
  const end = note.lastIndexOf("\n\n") + 1;
  const [name, id, material] = vkey.match(/^([^+]+)\+([^+]+)\+(.+)$/).slice(1);
  const key = Buffer.from(material, "base64");
  const keyId = createHash("sha256").update(`${name}\n`).update(key).digest().subarray(0, 4);
  must(keyId.toString("hex") === id, "the key's id");
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key.subarray(1)]);
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  for (const line of note.slice(end + 1).split("\n")) {
    const value = Buffer.from(line.split(" ")[2] ?? "", "base64");
    if (line.startsWith(`— ${name} `) && value.subarray(0, 4).equals(keyId)) {
      return verify(null, Buffer.from(note.slice(0, end)), publicKey, value.subarray(4));
    }
  }
  return false;
}

async function bundle(directory, vkey) {
  const file = (name) => readFileSync(join(directory, name), "utf8");
  const checkpoint = file("checkpoint");
  must(signed(checkpoint, vkey), "the checkpoint's signature");
  const [origin, size, root] = checkpoint.split("\n");
  must(vkey.startsWith(`${origin}+`), "the log's name");
  const proofs = file("proofs.txt").split(/^(?=c2sp\.org\/tlog-proof@v1\n)/m).filter((text) => text);
  const entries = file("entries.ndjson").split("\n").slice(0, -1);
  must(proofs.length === entries.length, "as many proofs as entries");
  for (const [n, proof] of proofs.entries()) {
    const cut = proof.indexOf("\n\n");
    const [, index, ...path] = proof.slice(0, cut).split("\n");
    must(proof.slice(cut + 2) === checkpoint, "the proof rests on the checkpoint");
    must(Number(index.slice(6)) + 1 === JSON.parse(entries[n]).position, "the position");
    const leaf = await RFC9162.leaf(bytes(entries[n]));
    const hashes = path.map((text) => bytes(text, "base64"));
    must(await included(leaf, Number(index.slice(6)), Number(size), hashes, bytes(root, "base64")), `entry ${n}`);
  }
  return entries.length;
}

const [what, path, vkey] = process.argv.slice(2);
if (what === "trees") await trees(JSON.parse(readFileSync(path)));
else console.log(await bundle(path, vkey));
