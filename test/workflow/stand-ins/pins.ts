// The commits of other people's actions whose behaviour the stand-ins and the facts follow. Before
// a pin is moved, read what changed between the two commits, correct the facts, and move it here.
export const PINS: Readonly<Record<string, string>> = {
  'actions/attest': '1e69f48acb82d1966a394da916b4c1698aa569d6',
  'actions/checkout': '3d3c42e5aac5ba805825da76410c181273ba90b1',
  'actions/dependency-review-action': '2031cfc080254a8a887f58cffee85186f0e49e48',
  'actions/download-artifact': '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c',
  'actions/setup-node': '820762786026740c76f36085b0efc47a31fe5020',
  'actions/setup-python': '5fda3b95a4ea91299a34e894583c3862153e4b97',
  'actions/upload-artifact': 'bbbca2ddaa5d8feaa63e36b76fdaad77386f024f',
  'github/codeql-action': '8aad20d150bbac5944a9f9d289da16a4b0d87c1e',
}
