import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import type { Environment } from '../../src/core/environments.ts'
import { runBundle, type BundleRun } from '../support/bundle.ts'
import {
  seedCloudStack,
  seededOldServer,
  seedRemoteStack,
  type SeededData,
} from '../support/seed.ts'
import { NEW, OLD, startServer, type Json, type TestServer } from '../support/zenml.ts'

// Two real servers: production is that of a team, with snapshots on its stacks; staging is built up
// to mirror it, step by step.

jest.setTimeout(300_000)

const BUCKET_VALUE = 'bucket-of-production'

let seeded: SeededData
let directory: string
let reports: string
let servers: Record<Environment, TestServer>

beforeAll(async () => {
  seeded = await seededOldServer()
  directory = await mkdtemp(join(tmpdir(), 'stack-parity-'))
  reports = await mkdtemp(join(tmpdir(), 'stack-parity-report-'))
  const [staging, production] = await Promise.all([
    startServer({ version: NEW }),
    startServer({ version: OLD, directory: seeded.directory, apiKey: seeded.apiKey }),
  ])
  servers = { staging, production }
  await seedCloudStack(production.admin, 'prod-cloud', { context: 'prod', bucket: BUCKET_VALUE })
  await copySnapshot('local-report', 'cloud-report', 'prod-cloud')
  execFileSync('git', ['-C', directory, 'init', '--quiet'])
})

afterAll(async () => {
  await Promise.all(Object.values(servers).map((server) => server.stop()))
  for (const folder of [directory, reports, seeded.directory])
    await rm(folder, { recursive: true, force: true })
})

const stackNamed = async (server: TestServer, name: string): Promise<Json> => {
  const [found] = (await server.admin.get('/stacks', { name: `equals:${name}` })).items
  if (found === undefined) throw new Error(`no stack ${name}`)
  return found
}

/**
 * A snapshot of production once more, under another name and on another stack, which needs no
 * client with that stack's integrations.
 */
async function copySnapshot(from: string, name: string, stack: string): Promise<void> {
  const { admin } = servers.production
  const [snapshot] = (
    await admin.get('/pipeline_snapshots', {
      project: 'default',
      named_only: 'true',
      hydrate: 'true',
      name: `equals:${from}`,
    })
  ).items
  const { pipeline } = snapshot?.resources as { pipeline: Json }
  const { metadata } = snapshot ?? {}
  await admin.post('/pipeline_snapshots', {
    project: snapshot?.body['project_id'],
    name,
    stack: (await stackNamed(servers.production, stack)).id,
    pipeline: pipeline.id,
    is_dynamic: false,
    ...Object.fromEntries(
      [
        'run_name_template',
        'pipeline_configuration',
        'step_configurations',
        'client_environment',
        'client_version',
        'server_version',
        'pipeline_version_hash',
        'pipeline_spec',
      ].map((key) => [key, metadata?.[key]]),
    ),
  })
}

async function check(twins: Readonly<Record<string, string>>): Promise<BundleRun> {
  const environment = ({ url }: TestServer) =>
    JSON.stringify({ server: url, deploy: { command: { deploy: 'true' } } })
  await writeFile(
    join(directory, 'zenml-upgrade.yml'),
    `zenml: ${NEW}\nenvironments: { staging: ${environment(servers.staging)}, production: ${environment(servers.production)} }\nstacks: ${JSON.stringify(twins)}\nexclude: [{ pattern: "*", reason: only the stacks are looked at }]\n`,
  )
  execFileSync('git', ['-C', directory, 'add', '.'])
  const first = await run(['check-stacks'], 'staging')
  expect([
    first.exitCode === 0 || first.outputs['reason-code'] === 'stacks-differ',
    first.log,
  ]).toEqual([true, expect.anything()])
  return run(['check-stacks'], 'production')
}

const run = (args: readonly string[], environment: Environment) =>
  runBundle([...args, '--environment', environment], {
    cwd: directory,
    reports,
    env: { ZENML_STORE_API_KEY: servers[environment].apiKey },
  })
const parityOf = ({ result }: BundleRun) =>
  result?.command === 'check-stacks' ? result.details?.parity : undefined
const found = (ended: BundleRun) =>
  parityOf(ended)?.findings.map(({ kind, stack, twin, message }) => [kind, stack, twin, message])

