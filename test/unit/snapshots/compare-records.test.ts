import { describe, expect, it } from '@jest/globals'
import {
  asJson,
  describeDifference,
  describeDifferences,
  differences,
  explain,
  type Reasons,
} from '../../../src/snapshots/compare-records.ts'
import { isCompared, NOT_COMPARED } from '../../../src/snapshots/not-compared.ts'
import { registerSecret } from '../../../src/runtime/secrets.ts'
import { changed, record, type Changeable } from './example.ts'

const old = record('0.94.1', 'churn-cfg')
const rebuilt = record('0.98.0', 'churn-cfg')
const reasons: Reasons = {
  ofCode: null,
  codeChanged: null,
  declared: false,
  sourceDeclared: false,
  components: {},
}

function compare(before: typeof old, after: typeof old): string[] {
  return differences(asJson(before), asJson(after)).map(describeDifference)
}
const overrides = (copy: Changeable, step: string) =>
  copy.metadata.step_configurations[step]?.step_config_overrides ?? {}
const withSettings = (original: typeof old, settings: unknown) =>
  changed(original, (copy) => {
    copy.metadata.pipeline_configuration['settings'] = settings
  })

describe('differences', () => {
  it('finds none between a snapshot of 0.94.1 and the same one rebuilt with 0.98.0', () => {
    expect(compare(old, rebuilt)).toEqual([])
  })

  it('finds every field that changed, also one that no rule knows', () => {
    const other = changed(rebuilt, (copy) => {
      copy.metadata.description = null
      copy.resources.tags.pop()
      Object.assign(copy.metadata, { run_name_template: 'other' })
      copy.metadata.pipeline_configuration['parameters'] = { rows: 26, label: 'prod', more: 1 }
      copy.metadata.pipeline_configuration['success_hook_source'] = {
        module: 'churn',
        attribute: 'on_ok',
        type: 'user',
      }
      copy.metadata.pipeline_configuration['skip_successful_steps'] = true
      Object.assign(overrides(copy, 'load'), { parameters: { rows: 25, opts: { a: 1 } } })
      Object.assign(copy.metadata, { of_a_later_release: 'on' })
    })
    expect(compare(old, other)).toEqual([
      'resources.tags.t2: recorded true, now nothing',
      'description: recorded "churn desc", now null',
      'run_name_template: recorded "churn-{date}-{who}-{time}", now "other"',
      'pipeline_configuration.success_hook_source: recorded null, now "churn.on_ok"',
      'pipeline_configuration.parameters.rows: recorded 25, now 26',
      'pipeline_configuration.parameters.more: recorded nothing, now 1',
      'pipeline_configuration.skip_successful_steps: recorded false, now true',
      'steps.load.parameters.seed: recorded 99, now nothing',
      'of_a_later_release: recorded nothing, now "on"',
    ])
  })

  it('finds no difference in a field of a pydantic parameter that no one set', () => {
    const withParameter = (original: typeof old, set: unknown, inSpec: unknown) =>
      changed(original, (copy) => {
        copy.metadata.pipeline_configuration['parameters'] = { split: set }
        Object.assign(copy.metadata.pipeline_spec, { parameters: { split: inSpec } })
      })
    const passed = withParameter(old, { target: 'y' }, { target: 'y', size: 0.2 })
    const given = withParameter(rebuilt, { target: 'y' }, { target: 'y' })
    expect(compare(passed, given)).toEqual([])
    // Set once, and not any more.
    const set = withParameter(old, { target: 'y', size: 0.2 }, { target: 'y', size: 0.2 })
    expect(compare(set, given)).toEqual([
      'pipeline_configuration.parameters.split.size: recorded 0.2, now nothing',
      'pipeline_spec.parameters.split.size: recorded 0.2, now nothing',
    ])
  })

  it('names steps that are gone or new as a whole', () => {
    const other = changed(rebuilt, (copy) => {
      copy.metadata.step_configurations['evaluate'] = { config: {} }
      delete copy.metadata.step_configurations['fit']
    })
    expect(compare(old, other)).toEqual([
      expect.stringMatching(/^steps\.fit: recorded \{.*…, now nothing$/),
      'steps.evaluate: recorded nothing, now {"config":{}}',
    ])
  })

  it("finds the spellings of a component's settings equal, and a lost or added value not", () => {
    const before = withSettings(old, { 'orchestrator.kubernetes': { memory: '2G' } })
    const after = (settings: unknown) =>
      compare(before, withSettings(rebuilt, { 'orchestrator:prod': settings }))
    expect(after({ memory: '2G' })).toEqual([])
    expect(after({ memory: '1G' })).toEqual([
      'pipeline_configuration.settings.orchestrator.memory: recorded "2G", now "1G"',
    ])
    expect(after({ memory: '2G', timeout: 5 })).toEqual([
      'pipeline_configuration.settings.orchestrator.timeout: recorded nothing, now 5',
    ])
  })

  it('keeps several components of one type apart', () => {
    const settings = { 'step_operator:a': { cpu: 1 }, 'step_operator:b': { cpu: 2 } }
    expect(
      compare(
        withSettings(old, settings),
        withSettings(rebuilt, { ...settings, 'step_operator:b': { cpu: 1 } }),
      ),
    ).toEqual(['pipeline_configuration.settings.step_operator:b.cpu: recorded 2, now 1'])
  })

  it('takes the new ZenML in the docker settings for what a rebuild renews, and nothing else', () => {
    const docker = (image: string, requirements: string[]) => ({
      docker: { parent_image: image, requirements },
    })
    const before = withSettings(old, docker('acme/zenml:0.94.1-py3.11', ['zenml[s3]==0.94.1']))
    const after = (image: string, requirement: string) =>
      compare(before, withSettings(rebuilt, docker(image, [requirement])))
    expect(after('acme/zenml:0.98.0-py3.11', 'zenml[s3]==0.98.0')).toEqual([])
    expect(after('acme/zenml:0.98.0-py3.12', 'zenml==0.98.0')).toEqual([
      'pipeline_configuration.settings.docker.parent_image: recorded "acme/zenml:-py3.11", now "acme/zenml:-py3.12"',
      'pipeline_configuration.settings.docker.requirements: recorded ["zenml[s3]"], now ["zenml"]',
    ])
  })

  it('reads records from before ZenML kept the values of a step apart', () => {
    const older = changed(old, (copy) => {
      for (const step of Object.values(copy.metadata.step_configurations))
        delete step.step_config_overrides
    })
    expect(compare(older, rebuilt)).toEqual([])
  })

  it('names the first differences and counts the others, without secrets and in short', () => {
    registerSecret('s3cr3t-in-a-parameter')
    const other = changed(rebuilt, (copy) => {
      copy.metadata.pipeline_configuration['parameters'] = Object.fromEntries(
        Array.from({ length: 7 }, (_, index) => [
          `p${index}`,
          `s3cr3t-in-a-parameter${'x'.repeat(500)}`,
        ]),
      )
    })
    const text = describeDifferences(differences(asJson(old), asJson(other)))
    expect(text).toMatch(/; and 4 more$/)
    expect(text).not.toContain('s3cr3t')
    expect(text.length).toBeLessThan(900)
  })
})

describe('explain', () => {
  const later = changed(rebuilt, (copy) => {
    copy.metadata.pipeline_configuration['parameters'] = { rows: 30, label: 'other' }
  })
  const ofCode = asJson(
    changed(rebuilt, (copy) => {
      copy.metadata.pipeline_configuration['parameters'] = { rows: 30, label: 'x' }
    }),
  )
  const found = differences(asJson(old), asJson(later))

  it('explains by the code what the code alone gives, only where the recorded commit is another', () => {
    const known = explain(found, { ...reasons, ofCode, codeChanged: 'abc1234..def5678' })
    expect(known.explained).toEqual([
      'pipeline_configuration.parameters.rows: recorded 25, now 30: the code says so (abc1234..def5678).',
    ])
    expect(known.unexplained.map(describeDifference)).toEqual([
      'pipeline_configuration.parameters.label: recorded "prod", now "other"',
    ])
    expect(known.byCode).toBe(true)
    expect(explain(found, { ...reasons, ofCode })).toMatchObject({ byCode: false })
    expect(explain(found, { ...reasons, ofCode }).unexplained).toHaveLength(2)
  })

  it('explains by a declared `pipeline-source` where the pipeline and its steps are, and nothing else', () => {
    const moved = changed(later, (copy) => {
      copy.metadata.pipeline_spec.source = { module: 'new', attribute: 'train', type: 'user' }
    })
    const { explained, unexplained } = explain(differences(asJson(old), asJson(moved)), {
      ...reasons,
      sourceDeclared: true,
    })
    expect(explained).toEqual([
      expect.stringMatching(
        /^pipeline_spec\.source: .*now "new\.train": the declared `pipeline-source` decides\.$/,
      ),
    ])
    expect(unexplained).toHaveLength(2)
  })

  it('explains by a declared configuration all but the description and the tags', () => {
    const other = changed(later, (copy) => {
      copy.metadata.description = 'other'
      copy.resources.tags.pop()
    })
    const { unexplained } = explain(differences(asJson(old), asJson(other)), {
      ...reasons,
      declared: true,
    })
    expect(unexplained.map(({ path }) => path.join('.'))).toEqual([
      'resources.tags.t2',
      'metadata.description',
    ])
  })

  it('explains a setting by the component of the live stack that gives it', () => {
    const before = withSettings(old, { 'orchestrator.kubernetes': { memory: '2G' } })
    const after = withSettings(rebuilt, { 'orchestrator:prod': { memory: '2G', pods: 3, cpu: 1 } })
    const { explained, unexplained } = explain(differences(asJson(before), asJson(after)), {
      ...reasons,
      components: { orchestrator: { pods: 3, cpu: 2 } },
    })
    expect(explained).toHaveLength(1)
    expect(unexplained.map(describeDifference)).toEqual([
      'pipeline_configuration.settings.orchestrator.cpu: recorded nothing, now 1',
    ])
  })
})

describe('NOT_COMPARED', () => {
  it.each(Object.entries(NOT_COMPARED))('%s: %s', (pattern, reason) => {
    const path = pattern.split('.').map((key) => (key.startsWith('*') ? 'any' : key))
    expect(isCompared(path)).toBe(false)
    expect(isCompared([...path, 'more', 'than'])).toBe(true)
    expect(reason).toMatch(/^\w.*\.$/)
  })
  it('leaves every other field to be compared', () => {
    for (const path of ['name', 'metadata.description', 'metadata.pipeline_configuration.model'])
      expect(isCompared(path.split('.'))).toBe(true)
  })
})
