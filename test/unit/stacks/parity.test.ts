import { describe, expect, it } from '@jest/globals'
import type { InventoryComponent, StackInventory } from '../../../src/result/stacks.ts'
import { judgeParity } from '../../../src/stacks/parity.ts'
import { CLOUD, component, inventory, stack } from './example.ts'

const told = (
  production: StackInventory,
  staging: StackInventory,
  twins: Record<string, string> = {},
) =>
  judgeParity({ production, staging, twins }).findings.map(
    ({ kind, stack: name, twin, message }) => `${kind} ${name}/${twin}: ${message}`,
  )

/** What differs between two stacks of the same name. */
const between = (
  production: readonly InventoryComponent[],
  staging: readonly InventoryComponent[],
) =>
  told(inventory(stack('k8s', production)), inventory(stack('k8s', staging))).map((line) =>
    line.replace(' k8s/k8s', ''),
  )

describe('stacks', () => {
  it('are mirrored under their own name or that of the file, whatever their components are called', () => {
    const renamed = CLOUD.map((one) => ({ ...one, name: `other-${one.name}` }))
    expect(
      judgeParity({
        production: inventory(stack('a'), stack('prod')),
        staging: inventory(stack('a'), stack('stage', renamed, false)),
        twins: { prod: 'stage' },
      }),
    ).toEqual({ compared: 2, 'not-in-use': 0, differences: 0, notes: 0, findings: [] })
  })

  it('that no snapshot uses are counted and not judged, in staging not even counted', () => {
    expect(
      judgeParity({
        production: inventory(stack('a'), stack('unused', CLOUD, false), stack('b', [], false)),
        staging: inventory(stack('a'), stack('more')),
        twins: {},
      }),
    ).toMatchObject({ compared: 1, 'not-in-use': 2, differences: 0 })
  })

  it('without a twin say what may have been meant', () => {
    expect(told(inventory(stack('k8s')), inventory())).toEqual([
      'twin-missing k8s/k8s: staging has no stack "k8s", and the file names no twin for it under stacks',
    ])
    expect(told(inventory(stack('k8s')), inventory(stack('k9s')))).toEqual([
      'twin-missing k8s/k8s: staging has no stack "k8s", and the file names no twin for it under stacks; did you mean "k9s"?',
    ])
    expect(
      told(inventory(stack('prod')), inventory(stack('staging-k8s')), { prod: 'staging-k9s' }),
    ).toEqual([
      'twin-missing prod/staging-k9s: staging has no stack "staging-k9s", which the file names under stacks as the twin of "prod"; did you mean "staging-k8s"?',
    ])
  })

  it('that the file names and no server has are differences, each told once', () => {
    expect(
      told(inventory(stack('prod-k8s', CLOUD, false)), inventory(), {
        'prod-k9s': 'stage',
        'prod-k8s': 'stage',
      }),
    ).toEqual([
      'name-unknown prod-k8s/stage: the file names "stage" under stacks as the twin of "prod-k8s", and staging has no such stack',
      'name-unknown prod-k9s/stage: the file names "prod-k9s" under stacks, and production has no such stack; did you mean "prod-k8s"?',
      'name-unknown prod-k9s/stage: the file names "stage" under stacks as the twin of "prod-k9s", and staging has no such stack',
    ])
  })

  it('are found by names that JavaScript knows too', () => {
    expect(
      judgeParity({
        production: inventory(stack('constructor')),
        staging: inventory(stack('constructor')),
        twins: {},
      }),
    ).toMatchObject({ compared: 1, differences: 0 })
  })

  it('are told in one order, differences before notes, at most a hundred of them with the right counts', () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      stack(`s${String(index).padStart(3, '0')}`, [
        component('orchestrator', 'local', { configuration: ['key'] }),
      ]),
    )
    const twins = many.map((one, index) =>
      index % 2 === 0
        ? { ...one, components: [component('orchestrator', 'local')] }
        : { ...one, components: [component('orchestrator', 'kubernetes')] },
    )
    const report = judgeParity({
      production: inventory(...many),
      staging: inventory(...twins),
      twins: {},
    })
    expect(report).toMatchObject({ compared: 300, differences: 150, notes: 150 })
    expect(report.findings).toHaveLength(100)
    expect(report.findings[0]).toMatchObject({ kind: 'flavor', stack: 's001' })
    expect(
      judgeParity({
        production: inventory(...many.toReversed()),
        staging: inventory(...twins.toReversed()),
        twins: {},
      }),
    ).toEqual(report)
  })

  it('called as markup or a command are one visible line of bearable length', () => {
    for (const name of ['</details><script>', '\r\n::error::x', '\u202Egnp', 'x'.repeat(5000)]) {
      for (const { message } of judgeParity({
        production: inventory(stack(name)),
        staging: inventory(),
        twins: { [`${name}.`]: name },
      }).findings) {
        expect(message).toMatch(/^[^\p{Cc}\p{Cf}]{1,400}$/u)
      }
    }
  })
})

