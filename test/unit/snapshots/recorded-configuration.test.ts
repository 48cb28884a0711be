import { describe, expect, it } from '@jest/globals'
import {
  pipelineSource,
  recordedConfiguration,
} from '../../../src/snapshots/recorded-configuration.ts'
import { changed, record } from './example.ts'

const TARGET = '0.98.0'

describe.each([
  ['0.94.1', 'churn-cfg'],
  ['0.98.0', 'churn-098'],
  ['0.98.0', 'churn-cfg'],
] as const)('a record of ZenML %s (%s)', (version, name) => {
  const { configuration, notCarried } = recordedConfiguration(record(version, name), TARGET)

  it('names the code of the pipeline', () => {
    expect(pipelineSource(record(version, name))).toEqual({ source: 'churn.churn' })
  })

  it('gives the configuration it was made from', () => {
    expect(configuration).toEqual({
      run_name: 'churn-{date}-{who}-{time}',
      failure_hook_source: 'churn.on_fail',
      enable_cache: false,
      enable_step_logs: true,
      execution_mode: 'continue_on_failure',
      parameters: { rows: 25, label: 'prod' },
      tags: ['from-code', 'from-config'],
      extra: { owner: 'ml', nested: { a: [1, 2] } },
      model: {
        name: 'churn-model',
        tags: ['m1'],
        save_models_to_registry: true,
        suppress_class_validation_warnings: true,
      },
      substitutions: { who: 'bob' },
      environment: { STAGE: 'prod' },
      retry: { max_retries: 1, delay: 2, backoff: 1 },
      settings: {
        docker: { requirements: ['numpy'], environment: { A: 'b' } },
        resources: { cpu_count: 2 },
      },
      steps: {
        load: {
          enable_cache: true,
          enable_step_logs: true,
          parameters: { seed: 99, rows: 25, opts: { a: 1 } },
          settings: { resources: { memory: '2GB' } },
          extra: { x: 1 },
          failure_hook_source: 'churn.on_fail_cfg',
        },
        fit: {
          enable_cache: false,
          enable_step_logs: true,
          parameters: { flag: true, rate: 0.5 },
          environment: { FIT: '1' },
          extra: { team: 'code' },
          retry: { max_retries: 2, delay: 1, backoff: 1 },
        },
      },
    })
    expect(notCarried).toEqual([])
  })

  it('leaves out what a rebuild must renew', () => {
    expect(Object.keys(configuration)).not.toEqual(expect.arrayContaining(['build']))
    expect(Object.keys(configuration)).not.toEqual(expect.arrayContaining(['schedule']))
  })
})

describe('recordedConfiguration', () => {
  const plain = record('0.94.1', 'churn-plain')

  it('carries the defaults of the code too, so that a changed default changes no snapshot', () => {
    expect(recordedConfiguration(plain, TARGET).configuration).toMatchObject({
      parameters: { rows: 10, label: 'x' },
      steps: {
        load: { parameters: { rows: 10, seed: 7, opts: { a: 1 } } },
        fit: { parameters: { rate: 0.5, flag: false } },
      },
    })
  })

  it('raises a requirement of another ZenML, leaves its image to the code, and says so', () => {
    const pinned = changed(plain, (copy) => {
      copy.metadata.pipeline_configuration['settings'] = {
        docker: {
          parent_image: 'docker.io/zenmldocker/zenml:0.94.1-py3.11',
          requirements: ['pandas', 'zenml[s3]==0.94.1', 'zenml-extra==0.94.1'],
        },
      }
    })
    const { configuration, notCarried } = recordedConfiguration(pinned, TARGET)
    expect(configuration['settings']).toEqual({
      docker: { requirements: ['pandas', 'zenml[s3]==0.98.0', 'zenml-extra==0.94.1'] },
    })
    expect(notCarried).toEqual([
      'The docker settings of the pipeline named another ZenML (parent_image docker.io/zenmldocker/zenml:0.94.1-py3.11); what the code says holds instead.',
      'The docker settings of the pipeline had the requirement zenml[s3]==0.94.1; it is raised to 0.98.0.',
    ])
  })

  it('keeps docker settings that name the target', () => {
    const docker = {
      parent_image: 'zenmldocker/zenml:0.98.0-py3.11',
      requirements: ['zenml==0.98'],
    }
    const same = changed(plain, (copy) => {
      copy.metadata.pipeline_configuration['settings'] = { docker }
    })
    expect(recordedConfiguration(same, TARGET)).toMatchObject({
      configuration: { settings: { docker } },
      notCarried: [],
    })
  })

  it('carries secrets, a cache policy that is not the default, a step operator and a threshold', () => {
    const full = changed(plain, (copy) => {
      copy.metadata.pipeline_configuration['secrets'] = ['id-1', 'id-1', 'id-2']
      const step = copy.metadata.step_configurations['fit']?.step_config_overrides ?? {}
      Object.assign(step, {
        step_operator: 'gpu',
        heartbeat_healthy_threshold: 45,
        cache_policy: { include_step_code: false, ignored_inputs: null },
      })
    })
    expect(recordedConfiguration(full, TARGET).configuration).toMatchObject({
      secrets: ['id-1', 'id-2'],
      steps: {
        fit: {
          step_operator: 'gpu',
          heartbeat_healthy_threshold: 45,
          cache_policy: { include_step_code: false },
        },
      },
    })
  })

  it('tells of artifacts that are read by id', () => {
    const external = changed(plain, (copy) => {
      Object.assign(copy.metadata.step_configurations['fit']?.step_config_overrides ?? {}, {
        external_input_artifacts: { rows: { id: 'a1' } },
      })
    })
    expect(recordedConfiguration(external, TARGET).notCarried).toEqual([
      'Step fit reads an artifact by its id; only a run tells if it is still there.',
    ])
  })

  it('reads records from before ZenML kept the values of a step apart', () => {
    const older = changed(plain, (copy) => {
      for (const step of Object.values(copy.metadata.step_configurations))
        delete step.step_config_overrides
    })
    expect(recordedConfiguration(older, TARGET).configuration).toMatchObject({
      steps: { load: { parameters: { rows: 10, seed: 7, opts: { a: 1 } } } },
    })
  })
})

describe('pipelineSource', () => {
  it.each([
    [{ module: 'nb', attribute: 'p', type: 'notebook' }, 'its pipeline was defined in a notebook'],
    [
      { module: 'a.b', attribute: null, type: 'user' },
      'its record does not name the code of its pipeline',
    ],
    [null, 'its record does not name the code of its pipeline'],
  ])('says why %j cannot be imported', (source, why) => {
    expect(
      pipelineSource(
        changed(record('0.94.1', 'churn-plain'), (copy) => {
          copy.metadata.pipeline_spec.source = source
        }),
      ),
    ).toEqual({ why })
  })
})
