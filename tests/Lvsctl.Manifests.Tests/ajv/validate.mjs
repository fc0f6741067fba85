// Usage: node validate.mjs SCHEMA FILE...
// For each file one line: "valid" or "invalid", a tab, the file, a tab, and the first error.
import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import { parse } from 'yaml';

const [schema, ...files] = process.argv.slice(2);
const validate = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: false }).compile(JSON.parse(readFileSync(schema, 'utf8')));
for (const file of files) {
  const valid = validate(parse(readFileSync(file, 'utf8'), { merge: true, uniqueKeys: false }));
  const error = valid ? '' : `${validate.errors[0].instancePath} ${validate.errors[0].message}`;
  console.log(`${valid ? 'valid' : 'invalid'}\t${file}\t${error}`);
}
