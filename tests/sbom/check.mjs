// Holds a CycloneDX document to the strict JSON schema of the version that it names.
import { readFile } from 'node:fs/promises'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'

const text = await readFile(process.argv[2], 'utf8')
const version = JSON.parse(text).specVersion
if (!Object.values(Spec.Version).includes(version)) throw new Error(`${version} is no version of CycloneDX`)
const fault = await new Validation.JsonStrictValidator(version).validate(text)
if (fault !== null) {
  console.error(JSON.stringify(fault, null, 2))
  process.exit(1)
}
