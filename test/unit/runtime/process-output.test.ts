import { describe, expect, it } from '@jest/globals'
import { run, tail, type ProcessSpec } from '../../../src/runtime/process.ts'
import { registerSecret } from '../../../src/runtime/secrets.ts'

/** Runs a script of bash and collects its lines. */
async function bash(script: string, spec: Partial<ProcessSpec> = {}) {
  const lines: string[] = []
  const result = await run({
    argv: ['bash', '--norc', '-c', script],
    env: process.env,
    timeoutSeconds: 60,
    onLine: (line) => {
      lines.push(line)
    },
    ...spec,
  })
  return { ...result, lines }
}

const python = (script: string) => `python3 - <<'END'\nimport sys\n${script}\nEND`

describe('output', () => {
  it('is split at line ends of every kind, with characters that are split across chunks', async () => {
    const end = await bash(
      python(
        [
          'import time',
          'for part in (b"10%\\r20%\\r", b"\\n\\xc3", b"\\xa9t\\xc3\\xa9\\r", b"\\nlast"):',
          '    sys.stdout.buffer.write(part); sys.stdout.flush(); time.sleep(0.1)',
        ].join('\n'),
      ),
    )
    expect(end.lines).toEqual(['10%', '20%', 'été', 'last'])
  })

  it('is kept to its last four million characters, from the beginning of a line', async () => {
    const end = await bash(python('for n in range(400000): print(f"line {n:>20}")'))
    expect(end.lines).toHaveLength(400_000)
    expect(end.stdout.length).toBeLessThanOrEqual(4_000_000)
    expect(end.stdout).toMatch(/^line +\d+\n/)
    expect(end.stdout.endsWith('399999\n')).toBe(true)
  })

  it('takes time in proportion to its size', async () => {
    const end = await bash(python('for n in range(250000): print("x" * 24)'), {
      onLine: () => undefined,
    })
    expect(end.exitCode).toBe(0)
    expect(end.seconds).toBeLessThan(25)
  })

  it('has no line that is longer than a person reads', async () => {
    const end = await bash(python('sys.stdout.write("y" * 3_000_000 + "\\nnext\\n")'))
    expect(end.lines.map((line) => line.length)).toEqual([64_018, 4])
    expect(end.lines[0]).toMatch(/y … \(line cut here\)$/)
    expect(tail(end.stdout).map((line) => line.length)).toEqual([2000, 4])
  })

  it('never ends with one half of a secret where a line is cut', async () => {
    const secret = 'planted-secret-of-a-long-line'
    registerSecret(secret)
    for (const before of [63_990, 79_990, 63_980]) {
      const end = await bash(
        python(`sys.stdout.write("z" * ${before} + "${secret}" + "z" * 100_000 + "\\n")`),
      )
      expect(end.lines.join('')).not.toContain('planted')
      expect(end.lines.join('')).not.toMatch(/z[a-y-]+ …/)
    }
  })

  it('hides a secret that is printed in two pieces', async () => {
    registerSecret('secret-in-two-pieces')
    const end = await bash('printf "a secret-in-"; sleep 0.3; echo "two-pieces b"')
    expect(end.lines).toEqual(['a *** b'])
  })
})
