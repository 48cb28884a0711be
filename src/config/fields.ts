import * as z from 'zod'

// The words the schema is made of. Their messages complete the sentence "<path> …".

export const text = z.string().min(1)

/** Secrets are never in the file, only the names of the variables that hold them. */
export const variable = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'must be the name of an environment variable, such as ZENML_DATABASE_URL',
  )

export const webAddress = z.url({
  protocol: /^https?$/,
  hostname: /./,
  error: 'must be an address that begins with https:// or http://',
})

/** A path below the directory that holds it. */
export const pathInside = text.refine(
  (path) => !/^(?:[/\\]|[A-Za-z]:)/.test(path) && !path.split(/[/\\]/).includes('..'),
  'must be a path inside the repository, without .. and without a leading /',
)

/**
 * A name that git takes, less strict than git itself:
 * https://git-scm.com/docs/git-check-ref-format.
 */
export const gitRef = z
  .string()
  .regex(
    /^(?![-/.])(?!.*(?:\.\.|@\{|\/\/|[/.]$))[\w./+@#=,%&!\u00a1-\uffff-]+$/,
    'must be the name of a branch or a tag, or a full commit',
  )

/** Anything that JSON can say. What YAML can say beyond that are .nan and .inf. */
export const json = z.record(z.string(), z.json())

/** A Python object that can be imported by its name. */
export const pipelineSource = z
  .string()
  .regex(
    /^[^\s.:/]+(?:\.[^\s.:/]+)+$/,
    'must be module.attribute of a pipeline, such as pipelines.training.training_pipeline',
  )
