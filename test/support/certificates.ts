import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/**
 * Makes a private authority (`ca.pem`, `ca.key`) and a certificate of it for zenml.internal and
 * 127.0.0.1 (`server.pem`, `server.key`).
 */
export async function makeCertificates(directory: string): Promise<void> {
  const openssl = (command: string) => execute('openssl', command.split(' '), { cwd: directory })
  await writeFile(join(directory, 'names'), 'subjectAltName=DNS:zenml.internal,IP:127.0.0.1')
  const key = '-newkey rsa:2048 -nodes'
  await openssl(
    `req -x509 ${key} -keyout ca.key -out ca.pem -days 2 -subj /CN=Test-authority/O=Example`,
  )
  await openssl(`req ${key} -keyout server.key -out server.csr -subj /CN=zenml.internal`)
  await openssl(
    'x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2 -extfile names',
  )
}
