// Checks Kubernetes manifests strictly, with no cluster: unknown fields, wrong types, missing fields, wrong formats.
// usage: node check_manifests.mjs FOLDER. Every .yaml below it may hold several documents; kustomization files are left out.
import {readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import * as client from '@kubernetes/client-node';
import yaml from 'js-yaml';

/** Files below a folder that hold manifests. */
function manifests(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return manifests(path);
    return /\.ya?ml$/.test(name) && !/^kustomization\./.test(name) ? [path] : [];
  });
}

/** The client's class for a document: apps/v1 Deployment is V1Deployment. */
function typeOf(document) {
  const version = document.apiVersion.split('/').pop();
  return client[version[0].toUpperCase() + version.slice(1) + document.kind];
}

const primitives = {string: 'string', number: 'number', boolean: 'boolean', Date: 'string'};

/** Names fields that the type does not have, and values of another kind, below a path. */
function strangers(value, type, path) {
  if (value === null || value === undefined) return [`${path}: empty`];
  const list = /^Array<(.*)>$/.exec(type);
  if (list) {
    if (!Array.isArray(value)) return [`${path}: should be a list`];
    return value.flatMap((each, index) => strangers(each, list[1], `${path}[${index}]`));
  }
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map) return Object.entries(value).flatMap(([key, each]) => strangers(each, map[1], `${path}.${key}`));
  if (primitives[type]) return typeof value === primitives[type] ? [] : [`${path}: should be a ${type}`];
  if (type === 'IntOrString' || type === 'any' || type === 'object') return [];
  return fields(value, client[type], path);
}

/** The same for an object of a class of the client. */
function fields(value, type, path) {
  if (!type?.getAttributeTypeMap) return [];
  if (typeof value !== 'object') return [`${path}: should be an object`];
  const known = new Map(type.getAttributeTypeMap().map((each) => [each.baseName, each.type]));
  return Object.entries(value).flatMap(([name, each]) =>
    known.has(name) ? strangers(each, known.get(name), `${path}.${name}`) : [`${path}.${name}: no such field`]);
}

/** Required fields and formats, by the models' own schemas. */
async function incomplete(document) {
  const models = await import(`kubernetes-models/${document.apiVersion}/${document.kind}`).catch(() => null);
  if (!models) return [`no model of ${document.apiVersion} ${document.kind}`];
  try {
    new models[document.kind](document).validate();
    return [];
  } catch (error) {
    return [error.message];
  }
}

let documents = 0;
const problems = [];
for (const path of manifests(process.argv[2])) {
  for (const document of yaml.loadAll(readFileSync(path, 'utf8'))) {
    if (!document) continue;
    documents += 1;
    const type = typeOf(document);
    const found = type ? fields(document, type, document.kind) : [`unknown kind ${document.apiVersion} ${document.kind}`];
    for (const each of [...found, ...(await incomplete(document))]) problems.push(`${path}: ${each}`);
  }
}
console.log(problems.join('\n') || `manifests: ${documents} documents ok`);
process.exit(problems.length || !documents ? 1 : 0);