describe('components', () => {
  const s3 = component('artifact_store', 's3')
  const local = component('orchestrator', 'local', { integration: 'built-in' })
  const connected = (type: string | null) =>
    component('orchestrator', 'kubernetes', { connector: { type } })
  const custom = (source: string) =>
    component('orchestrator', 'mine', { integration: 'custom', 'flavor-source': source })

  it.each<
    [string, readonly InventoryComponent[], readonly InventoryComponent[], readonly string[]]
  >([
    [
      'a type that the twin lacks',
      [s3, local],
      [local],
      [
        'component-missing: staging has no counterpart of the artifact store "s3-artifact_store" (flavor "s3")',
      ],
    ],
    [
      'a type that only the twin has',
      [local],
      [local, component('alerter', 'slack')],
      [
        'component-extra: production has no counterpart of the alerter "slack-alerter" (flavor "slack") in staging',
      ],
    ],
    [
      'another flavor, and nothing that follows from it',
      [connected('kubernetes')],
      [local],
      ['flavor: orchestrator: flavor "kubernetes" in production and "local" in staging'],
    ],
    [
      'another integration',
      [s3],
      [{ ...s3, integration: null }],
      [
        'integration: artifact store: the integration of "s3" is "s3" in production and none in staging',
      ],
    ],
    [
      'the code of a custom flavor',
      [custom('mine.a.Flavor')],
      [custom('mine.b.Flavor')],
      [
        'flavor: orchestrator: the custom flavor "mine" is "mine.a.Flavor" in production and "mine.b.Flavor" in staging',
      ],
    ],
    [
      'a connector of another type',
      [connected('aws')],
      [connected('kubernetes')],
      [
        'connector: orchestrator: the service connector is of type "aws" in production and "kubernetes" in staging',
      ],
    ],
    [
      'a connector on one side',
      [connected(null)],
      [component('orchestrator', 'kubernetes')],
      ['connector: orchestrator: a service connector is attached in production, none in staging'],
    ],
    [
      'a connector on the other side',
      [component('orchestrator', 'kubernetes')],
      [connected('aws')],
      [
        'connector: orchestrator: a service connector of type "aws" is attached in staging, none in production',
      ],
    ],
    [
      'a connector that the key may not read',
      [connected('aws')],
      [connected(null)],
      [
        'not-read: orchestrator: the key may not read the service connector in staging, so its type was not compared',
      ],
    ],
    [
      'keys on one side',
      [{ ...s3, configuration: ['key', 'path', 'secret'] }],
      [{ ...s3, configuration: ['endpoint', 'path'] }],
      [
        'configuration: artifact store: only production sets "key", "secret" of "s3"',
        'configuration: artifact store: only staging sets "endpoint" of "s3"',
      ],
    ],
  ])('tell %s', (_, production, staging, lines) => {
    expect(between(production, staging)).toEqual(lines)
  })

  it('count keys on one side as a note only', () => {
    expect(
      judgeParity({
        production: inventory(stack('a', [{ ...s3, configuration: ['key'] }])),
        staging: inventory(stack('a', [s3])),
        twins: {},
      }),
    ).toMatchObject({ differences: 0, notes: 1 })
  })

  it('of one type are compared with the likest, however they are ordered and called', () => {
    const [slack, discord, mail] = ['slack', 'discord', 'mail'].map((flavor) =>
      component('alerter', flavor),
    ) as [InventoryComponent, InventoryComponent, InventoryComponent]
    expect(
      between(
        [discord, slack],
        [
          { ...slack, name: 'a' },
          { ...discord, name: 'z' },
        ],
      ),
    ).toEqual([])
    expect(between([discord, slack], [slack, mail])).toEqual([
      'flavor: alerter: flavor "discord" in production and "mail" in staging',
    ])
    expect(between([discord, slack, mail], [slack])).toEqual([
      'component-missing: staging has no counterpart of the alerter "discord-alerter" (flavor "discord")',
      'component-missing: staging has no counterpart of the alerter "mail-alerter" (flavor "mail")',
    ])
    // The one with the connector finds the one with the connector.
    const [plain, wired] = [
      component('step_operator', 'kubernetes', { name: 'a' }),
      component('step_operator', 'kubernetes', { name: 'b', connector: { type: 'aws' } }),
    ]
    expect(
      between(
        [plain, wired],
        [
          { ...wired, name: 'a' },
          { ...plain, name: 'b' },
        ],
      ),
    ).toEqual([])
  })
})