describe('stacks of two real servers', () => {
  it('without twins are named, with the one that may be meant', async () => {
    await servers.staging.admin.post('/flavors', {
      name: 'fakeremote',
      type: 'orchestrator',
      source: 'elsewhere.FakeRemoteFlavor',
      config_schema: {},
      integration: 'custom',
      is_custom: true,
    })
    await seedCloudStack(servers.staging.admin, 'staging-cloud', {
      context: 'staging',
      bucket: 'bucket-of-staging',
    })
    const ended = await check({ 'prod-cloud': 'stagin-cloud' })
    expect(ended).toMatchObject({
      exitCode: 1,
      outputs: { 'reason-code': 'stacks-differ', parity: 'differs' },
    })
    expect(parityOf(ended)).toMatchObject({ compared: 3, 'not-in-use': 0, differences: 2 })
    expect(found(ended)).toEqual([
      [
        'twin-missing',
        'prod-cloud',
        'stagin-cloud',
        'staging has no stack "stagin-cloud", which the file names under stacks as the twin of "prod-cloud"; did you mean "staging-cloud"?',
      ],
      [
        'twin-missing',
        'remote',
        'remote',
        'staging has no stack "remote", and the file names no twin for it under stacks',
      ],
    ])
  })

  it('differ by the flavor and the connector of a component, and by where a custom flavor comes from', async () => {
    const { admin } = servers.staging
    const component = async (type: string, flavor: string, configuration: Record<string, string>) =>
      (await admin.post('/components', { name: `twin-${type}`, type, flavor, configuration })).id
    await admin.post('/stacks', {
      name: 'remote',
      components: {
        orchestrator: [await component('orchestrator', 'fakeremote', {})],
        artifact_store: [await component('artifact_store', 's3', { path: 's3://x' })],
      },
    })
    const connector = await servers.production.admin.post('/service_connectors', {
      name: 'cluster',
      connector_type: 'kubernetes',
      auth_method: 'token',
      resource_types: ['kubernetes-cluster'],
      configuration: { server: 'https://cluster.example.com', token: 'CANARY-token' },
    })
    const [orchestrator] = (
      await servers.production.admin.get('/components', { name: 'equals:prod-cloud-orchestrator' })
    ).items
    await servers.production.admin.put(`/components/${orchestrator?.id ?? ''}`, {
      connector: connector.id,
    })

    const ended = await check({ 'prod-cloud': 'staging-cloud' })
    expect(found(ended)).toEqual([
      [
        'connector',
        'prod-cloud',
        'staging-cloud',
        'orchestrator: a service connector of type "kubernetes" is attached in production, none in staging',
      ],
      [
        'flavor',
        'remote',
        'remote',
        'artifact store: flavor "fakeremote" in production and "s3" in staging',
      ],
      [
        'component-missing',
        'remote',
        'remote',
        expect.stringMatching(
          /^staging has no counterpart of the container registry "remote-container_registry" /,
        ),
      ],
      [
        'component-missing',
        'remote',
        'remote',
        expect.stringMatching(
          /^staging has no counterpart of the image builder "remote-image_builder" /,
        ),
      ],
      [
        'flavor',
        'remote',
        'remote',
        'orchestrator: the custom flavor "fakeremote" is "fake_remote.FakeRemoteOrchestratorFlavor" in production and "elsewhere.FakeRemoteFlavor" in staging',
      ],
    ])
    const files = await Promise.all(
      (['staging', 'production'] as const).map((environment) =>
        readFile(join(reports, environment, 'check-stacks.json'), 'utf8'),
      ),
    )
    for (const told of [...files, ended.log])
      for (const secret of ['CANARY-token', BUCKET_VALUE]) expect(told).not.toContain(secret)
    expect(files[1]).toContain('"kubernetes_context"')
  })

  it('hold an upgrade back before anything is changed where that is asked for', async () => {
    const args = [
      ...['upgrade-workspace', '--dry-run', 'true', '--backup', 'skip'],
      ...['--override-reason', 'staging has no record here', '--parity'],
    ]
    const held = await run([...args, 'fail'], 'production')
    expect(held).toMatchObject({
      exitCode: 3,
      outputs: {
        outcome: 'held',
        'reason-code': 'stacks-not-mirrored',
        parity: 'differs',
        changed: 'false',
      },
    })
    const warned = await run([...args, 'warn'], 'production')
    expect(warned).toMatchObject({
      exitCode: 0,
      outputs: { 'reason-code': 'dry-run', parity: 'differs' },
    })
    const off = await run([...args, 'off'], 'production')
    expect(off).toMatchObject({ exitCode: 0, outputs: { 'reason-code': 'dry-run', parity: '' } })
  })

  it('are mirrored once they are alike, whatever their buckets and contexts', async () => {
    const { admin } = servers.staging
    await admin.delete(`/stacks/${(await stackNamed(servers.staging, 'remote')).id}`)
    for (const type of ['orchestrator', 'artifact_store'])
      await admin.delete(
        `/components/${(await admin.get('/components', { name: `equals:twin-${type}` })).items[0]?.id ?? ''}`,
      )
    const [flavor] = (
      await admin.get('/flavors', { name: 'equals:fakeremote', type: 'orchestrator' })
    ).items
    await admin.delete(`/flavors/${flavor?.id ?? ''}`)
    await seedRemoteStack(admin, join(directory, '..', 'nowhere-artifacts'), 'remote')
    const connector = await admin.post('/service_connectors', {
      name: 'other-name',
      connector_type: 'kubernetes',
      auth_method: 'token',
      resource_types: ['kubernetes-cluster'],
      configuration: { server: 'https://other.example.com', token: 'x' },
    })
    const [orchestrator] = (
      await admin.get('/components', { name: 'equals:staging-cloud-orchestrator' })
    ).items
    await admin.put(`/components/${orchestrator?.id ?? ''}`, { connector: connector.id })
    const ended = await check({ 'prod-cloud': 'staging-cloud' })
    expect(found(ended)).toEqual([])
    expect(ended).toMatchObject({
      exitCode: 0,
      outputs: {
        'reason-code': 'stacks-mirrored',
        parity: 'mirrored',
        summary: expect.stringContaining('3 stacks mirrored'),
      },
    })
    const upgrade = await run(
      [
        ...['upgrade-workspace', '--dry-run', 'true', '--backup', 'skip'],
        ...['--override-reason', 'staging has no record here', '--parity', 'fail'],
      ],
      'production',
    )
    expect(upgrade).toMatchObject({
      exitCode: 0,
      outputs: { 'reason-code': 'dry-run', parity: 'mirrored' },
    })
  })
})
